"""Rows of a recognised sheet as typed values; what cannot be taken becomes a fault with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from hwrisk.errors import BadFile
from hwrisk.imports.cells import Cell, CellError, line_of
from hwrisk.imports.headings import Recognised
from hwrisk.imports.reading import MERGED
from hwrisk.imports.records import ParsedRow
from hwrisk.imports.template import Template, TemplateColumn

_TOTALS = frozenset({"合计", "总计", "小计", "本页合计", "累计"})


def parse_rows(template: Template, table: Recognised, *, as_of: date) -> list[ParsedRow]:
    """Return the rows under the head in order; blank rows and rows of totals are left out, the latter with a note.

    Raises:
        BadFile: there is no row of data.
    """
    rows: list[ParsedRow] = []
    repeats: Counter[tuple[object, ...]] = Counter()
    for row_no, cells in _data_rows(table):
        row = _parse(template, table, row_no, cells, as_of)
        if not row.faults:
            key = tuple(row.values.values())
            repeats[key] += 1
            row.repeat = repeats[key]
        rows.append(row)
    if not rows:
        raise BadFile(f"工作表“{table.sheet.name}”的表头下面没有数据")
    _refuse_duplicates(template, rows)
    return rows


def _data_rows(table: Recognised) -> Iterator[tuple[int, Sequence[Cell]]]:
    used = sorted(table.layout.places.values())
    for index in range(table.first_row, len(table.sheet.rows)):
        cells = table.sheet.rows[index]
        values = [cells[place] for place in used if place < len(cells) and not _is_blank(cells[place])]
        if not values:
            continue
        if any(_is_total(value) for value in cells[: used[0] + 2]):
            table.notes.append(f"第 {index + 1} 行是合计行，没有读取")
            continue
        yield index + 1, cells


def _is_blank(cell: Cell) -> bool:
    return cell is None or cell is MERGED or (isinstance(cell, str) and not cell.strip())


def _is_total(cell: Cell) -> bool:
    return isinstance(cell, str) and "".join(cell.split()).rstrip("：:") in _TOTALS


def _parse(template: Template, table: Recognised, row_no: int, cells: Sequence[Cell], as_of: date) -> ParsedRow:
    row = ParsedRow(row_no=row_no, layout=table.layout, values={}, cells=cells)
    for column in template.columns:
        place = table.layout.places.get(column.key)
        cell = cells[place] if place is not None and place < len(cells) else None
        try:
            row.values[column.key] = _value(column, cell, as_of)
        except CellError as fault:
            row.values[column.key] = None
            row.faults.append(row.fault(column.key, fault.message, fault.right))
    return row


def _value(column: TemplateColumn, cell: Cell, as_of: date) -> object:
    # A cell of spaces is blank; where a value is required the parser says what is missing, in its own words.
    if not column.is_required and (cell is None or (isinstance(cell, str) and not line_of(cell))):
        return None
    return column.parse(cell, as_of)


def _refuse_duplicates(template: Template, rows: list[ParsedRow]) -> None:
    if not template.unique_by:
        return
    first: dict[tuple[object, ...], int] = {}
    titles = "、".join(template.column(key).title for key in template.unique_by)
    for row in rows:
        key = tuple(row.values[name] for name in template.unique_by)
        if None in key:
            continue
        if key in first:
            row.faults.append(
                row.fault(template.unique_by[0], f"与第 {first[key]} 行重复（{titles}相同）", "同一项只填一行")
            )
        else:
            first[key] = row.row_no
