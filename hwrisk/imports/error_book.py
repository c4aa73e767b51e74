"""The error workbook: the person's own tables again, with the column 错误说明; values only, never a live formula."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hwrisk.config import settings
from hwrisk.db.session import Database
from hwrisk.errors import RuleViolation
from hwrisk.imports import queries, spool
from hwrisk.imports.cells import BrokenCell, Cell
from hwrisk.imports.headings import ERROR_TITLE, normal_heading
from hwrisk.imports.models import ImportBatch, ImportRow
from hwrisk.imports.reading import Sheet, read_workbook
from hwrisk.imports.records import Fault, ImportKind, Outcome, column_letter
from hwrisk.imports.sheets import (
    FORMATS,
    add_lists,
    add_rules,
    openpyxl,
    sheet_name,
    style_fault,
    style_head,
    written,
)  # fmt: skip
from hwrisk.imports.staging import faults_of
from hwrisk.security import Viewer

ERROR_WIDTH = 70
Marks = Mapping[int, tuple[list[Fault], list[Fault]]]
"""Messages and warnings by row number."""


def error_workbook(
    database: Database, kind: ImportKind, public_id: uuid.UUID, out: Path, *, user: Viewer, folder: Path | None = None
) -> Path:
    """Write the uploaded tables with a column 错误说明 to `out` (xlsx) and return `out`.

    Sheets, rows and columns stand where they stood; wrong cells are filled. Formulas come back as their values.

    Raises:
        NotFound: the batch is not in sight.
        RuleViolation: the file is no longer kept.
        BadFile: the kept file cannot be read any more.
    """
    with database.session() as session:
        batch = queries.batch_in_sight(session, public_id, user=user)
        marks = _marks(session, batch)
    path = spool.spooled(folder or spool.spool_dir(), batch.public_id)
    if not path.is_file():
        raise RuleViolation("上传的文件已清除，请重新上传后再下载错误说明")
    suffix = Path(batch.filename).suffix or ".xlsx"
    source = read_workbook(path, f"upload{suffix}", limits=kind.limits.within(settings()))
    book = openpyxl().Workbook(write_only=True)
    for sheet in source.sheets:
        if sheet.name == batch.sheet:
            _write_marked(book, sheet, kind, batch, marks)
        else:
            _write_plain(book, sheet)
    add_lists(book, kind.template.columns)
    book.save(out)
    return out


def _marks(session: Session, batch: ImportBatch) -> Marks:
    rows = session.execute(
        select(ImportRow.row_no, ImportRow.messages, ImportRow.warnings).where(
            ImportRow.batch_id == batch.id, or_(ImportRow.outcome == Outcome.REFUSED, ImportRow.has_warning)
        )
    )
    return {row_no: (faults_of(messages), faults_of(warnings)) for row_no, messages, warnings in rows}


def _write_plain(book: Any, sheet: Sheet) -> None:
    page = book.create_sheet(sheet_name(sheet.name))
    for row in sheet.rows:
        page.append([_cell(page, value) for value in row])


def _write_marked(book: Any, sheet: Sheet, kind: ImportKind, batch: ImportBatch, marks: Marks) -> None:
    page = book.create_sheet(sheet_name(sheet.name))
    page.freeze_panes = f"A{batch.head_row + 1}"
    by_place = {place: kind.template.column(key) for key, place in batch.places.items()}
    for place, column in by_place.items():
        letter = column_letter(place)
        page.column_dimensions[letter].width = column.width
        page.column_dimensions[letter].number_format = FORMATS[column.style]
        add_rules(page, column, letter, batch.head_row + 1)
    width = max(len(row) for row in sheet.rows)
    error_place = _error_place(sheet.rows[batch.head_row - 1], width)
    page.column_dimensions[column_letter(error_place)].width = ERROR_WIDTH
    for row_no, row in enumerate(sheet.rows, start=1):
        cells = [_cell(page, value) for value in row]
        cells += [None] * (error_place + 1 - len(cells))
        if row_no == batch.head_row:
            cells[error_place] = written(page, ERROR_TITLE)
            for place, cell in enumerate(cells):
                if cell is not None:
                    style_head(cell, is_required=place in by_place and by_place[place].is_required)
        elif row_no > batch.head_row:
            _mark(page, cells, error_place, marks.get(row_no, ([], [])))
        page.append(cells)


def _error_place(head: Sequence[Cell], width: int) -> int:
    for place, value in enumerate(head):
        if isinstance(value, str) and normal_heading(value) == ERROR_TITLE:
            return place
    return width


def _mark(page: Any, cells: list[Any], place: int, faults: tuple[list[Fault], list[Fault]]) -> None:
    messages, warnings = faults
    lines = [_line(fault) for fault in messages] + ["提醒：" + _line(fault) for fault in warnings]
    # An earlier round's words must not stay beside a row that is right by now.
    cells[place] = written(page, "\n".join(lines)) if lines else None
    letters = {fault.column for fault in messages if fault.column}
    for index in range(len(cells)):
        if column_letter(index) in letters:
            cells[index] = cells[index] or written(page, None)
            style_fault(cells[index])


def _line(fault: Fault) -> str:
    return f"“{fault.title}”填的是“{fault.value}”：{fault.short}" if fault.title else fault.short


def _cell(page: Any, value: Cell) -> Any:
    if value is None or value == "" or isinstance(value, BrokenCell):
        return None
    return written(page, value, number_format="@")
