"""Values as plain data for commands and other programs (JSON); tonnes and rates are text, so that none is rounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.chunks import chunked
from hwrisk.errors import NotFound
from hwrisk.indicators.computing import INDICATOR, MARKS, TITLE
from hwrisk.indicators.explanation import (
    FIGURES,
    RowDetail,
    RowFigures,
    batch_entries,
    figures_of_rate_row,
    figures_of_row,
    row_details,
)
from hwrisk.indicators.models import IndicatorRow
from hwrisk.indicators.queries import get_value, live_value, readings_on
from hwrisk.indicators.readings import Reading, combined, reading_of_row
from hwrisk.ledger.models import LedgerEntry
from hwrisk.regions.queries import region_names
from hwrisk.security.viewer import Viewer


def show(session: Session, *, as_of: date, user: Viewer, scope: str = "") -> dict[str, Any]:
    """Return the values of the day `as_of`: year to date, month and quarter, of every scope in sight of `user`.

    `city` is the headline: year to date of the city, or of all `user` sees. Values the job drew for that very day are
    taken as stored; otherwise they are worked out on the spot. `scope` names one office, district or city by its code.

    Raises:
        NotFound: `scope` is the code of nothing in sight, or no rule pack is in force on the day.
    """
    readings = readings_on(session, user=user, as_of=as_of)
    shown = [reading for reading in readings if not scope or reading.scope.code == scope]
    if not shown:
        raise NotFound(f"没有代码为“{scope}”的管辖单位或行政区划，或不在您的管辖范围内")
    headline = combined([r for r in shown if r.period == shown[0].period and r.scope.kind is shown[0].scope.kind])
    return {
        "indicator": INDICATOR,
        "title": TITLE,
        "as_of": as_of.isoformat(),
        "city": reading_json(headline),
        "values": [reading_json(reading) for reading in shown],
    }


def explain_json(session: Session, ref: str, *, user: Viewer) -> dict[str, Any]:
    """Return one value and the batches behind it, each with the ledger records that make up its account.

    `ref` is the `id` of a value as `show` gives it.

    Raises:
        NotFound: it names nothing, or nothing in sight of `user`.
    """
    reading, rows = value_and_rows(session, ref, user=user)
    found = []
    for chunk in chunked(rows):
        entries = batch_entries(session, [row.batch_id for row in chunk])
        found += [_row_json(d, entries[d.figures.batch_id]) for d in row_details(session, chunk)]
    return {"value": reading_json(reading), "rows": found}


def value_and_rows(session: Session, ref: str, *, user: Viewer) -> tuple[Reading, Sequence[RowFigures]]:
    """Return the value a reference names, stored or not, and the batches behind it, by first overdue day.

    Raises:
        NotFound: it names nothing, or nothing in sight of `user`.
    """
    public_id = as_uuid(ref)
    if public_id is None:
        reading, rate_rows = live_value(session, ref, user=user)
        rows = [figures_of_rate_row(row) for row in rate_rows]
        return reading, sorted(rows, key=lambda row: (row.counted_on, row.batch_id))
    value = get_value(session, public_id, user=user)
    stored = session.scalars(
        select(IndicatorRow).where(IndicatorRow.value_id == value.id).order_by(IndicatorRow.counted_on, IndicatorRow.id)
    )
    reading = reading_of_row(value, region_names(session, as_of=value.as_of))
    return reading, [figures_of_row(row) for row in stored]


def as_uuid(ref: str) -> UUID | None:
    """Return the public id that `ref` is, or None when it is another kind of reference."""
    try:
        return UUID(ref)
    except ValueError:
        return None


def reading_json(reading: Reading) -> dict[str, Any]:
    """Return a value as plain data."""
    return {
        "id": reading.ref,
        "scope_kind": reading.scope.kind.value,
        "scope": reading.scope.code,
        "scope_name": reading.scope_name,
        "period_kind": reading.period.kind.value,
        "period": reading.period.label,
        "period_start": reading.period.start.isoformat(),
        "period_end": reading.period.end.isoformat(),
        "stage": reading.stage.value,
        "as_of": reading.as_of.isoformat(),
        "known_at": reading.known_at.isoformat(),
        "state": reading.state.value,
        "state_label": reading.state.label,
        "numerator": str(reading.numerator),
        "denominator": str(reading.denominator),
        "percent": reading.percent,
        "text": reading.text,
        "target_percent": reading.target_percent,
        "met": reading.is_met,
        "unreported_units": reading.unreported_units,
        "parts": {name: part for name, part in reading.parts.items() if name != MARKS},
        "pack_version": reading.pack_version,
    }


def _row_json(detail: RowDetail, entries: Iterable[LedgerEntry]) -> dict[str, Any]:
    row = detail.figures
    return {
        "batch": str(detail.batch_public_id),
        "batch_no": detail.batch_no,
        "unit_no": detail.unit_no,
        "unit": detail.unit_name,
        "waste_code": detail.waste_code,
        "waste_name": detail.waste_name,
        "facility": detail.facility,
        "first_stored_on": _day(detail.first_stored_on),
        "last_lawful_on": _day(detail.last_lawful_on),
        "overdue_from": _day(detail.overdue_from),
        "counted_on": _day(row.counted_on),
        **{name: str(getattr(row, name)) for name in FIGURES},
        "tag": row.tag.value,
        "stream": row.stream,
        "reason": detail.reason,
        "entries": [_entry_json(entry) for entry in entries],
    }


def _entry_json(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "entry_no": entry.entry_no,
        "kind": entry.kind.value,
        "kind_label": entry.kind.label,
        "occurred_on": _day(entry.occurred_on),
        "completed_on": _day(entry.completed_on),
        "quantity": str(entry.quantity),
        "stock_delta": str(entry.stock_delta),
        "recorded_at": entry.recorded_at.isoformat(),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
