"""What must always hold of stored values, for `hwrisk verify`."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.checks import Check
from hwrisk.db.types import total
from hwrisk.indicators.compliance.checks import CHECKS as COMPLIANCE_CHECKS
from hwrisk.indicators.models import IndicatorValue, ScopeKind, ValueStage
from hwrisk.indicators.overdue.checks import CHECKS as OVERDUE_CHECKS
from hwrisk.indicators.registry import indicator_of


def partitions_add_up(session: Session) -> list[str]:
    """Return one sentence for each period whose offices or districts do not add up to the city."""
    sums: dict[tuple[str, str, str, str], dict[ScopeKind, tuple[Decimal, Decimal]]] = defaultdict(dict)
    rows = session.execute(
        select(
            IndicatorValue.indicator, IndicatorValue.period_kind, IndicatorValue.period_start, IndicatorValue.stage,
            IndicatorValue.scope_kind, total(IndicatorValue.denominator), total(IndicatorValue.numerator),
        )
        # Revised values stand only where something differs: theirs do not make up the city.
        .where(IndicatorValue.stage != ValueStage.REVISED)
        .group_by(
            IndicatorValue.indicator, IndicatorValue.period_kind, IndicatorValue.period_start, IndicatorValue.stage,
            IndicatorValue.scope_kind,
        )
    )  # fmt: skip
    for indicator, kind, start, stage, scope, due, completed in rows:
        sums[indicator, kind.label, f"{start:%Y-%m-%d}", stage.label][scope] = (due, completed)
    return [
        f"{indicator_of(indicator).title}，{start} 起的{kind}（{stage}）：按{scope.label}合计 {found} "
        f"与全市 {of[ScopeKind.CITY]} 不符"
        for (indicator, kind, start, stage), of in sorted(sums.items())
        for scope, found in of.items()
        if ScopeKind.CITY in of and found != of[ScopeKind.CITY]
    ]


CHECKS = (
    *OVERDUE_CHECKS,
    *COMPLIANCE_CHECKS,
    Check("indicators.partitions", "各管辖单位、各行政区划之和等于全市", partitions_add_up),
)
