"""The tables of an uploaded file: checked, then read by the limited process of `reader`, never in this one."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

from hwrisk.errors import BadFile
from hwrisk.imports import text_file
from hwrisk.imports.cells.base import BrokenCell, Cell
from hwrisk.imports.container import FileKind, check_file
from hwrisk.imports.limits import HEAD_ROWS, Limits

LAST_COLUMN = 255

_READER = Path(__file__).with_name("reader.py")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_COPY = "请把数据复制到空白模板后再导入"
_SENTENCES: dict[str, str] = {
    "damaged": "文件已损坏，读不出其中的表格；请用 Excel 或 WPS 打开后重新另存为 .xlsx",
    "memory": f"读取所需内存超出限制，表中可能有远处的孤立单元格或异常内容；{_COPY}",
    "time": f"读取超时，文件内容异常；{_COPY}",
    "sheets": "工作表过多：{count} 张，请只保留要导入的工作表",
    "very_hidden": f"工作表“{{sheet}}”被深度隐藏，看不到其中的内容，不予导入；{_COPY}",
    "macro_sheet": "工作表“{sheet}”是宏表，请删除后再导入",
    "rows": "工作表“{sheet}”一直用到第 {row} 行，超出行数限制；请分成几个文件，或删除下方多余的内容",
    "columns": "工作表“{sheet}”用了 {count} 列，超出列数限制；请删除右侧多余的列",
    "far": "工作表“{sheet}”的 {cell} 处有远离表格的孤立单元格，请删除后再导入",
    "encoding": f"工作簿内部使用了不正常的文字编码，不予导入；{_COPY}",
    "dtd": f"工作簿内部含有外部实体声明，不予导入；{_COPY}",
}
_DECODERS: dict[str, Callable[[Any], Cell]] = {
    "at": datetime.fromisoformat,
    "day": date.fromisoformat,
    "time": time.fromisoformat,
    "span": lambda seconds: timedelta(seconds=seconds),
    "text": str,
}
_NOT_CALCULATED = BrokenCell("此格是公式，文件里没有它的计算结果", "在 Excel 中打开保存一次，或直接填写数值")
MERGED = BrokenCell("此格在合并单元格内，看不出属于这一行的值", "取消合并，每一行都填写")


@dataclass
class Sheet:
    """One visible sheet: `rows[0]` is its first row; a row is as long as its values, blank cells are ""."""

    name: str
    rows: list[list[Cell]] = field(default_factory=list)


@dataclass
class Workbook:
    """What a file holds: its kind, its visible sheets in order, and the names of the hidden ones."""

    kind: FileKind
    sheets: list[Sheet]
    hidden: list[str]


def read_workbook(path: Path, filename: str, *, limits: Limits | None = None) -> Workbook:
    """Return the tables of the file at `path`, uploaded under the name `filename`.

    Raises:
        BadFile: the file is refused; the message says why and what to do.
    """
    limits = limits or Limits()
    try:
        kind = check_file(path, filename, limits)
        if kind is FileKind.CSV:
            rows: list[list[Cell]] = [list(row) for row in text_file.read_csv(path.read_bytes(), limits)]
            return _not_blank(Workbook(kind, [Sheet("CSV", rows)], []))
    except OSError as failure:
        raise BadFile("文件读不出来，请重新上传") from failure
    return _not_blank(_read_xlsx(path, limits))


def _not_blank(book: Workbook) -> Workbook:
    if not any(value != "" for sheet in book.sheets for row in sheet.rows for value in row):
        raise BadFile("文件里没有任何内容；被隐藏的工作表不读取")
    return book


def _read_xlsx(path: Path, limits: Limits) -> Workbook:
    bounds = {
        "memory_mib": limits.memory_mib, "seconds": limits.seconds, "sheets": limits.sheets,
        "rows": limits.rows + HEAD_ROWS, "columns": limits.columns,
    }  # fmt: skip
    book = Workbook(FileKind.XLSX, [], [])
    names: list[list[Any]] = []
    merged: list[list[int]] = []
    # Closed at once when a line is refused here, so that no child goes on reading for nobody.
    with contextlib.closing(_answers(path.resolve(), bounds, limits.seconds)) as answers:
        for line in answers:
            if "rows" in line:
                book.sheets[-1].rows.extend(_decoded(row) for row in line["rows"])
            elif "sheets" in line:
                names = line["sheets"]
                book.hidden = [name for name, visible in names if not visible]
            elif "sheet" in line:
                book.sheets.append(Sheet(names[line["sheet"]][0]))
                merged = line["merged"]
            elif "broken" in line:
                _mark_broken(book.sheets[-1].rows, line["broken"], bounds["rows"])
                _mark_merged(book.sheets[-1].rows, merged)
    return book


def _answers(path: Path, bounds: dict[str, int], seconds: int) -> Generator[dict[str, Any]]:
    # Isolated and with an empty environment: the child sees neither secrets nor the working directory.
    command = [sys.executable, "-I", str(_READER), str(path), json.dumps(bounds)]
    with subprocess.Popen(  # noqa: S603 - our own program, no shell
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"LANG": "C.UTF-8"},
    ) as child:  # fmt: skip
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            yield from _lines(child, late)
        finally:
            timer.cancel()
            child.kill()


def _lines(child: subprocess.Popen[bytes], late: threading.Event) -> Iterator[dict[str, Any]]:
    output: IO[bytes] = child.stdout  # type: ignore[assignment]  # a pipe was asked for
    for raw in output:
        line: dict[str, Any] = json.loads(raw)
        if "done" in line:
            return
        if "refused" in line:
            raise BadFile(_SENTENCES[line["refused"]].format_map(line))
        yield line
    # The output ended without a word: the child was stopped by its time limit or died of its memory limit.
    child.wait()
    raise BadFile(_SENTENCES["time" if late.is_set() or child.returncode in {-24, -9} else "memory"])


def _decoded(row: list[Any]) -> list[Cell]:
    return [_DECODERS[value[0]](value[1]) if value.__class__ is list else value for value in row]


def _place(reference: str) -> tuple[int, int] | None:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


def _mark_broken(rows: list[list[Cell]], broken: list[list[str]], bottom: int) -> None:
    for reference, kind, value in broken:
        if (place := _place(reference)) is None:
            continue
        fault = _NOT_CALCULATED
        if kind == "error":
            fault = BrokenCell(f"此格是公式错误“{value}”，没有数值", "改正公式，或直接填写数值")
        # A last row that holds formulas alone is a row all the same; what lies far below is nobody's.
        rows.extend([] for _ in range(min(place[0] + 1, bottom) - len(rows)))
        _put(rows, *place, fault)


def _mark_merged(rows: list[list[Cell]], merged: list[list[int]]) -> None:
    budget = 1_000_000
    for first_row, first_column, last_row, last_column in merged:
        last_row, last_column = min(last_row, len(rows) - 1), min(last_column, LAST_COLUMN)  # noqa: PLW2901 - clipped to the table
        budget -= max(0, last_row - first_row + 1) * max(0, last_column - first_column + 1)
        if budget < 0:
            raise BadFile("合并单元格过多，请取消合并后再导入")
        for row in range(max(first_row, 0), last_row + 1):
            for column in range(first_column, last_column + 1):
                if (row, column) != (first_row, first_column):
                    _put(rows, row, column, MERGED)


def _put(rows: list[list[Cell]], row: int, column: int, fault: BrokenCell) -> None:
    if row >= len(rows) or column > LAST_COLUMN:
        return
    values = rows[row]
    values.extend([""] * (column + 1 - len(values)))
    if values[column] == "":
        values[column] = fault
