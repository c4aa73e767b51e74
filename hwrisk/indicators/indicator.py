"""One indicator (指标) as the mechanism sees it: a record of what is its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic

from sqlalchemy.orm import Session

from hwrisk.db.base import Base
from hwrisk.indicators.models import IndicatorValue, PeriodKind
from hwrisk.indicators.periods import ReportingPeriod, past_periods, running_periods
from hwrisk.indicators.readings import R
from hwrisk.indicators.scopes import ScopeKey
from hwrisk.indicators.values import Value, WorkOut


def nothing_closes(session: Session, period: ReportingPeriod, *, as_of: date, recorded_at: datetime) -> None:
    """Do nothing more when a period is frozen."""


@dataclass(frozen=True, kw_only=True)
class Indicator(Generic[R]):
    """What is an indicator's own; periods, scopes, storing, freezing, revising and reading are common to all."""

    reading: type[R]
    """How its values are read; names the indicator, its title and its measure."""
    running: tuple[PeriodKind, ...]
    """Periods that move from day to day, the headline first."""
    past: Mapping[PeriodKind, int]
    """Ended periods that every run works out again, so that late data heal, by length."""
    work_out: WorkOut
    empty_value: Callable[[ScopeKey, ReportingPeriod], Value]
    """Returns the value of a scope in which there is nothing."""
    row_table: type[Base]
    """Table of the rows behind a stored value, with `value_id`."""
    row_values: Callable[[Any], dict[str, Any]]
    """Returns the columns of a row that was worked out, but for `value_id`."""
    stored_rows: Callable[[Session, IndicatorValue], Sequence[Any]]
    """Returns the rows behind a stored value as figures, in the order people read them."""
    spot_rows: Callable[[Iterable[Any]], Sequence[Any]]
    """Returns rows worked out on the spot as the same figures in the same order."""
    rows_json: Callable[[Session, Sequence[Any]], list[dict[str, Any]]]
    """Returns rows as plain data, with all a reader needs to check them."""
    on_closing: Callable[..., None] = nothing_closes
    """Called once when a period is frozen: (session, period, as_of=, recorded_at=)."""

    @property
    def id(self) -> str:
        """The name it is stored and asked for under, also that of its job."""
        return self.reading.indicator

    @property
    def title(self) -> str:
        """What people call it."""
        return self.reading.title

    def running_periods(self, as_of: date) -> list[ReportingPeriod]:
        """Return what moves on the day `as_of`, the headline first."""
        return running_periods(as_of, self.running)

    def past_periods(self, as_of: date) -> list[ReportingPeriod]:
        """Return the ended periods that a run on `as_of` works out again."""
        return past_periods(as_of, self.past)
