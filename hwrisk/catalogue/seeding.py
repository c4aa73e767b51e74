"""Loading the catalogue and its companions from `seeds/catalogue`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from hwrisk.catalogue.models import CatalogueCode, CatalogueEdition, StreamTag, TreatmentMethod
from hwrisk.db.seeds import seed_day, seed_number, seed_rows, upsert


def seed(session: Session, *, folder: Path | None = None) -> int:
    """Keep editions, codes, methods and tags by their natural keys; return how many rows are new or changed.

    The codes of an edition are added, never changed; what an import brought stays.
    """
    touched = upsert(session, CatalogueEdition, _editions(folder), key="edition")
    touched += _seed_codes(session, folder)
    touched += upsert(session, TreatmentMethod, _methods(folder), key="code")
    return touched + upsert(session, StreamTag, _tags(folder), key="tag")


def _editions(folder: Path | None) -> dict[str, dict[str, Any]]:
    return {
        row["edition"]: {
            "name": row["name"],
            "document_no": row["document_no"],
            "effective_from": seed_day(row["effective_from"]),
            "effective_until": seed_day(row["effective_until"]),
            "codes_published": seed_number(row["codes_published"]),
            "source": row["source"],
            "clause": row["clause"],
            "trust": row["trust"],
            "note": row["note"],
        }
        for row in seed_rows("catalogue/editions.csv", folder=folder)
    }


def _seed_codes(session: Session, folder: Path | None) -> int:
    readings = {
        (row["edition"], row["waste_code"]): row["rule"]
        for row in seed_rows("catalogue/hazard_semantics.csv", folder=folder)
    }
    present = set(session.execute(select(CatalogueCode.edition, CatalogueCode.waste_code)))
    new = [
        {
            "edition": row["edition"],
            "waste_code": row["waste_code"],
            "category": row["category_code"],
            "category_name": row["category_name"],
            "industry": row["industry_source"],
            "hazard": row["hazard"],
            "hazard_rule": readings.get((row["edition"], row["waste_code"]), ""),
            "short_name": row["short_name"],
        }
        for row in seed_rows("catalogue/waste_codes.csv", folder=folder)
        if (row["edition"], row["waste_code"]) not in present
    ]
    if new:
        session.execute(insert(CatalogueCode), new)
    return len(new)


def _methods(folder: Path | None) -> dict[str, dict[str, Any]]:
    kept = ("name", "group", "outcome", "source", "clause", "trust", "note")
    return {
        row["code"]: {name: row[name] for name in kept}
        for row in seed_rows("catalogue/treatment_methods.csv", folder=folder)
    }


def _tags(folder: Path | None) -> dict[str, dict[str, Any]]:
    kept = ("label", "kind", "aliases", "source", "trust", "note")
    return {
        row["tag"]: {name: row[name] for name in kept} for row in seed_rows("catalogue/stream_tags.csv", folder=folder)
    }
