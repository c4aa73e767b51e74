"""A value of the disposal rate, ready to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from hwrisk.db.types import ZERO
from hwrisk.indicators.models import ValueState
from hwrisk.indicators.overdue.computing import APART, INDICATOR, MARKS, TITLE, value_state
from hwrisk.indicators.readings import Reading
from hwrisk.ledger.storage.models import BatchTag

TAGS = tuple(tag for tag in BatchTag if tag is not BatchTag.NONE)
"""Circumstances that stay in the rate and have a column of their own (特殊情形)."""


@dataclass(frozen=True, kw_only=True)
class OverdueReading(Reading):
    """One value of the disposal rate; quantities in tonnes."""

    indicator: ClassVar[str] = INDICATOR
    title: ClassVar[str] = TITLE
    short: ClassVar[str] = "超期贮存处置率"
    of_what: ClassVar[str] = "已处置 / 应处置（吨）"
    measure: ClassVar[str] = "吨"
    # Addresses handed out while there was no other indicator name none.
    ref_name: ClassVar[str] = ""

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
        return "warn" if self.state is ValueState.INCOMPLETE else super().mark

    @property
    def parts_shown(self) -> dict[str, Any]:
        """What is counted apart, without the mark of circumstances and streams."""
        return {name: part for name, part in self.parts.items() if name != MARKS}

    def part(self, name: str) -> Decimal:
        """Return what is counted apart under a name, in tonnes."""
        return Decimal(self.parts.get(name, "0"))

    def tag_due(self, tag: BatchTag) -> Decimal:
        """Return how much of the denominator a circumstance covers, in tonnes."""
        return Decimal(self.parts.get("tags", {}).get(tag.value, {}).get("due", "0"))

    @classmethod
    def sum_parts(cls, readings: Sequence[OverdueReading]) -> dict[str, Any]:
        """Return the tonnes of several scopes added up by where they are."""
        return {name: str(sum((r.part(name) for r in readings), ZERO)) for name in APART}

    @classmethod
    def sum_state(cls, readings: Sequence[OverdueReading], denominator: Decimal, unreported: int) -> ValueState:
        """Return what kind of answer several scopes together are."""
        units = sum(reading.state is not ValueState.NOT_APPLICABLE for reading in readings)
        return value_state(denominator, units=units, unreported=unreported)
