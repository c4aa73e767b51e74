"""A value as it is worked out, before it is stored or shown; what every indicator has in common."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hwrisk.indicators.models import ValueState
from hwrisk.indicators.periods import ReportingPeriod
from hwrisk.indicators.scopes import ScopeKey
from hwrisk.indicators.targets import Targets

UnitsOf = Callable[[Any], ColumnElement[bool]]
"""Given the column of a unit's id, the predicate of the units to look at."""


class Value(Protocol):
    """One indicator for one scope and period, with the rows behind it in the order of their ids."""

    @property
    def scope(self) -> ScopeKey:
        """What it speaks of."""

    @property
    def period(self) -> ReportingPeriod:
        """Of which days."""

    @property
    def state(self) -> ValueState:
        """What kind of answer it is."""

    @property
    def numerator(self) -> Decimal:
        """In the measure of the indicator."""

    @property
    def denominator(self) -> Decimal:
        """In the measure of the indicator."""

    @property
    def unreported_units(self) -> int:
        """Units whose data are missing."""

    @property
    def parts(self) -> dict[str, Any]:
        """What is counted apart, ready for JSON."""

    @property
    def digest(self) -> str:
        """SHA-256 of all that makes the value: two values with one digest say the same."""

    @property
    def rows(self) -> Sequence[Any]:
        """The rows behind it."""


class WorkOut(Protocol):
    """How the values of an indicator are worked out, without storing anything."""

    def __call__(
        self,
        session: Session,
        periods: Sequence[ReportingPeriod],
        *,
        as_of: date,
        targets: Targets,
        known_at: datetime | None = None,
        of: UnitsOf | None = None,
    ) -> Mapping[ReportingPeriod, Sequence[Value]]:
        """Return the values of every scope for each period: the city first, then offices, then districts.

        `known_at` restricts to what was recorded by that instant. `of` narrows to some units; without it every region
        has a value, with it only those that have one of these units.
        """


def sha(lines: Iterable[str]) -> str:
    """Return the SHA-256 of lines of text."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
