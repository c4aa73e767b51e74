"""Blank templates (空白模板): what a person downloads, fills in and uploads again."""

from __future__ import annotations

import io
from typing import Any

from hwrisk.imports.headings import GUIDE_SHEET, VERSION_TITLE
from hwrisk.imports.records import ImportKind
from hwrisk.imports.sheets import FORMATS, add_lists, add_rules, openpyxl, style_head, written
from hwrisk.imports.template import Style, Template
from hwrisk.resources import late

_GUIDE_HEAD = ("列名", "必填", "填写要求", "示例", "可选值")
_GUIDE_WIDTHS = (26, 8, 50, 26, 60)
_SHOWN_CHOICES = 30
_GENERAL = (
    "标题行的列名和单位请勿改动；列的先后不限，可以删除不用的选填列，也可以增加自己的列（不读取）。",
    "数量按列名或填写要求写明的单位填写，最多四位小数；日期写到日，如 2026-11-23；代码按文本填写，保留前面的 0。",
    "不要合并单元格，不要留公式；整个文件全部正确才会导入，有一行错误则全部不导入，并可下载带“错误说明”列的原表。",
)


def blank_template(kind: ImportKind) -> bytes:
    """Return an empty workbook of `kind`: data sheet with frozen head, drop-downs, guide sheet and version cell."""
    book = openpyxl().Workbook(write_only=True)
    _add_data(book, kind.template)
    _add_guide(book, kind)
    add_lists(book, kind.template.columns)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _add_data(book: Any, template: Template) -> None:
    letters = late("openpyxl.utils").get_column_letter
    sheet = book.create_sheet(template.sheet)
    sheet.freeze_panes = "A2"
    head = []
    for index, column in enumerate(template.columns, start=1):
        letter = letters(index)
        dimension = sheet.column_dimensions[letter]
        dimension.width = column.width
        # The whole column, so that a code typed into any row keeps its leading zeros.
        dimension.number_format = FORMATS[column.style]
        add_rules(sheet, column, letter, 2)
        cell = written(sheet, column.title)
        style_head(cell, is_required=column.is_required)
        head.append(cell)
    sheet.append(head)


def _add_guide(book: Any, kind: ImportKind) -> None:
    template = kind.template
    sheet = book.create_sheet(GUIDE_SHEET)
    for letter, width in zip("ABCDE", _GUIDE_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([written(sheet, f"{kind.label} 填表说明")])
    sheet.append([written(sheet, VERSION_TITLE), written(sheet, f"{template.sheet} {template.version}")])
    for note in (*_GENERAL, *template.notes):
        sheet.append([written(sheet, note)])
    sheet.append([])
    head = [written(sheet, title) for title in _GUIDE_HEAD]
    for cell in head:
        style_head(cell, is_required=False)
    sheet.append(head)
    for column in template.columns:
        choices = "、".join(column.choices[:_SHOWN_CHOICES]) + ("…" if len(column.choices) > _SHOWN_CHOICES else "")
        note = column.note or {Style.TONNES: f"以{column.unit_word}计", Style.DAY: "写到日"}.get(column.style, "")
        values = (column.title, "是" if column.is_required else "否", note, column.example, choices)
        sheet.append([written(sheet, value, number_format="@") for value in values])
