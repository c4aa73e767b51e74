"""Stock and overdue storage on the page of a unit."""

from __future__ import annotations

from datetime import date

from flask import url_for
from sqlalchemy.orm import Session

from hwrisk.db.types import ZERO
from hwrisk.ledger.storage import queries
from hwrisk.ledger.storage.queries import StorageConditions
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.units.queries import units_by_id
from hwrisk.web.records import Panel


def load_unit(session: Session, unit_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    """Return what the page of a unit shows of its storage, or None where there is neither facility nor stock."""
    if not queries.facilities_of(session, unit_id, as_of=as_of):
        return None
    stock = queries.unit_stock(session, unit_id, user=user, as_of=as_of)
    overdue = queries.overdue_totals(session, user=user, as_of=as_of, asked=StorageConditions(unit_id=unit_id))
    unit = units_by_id(session, [unit_id])[unit_id]
    return "storage/_unit_panel.html", {
        "stock": stock,
        "total": sum((row.tonnes for row in stock), ZERO),
        "overdue": overdue.tonnes,
        "overdue_batches": overdue.batches,
        "facilities_url": url_for("storage.facilities", public_id=unit.public_id),
    }


PANELS = (
    Panel(owner="unit", key="storage", label="贮存", order=40, permission=Permission.STORAGE_READ, load=load_unit),
)
