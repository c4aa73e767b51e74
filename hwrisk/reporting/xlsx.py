"""Excel ledgers: the frame from openpyxl, the rows streamed as our own sheet XML."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

from hwrisk.errors import RuleViolation
from hwrisk.reporting.cells import cell_writer
from hwrisk.reporting.frame import SHEET_PART, Frame, make_frame
from hwrisk.reporting.report import Column, Progress, Sheet, Written
from hwrisk.resources import late

MAX_ROWS = 1_048_576
BATCH = 500
COMPRESS_LEVEL = 1
"""Level 6 makes the file a fifth smaller and takes three times as long."""
_ZIP64_CELLS = 20_000_000
"""From here on a sheet may pass the 2 GiB that a plain zip member may have."""


def write_xlsx(sheet: Sheet, path: Path, *, progress: Progress | None = None) -> Written:
    """Write `sheet` as an Excel file to `path`, which is replaced only when the file is whole.

    Raises:
        RuleViolation: more rows than a worksheet holds.
    """
    frame = make_frame(sheet)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    warnings: list[str] = []
    is_huge = sheet.expected * len(sheet.columns) > _ZIP64_CELLS
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESS_LEVEL) as package:
            with package.open(SHEET_PART, "w", force_zip64=is_huge) as part:
                part.write(frame.before_rows.encode("utf-8"))
                rows = _stream_rows(part, sheet, frame, progress, warnings)
                part.write(_after_rows(sheet, frame, rows).encode("utf-8"))
            for name, content in frame.parts:
                package.writestr(
                    name, _with_filter_name(content, sheet, frame, rows) if "workbook" in name else content
                )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return Written(rows, tuple(dict.fromkeys(warnings)))


def _stream_rows(part: IO[bytes], sheet: Sheet, frame: Frame, progress: Progress | None, warnings: list[str]) -> int:
    readers = [column.read for column in sheet.columns]
    writers = [cell_writer(c, frame.styles_of(i), warnings) for i, c in enumerate(sheet.columns)]
    template = _row_template(len(sheet.columns))
    done = 0
    for batch in _batches(sheet.rows):
        # Column by column, so that each writer runs over many cells at the speed of map().
        cells = [map(write, map(read, batch)) for read, write in zip(readers, writers, strict=True)]
        first = frame.head_row + done + 1
        lines = [template.replace("\0", str(n)) % row for n, row in enumerate(zip(*cells, strict=True), first)]
        done += len(batch)
        if frame.head_row + done >= MAX_ROWS:
            raise RuleViolation(f"超过 Excel 单个工作表 {MAX_ROWS:,} 行的上限，请缩小导出范围后重试")
        part.write("".join(lines).encode("utf-8"))
        if progress:
            progress(done, max(done, sheet.expected), "正在写入 Excel")
    if sheet.totals is not None:
        part.write(_total_row(sheet, frame, sheet.totals, frame.head_row + done + 1, warnings).encode("utf-8"))
    return done


def _batches(rows: Iterable[Any]) -> Iterator[Sequence[Any]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _row_template(columns: int) -> str:
    # The row number stands in as NUL, which no cell can hold, and is put in at C speed.
    cells = "".join(f'<c r="{_letter(i)}\0"%s' for i in range(1, columns + 1))
    return f'<row r="\0">{cells}</row>'


def _letter(position: int) -> str:
    return str(late("openpyxl.utils").get_column_letter(position))


def _total_row(sheet: Sheet, frame: Frame, totals: Mapping[str, Any], number: int, warnings: list[str]) -> str:
    values = total_values(sheet.columns, totals)
    cells = tuple(
        cell_writer(column, frame.styles_of(i), warnings, plain="total")(values[i])
        for i, column in enumerate(sheet.columns)
    )
    return _row_template(len(sheet.columns)).replace("\0", str(number)) % cells


def total_values(columns: Iterable[Column], totals: Mapping[str, Any]) -> list[Any]:
    """Return the values of the row 合计 by position; the word itself stands in the first free column."""
    values = [totals.get(column.key) for column in columns]
    if None in values:
        values[values.index(None)] = "合计"
    return values


def _after_rows(sheet: Sheet, frame: Frame, rows: int) -> str:
    letter = _letter(len(sheet.columns))
    # The filter leaves the total out, so that sorting does not move it into the data.
    filtered = f"A{frame.head_row}:{letter}{frame.head_row + rows}"
    data = f"A{frame.head_row + 1}:{letter}{frame.head_row + max(rows, 1)}"
    tail = frame.after_rows.replace("</sheetData>", f'</sheetData><autoFilter ref="{filtered}"/>', 1)
    quiet = f'<ignoredErrors><ignoredError sqref="{data}" numberStoredAsText="1"/></ignoredErrors>'
    return tail.replace("</worksheet>", f"{quiet}</worksheet>")


def _with_filter_name(content: bytes, sheet: Sheet, frame: Frame, rows: int) -> bytes:
    # Excel wants a hidden name beside every filter; openpyxl writes it only for filters it knows of.
    text = content.decode("utf-8")
    found = re.search(r'<definedName name="_xlnm.Print_Titles"[^>]*>([^<]*)!\$', text)
    if found is None:
        return content
    area = f"{found.group(1)}!$A${frame.head_row}:${_letter(len(sheet.columns))}${frame.head_row + rows}"
    name = f'<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">{area}</definedName>'
    return text.replace("<definedNames>", f"<definedNames>{name}", 1).encode("utf-8")
