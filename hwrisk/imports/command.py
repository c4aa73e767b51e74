"""One file imported from the command line: staged, and accepted when every row is right."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from hwrisk.db.session import Database
from hwrisk.imports import queries
from hwrisk.imports.error_book import error_workbook
from hwrisk.imports.models import ImportBatch, ImportStatus
from hwrisk.imports.operations import accept, discard, stage
from hwrisk.imports.records import ImportKind, Outcome, Progress
from hwrisk.imports.staging import faults_of
from hwrisk.security import Viewer

SHOWN_FAULTS = 50


class ImportSummary(NamedTuple):
    """What an import did, or would do."""

    kind: str
    label: str
    filename: str
    batch: uuid.UUID
    is_accepted: bool
    total: int
    new: int
    changed: int
    unchanged: int
    refused: int
    warned: int
    faults: list[str]
    """The first sentences about refused rows, each with sheet, row, column, value and what would be right."""
    warnings: list[str]
    notes: list[str]
    result: dict[str, int]
    """Counts the kind gave when the rows were written."""
    errors_file: Path | None

    def lines(self) -> list[str]:
        """Return the summary in Chinese, a sentence a line."""
        counts = (
            f"共 {self.total} 行：新增 {self.new}，变更 {self.changed}，无变化 {self.unchanged}，"
            f"有错误 {self.refused}，有提醒 {self.warned}"
        )
        if self.is_accepted:
            end = "已全部导入"
        elif self.refused:
            end = "整个文件都没有导入，请按以上说明改正后再导入"
        else:
            end = "只做了检查，没有保存"
        more = [f"带错误说明的工作簿：{self.errors_file}"] if self.errors_file else []
        warned = [f"提醒：{sentence}" for sentence in self.warnings]
        return [f"{self.label}：{self.filename}", counts, *self.notes, *self.faults, *warned, *more, end]


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
        kind=kind.kind, label=kind.label, filename=closed.filename, batch=closed.public_id,
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
