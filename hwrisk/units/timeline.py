"""How the states of a unit follow one another, and how a record made later rewrites them; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from hwrisk.errors import RuleViolation

V = TypeVar("V")


@dataclass(frozen=True)
class Segment(Generic[V]):
    """One state on [valid_from, valid_until); `row` is the stored version, or None where a new one is needed."""

    valid_from: date
    valid_until: date | None
    state: Mapping[str, Any]
    row: V | None = None
    is_changed: bool = False
    """Whether this record changed something in it; a new piece may also be what is left of a divided version."""


def rewrite(
    segments: Sequence[Segment[V]], *, from_day: date, until: date | None, changes: Mapping[str, Any]
) -> list[Segment[V]]:
    """Return the states by day after `changes` hold on [from_day, until), or from `from_day` on without end.

    `segments` follow one another without gap, the last one open; so does the result. Fields that `changes` does not
    name stay what they were on each day. Days before the first segment take over its state: the unit was there
    earlier than was known.

    Raises:
        RuleViolation: the last day is not later than the first.
    """
    if until is not None and until <= from_day:
        raise RuleViolation("截止日必须晚于生效日", field="until")
    first = segments[0]
    earlier = []
    if from_day < first.valid_from:
        earlier = [Segment[V](from_day, first.valid_from, first.state, None)]
    return [piece for segment in (*earlier, *segments) for piece in _pieces(segment, from_day, until, changes)]


def _pieces(segment: Segment[V], from_day: date, until: date | None, changes: Mapping[str, Any]) -> list[Segment[V]]:
    start = max(segment.valid_from, from_day)
    end = _earlier(segment.valid_until, until)
    is_outside = end is not None and end <= start
    if is_outside or all(segment.state.get(name) == value for name, value in changes.items()):
        return [segment]
    pieces = [Segment[V](start, end, {**segment.state, **changes}, None, is_changed=True)]
    if segment.valid_from < start:
        pieces.insert(0, Segment[V](segment.valid_from, start, segment.state, None))
    if end is not None and end != segment.valid_until:
        pieces.append(Segment[V](end, segment.valid_until, segment.state, None))
    return pieces


def _earlier(one: date | None, other: date | None) -> date | None:
    if one is None or other is None:
        return one or other
    return min(one, other)
