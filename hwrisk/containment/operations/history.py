"""Writing another state from a day on: what held before stays, what was known is closed and never overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, inspect, or_, select
from sqlalchemy.orm import Session

from hwrisk.db.history import Period
from hwrisk.errors import RuleViolation

V = TypeVar("V", bound=Period)
OWN = frozenset({"id", "public_id", "valid_from", "valid_until", "recorded_at", "superseded_at"})


def states_from(session: Session, model: type[V], of: ColumnElement[bool], day: date) -> Sequence[V]:
    """Return what is known of a thing from a day on, earliest first, locked for writing."""
    return session.scalars(
        select(model)
        .where(of, model.superseded_at.is_(None), or_(model.valid_until.is_(None), model.valid_until > day))
        .order_by(model.valid_from)
        .with_for_update()
    ).all()


def held_on(known: Sequence[V], day: date, *, what: str) -> V:
    """Return the state that holds on `day`.

    Raises:
        RuleViolation: the day lies before the first state, or a later state is recorded already.
    """
    held = next((row for row in known if row.valid_from <= day), None)
    if held is None:
        raise RuleViolation(f"日期早于该{what}登记的日期，请核对", field="valid_from")
    if later := [row for row in known if row.valid_from > day]:
        raise RuleViolation(f"{later[0].valid_from} 已登记过后来的情形，日期不得早于该日", field="valid_from")
    return held


def succeed(session: Session, held: V, values: Mapping[str, Any], *, valid_from: date, at: datetime) -> V:
    """Record `values` from `valid_from` on after `held`, and return the new row."""
    model: Any = type(held)
    columns = [prop.key for prop in inspect(model).column_attrs if prop.key not in OWN]
    kept = {name: getattr(held, name) for name in columns}
    held.superseded_at = at
    if held.valid_from < valid_from:
        # What was known of the days before stays true; it is written again with its end.
        session.add(model(**kept, valid_from=held.valid_from, valid_until=valid_from, recorded_at=at))
    new: V = model(**(kept | dict(values)), valid_from=valid_from, valid_until=held.valid_until, recorded_at=at)
    session.add(new)
    session.flush()
    return new
