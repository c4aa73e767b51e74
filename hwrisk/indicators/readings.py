"""A value ready to be read, whether it was stored by the job or worked out on the spot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from hwrisk.db.types import ZERO, ratio
from hwrisk.indicators.computing import APART, INDICATOR, RateValue, value_state
from hwrisk.indicators.models import IndicatorValue, ScopeKind, ValueStage, ValueState
from hwrisk.indicators.periods import ReportingPeriod
from hwrisk.indicators.scopes import UNDETERMINED, ScopeKey
from hwrisk.indicators.targets import Targets, shown_percent
from hwrisk.ledger.storage.models import BatchTag

TAGS = tuple(tag for tag in BatchTag if tag is not BatchTag.NONE)
"""Circumstances that stay in the rate and have a column of their own (特殊情形)."""
ON_THE_SPOT = "~"
"""Parts of the reference of a value that is not stored: day, period, kind of scope, code."""


class Reading(NamedTuple):
    """One value of the disposal rate, ready to show; quantities in tonnes."""

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

    @property
    def ref(self) -> str:
        """Name by which the value and its rows are asked for again."""
        if self.public_id is not None:
            return str(self.public_id)
        code = self.scope.code or "none"
        return ON_THE_SPOT.join((self.as_of.isoformat(), self.period.kind.value, self.scope.kind.value, code))

    @property
    def target(self) -> Fraction:
        """The target as a share of 1."""
        return Fraction(self.target_percent) / 100

    @property
    def share(self) -> Fraction | None:
        """The exact rate, or None where nothing was due."""
        return ratio(self.numerator, self.denominator)

    @property
    def percent(self) -> str | None:
        """The rate as per cent with two decimals, or None where nothing was due; see `shown_percent`."""
        return shown_percent(self.numerator, self.denominator, self.target)

    @property
    def is_met(self) -> bool | None:
        """Whether the exact rate reaches the target, or None where there is no rate."""
        return None if self.share is None else self.share >= self.target

    @property
    def text(self) -> str:
        """The value in words: 89.53 %, 无超期, 数据不全（3家未报）, 不适用; a rate names who has not reported too."""
        if self.state is ValueState.INCOMPLETE:
            return f"数据不全（{self.unreported_units}家未报）"
        if self.state is not ValueState.VALUE:
            return self.state.label
        missing = f"（含{self.unreported_units}家未报）" if self.unreported_units else ""
        return f"{self.percent} %{missing}"

    @property
    def mark(self) -> str:
        """How the state is drawn: bad, warn, good or note."""
        if self.state is ValueState.INCOMPLETE:
            return "warn"
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

    def part(self, name: str) -> Decimal:
        """Return what is counted apart under a name, in tonnes."""
        return Decimal(self.parts.get(name, "0"))

    def tag_due(self, tag: BatchTag) -> Decimal:
        """Return how much of the denominator a circumstance covers, in tonnes."""
        return Decimal(self.parts.get("tags", {}).get(tag.value, {}).get("due", "0"))


def reading_of_row(row: IndicatorValue, names: Mapping[str, str]) -> Reading:
    """Return a stored value as a reading."""
    scope = ScopeKey(row.scope_kind, row.scope_code)
    return Reading(
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


def reading_of_value(
    value: RateValue, names: Mapping[str, str], *, targets: Targets, as_of: date, known_at: datetime
) -> Reading:
    """Return a value worked out on the spot as a reading."""
    return Reading(
        scope=value.scope,
        scope_name=scope_name(value.scope, names),
        period=value.period,
        stage=ValueStage.LIVE,
        state=value.state,
        numerator=value.numerator,
        denominator=value.denominator,
        unreported_units=value.unreported_units,
        parts=value.parts,
        target_percent=targets.targets[INDICATOR].percent,
        pack_version=targets.version,
        as_of=as_of,
        known_at=known_at,
        public_id=None,
    )


def combined(readings: Sequence[Reading]) -> Reading:
    """Return the one value there is, or the sum of several scopes of one kind and period, without rows of its own."""
    first = readings[0]
    if len(readings) == 1:
        return first
    numerator = sum((r.numerator for r in readings), ZERO)
    denominator = sum((r.denominator for r in readings), ZERO)
    unreported = sum(r.unreported_units for r in readings)
    units = sum(r.state is not ValueState.NOT_APPLICABLE for r in readings)
    return first._replace(
        scope_name="、".join(r.scope_name for r in readings),
        state=value_state(denominator, units=units, unreported=unreported),
        numerator=numerator,
        denominator=denominator,
        unreported_units=unreported,
        parts={name: str(sum((r.part(name) for r in readings), ZERO)) for name in APART},
        public_id=None,
    )


def scope_name(scope: ScopeKey, names: Mapping[str, str]) -> str:
    """Return the name of a scope: its region's, 全市, or 待定."""
    if scope.kind is ScopeKind.CITY:
        return names.get(scope.code, "全市")
    return names.get(scope.code, scope.code) if scope.code != UNDETERMINED else "待定"
