"""A value ready to be read, whether it was stored by the job or worked out on the spot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from hwrisk.db.types import ZERO, ratio
from hwrisk.indicators.models import IndicatorValue, ScopeKind, ValueStage, ValueState
from hwrisk.indicators.periods import ReportingPeriod
from hwrisk.indicators.scopes import UNDETERMINED, UNDETERMINED_LABEL, ScopeKey
from hwrisk.indicators.targets import Targets, shown_percent
from hwrisk.indicators.values import Value

ON_THE_SPOT = "~"
"""Parts of the reference of a value that is not stored: indicator, day, period, kind of scope, code."""
NO_CODE = "none"
"""Stands in a reference where a scope has no code (待定)."""

R = TypeVar("R", bound="Reading")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One value of an indicator, ready to show; each indicator has a class of its own with its words."""

    indicator: ClassVar[str]
    """Id of the indicator, also that of its job."""
    title: ClassVar[str]
    short: ClassVar[str]
    """Heading of a column with the rate."""
    of_what: ClassVar[str]
    """Heading of a column with numerator and denominator, with the measure."""
    measure: ClassVar[str]
    """Unit of numerator and denominator (吨, 家)."""
    ref_name: ClassVar[str]
    """Leads the reference of a value that is not stored; empty: the reference names no indicator."""

    scope: ScopeKey
    scope_name: str
    period: ReportingPeriod
    stage: ValueStage
    state: ValueState
    numerator: Decimal
    denominator: Decimal
    unreported_units: int
    parts: Mapping[str, Any]
    target_percent: str
    pack_version: str
    as_of: date
    known_at: datetime
    """Data cut-off."""
    public_id: UUID | None
    """Of a stored value; None for one worked out on the spot."""

    @classmethod
    def of_row(cls: type[R], row: IndicatorValue, names: Mapping[str, str]) -> R:
        """Return a stored value as a reading; `names` are those of regions by code."""
        scope = ScopeKey(row.scope_kind, row.scope_code)
        return cls(
            scope=scope,
            scope_name=scope_name(scope, names),
            period=ReportingPeriod(row.period_kind, row.period_start, row.period_end),
            stage=row.stage,
            state=row.state,
            numerator=row.numerator,
            denominator=row.denominator,
            unreported_units=row.unreported_units,
            parts=row.parts,
            target_percent=row.target_percent,
            pack_version=row.pack_version,
            as_of=row.as_of,
            known_at=row.known_at,
            public_id=row.public_id,
        )

    @classmethod
    def of_value(
        cls: type[R], value: Value, names: Mapping[str, str], *, targets: Targets, as_of: date, known_at: datetime
    ) -> R:
        """Return a value worked out on the spot as a reading."""
        return cls(
            scope=value.scope,
            scope_name=scope_name(value.scope, names),
            period=value.period,
            stage=ValueStage.LIVE,
            state=value.state,
            numerator=value.numerator,
            denominator=value.denominator,
            unreported_units=value.unreported_units,
            parts=value.parts,
            target_percent=targets.targets[cls.indicator].percent,
            pack_version=targets.version,
            as_of=as_of,
            known_at=known_at,
            public_id=None,
        )

    @property
    def ref(self) -> str:
        """Name by which the value and its rows are asked for again."""
        if self.public_id is not None:
            return str(self.public_id)
        parts = (self.as_of.isoformat(), self.period.kind.value, self.scope.kind.value, self.scope.code or NO_CODE)
        return ON_THE_SPOT.join((self.ref_name, *parts) if self.ref_name else parts)

    @property
    def target(self) -> Fraction:
        """The target as a share of 1."""
        return Fraction(self.target_percent) / 100

    @property
    def share(self) -> Fraction | None:
        """The exact rate, or None where the denominator is zero."""
        return ratio(self.numerator, self.denominator)

    @property
    def percent(self) -> str | None:
        """The rate as per cent with two decimals, or None where there is none; see `shown_percent`."""
        return shown_percent(self.numerator, self.denominator, self.target)

    @property
    def is_met(self) -> bool | None:
        """Whether the exact rate reaches the target, or None where there is no rate."""
        return None if self.share is None else self.share >= self.target

    @property
    def text(self) -> str:
        """The value in words."""
        return self.state.label if self.percent is None else f"{self.percent} %"

    @property
    def mark(self) -> str:
        """How the state is drawn: bad, warn, good or note."""
        if self.is_met is None:
            return "note"
        if not self.is_met:
            return "bad"
        return "warn" if self.unreported_units else "good"

    @property
    def verdict(self) -> str:
        """Whether the target is met, in words."""
        if self.is_met is None:
            return self.state.label
        return "达标" if self.is_met else "未达标"

    @staticmethod
    def quantity(quantity: Decimal) -> str:
        """Return a numerator or denominator as text, exactly."""
        return str(quantity)

    @staticmethod
    def quantity_shown(quantity: Decimal) -> str:
        """Return a numerator or denominator as people read it."""
        return f"{quantity:,.4f}"

    @property
    def missing(self) -> str:
        """Whose data are missing from a rate, in words; empty where nobody's are."""
        return f"含 {self.unreported_units} 家未报" if self.unreported_units else ""

    @property
    def parts_shown(self) -> dict[str, Any]:
        """What is counted apart, without what only tells whether something changed."""
        return dict(self.parts)

    @classmethod
    def sum_parts(cls, readings: Sequence[Any]) -> dict[str, Any]:
        """Return what several scopes count apart, added up."""
        raise NotImplementedError

    @classmethod
    def sum_state(cls, readings: Sequence[Any], denominator: Decimal, unreported: int) -> ValueState:
        """Return what kind of answer several scopes together are."""
        raise NotImplementedError


def combined(readings: Sequence[R]) -> R:
    """Return the one value there is, or the sum of several scopes of one kind and period, without rows of its own."""
    first = readings[0]
    if len(readings) == 1:
        return first
    denominator = sum((r.denominator for r in readings), ZERO)
    unreported = sum(r.unreported_units for r in readings)
    return replace(
        first,
        scope_name="、".join(r.scope_name for r in readings),
        state=first.sum_state(readings, denominator, unreported),
        numerator=sum((r.numerator for r in readings), ZERO),
        denominator=denominator,
        unreported_units=unreported,
        parts=first.sum_parts(readings),
        public_id=None,
    )


def scope_name(scope: ScopeKey, names: Mapping[str, str]) -> str:
    """Return the name of a scope: its region's, 全市, or 待定."""
    if scope.kind is ScopeKind.CITY:
        return names.get(scope.code, "全市")
    return names.get(scope.code, scope.code) if scope.code != UNDETERMINED else UNDETERMINED_LABEL
