"""Who has not reported (未报): units whose ledger is not confirmed for days on which a report was due by now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from hwrisk.indicators.periods import ReportingPeriod, next_start, start_of
from hwrisk.indicators.scopes import UnitSpan
from hwrisk.indicators.targets import ReportingRule
from hwrisk.ledger.models import LedgerStatement
from hwrisk.units.models import Unit, UnitStatus

HAS_TO_REPORT = frozenset({UnitStatus.OPERATING, UnitStatus.SUSPENDED, UnitStatus.CLOSED_UNCLEARED})
"""States of a site that still has or may have waste (在产、停产、关停未清零)."""

Days = tuple[date, date]
"""A half-open stretch of days."""


class Duty(NamedTuple):
    """A supervised unit in a period: where it stood last, and whether a due report is missing."""

    unit_id: int
    span: UnitSpan
    is_missing: bool


def supervised_units(session: Session, *, of: ColumnElement[bool] | None = None) -> set[int]:
    """Return the units of the bureau's register; `of` narrows them by columns of `Unit`."""
    return set(session.scalars(select(Unit.id).where(Unit.is_supervised, true() if of is None else of)))


def statements(session: Session, *, start: date, end: date, known_at: datetime | None = None) -> dict[int, list[Days]]:
    """Return the days each unit confirmed its ledger for, as far as they touch [start, end), in order."""
    found: dict[int, list[Days]] = defaultdict(list)
    rows = session.execute(
        select(LedgerStatement.unit_id, LedgerStatement.covers_from, LedgerStatement.covers_until)
        .where(
            LedgerStatement.covers_from < end,
            LedgerStatement.covers_until > start,
            true() if known_at is None else LedgerStatement.recorded_at <= known_at,
        )
        .order_by(LedgerStatement.unit_id, LedgerStatement.covers_from)
    )
    for unit_id, first, until in rows:
        found[unit_id].append((first, until))
    return found


def duties(
    supervised: set[int],
    histories: Mapping[int, Sequence[UnitSpan]],
    confirmed: Mapping[int, Sequence[Days]],
    *,
    rules: Sequence[ReportingRule],
    period: ReportingPeriod,
    by: date,
) -> list[Duty]:
    """Return every supervised unit that existed in the period; a report is missing when its due day lies before `by`.

    A report in time on its due day is not missing. What a unit had to report are the days it was in a state and class
    with a cycle that has become due; days outside the period do not matter.
    """
    found = []
    for unit_id in sorted(supervised):
        spans = [span for span in histories.get(unit_id, ()) if _overlap(_days(span), period) is not None]
        spans = [span for span in spans if span.status in HAS_TO_REPORT]
        if not spans:
            continue
        owed = [days for span in spans for days in _owed(span, rules, period, by)]
        missing = any(not _is_covered(days, confirmed.get(unit_id, ())) for days in owed)
        found.append(Duty(unit_id, spans[-1], missing))
    return found


def _owed(span: UnitSpan, rules: Sequence[ReportingRule], period: ReportingPeriod, by: date) -> Iterator[Days]:
    days = _overlap(_days(span), period)
    for rule in rules:
        if days is None or rule.management_class is not span.management_class:
            continue
        start = start_of(rule.cycle, days[0])
        while start < days[1]:
            end = next_start(rule.cycle, start)
            if start >= rule.effective_from and rule.due_on(start) < by:
                yield max(start, days[0]), min(end, days[1])
            start = end


def _is_covered(days: Days, confirmed: Sequence[Days]) -> bool:
    reached = days[0]
    for first, until in confirmed:
        if first <= reached < until:
            reached = until
    return reached >= days[1]


def _days(span: UnitSpan) -> Days:
    return span.since, span.until or date.max


def _overlap(days: Days, period: ReportingPeriod) -> Days | None:
    first, until = max(days[0], period.start), min(days[1], period.end)
    return (first, until) if first < until else None
