"""One file imported from the command line: staged, and accepted when every row is right."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from hwrisk.db.session import Database
from hwrisk.imports import queries
from hwrisk.imports.error_book import error_workbook
from hwrisk.imports.models import ImportBatch, ImportStatus
from hwrisk.imports.operations import accept, discard, stage
from hwrisk.imports.records import ImportKind, Outcome, Progress
from hwrisk.imports.staging import faults_of
from hwrisk.security import Viewer

SHOWN_FAULTS = 50


@dataclass(frozen=True, kw_only=True)
class ImportSummary:
    """What an import did, or would do."""

    kind: str
    filename: str
    batch: uuid.UUID
    is_accepted: bool
    total: int
    new: int
    changed: int
    unchanged: int
    refused: int
    warned: int
    faults: list[str] = field(default_factory=list)
    """The first sentences about refused rows, each with sheet, row, column, value and what would be right."""
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    result: dict[str, int] = field(default_factory=dict)
    """Counts the kind gave when the rows were written."""
    errors_file: Path | None = None


def run_import(
    database: Database,
    kind: ImportKind,
    path: Path,
    *,
    user: Viewer,
    as_of: date,
    dry_run: bool = False,
    errors_out: Path | None = None,
    options: Mapping[str, str] | None = None,
    context: Progress | None = None,
    folder: Path | None = None,
) -> ImportSummary:
    """Check the file and, unless a row is refused or `dry_run`, import it whole; what was not accepted is discarded.

    Args:
        errors_out: where the error workbook is written when there is a refused row or a warning.

    Raises:
        BadFile: the file as a whole is refused.
        BaseChanged: the data changed between check and acceptance.
    """
    batch = stage(
        database, kind, path, path.name, user=user, as_of=as_of, options=options, context=context, folder=folder
    )
    faults, warnings = _sentences(database, batch)
    written: Path | None = None
    if errors_out is not None and (batch.refused_count or batch.warned_count):
        written = error_workbook(database, kind, batch.public_id, errors_out, user=user, folder=folder)
    if batch.refused_count or dry_run:
        closed = discard(database, batch.public_id, user=user, folder=folder)
    else:
        closed = accept(database, kind, batch.public_id, user=user, as_of=as_of)
    return ImportSummary(
        kind=kind.kind, filename=closed.filename, batch=closed.public_id,
        is_accepted=closed.status is ImportStatus.ACCEPTED, total=closed.total, new=closed.new_count,
        changed=closed.changed_count, unchanged=closed.unchanged_count, refused=closed.refused_count,
        warned=closed.warned_count, faults=faults, warnings=warnings, notes=list(closed.notes),
        result=dict(closed.result or {}), errors_file=written,
    )  # fmt: skip


def _sentences(database: Database, batch: ImportBatch) -> tuple[list[str], list[str]]:
    with database.session() as session:
        refused = queries.preview_rows(session, batch, outcome=Outcome.REFUSED, limit=SHOWN_FAULTS)
        warned = queries.preview_rows(session, batch, warned=True, limit=SHOWN_FAULTS)
        faults = [fault.text for row in refused for fault in faults_of(row.messages)]
        warnings = [fault.text for row in warned for fault in faults_of(row.warnings)]
    return faults[:SHOWN_FAULTS], warnings[:SHOWN_FAULTS]
