"""The disposal rate as the mechanism of the indicators sees it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.indicators.indicator import Indicator
from hwrisk.indicators.models import IndicatorValue, PeriodKind
from hwrisk.indicators.overdue.computing import RateRow, empty_value, work_out
from hwrisk.indicators.overdue.explanation import FIGURES, RowFigures, figures_of_rate_row, figures_of_row
from hwrisk.indicators.overdue.models import IndicatorRow
from hwrisk.indicators.overdue.reading import OverdueReading
from hwrisk.indicators.overdue.showing import rows_json
from hwrisk.indicators.periods import ReportingPeriod
from hwrisk.ledger.closing import close_period
from hwrisk.ledger.drafts import Hand
from hwrisk.security.viewer import Viewer


def row_values(row: RateRow) -> dict[str, Any]:
    """Return the columns of a batch behind a value."""
    return {
        "batch_id": row.batch_id,
        "unit_id": row.unit_id,
        "counted_on": row.disposal.counted_on,
        "tag": row.tag.value,
        "stream": row.stream,
        **{name: getattr(row.disposal, name) for name in FIGURES},
    }


def stored_rows(session: Session, value: IndicatorValue) -> list[RowFigures]:
    """Return the batches behind a stored value, by first overdue day."""
    rows = session.scalars(
        select(IndicatorRow).where(IndicatorRow.value_id == value.id).order_by(IndicatorRow.counted_on, IndicatorRow.id)
    )
    return [figures_of_row(row) for row in rows]


def spot_rows(rows: Iterable[RateRow]) -> list[RowFigures]:
    """Return batches worked out on the spot, by first overdue day."""
    return sorted((figures_of_rate_row(row) for row in rows), key=lambda row: (row.counted_on, row.batch_id))


def close_ledger(session: Session, period: ReportingPeriod, *, as_of: date, recorded_at: datetime) -> None:
    """Close the ledger with the period: what happened in it is from now on for the city to correct."""
    hand = Hand(viewer=Viewer.system(), as_of=as_of, recorded_at=recorded_at)
    close_period(session, starts_on=period.start, ends_on=period.end, hand=hand)


OVERDUE_RATE: Indicator[OverdueReading] = Indicator(
    reading=OverdueReading,
    running=(PeriodKind.YEAR_TO_DATE, PeriodKind.MONTH, PeriodKind.QUARTER),
    past={PeriodKind.MONTH: 12, PeriodKind.QUARTER: 4, PeriodKind.YEAR: 1},
    work_out=work_out,
    empty_value=empty_value,
    row_table=IndicatorRow,
    row_values=row_values,
    stored_rows=stored_rows,
    spot_rows=spot_rows,
    rows_json=rows_json,
    on_closing=close_ledger,
)
