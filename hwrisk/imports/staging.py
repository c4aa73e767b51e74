"""Rows on their way into and out of the staging table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from hwrisk.imports.models import ImportBatch, ImportRow
from hwrisk.imports.packing import pack, unpack
from hwrisk.imports.records import CheckedRow, Fault, Layout, ParsedRow, StagedRow
from hwrisk.imports.template import Template

MAX_TITLE = 200


def as_record(batch_id: int, checked: CheckedRow) -> dict[str, Any]:
    """Return the staging row of a checked row, as plain data."""
    row, outcome = checked.row, checked.outcome
    payload = None if outcome.payload is None or outcome.payload is row.values else pack(outcome.payload)
    return {
        "batch_id": batch_id,
        "row_no": row.row_no,
        "repeat": row.repeat,
        "outcome": outcome.outcome,
        "title": outcome.title[:MAX_TITLE],
        "values": pack(row.values),
        "payload": payload,
        "before": _packed(outcome.before),
        "after": _packed(outcome.after),
        "messages": [asdict(fault) for fault in outcome.messages],
        "warnings": [asdict(fault) for fault in outcome.warnings],
        "has_warning": bool(outcome.warnings),
        "is_form_fault": bool(row.faults),
    }


def _packed(value: Mapping[str, Any] | None) -> Any:
    return None if value is None else pack(value)


def write_rows(session: Session, records: Iterable[dict[str, Any]]) -> None:
    """Add staging rows."""
    if batch := list(records):
        session.execute(insert(ImportRow), batch)


def layout_of(template: Template, batch: ImportBatch) -> Layout:
    """Return where the columns stand in the file of `batch`."""
    return Layout(batch.sheet, batch.places, {column.key: column.title for column in template.columns})


def parsed_again(row: ImportRow, layout: Layout) -> ParsedRow:
    """Return the row as it was parsed, with its typed values; the raw cells are gone."""
    faults = [Fault(**fault) for fault in row.messages] if row.is_form_fault else []
    return ParsedRow(row_no=row.row_no, layout=layout, values=unpack(row.values), faults=faults, repeat=row.repeat)


def staged(row: ImportRow) -> StagedRow:
    """Return the row as `apply` gets it."""
    payload = row.values if row.payload is None else row.payload
    return StagedRow(row_no=row.row_no, outcome=row.outcome, payload=unpack(payload))


def faults_of(records: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """Return stored messages or warnings as faults."""
    return [Fault(**record) for record in records]
