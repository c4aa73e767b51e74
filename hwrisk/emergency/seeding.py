"""Loading kinds of materials, places and candidates from `seeds/emergency`, and the substances they speak of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.catalogue.chemicals.models import ChemicalSubstance
from hwrisk.catalogue.chemicals.rules import sounds_of_all
from hwrisk.db.seeds import seed_rows, upsert
from hwrisk.emergency.models import Compatibility, MaterialFunction, MaterialKind, Place, SubstanceMaterial


def seed(session: Session, *, folder: Path | None = None) -> int:
    """Keep kinds, places and candidates by their natural keys; return how many rows are new or changed.

    What people changed of a kind that came with the system, and what they decided about candidates, stays.
    """
    present = set(session.scalars(select(MaterialKind.code)))
    new = {code: row for code, row in _kinds(folder).items() if code not in present}
    touched = upsert(session, MaterialKind, new, key="code")
    touched += upsert(session, Place, _places(folder), key="code")
    return touched + upsert(session, SubstanceMaterial, _candidates(session, folder), key="ref")


def _kinds(folder: Path | None) -> dict[str, dict[str, Any]]:
    return {
        row["code"]: {
            "name": row["name"],
            "function": MaterialFunction(row["function"]),
            "category": row["category"],
            "unit": row["unit"],
            "is_consumable": row["is_consumable"] == "1",
            "aliases": row["aliases"],
            "pinyin": sounds_of_all(row["name"], *row["aliases"].split(";")),
            "source": row["source"],
            "trust": row["trust"],
        }
        for row in seed_rows("emergency/material_kinds.csv", folder=folder)
    }


def _places(folder: Path | None) -> dict[str, dict[str, Any]]:
    texts = ("name", "kind", "aliases", "source", "trust", "note")
    return {
        row["code"]: {name: row[name] for name in texts}
        | {"longitude": float(row["longitude"]), "latitude": float(row["latitude"])}
        for row in seed_rows("emergency/places.csv", folder=folder)
    }


def _candidates(session: Session, folder: Path | None) -> dict[str, dict[str, Any]]:
    substances = dict(session.execute(select(ChemicalSubstance.key, ChemicalSubstance.id)).all())
    kinds = dict(session.execute(select(MaterialKind.code, MaterialKind.id)).all())
    decided = set(session.scalars(select(SubstanceMaterial.ref).where(SubstanceMaterial.reviewed_at.is_not(None))))
    return {
        row["ref"]: {
            "substance_id": substances[row["cas"]],
            "kind_id": kinds[row["kind_code"]] if row["kind_code"] else None,
            "method": row["method"],
            "note": row["note"],
            "compatibility": Compatibility(row["compatibility"]),
            "source": row["source"],
            "trust": row["trust"],
        }
        for row in seed_rows("emergency/substance_materials.csv", folder=folder)
        if row["ref"] not in decided
    }
