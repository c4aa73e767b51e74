"""What must always hold of stored values of the disposal rate, for `hwrisk verify`."""

from __future__ import annotations

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session

from hwrisk.db.checks import Check
from hwrisk.db.types import ZERO, TonnesType, total
from hwrisk.indicators.models import IndicatorValue
from hwrisk.indicators.overdue.computing import INDICATOR
from hwrisk.indicators.overdue.models import IndicatorRow

SHOWN = 20


def rows_make_up_values(session: Session) -> list[str]:
    """Return one sentence for each value whose batches do not add up to its numerator and denominator."""
    sums = (
        select(
            IndicatorRow.value_id,
            total(IndicatorRow.due).label("due"),
            total(IndicatorRow.completed).label("completed"),
        )
        .group_by(IndicatorRow.value_id)
        .subquery()
    )
    zero = literal(ZERO, TonnesType())
    due, completed = func.coalesce(sums.c.due, zero), func.coalesce(sums.c.completed, zero)
    wrong = session.execute(
        select(IndicatorValue, due, completed)
        .outerjoin(sums, sums.c.value_id == IndicatorValue.id)
        .where(
            IndicatorValue.indicator == INDICATOR,
            or_(due != IndicatorValue.denominator, completed != IndicatorValue.numerator),
        )
        .order_by(IndicatorValue.id)
        .limit(SHOWN)
    )
    return [
        f"{_name(value)}：明细合计应处置 {row_due}、已处置 {row_completed} 吨，"
        f"与指标值 {value.denominator}、{value.numerator} 吨不符"
        for value, row_due, row_completed in wrong
    ]


def every_tonne_is_somewhere(session: Session) -> list[str]:
    """Return one sentence for each batch of a value whose tonnes are not all accounted for."""
    accounted = (
        IndicatorRow.completed
        + IndicatorRow.in_transit
        + IndicatorRow.to_collector
        + IndicatorRow.lost
        + IndicatorRow.in_store
    )
    wrong = session.execute(
        select(IndicatorRow.batch_id, IndicatorValue)
        .join(IndicatorValue, IndicatorValue.id == IndicatorRow.value_id)
        .where(accounted != IndicatorRow.due)
        .limit(SHOWN)
    )
    return [f"{_name(value)}：批次 {batch_id} 的应处置量与各去向之和不符" for batch_id, value in wrong]


def _name(value: IndicatorValue) -> str:
    scope = f"{value.scope_kind.label} {value.scope_code}".strip()
    return f"{scope} {value.period_start:%Y-%m-%d} 起的{value.period_kind.label}（{value.stage.label}）"


CHECKS = (
    Check("indicators.rows", "指标值等于其明细之和", rows_make_up_values),
    Check("indicators.tonnes", "每批应处置量都有去向", every_tonne_is_somewhere),
)
