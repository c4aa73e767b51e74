"""Periods whose figures are frozen (已结账期间), told from above; corrections in them are for the city to decide."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.models import LedgerClosing


def close_period(session: Session, *, starts_on: date, ends_on: date, hand: Hand) -> bool:
    """Record that the figures of [starts_on, ends_on) are frozen; return whether that is new."""
    same = select(LedgerClosing.id).where(LedgerClosing.starts_on == starts_on, LedgerClosing.ends_on == ends_on)
    if session.scalar(same) is not None:
        return False
    at = hand.recorded_at or now()
    session.add(LedgerClosing(starts_on=starts_on, ends_on=ends_on, closed_by=hand.viewer.label, recorded_at=at))
    session.flush()
    return True


def is_closed(session: Session, day: date) -> bool:
    """Tell whether the figures of the period `day` lies in are frozen."""
    covering = select(LedgerClosing.id).where(LedgerClosing.starts_on <= day, LedgerClosing.ends_on > day)
    return session.scalar(covering.limit(1)) is not None
