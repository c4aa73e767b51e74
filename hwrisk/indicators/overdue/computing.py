"""The rate worked out for periods and scopes, without storing anything; pages, jobs and commands all ask here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk.db.types import ZERO
from hwrisk.indicators.models import PeriodKind, ValueState
from hwrisk.indicators.overdue.duty import Duty, duties, statements, supervised_units
from hwrisk.indicators.overdue.rules import DisposalOfBatch, disposal_of
from hwrisk.indicators.overdue.timelines import BatchFacts, overdue_timelines
from hwrisk.indicators.periods import ReportingPeriod
from hwrisk.indicators.scopes import Places, RegionBook, ScopeKey, UnitSpan, in_order, span_on, unit_histories
from hwrisk.indicators.targets import Targets
from hwrisk.indicators.values import UnitsOf, sha
from hwrisk.ledger.storage.models import BatchTag, StorageBatch
from hwrisk.units.models import Unit, UnitVersion

INDICATOR = "overdue-disposal-rate"
TITLE = "超期贮存危险废物处置率"


class RateRow(NamedTuple):
    """One batch behind a value."""

    batch_id: int
    unit_id: int
    tag: BatchTag
    stream: str
    disposal: DisposalOfBatch
    line: str
    """Unit and tonnes as text, for the digest: a row stands behind three values and is written once."""


class RateValue(NamedTuple):
    """The rate of one scope in one period, with the batches behind it, by id."""

    scope: ScopeKey
    period: ReportingPeriod
    state: ValueState
    numerator: Decimal
    denominator: Decimal
    unreported_units: int
    rows: tuple[RateRow, ...]

    @property
    def parts(self) -> dict[str, Any]:
        """What is counted apart, tonnes as text."""
        sums = {name: _sum(self.rows, name) for name in APART}
        return {
            **{name: str(tonnes) for name, tonnes in sums.items()},
            "batches": len(self.rows),
            "units": len({row.unit_id for row in self.rows}),
            "tags": _by(self.rows, lambda row: "" if row.tag is BatchTag.NONE else row.tag.value),
            "streams": _by(self.rows, lambda row: row.stream),
            MARKS: sha(f"{row.batch_id} {row.tag} {row.stream}" for row in self.rows)[:MARKS_LENGTH],
        }

    @property
    def digest(self) -> str:
        """SHA-256 of state, unreported units and tonnes: two values with one digest say the same.

        Circumstance and stream are left out: naming a batch otherwise does not revise a closed period.
        """
        return sha([f"{self.state} {self.unreported_units}", *(row.line for row in self.rows)])


MARKS = "marks"
"""Part that tells whether circumstances and streams of the rows are still the same."""
MARKS_LENGTH = 16
APART = ("in_transit", "to_collector", "lost", "returned", "in_store")


def work_out(
    session: Session,
    periods: Sequence[ReportingPeriod],
    *,
    as_of: date,
    targets: Targets,
    known_at: datetime | None = None,
    of: UnitsOf | None = None,
) -> dict[ReportingPeriod, list[RateValue]]:
    """Return the values of every scope for each period: the city first, then offices, then districts.

    The number of statements does not depend on how many batches, units or periods there are. `of` narrows to some
    units; without it every region has a value, with it only those that have one of these units.
    """
    start, end = min(p.start for p in periods), max(p.end for p in periods)
    batches = overdue_timelines(
        session, start=start, end=end, known_at=known_at, of=None if of is None else of(StorageBatch.unit_id)
    )
    histories = unit_histories(session, known_at=known_at, of=None if of is None else of(UnitVersion.unit_id))
    supervised = supervised_units(session, of=None if of is None else of(Unit.id))
    confirmed = statements(session, start=start, end=end, known_at=known_at)
    regions = RegionBook(session)
    found = {}
    for period in periods:
        owed = duties(
            supervised, histories, confirmed, rules=targets.reporting, period=period,
            by=_duty_day(period, as_of, targets),
        )  # fmt: skip
        found[period] = _values(
            period,
            _rows(batches, period, collectors_count=targets.collectors_count),
            owed,
            histories,
            regions.on(period.last_day),
            whole_city=of is None,
        )
    return found


def empty_value(scope: ScopeKey, period: ReportingPeriod) -> RateValue:
    """Return the value of a scope without units and tonnes."""
    return _value(scope, period, (), ())


def value_state(denominator: Decimal, *, units: int, unreported: int) -> ValueState:
    """Return what kind of answer a value is.

    Nothing overdue (无超期) is only said when all have reported; with something overdue the value stands, and the
    number of unreported units beside it. Without any unit and any tonne there is nothing to say.
    """
    if denominator > 0:
        return ValueState.VALUE
    if unreported:
        return ValueState.INCOMPLETE
    return ValueState.NONE_OVERDUE if units else ValueState.NOT_APPLICABLE


def _duty_day(period: ReportingPeriod, as_of: date, targets: Targets) -> date:
    """Return the day by which reports must have been due: of a closed period its closing day, for good."""
    if period.kind is PeriodKind.YEAR_TO_DATE or period.end > as_of:
        return as_of
    return min(as_of, targets.frozen_on(period.kind, period.start))


def _rows(batches: Iterable[BatchFacts], period: ReportingPeriod, *, collectors_count: bool) -> list[RateRow]:
    rows = []
    for batch in batches:
        disposal = disposal_of(batch.timeline, start=period.start, end=period.end, collectors_count=collectors_count)
        if disposal is not None:
            line = f"{batch.unit_id} {' '.join(map(str, disposal))}"
            rows.append(RateRow(batch.batch_id, batch.unit_id, batch.tag, batch.stream, disposal, line))
    return rows


def _values(
    period: ReportingPeriod,
    rows: Sequence[RateRow],
    owed: Sequence[Duty],
    histories: Mapping[int, Sequence[UnitSpan]],
    where: Places,
    *,
    whole_city: bool,
) -> list[RateValue]:
    rows_of: dict[ScopeKey, list[RateRow]] = defaultdict(list)
    for row in rows:
        span = span_on(histories.get(row.unit_id, ()), row.disposal.counted_on)
        for scope in where.scopes_of(span):
            rows_of[scope].append(row)
    units_of: dict[ScopeKey, list[Duty]] = defaultdict(list)
    for duty in owed:
        for scope in where.scopes_of(duty.span):
            units_of[scope].append(duty)
    scopes = {*(where.all if whole_city else (where.city,)), *rows_of, *units_of}
    return [_value(scope, period, rows_of[scope], units_of[scope]) for scope in in_order(scopes, where.all)]


def _value(scope: ScopeKey, period: ReportingPeriod, rows: Sequence[RateRow], units: Sequence[Duty]) -> RateValue:
    denominator = _sum(rows, "due")
    unreported = sum(duty.is_missing for duty in units)
    return RateValue(
        scope=scope,
        period=period,
        state=value_state(denominator, units=len(units), unreported=unreported),
        numerator=_sum(rows, "completed"),
        denominator=denominator,
        unreported_units=unreported,
        rows=tuple(rows),
    )


def _sum(rows: Iterable[RateRow], name: str) -> Decimal:
    return sum((getattr(row.disposal, name) for row in rows), ZERO)


def _by(rows: Iterable[RateRow], key: Callable[[RateRow], str]) -> dict[str, dict[str, str]]:
    """Return due and completed tonnes by a key, as text; rows without one are left out."""
    groups: dict[str, list[RateRow]] = defaultdict(list)
    for row in rows:
        if name := key(row):
            groups[name].append(row)
    return {
        name: {"due": str(_sum(group, "due")), "completed": str(_sum(group, "completed"))}
        for name, group in sorted(groups.items())
    }
