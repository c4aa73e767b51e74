"""The program that reads a workbook, alone in a process with limits; it knows nothing of the rest of the system.

It is run by path, isolated, as `python -I reader.py FILE LIMITS`; it writes JSON lines to its output: `sheets` first,
then for each visible sheet `sheet`, its `rows` in pieces and its `broken` cells, at last `done`; or `refused` with a
code. It never writes Chinese: the sentence for each code stands in `reading`.
"""

from __future__ import annotations

import gc
import json
import re
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

CHUNK = 1_000
BAD_CELLS = 20_000
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FAR = re.compile(rb"""\br=["']([A-Z]{3}[0-9]+|[A-Z]{1,3}[0-9]{7,})["']""")
_FORMULAS = (re.compile(rb"<f[\s>/]"), re.compile(rb":f[\s>/]"))
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class Stop(Exception):
    """The file is refused, for the reason `code`."""

    def __init__(self, code: str, **detail: Any) -> None:
        super().__init__(code)
        self.answer = {"refused": code, **detail}


def main(arguments: list[str]) -> int:
    """Read the workbook named by `arguments` and write what it holds; 0 also when it is refused."""
    path, bounds = arguments[0], json.loads(arguments[1])
    _limit(bounds["memory_mib"], bounds["seconds"])
    # Millions of lists are made and none is cyclic: looking for cycles only costs time.
    gc.disable()
    try:
        _read(path, bounds)
    except Stop as stop:
        _say(stop.answer)
    except MemoryError:
        _say({"refused": "memory"})
    except Exception as failure:
        _say({"refused": "damaged", "error": type(failure).__name__})
    return 0


