"""Writing of Excel sheets for this service: the head of a template, texts that stay texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hwrisk.imports.cells.base import MAX_TEXT
from hwrisk.imports.template import Style, TemplateColumn
from hwrisk.resources import late

FORMATS = {Style.TEXT: "@", Style.TONNES: "General", Style.DAY: "yyyy-mm-dd", Style.WHOLE: "0"}
LIST_SHEET = "_选项"
LAST_ROW = 100_020
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f￾￿]")
_SHEET_NAME = re.compile(r"[\\*?:/\[\]]")


def openpyxl() -> Any:
    """Return the library that writes workbooks, loaded at its first use."""
    return late("openpyxl")


def sheet_name(name: str) -> str:
    """Return `name` as Excel accepts it for a sheet."""
    return _SHEET_NAME.sub("_", _CONTROL.sub("", name)).strip("'")[:31] or "Sheet"


def plain_text(text: str) -> str:
    """Return `text` without what Excel cannot store, cut to what a cell can hold."""
    return _CONTROL.sub("�", text)[:MAX_TEXT]


def written(sheet: Any, value: object, *, number_format: str | None = None) -> Any:
    """Return a cell of a write-only `sheet`; a text never becomes a formula, whatever it begins with."""
    cell = late("openpyxl.cell").WriteOnlyCell(sheet)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, str):
        cell.value = plain_text(value)
        # openpyxl makes a formula of any text that begins with "=" unless told otherwise after the value is set.
        cell.data_type = "s"
    else:
        cell.value = value
        if isinstance(value, date) and not isinstance(value, datetime):
            cell.number_format = FORMATS[Style.DAY]
    if number_format is not None and not isinstance(value, (int, float, Decimal, date)):
        cell.number_format = number_format
    return cell


def style_head(cell: Any, *, is_required: bool) -> None:
    """Give a heading its look: bold on grey, the required ones on amber."""
    styles = late("openpyxl.styles")
    cell.font = styles.Font(bold=True)
    cell.fill = styles.PatternFill("solid", fgColor="FFF2CC" if is_required else "E7E9EC")
    cell.alignment = styles.Alignment(horizontal="center", vertical="center", wrap_text=True)
    side = styles.Side(style="thin", color="9AA1A9")
    cell.border = styles.Border(left=side, right=side, top=side, bottom=side)


def style_fault(cell: Any) -> None:
    """Mark a cell that has to be corrected; the words stand in the column 错误说明."""
    cell.fill = late("openpyxl.styles").PatternFill("solid", fgColor="F8CBAD")


def add_lists(book: Any, columns: Sequence[TemplateColumn]) -> None:
    """Write the choices of `columns` on a hidden sheet, each as a named range (lists in a cell end at 255)."""
    chosen = [column for column in columns if column.choices]
    if not chosen:
        return
    names = late("openpyxl.workbook.defined_name")
    letters = late("openpyxl.utils").get_column_letter
    sheet = book.create_sheet(LIST_SHEET)
    sheet.sheet_state = "hidden"
    longest = max(len(column.choices) for column in chosen)
    for row in range(longest):
        values = [column.choices[row] if row < len(column.choices) else None for column in chosen]
        sheet.append([written(sheet, value) for value in values])
    for index, column in enumerate(chosen, start=1):
        letter = letters(index)
        area = f"'{LIST_SHEET}'!${letter}$1:${letter}${len(column.choices)}"
        book.defined_names[list_name(column)] = names.DefinedName(list_name(column), attr_text=area)


def list_name(column: TemplateColumn) -> str:
    """Return the name of the range that holds the choices of `column`."""
    return f"list_{column.key}"


def add_rules(sheet: Any, column: TemplateColumn, letter: str, first_row: int) -> None:
    """Give the cells of `column` below the head their drop-down or their bound."""
    module = late("openpyxl.worksheet.datavalidation")
    area = f"{letter}{first_row}:{letter}{LAST_ROW}"
    if column.choices:
        rule = module.DataValidation(type="list", formula1=list_name(column), allow_blank=True)
        rule.error, rule.errorTitle = "请从下拉列表中选择", column.title
    elif column.style is Style.TONNES:
        rule = module.DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
        rule.error, rule.errorTitle = f"请填写以{column.unit_word}计的非负数，最多四位小数", column.title
    else:
        return
    rule.showErrorMessage = True
    rule.add(area)
    sheet.data_validations.append(rule)
