"""The frame of an Excel ledger: everything but the rows, made by openpyxl once per file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Literal

from hwrisk.reporting.report import DEMO_NOTE, Column, Sheet, stamp_line
from hwrisk.reporting.values import clean
from hwrisk.resources import late

SHEET_PART = "xl/worksheets/sheet1.xml"
NUMBER_FORMATS = {
    "tonnes": "#,##0.0000", "number": "#,##0.####", "int": "#,##0", "percent": "0.00%",
    "day": "yyyy\\-mm\\-dd", "instant": "yyyy\\-mm\\-dd\\ hh:mm", "text": "@", "code": "@",
}  # fmt: skip
_ALIGN = {"text": "left", "code": "center", "day": "center", "instant": "center"}
_PAPER = {"A4": 9, "A3": 8}
_INK, _LINE, _GROUND = "1D2939", "98A2B3", "EEF2F6"
MAX_SHEET_NAME = 31
Variant = Literal["plain", "word", "guarded", "total"]
"""plain: the column's own kind; word: text in it; guarded: text that a person's edit must not turn into a formula."""
VARIANTS: tuple[Variant, ...] = ("plain", "word", "guarded", "total")


@dataclass(frozen=True)
class Frame:
    """The parts of the file, the sheet cut open where the rows go, and the numbers of the cell styles."""

    parts: tuple[tuple[str, bytes], ...]
    before_rows: str
    after_rows: str
    styles: dict[tuple[int, Variant], int]
    """Style number by (position of the column from 0, variant)."""
    head_row: int
    """Row number of the column heads; rows of data begin below it."""

    def styles_of(self, position: int) -> dict[Variant, int]:
        """Return the style numbers of the column at `position`, from 0."""
        return {variant: self.styles[position, variant] for variant in VARIANTS}


def make_frame(sheet: Sheet) -> Frame:
    """Return the frame for `sheet`: title, head lines, column heads, widths, freeze, filter and print set-up."""
    openpyxl = late("openpyxl")
    book = openpyxl.Workbook()
    page = book.active
    page.title = _sheet_name(sheet.title)
    head_row = _write_head(page, sheet)
    _set_up_print(page, sheet, head_row)
    _write_prototypes(page, sheet, head_row)
    _describe(book, sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return _cut_open(buffer, sheet, head_row)


def head_texts(sheet: Sheet) -> Iterator[str]:
    """Give the merged lines between title and column heads, in order."""
    yield from (clean(line) for line in sheet.head)
    yield from (f"说明：{clean(note)}" for note in sheet.notes)
    yield stamp_line(sheet.stamp)


def _write_head(page: Any, sheet: Sheet) -> int:
    styles = late("openpyxl.styles")
    last = max(len(sheet.columns), 1)
    lines = [clean(sheet.title), *head_texts(sheet)]
    for number, text in enumerate(lines, start=1):
        cell = page.cell(row=number, column=1, value=text)
        cell.data_type = "s"
        is_title = number == 1
        cell.font = styles.Font(name="宋体", size=16 if is_title else 10, bold=is_title, color=_INK)
        cell.alignment = styles.Alignment(horizontal="center" if is_title else "left", vertical="center")
        page.row_dimensions[number].height = 28 if is_title else 16
        if last > 1:
            page.merge_cells(start_row=number, start_column=1, end_row=number, end_column=last)
    head_row = len(lines) + 1
    for position, column in enumerate(sheet.columns, start=1):
        cell = page.cell(row=head_row, column=position, value=clean(column.title))
        cell.data_type = "s"
        cell.font = styles.Font(name="宋体", size=10, bold=True, color=_INK)
        cell.fill = styles.PatternFill("solid", fgColor=_GROUND)
        cell.alignment = styles.Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = _border(styles)
        page.column_dimensions[late("openpyxl.utils").get_column_letter(position)].width = column.width
    page.row_dimensions[head_row].height = 30
    return head_row


def _border(styles: Any) -> Any:
    side = styles.Side(style="thin", color=_LINE)
    return styles.Border(left=side, right=side, top=side, bottom=side)


def _set_up_print(page: Any, sheet: Sheet, head_row: int) -> None:
    page.freeze_panes = page.cell(row=head_row + 1, column=1)
    page.sheet_view.showGridLines = False
    page.print_title_rows = f"{head_row}:{head_row}"
    page.page_setup.orientation = sheet.orientation
    page.page_setup.paperSize = _PAPER[sheet.paper]
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = late("openpyxl.worksheet.properties").PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = True
    margins = page.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.5, 0.6, 0.2, 0.3
    page.oddFooter.left.text = clean(sheet.notes[0]).replace("&", "&&") if sheet.notes else ""
    page.oddFooter.center.text = "第 &P 页 共 &N 页"
    page.oddFooter.right.text = f"核验码 {sheet.stamp.spaced_code}"


def _write_prototypes(page: Any, sheet: Sheet, head_row: int) -> None:
    # One row per variant, so that openpyxl makes the styles; the rows themselves are cut away again.
    styles = late("openpyxl.styles")
    for offset, variant in enumerate(VARIANTS, start=1):
        for position, column in enumerate(sheet.columns, start=1):
            cell = page.cell(row=head_row + offset, column=position)
            is_word = variant in ("word", "guarded")
            cell.number_format = "@" if is_word else NUMBER_FORMATS[column.kind]
            cell.font = styles.Font(name="宋体", size=10, bold=variant == "total", color=_INK)
            cell.alignment = styles.Alignment(
                horizontal=_alignment(column), vertical="center", wrap_text=column.kind == "text" or is_word
            )
            cell.border = _border(styles)
            if variant == "total":
                cell.fill = styles.PatternFill("solid", fgColor=_GROUND)
            cell.quotePrefix = variant == "guarded"


def _alignment(column: Column) -> str:
    return _ALIGN.get(column.kind, "right")


def _describe(book: Any, sheet: Sheet) -> None:
    about = book.properties
    about.title = clean(sheet.title)
    about.creator = clean(sheet.made_by)
    about.identifier = sheet.stamp.text
    about.language = "zh-CN"
    # The properties hold UTC without saying so.
    about.created = about.modified = sheet.made_at.astimezone(UTC).replace(tzinfo=None)


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", "", clean(title.removesuffix(DEMO_NOTE)))[:MAX_SHEET_NAME].strip() or "台账"


def _cut_open(buffer: io.BytesIO, sheet: Sheet, head_row: int) -> Frame:
    with zipfile.ZipFile(buffer) as package:
        names = [name for name in package.namelist() if name != SHEET_PART]
        parts = tuple((name, package.read(name)) for name in names)
        text = package.read(SHEET_PART).decode("utf-8")
    first = text.index(f'<row r="{head_row + 1}"')
    end = text.index("</sheetData>")
    styles: dict[tuple[int, Variant], int] = {}
    get_letter = late("openpyxl.utils").get_column_letter
    for offset, variant in enumerate(VARIANTS, start=1):
        for position in range(len(sheet.columns)):
            place = f"{get_letter(position + 1)}{head_row + offset}"
            found = re.search(rf'<c r="{place}" s="(\d+)"', text)
            styles[position, variant] = int(found.group(1)) if found else 0
    # A dimension that does not know the rows would make some readers stop early: it is optional, so it is left out.
    before = re.sub(r'<dimension ref="[^"]*"\s*/>', "", text[:first])
    return Frame(parts, before, text[end:], styles, head_row)
