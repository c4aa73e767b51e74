"""Rows with valid and recorded times: the state on a day, by what was known at an instant."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.clock import now
from hwrisk.db.types import UtcDateTime


class Period:
    """Mixin: a fact that holds on [valid_from, valid_until), known from recorded_at until superseded_at."""

    valid_from: Mapped[date] = mapped_column(sort_order=80)
    valid_until: Mapped[date | None] = mapped_column(sort_order=81)
    """First day on which the fact no longer holds, or None while open."""
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, sort_order=82)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime, sort_order=83)
    """Instant from which a later row says otherwise, or None while this is what is known."""


def known(row: Any, known_at: datetime | None = None) -> ColumnElement[bool]:
    """Return the predicate that `row` (a class or alias with Period) is what was known at `known_at` (None: now)."""
    if known_at is None:
        return row.superseded_at.is_(None)  # type: ignore[no-any-return]
    return and_(row.recorded_at <= known_at, or_(row.superseded_at.is_(None), row.superseded_at > known_at))


def in_force(row: Any, as_of: Any, known_at: datetime | None = None) -> ColumnElement[bool]:
    """Return the predicate that `row` holds on the day `as_of` by what was known at `known_at` (None: now)."""
    return and_(known(row, known_at), row.valid_from <= as_of, or_(row.valid_until.is_(None), row.valid_until > as_of))
