"""Loading the kinds of facilities."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from hwrisk.containment.models import ContainmentKind, Nature
from hwrisk.db.seeds import seed_rows, upsert


def seed(session: Session, *, folder: Path | None = None) -> int:
    """Keep the kinds by code; return how many rows are new or changed."""
    rows = {
        row["code"]: {
            "label": row["label"],
            "tier": int(row["tier"]),
            "nature": Nature(row["nature"]),
            "is_outward": row["is_outward"] == "1",
            "is_v3": row["is_v3"] == "1",
            "sort_order": int(row["sort_order"]),
            "source": row["source"],
            "trust": row["trust"],
            "note": row["note"],
        }
        for row in seed_rows("containment/kinds.csv", folder=folder)
    }
    return upsert(session, ContainmentKind, rows, key="code")
