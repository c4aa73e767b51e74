"""Reporting periods (统计期): half-open stretches of days that a value speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from hwrisk.indicators.models import PeriodKind

ONE_DAY = timedelta(days=1)
MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


class ReportingPeriod(NamedTuple):
    """The days [start, end) of one period; of the running one `end` is the day after the day asked about."""

    kind: PeriodKind
    start: date
    end: date

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        return self.end - ONE_DAY

    @property
    def label(self) -> str:
        """The period in words: 2026年1月1日至11月23日, 2026年10月, 2026年三季度, 2025年."""
        if self.kind is PeriodKind.MONTH:
            return f"{self.start.year}年{self.start.month}月"
        if self.kind is PeriodKind.QUARTER:
            return f"{self.start.year}年{'一二三四'[(self.start.month - 1) // 3]}季度"
        if self.kind is PeriodKind.YEAR:
            return f"{self.start.year}年"
        last = self.last_day
        return f"{self.start.year}年{self.start.month}月{self.start.day}日至{last.month}月{last.day}日"


def next_start(kind: PeriodKind, start: date) -> date:
    """Return the first day of the period after the one that begins on `start`; the year to date lasts a year."""
    months = start.year * 12 + start.month - 1 + MONTHS.get(kind, 12)
    return date(months // 12, months % 12 + 1, 1)


def start_of(kind: PeriodKind, day: date) -> date:
    """Return the first day of the period of this length in which `day` lies."""
    length = MONTHS.get(kind, 12)
    return date(day.year, (day.month - 1) // length * length + 1, 1)


def running_period(kind: PeriodKind, as_of: date) -> ReportingPeriod:
    """Return the period of this length in which `as_of` lies, up to and with that day."""
    return ReportingPeriod(kind, start_of(kind, as_of), as_of + ONE_DAY)


def whole_period(kind: PeriodKind, start: date) -> ReportingPeriod:
    """Return the whole period that begins on `start`."""
    return ReportingPeriod(kind, start, next_start(kind, start))


def running_periods(as_of: date, kinds: Iterable[PeriodKind]) -> list[ReportingPeriod]:
    """Return the periods of these lengths that move on the day `as_of`."""
    return [running_period(kind, as_of) for kind in kinds]


def past_periods(as_of: date, counts: Mapping[PeriodKind, int]) -> list[ReportingPeriod]:
    """Return so many ended periods of each length before `as_of`, the longest and the latest first."""
    return [
        whole_period(kind, start)
        for kind, count in sorted(counts.items(), key=lambda item: -MONTHS[item[0]])
        for start in _starts_before(kind, as_of, count)
    ]


def _starts_before(kind: PeriodKind, as_of: date, count: int) -> Iterator[date]:
    start = start_of(kind, as_of)
    for _ in range(count):
        start = start_of(kind, start - ONE_DAY)
        yield start
