"""Loading the substances and their list entries from `seeds/catalogue`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.catalogue.chemicals.models import ChemicalListing, ChemicalSubstance, ListSystem
from hwrisk.catalogue.chemicals.rules import sounds_of_all
from hwrisk.db.seeds import seed_rows, upsert

UNLISTED = "none"
"""System of a row that only names a substance which none of the lists has."""


def seed(session: Session, *, folder: Path | None = None) -> int:
    """Keep substances and list entries by their natural keys; return how many rows are new or changed."""
    rows = seed_rows("catalogue/chemicals.csv", folder=folder)
    aliases = seed_rows("catalogue/chemical_aliases.csv", folder=folder)
    touched = upsert(session, ChemicalSubstance, _substances(rows, aliases), key="key")
    ids = dict(session.execute(select(ChemicalSubstance.key, ChemicalSubstance.id)).all())
    listings = {row["ref"]: _listing(row, ids) for row in rows if row["system"] != UNLISTED}
    return touched + upsert(session, ChemicalListing, listings, key="ref")


def _key(row: dict[str, str]) -> str:
    return row["cas"] or row["substance"]


def _substances(rows: list[dict[str, str]], aliases: list[dict[str, str]]) -> dict[str, dict[str, Any]]:
    names: dict[str, list[str]] = {}
    first: dict[str, dict[str, str]] = {}
    for row in rows:
        first.setdefault(_key(row), row)
        names.setdefault(_key(row), []).append(row["listed_name"])
    for row in aliases:
        names[row["cas"]].append(row["alias"])
    found = {}
    for key, row in first.items():
        others = [name for name in dict.fromkeys(names[key]) if name != row["substance"]]
        found[key] = {
            "name": row["substance"],
            "cas": row["cas"] or None,
            "aliases": ";".join(others),
            "pinyin": sounds_of_all(row["substance"], *others),
            "source": row["source"],
            "trust": row["trust"],
        }
    return found


def _listing(row: dict[str, str], ids: dict[str, int]) -> dict[str, Any]:
    return {
        "substance_id": ids[_key(row)],
        "system": ListSystem(row["system"]),
        "list_no": row["list_no"],
        "listed_name": row["listed_name"],
        "threshold_t": row["threshold_t"],
        "beta": row["beta"],
        "endpoint1": row["endpoint1_mg_m3"],
        "endpoint2": row["endpoint2_mg_m3"],
        "part": row["part"],
        "source": row["source"],
        "trust": row["trust"],
    }
