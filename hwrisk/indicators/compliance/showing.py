"""Units behind a value as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.clock import today
from hwrisk.indicators.compliance.computing import UnitRow
from hwrisk.indicators.compliance.explanation import UnitDetail, stream_details


def rows_json(session: Session, rows: Sequence[UnitRow]) -> list[dict[str, Any]]:
    """Return units as plain data, each with the assessments that gave its verdicts."""
    return [_row_json(detail) for detail in stream_details(session, rows, day=today())]


def _row_json(detail: UnitDetail) -> dict[str, Any]:
    row = detail.row
    return {
        "unit": str(detail.unit_public_id),
        "unit_no": detail.unit_no,
        "name": detail.unit_name,
        "subject": row.subject.value,
        "office": row.office_code,
        "district": row.admin_code,
        "assessment_no": detail.first_no,
        "first": row.first and row.first.value,
        "recheck_no": detail.after_no,
        "after": row.after and row.after.value,
        "level": row.level and row.level.value,
        "counted_on": row.counted_on and row.counted_on.isoformat(),
        "reasons": [reason.value for reason in row.reasons],
        "coverage": detail.place.value,
        "excluded_reason": row.excluded_reason,
    }
