"""Text colours of the style sheet against the grounds they stand on (WCAG 2.1 AA: 4.5 : 1; edges of fields 3 : 1)."""

import re
from pathlib import Path

import pytest

import hwrisk

CSS = (Path(hwrisk.__file__).parent / "static/hwrisk.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--(hw-[a-z0-9-]+):\s*(#[0-9a-f]{6})", CSS))
TEXT_ON_GROUND = [
    *((ink, ground) for ink in ("hw-ink", "hw-ink-2", "hw-ink-3", "hw-brand", "hw-brand-dark")
      for ground in ("hw-paper", "hw-ground", "hw-foot", "hw-table-head", "hw-note-soft", "hw-brand-soft")),
    *((f"hw-{kind}", ground) for kind in ("bad", "warn", "good", "note")
      for ground in ("hw-paper", "hw-ground", "hw-foot", f"hw-{kind}-soft")),
    ("hw-bad", "hw-brand-soft"),
    ("hw-paper", "hw-brand"), ("hw-paper", "hw-bad"), ("hw-head-ink", "hw-brand-dark"),
]  # fmt: skip


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read(ink, ground):
    assert contrast(COLOURS[ink], COLOURS[ground]) >= 4.5


def test_edges_of_fields_can_be_seen():
    assert contrast(COLOURS["hw-field"], COLOURS["hw-paper"]) >= 3


@pytest.mark.parametrize(("ink", "ground"), [("#5f4000", "#fff4d6"), ("#d5e3ee", "#22506d"), ("#ffffff", "#22506d")])
def test_colours_used_once_can_be_read(ink, ground):
    assert ink in CSS
    assert ground in CSS
    assert contrast(ink, ground) >= 4.5
