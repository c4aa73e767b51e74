"""Databases hold the versions of packs that were given out: what such a version says is never changed in place."""

from __future__ import annotations

from hwrisk.resources import resource_dir
from hwrisk.rulepacks.rules import parse_pack

RELEASED = {
    ("assessment-scheme", "2026.1"): "47b3031df39314c5",
    ("capacity", "2026.1"): "0321c4e48ededd45",
    ("containment-checklist", "2026.1"): "3e638569bd34134a",
    ("containment-methods", "2026.1"): "eb786a2371082db0",
    ("containment-settings", "2026.1"): "0a7f92a5b4e30061",
    ("corrections", "2026.1"): "03d901064e4ca527",
    ("emergency-stock", "2026.1"): "181ec5e620f20711",
    ("generated-not-stored", "2026.1"): "5bc73a2c07b99d5f",
    ("indicator-targets", "2026.1"): "c94bcc54f8e403a9",
    ("key-list", "2026.1"): "91d50877136025fb",
    ("permits", "2026.1"): "8533959572dea35e",
    ("storage-limits", "2026.1"): "d8f5b0cdbe9dd635",
}
"""How the text of each version given out begins its SHA-256; a new version is added here, none is altered."""


def test_a_version_given_out_keeps_its_text() -> None:
    packs = [parse_pack(path.read_text(encoding="utf-8")) for path in (resource_dir("seeds") / "rules").glob("*.toml")]
    found = {(pack.pack_id, pack.version): pack.body_sha256[:16] for pack in packs}
    altered = [name for name, begins in found.items() if RELEASED.get(name, begins) != begins]
    assert altered == [], "give the changed content a version of its own"
    assert set(found) <= set(RELEASED), "add the new version to the list"