def _limit(memory_mib: int, seconds: int) -> None:
    # Set by the child itself: a hook between fork and exec is not safe in a web process with threads.
    resource.setrlimit(resource.RLIMIT_AS, (memory_mib << 20, memory_mib << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(line: dict[str, Any]) -> None:
    text = json.dumps(line, ensure_ascii=False, default=_tagged, separators=(",", ":"))
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def _tagged(value: object) -> list[object]:
    if isinstance(value, datetime):
        return ["at", value.isoformat()]
    if isinstance(value, date):
        return ["day", value.isoformat()]
    if isinstance(value, time):
        return ["time", value.isoformat()]
    if isinstance(value, timedelta):
        return ["span", value.total_seconds()]
    return ["text", str(value)]


def _read(path: str, bounds: dict[str, int]) -> None:
    # Imported here, so that the library itself is loaded under the limits.
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 - see above

    broken = _scan(path)
    with CalamineWorkbook.from_path(path) as book:
        metadata = book.sheets_metadata
        if len(metadata) > bounds["sheets"]:
            raise Stop("sheets", count=len(metadata))
        for sheet in metadata:
            if sheet.visible == SheetVisibleEnum.VeryHidden:
                raise Stop("very_hidden", sheet=sheet.name)
            if sheet.typ in (SheetTypeEnum.MacroSheet, SheetTypeEnum.Vba):
                raise Stop("macro_sheet", sheet=sheet.name)
        _say({"sheets": [[s.name, s.visible == SheetVisibleEnum.Visible] for s in metadata]})
        for index, sheet in enumerate(metadata):
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
                _read_sheet(book.get_sheet_by_index(index), index, sheet.name, bounds, broken.get(sheet.name, []))
    _say({"done": True})


def _read_sheet(sheet: Any, index: int, name: str, bounds: dict[str, int], broken: list[list[object]]) -> None:
    if sheet.end is None:
        _say({"sheet": index, "merged": []})
        _say({"broken": broken})
        return
    last_row, last_column = sheet.end
    if last_row >= bounds["rows"]:
        raise Stop("rows", sheet=name, row=last_row + 1)
    if last_column >= bounds["columns"]:
        raise Stop("columns", sheet=name, count=last_column + 1)
    _say({"sheet": index, "merged": [[*first, *last] for first, last in sheet.merged_cell_ranges or []][:BAD_CELLS]})
    # Rows come from the first row of the sheet on, values only from the first column that is used.
    margin = [""] * sheet.start[1]
    chunk: list[list[Any]] = []
    for row in sheet.iter_rows():
        chunk.append(margin + row if any(value != "" for value in row) else [])
        if len(chunk) == CHUNK:
            _say({"rows": chunk})
            chunk = []
    _say({"rows": chunk})
    _say({"broken": broken})


def _scan(path: str) -> dict[str, list[list[object]]]:
    """Unpack every part once, within its stated size, and return the cells without a value by sheet name."""
    found: dict[str, list[list[object]]] = {}
    with zipfile.ZipFile(path) as package:
        sheets = _sheet_parts(package)
        for member in package.infolist():
            content = package.read(member)
            if not member.filename.endswith((".xml", ".rels", ".vml")):
                continue
            _check_xml(content)
            name = sheets.get(member.filename)
            if name is None:
                continue
            if far := _FAR.search(content):
                raise Stop("far", sheet=name, cell=far[1].decode())
            if _may_be_broken(content):
                found[name] = _broken_cells(content)
    return found


def _may_be_broken(content: bytes) -> bool:
    # Plain searches that begin with a literal: one pattern with alternatives takes ten times as long.
    return b'"e"' in content or b"'e'" in content or any(form.search(content) for form in _FORMULAS)


def _check_xml(content: bytes) -> None:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in content[:64]:
        raise Stop("encoding")
    if _DTD.search(content):
        raise Stop("dtd")


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    targets: dict[str, str] = {}
    parts: dict[str, str] = {}

    def relation(_tag: str, given: dict[str, str]) -> None:
        if "Target" in given and "Id" in given:
            target = given["Target"]
            targets[given["Id"]] = target.lstrip("/") if target.startswith("/") else "xl/" + target

    def sheet(tag: str, given: dict[str, str]) -> None:
        if tag == "sheet" and (target := targets.get(given.get("id", ""))) is not None:
            parts[target] = given.get("name", "")

    _parse(package.read("xl/_rels/workbook.xml.rels"), start=relation)
    _parse(package.read("xl/workbook.xml"), start=sheet)
    return parts


def _parse(content: bytes, *, start: Any, end: Any = None, text: Any = None) -> None:
    _check_xml(content)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def local(name: str) -> str:
        return name.rpartition("}")[2]

    parser.StartElementHandler = lambda tag, given: start(local(tag), {local(key): given[key] for key in given})
    if end is not None:
        parser.EndElementHandler = lambda tag: end(local(tag))
        parser.CharacterDataHandler = text
    parser.Parse(content, True)


class _BrokenCells:
    """Collects error cells, and formulas that no program has calculated, while a sheet is parsed."""

    def __init__(self) -> None:
        self.found: list[list[object]] = []
        self._cell: dict[str, str] = {}
        self._tag = ""
        self._has_formula = False
        self._value = ""

    def start(self, tag: str, given: dict[str, str]) -> None:
        self._tag = tag
        if tag == "c":
            self._cell, self._has_formula, self._value = given, False, ""
        elif tag == "f":
            self._has_formula = True

    def text(self, data: str) -> None:
        if self._tag == "v":
            self._value += data

    def end(self, tag: str) -> None:
        self._tag = ""
        if tag != "c" or len(self.found) >= BAD_CELLS:
            return
        kind = self._cell.get("t", "n")
        if kind == "e":
            self.found.append([self._cell.get("r", ""), "error", self._value])
        elif self._has_formula and kind != "str" and not self._value.strip():
            self.found.append([self._cell.get("r", ""), "formula", ""])


def _broken_cells(content: bytes) -> list[list[object]]:
    cells = _BrokenCells()
    _parse(content, start=cells.start, end=cells.end, text=cells.text)
    return cells.found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
