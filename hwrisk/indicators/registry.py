"""The one list of indicators."""

from __future__ import annotations

from typing import Any

from hwrisk.errors import NotFound
from hwrisk.indicators.compliance.record import COMPLIANCE_RATE
from hwrisk.indicators.indicator import Indicator
from hwrisk.indicators.overdue.record import OVERDUE_RATE

INDICATORS: tuple[Indicator[Any], ...] = (OVERDUE_RATE, COMPLIANCE_RATE)
"""In the order of the pages."""


def indicator_of(name: str) -> Indicator[Any]:
    """Return the indicator of an id.

    Raises:
        NotFound: there is none of that id.
    """
    found = next((indicator for indicator in INDICATORS if indicator.id == name), None)
    if found is None:
        names = "、".join(f"{indicator.id}（{indicator.title}）" for indicator in INDICATORS)
        raise NotFound(f"没有指标“{name}”，可选：{names}")
    return found
