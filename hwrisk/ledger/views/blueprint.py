"""The blueprint of the pages of the ledger (管理台账)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from sqlalchemy.orm import Session

from hwrisk.clock import today
from hwrisk.ledger.drafts import Hand
from hwrisk.units.queries import UnitRow, get_unit
from hwrisk.web import current_user

bp = Blueprint("ledger", __name__, url_prefix="/ledger")


def unit_of(session: Session, public_id: UUID) -> UnitRow:
    """Return a unit in sight, as it stands today.

    Raises:
        NotFound: there is none, or it is out of sight.
    """
    return get_unit(session, public_id, user=current_user(), as_of=today())


def hand() -> Hand:
    """Return who records, today."""
    return Hand(viewer=current_user(), as_of=today())
