"""Keeping indicator values: rolling ones brought up to date, closed periods frozen, late data beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.indicators.indicator import Indicator
from hwrisk.indicators.models import IndicatorValue, PeriodKind, ValueStage
from hwrisk.indicators.periods import ReportingPeriod
from hwrisk.indicators.scopes import ScopeKey
from hwrisk.indicators.targets import Targets, load_targets
from hwrisk.indicators.values import Value


class _Place(NamedTuple):
    """What there is one value of, at one stage."""

    scope: ScopeKey
    kind: PeriodKind
    start: date
    stage: ValueStage


@dataclass
class _Book:
    """The stored values that a run may touch, and what it did to them."""

    session: Session
    indicator: Indicator[Any]
    as_of: date
    known_at: datetime
    targets: Targets
    stored: dict[_Place, IndicatorValue]
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("values", "changed", "frozen", "revised"), 0))

    def put(self, value: Value, stage: ValueStage) -> None:
        """Bring the stored value up to date; the same figures leave the row as it is."""
        place = _Place(value.scope, value.period.kind, value.period.start, stage)
        row = self.stored.get(place)
        self.counts["values"] += 1
        if row is None:
            row = IndicatorValue(
                indicator=self.indicator.id, scope_kind=value.scope.kind, scope_code=value.scope.code,
                period_kind=value.period.kind, period_start=value.period.start, stage=stage,
            )  # fmt: skip
            self._write(row, value)
            self.session.add(row)
            self.session.flush()
            self.stored[place] = row
            self._write_rows(row, value)
        elif row.digest != value.digest or (stage is not ValueStage.FROZEN and row.parts != value.parts):
            self._delete_rows(row)
            self._write(row, value)
            self._write_rows(row, value)
        elif stage is ValueStage.LIVE and row.as_of != self.as_of:
            # The same figures a day later: the value now speaks of that day too.
            self._write(row, value)
        else:
            return
        self.counts["changed"] += 1

    def drop(self, scope: ScopeKey, period: ReportingPeriod, stage: ValueStage) -> None:
        """Take away a stored value that no longer says anything of its own."""
        row = self.stored.pop(_Place(scope, period.kind, period.start, stage), None)
        if row is not None:
            self._delete_rows(row)
            self.session.delete(row)
            self.session.flush()
            self.counts["changed"] += 1

    def at(self, scope: ScopeKey, period: ReportingPeriod, stage: ValueStage) -> IndicatorValue | None:
        """Return the stored value of a scope, or None."""
        return self.stored.get(_Place(scope, period.kind, period.start, stage))

    def gone(self, period: ReportingPeriod, values: Sequence[Value], stage: ValueStage) -> list[ScopeKey]:
        """Return the scopes that have a stored value but none among `values` any more."""
        present = {value.scope for value in values}
        return [
            place.scope
            for place in list(self.stored)
            if place[1:] == (period.kind, period.start, stage) and place.scope not in present
        ]

    def _write(self, row: IndicatorValue, value: Value) -> None:
        target = self.targets.targets[self.indicator.id]
        row.period_end = value.period.end
        row.as_of, row.known_at = self.as_of, self.known_at
        row.state = value.state
        row.numerator, row.denominator = value.numerator, value.denominator
        row.unreported_units = value.unreported_units
        row.parts = value.parts
        row.target_percent, row.pack_version = target.percent, self.targets.version
        row.digest = value.digest

    def _write_rows(self, row: IndicatorValue, value: Value) -> None:
        if value.rows:
            columns = self.indicator.row_values
            self.session.execute(insert(self._rows), [{"value_id": row.id, **columns(r)} for r in value.rows])

    def _delete_rows(self, row: IndicatorValue) -> None:
        self.session.execute(delete(self._rows).where(self._rows.c.value_id == row.id))

    @property
    def _rows(self) -> Any:
        return self.indicator.row_table.__table__


@dataclass(frozen=True)
class Drawn:
    """All values of an indicator worked out for a day, before anything of them is stored."""

    indicator: Indicator[Any]
    as_of: date
    known_at: datetime
    targets: Targets
    running: Sequence[ReportingPeriod]
    past: Sequence[ReportingPeriod]
    found: Mapping[ReportingPeriod, Sequence[Value]]


def draw(session: Session, indicator: Indicator[Any], *, as_of: date, known_at: datetime | None = None) -> Drawn:
    """Return all values of an indicator for the day `as_of`, running periods and ended ones; writes nothing.

    `known_at` restricts to what was recorded by that instant (None: everything, stamped with the present instant).

    Raises:
        NotFound: no version of the rule pack is in force on the day.
    """
    targets = load_targets(session, on=as_of, known_at=known_at)
    running, past = indicator.running_periods(as_of), indicator.past_periods(as_of)
    stamped = known_at or now()
    found = indicator.work_out(session, [*running, *past], as_of=as_of, targets=targets, known_at=known_at)
    return Drawn(indicator, as_of, stamped, targets, running, past, found)


def keep(session: Session, drawn: Drawn) -> dict[str, int]:
    """Store what was drawn, and return what was done, by name.

    Running periods roll; ended periods roll until their closing day (结账日), are frozen on it, and from then on keep
    what they said: what became known later stands beside them as a revised value with its own rows. A rerun changes
    nothing; a run for an earlier day does not turn a rolling value back.
    """
    stored = _stored(session, drawn.indicator, drawn.found)
    book = _Book(session, drawn.indicator, drawn.as_of, drawn.known_at, drawn.targets, stored)
    for period in drawn.running:
        _roll(book, period, drawn.found[period])
    for period in drawn.past:
        settle = _roll if drawn.as_of < drawn.targets.frozen_on(period.kind, period.start) else _close
        settle(book, period, drawn.found[period])
    session.flush()
    return book.counts


def bring_up_to_date(
    session: Session, indicator: Indicator[Any], *, as_of: date, known_at: datetime | None = None
) -> dict[str, int]:
    """Draw and keep in one session; see both.

    Raises:
        NotFound: no version of the rule pack is in force on the day.
    """
    return keep(session, draw(session, indicator, as_of=as_of, known_at=known_at))


def _roll(book: _Book, period: ReportingPeriod, values: Sequence[Value]) -> None:
    city = values[0]
    if book.at(city.scope, period, ValueStage.FROZEN) is not None:
        return
    present = book.at(city.scope, period, ValueStage.LIVE)
    if present is not None and (present.as_of, present.known_at) > (book.as_of, book.known_at):
        # What was drawn earlier and kept later must not turn a value back.
        return
    for scope in book.gone(period, values, ValueStage.LIVE):
        book.drop(scope, period, ValueStage.LIVE)
    for value in values:
        book.put(value, ValueStage.LIVE)


def _close(book: _Book, period: ReportingPeriod, values: Sequence[Value]) -> None:
    """Freeze a period once for all its scopes; afterwards only put what differs beside it."""
    city = values[0]
    closed = book.at(city.scope, period, ValueStage.FROZEN)
    if closed is not None and closed.known_at > book.known_at:
        # Drawn before the period was closed, kept after it: there is nothing to revise it by.
        return
    if closed is None:
        for scope in book.gone(period, [], ValueStage.LIVE):
            book.drop(scope, period, ValueStage.LIVE)
        for value in values:
            book.put(value, ValueStage.FROZEN)
            book.counts["frozen"] += 1
        book.indicator.on_closing(book.session, period, as_of=book.as_of, recorded_at=book.known_at)
        _tell(book, city, "indicator.freeze")
        return
    empty = [book.indicator.empty_value(scope, period) for scope in book.gone(period, values, ValueStage.FROZEN)]
    for value in [*values, *empty]:
        frozen = book.at(value.scope, period, ValueStage.FROZEN)
        if value.digest == frozen.digest if frozen is not None else _says_nothing(value):
            book.drop(value.scope, period, ValueStage.REVISED)
            continue
        changed_before = book.counts["changed"]
        book.put(value, ValueStage.REVISED)
        book.counts["revised"] += 1
        if book.counts["changed"] > changed_before and value is city:
            _tell(book, value, "indicator.revise")


def _says_nothing(value: Value) -> bool:
    return value.denominator == 0 and value.unreported_units == 0


def _tell(book: _Book, value: Value, action: str) -> None:
    audit.record(
        book.session, None, action, "indicator_value", f"{value.period.kind} {value.period.start}",
        summary={
            "指标": book.indicator.id, "统计期": value.period.label, "截至": str(book.as_of),
            "分子": str(value.numerator), "分母": str(value.denominator), "未报": value.unreported_units,
        },
    )  # fmt: skip


def _stored(
    session: Session, indicator: Indicator[Any], periods: Iterable[ReportingPeriod]
) -> dict[_Place, IndicatorValue]:
    earliest = min(period.start for period in periods)
    rows = session.scalars(
        select(IndicatorValue).where(IndicatorValue.indicator == indicator.id, IndicatorValue.period_start >= earliest)
    )
    return {_Place(ScopeKey(r.scope_kind, r.scope_code), r.period_kind, r.period_start, r.stage): r for r in rows}
