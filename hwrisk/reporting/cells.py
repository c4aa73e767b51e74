"""Cells of a worksheet as XML: a number is a number, a day is a day, and text stays text whatever it begins with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hwrisk.clock import local
from hwrisk.reporting.frame import Variant
from hwrisk.reporting.memo import Remembered
from hwrisk.reporting.report import Column
from hwrisk.reporting.values import NUMBERS, clean, plain_number

MAX_TEXT = 32_767
"""Most UTF-16 units in a cell; a spreadsheet cuts the rest without a word, so it is cut here with one."""
MAX_INT = 10**15
"""From here on a spreadsheet loses digits of a whole number; it is kept as text."""
CUT_MARK = "…（内容过长，余下部分请在系统中查看）"
_DAY_ZERO = date(1899, 12, 30).toordinal()
_FIRST_SAFE_DAY = date(1900, 3, 1)
"""Spreadsheets believe in 29 February 1900: earlier days are written as text."""
_NOT_PLAIN = str.maketrans("", "", "0123456789.-")
_SPECIAL = re.compile(r"[&<>]")
_LITERAL_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t")

CellWriter = Callable[[Any], str]
"""Gives what follows the reference of a cell: ` s="3"><v>1.5</v></c>` or, for an empty one, ` s="3"/>`."""


def cell_writer(
    column: Column, styles: Mapping[Variant, int], warnings: list[str], *, plain: Variant = "plain"
) -> CellWriter:
    """Return the function that writes the cells of `column`; `plain` is the variant of its ordinary cells."""
    style = styles[plain]
    is_word = plain == "total" or column.kind in ("text", "code")
    word = _text_writer(column, style if is_word else styles["word"], styles["guarded"], warnings)
    empty = f' s="{style}"/>'
    if column.kind in NUMBERS:
        return _number_writer(column, style, empty, word)
    if column.kind == "day":
        return Remembered(_day_writer(style, empty, word), (date, type(None))).__getitem__
    if column.kind == "instant":
        return Remembered(_instant_writer(style, empty, word), (datetime, type(None))).__getitem__
    return Remembered(lambda value: empty if value is None else word(value), (str, type(None))).__getitem__


def _number_writer(column: Column, style: int, empty: str, word: CellWriter) -> CellWriter:
    start = f' s="{style}"><v>'
    is_simple = column.kind != "percent"

    def write(value: Any) -> str:
        if value is None:
            return empty
        kind = type(value)
        if kind is int and -MAX_INT < value < MAX_INT:
            return f"{start}{value}</v></c>"
        if kind is Decimal and is_simple:
            text = str(value)
            if not text.translate(_NOT_PLAIN):
                return f"{start}{text}</v></c>"
        number = None if kind is int else plain_number(value, column)
        return word(value) if number is None else f"{start}{number}</v></c>"

    return write


def _day_writer(style: int, empty: str, word: CellWriter) -> CellWriter:
    def write(value: Any) -> str:
        if value is None:
            return empty
        if type(value) is not date or value < _FIRST_SAFE_DAY:
            return word(value)
        return f' s="{style}"><v>{value.toordinal() - _DAY_ZERO}</v></c>'

    return write


def _instant_writer(style: int, empty: str, word: CellWriter) -> CellWriter:
    def write(value: Any) -> str:
        if value is None:
            return empty
        if not isinstance(value, datetime) or value.tzinfo is None:
            return word(value)
        here = local(value)
        seconds = here.hour * 3600 + here.minute * 60 + here.second
        return f' s="{style}"><v>{here.toordinal() - _DAY_ZERO + seconds / 86400!r}</v></c>'

    return write


def _text_writer(column: Column, style: int, guarded: int, warnings: list[str]) -> CellWriter:
    def write(value: Any) -> str:
        text = clean(value)
        if not text:
            return f' s="{style}"/>'
        number = guarded if text.startswith(_FORMULA_STARTS) else style
        if len(text) * 2 > MAX_TEXT:
            text = _cut(text, column, warnings)
        return f' s="{number}" t="inlineStr"><is>{text_node(text)}</is></c>'

    return write


def text_node(text: str) -> str:
    """Return clean text as the XML of a `t` element, spaces and line ends kept."""
    if "_x" in text:
        # A spreadsheet would read _x0041_ in the data as the letter A.
        text = _LITERAL_ESCAPE.sub("_x005F_", text)
    if _SPECIAL.search(text):
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    return f"<t{space}>{text}</t>"


def _cut(text: str, column: Column, warnings: list[str]) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= MAX_TEXT * 2:
        return text
    warnings.append(f"“{column.title}”列有内容超过 Excel 单元格 {MAX_TEXT:,} 字的上限，已在末尾注明截断")
    keep = (MAX_TEXT - len(CUT_MARK)) * 2
    return units[:keep].decode("utf-16-le", errors="ignore") + CUT_MARK
