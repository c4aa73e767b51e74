"""The compliance rate as the mechanism of the indicators sees it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.indicators.compliance.computing import UnitRow, empty_value, work_out
from hwrisk.indicators.compliance.explanation import row_of_stored
from hwrisk.indicators.compliance.models import ComplianceRow
from hwrisk.indicators.compliance.reading import ComplianceReading
from hwrisk.indicators.compliance.showing import rows_json
from hwrisk.indicators.indicator import Indicator
from hwrisk.indicators.models import IndicatorValue, PeriodKind


def row_values(row: UnitRow) -> dict[str, Any]:
    """Return the columns of a unit behind a value."""
    return {**row._asdict(), "reasons": " ".join(reason.value for reason in row.reasons)}


def stored_rows(session: Session, value: IndicatorValue) -> list[UnitRow]:
    """Return the units behind a stored value, by id."""
    rows = session.scalars(select(ComplianceRow).where(ComplianceRow.value_id == value.id).order_by(ComplianceRow.id))
    return [row_of_stored(row) for row in rows]


def spot_rows(rows: Iterable[UnitRow]) -> list[UnitRow]:
    """Return units worked out on the spot, by id."""
    return list(rows)


COMPLIANCE_RATE: Indicator[ComplianceReading] = Indicator(
    reading=ComplianceReading,
    # The assessment is a matter of the year; the running one is drawn anew every day.
    running=(PeriodKind.YEAR,),
    past={PeriodKind.YEAR: 1},
    work_out=work_out,
    empty_value=empty_value,
    row_table=ComplianceRow,
    row_values=row_values,
    stored_rows=stored_rows,
    spot_rows=spot_rows,
    rows_json=rows_json,
)
