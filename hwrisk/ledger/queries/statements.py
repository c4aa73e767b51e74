"""Confirmations of a unit's ledger (台账确认)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.ledger.models import LedgerStatement

SHOWN = 24


def statements_of(session: Session, unit_id: int) -> Sequence[LedgerStatement]:
    """Return the latest confirmations of a unit, the latest first."""
    return session.scalars(
        select(LedgerStatement)
        .where(LedgerStatement.unit_id == unit_id)
        .order_by(LedgerStatement.covers_until.desc(), LedgerStatement.id.desc())
        .limit(SHOWN)
    ).all()
