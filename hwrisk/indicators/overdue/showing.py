"""Batches behind a value as plain data; tonnes are text, so that none is rounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.db.chunks import chunked
from hwrisk.indicators.overdue.explanation import FIGURES, RowDetail, RowFigures, batch_entries, row_details
from hwrisk.ledger.models import LedgerEntry


def rows_json(session: Session, rows: Sequence[RowFigures]) -> list[dict[str, Any]]:
    """Return batches as plain data, each with the ledger records that make up its account."""
    found = []
    for chunk in chunked(rows):
        entries = batch_entries(session, [row.batch_id for row in chunk])
        found += [_row_json(d, entries[d.figures.batch_id]) for d in row_details(session, chunk)]
    return found


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
