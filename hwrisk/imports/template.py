"""Templates (导入模板): the sheet, its exact headings with their synonyms, and how each cell is read."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from hwrisk.db.types import Labelled
from hwrisk.imports import cells
from hwrisk.imports.cells import Cell

Parser = Callable[[Cell, date], Any]
"""Return the value of a cell as of a day (str, int, bool, Decimal or date; no enum, no float); raises `CellError`."""


class Style(enum.Enum):
    """How a column is formatted in Excel."""

    TEXT = "text"
    TONNES = "tonnes"
    DAY = "day"
    WHOLE = "whole"


@dataclass(frozen=True, kw_only=True)
class TemplateColumn:
    """One column: its heading as printed, other headings taken for it, and the parser of its cells."""

    key: str
    title: str
    """The heading; a unit stands in brackets at its end, 数量（t）, and is checked."""
    parse: Parser
    is_required: bool = True
    """Every row must have a value; then the column must be there too."""
    is_compulsory: bool = False
    """The column must be there although a cell may be blank."""
    synonyms: tuple[str, ...] = ()
    """Other exact headings; for a column with a unit write them without it: the unit is asked for all the same."""
    note: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()
    style: Style = Style.TEXT
    unit_word: str = "吨"
    """Unit of a column of quantities, as it is said to people."""
    width: int = 16


@dataclass(frozen=True, kw_only=True)
class Template:
    """The form of one data sheet."""

    sheet: str
    version: str
    columns: tuple[TemplateColumn, ...]
    notes: tuple[str, ...] = ()
    """Sentences for the sheet 填表说明."""
    unique_by: tuple[str, ...] = ()
    """Keys of columns that together may occur only once in a file; () when rows may repeat."""

    def column(self, key: str) -> TemplateColumn:
        """Return the column `key`; KeyError when there is none."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)


def text_column(key: str, title: str, *, max_length: int = 200, **more: Any) -> TemplateColumn:
    """Return a column of one-line text."""

    def parse(cell: Cell, _as_of: date) -> str:
        return cells.parse_text(cell, what=title, max_length=max_length)

    return TemplateColumn(key=key, title=title, parse=parse, **more)


def code_column(
    key: str, title: str, *, length: int | None = None, max_length: int = 64, **more: Any
) -> TemplateColumn:
    """Return a column of identifying numbers, kept as text."""

    def parse(cell: Cell, _as_of: date) -> str:
        return cells.parse_code(cell, what=title, length=length, max_length=max_length)

    return TemplateColumn(key=key, title=title, parse=parse, **{"width": 22, **more})


def tonnes_column(key: str, title: str, *, positive: bool = False, **more: Any) -> TemplateColumn:
    """Return a column of tonnes; `title` carries the unit, as 数量（t）."""

    def parse(cell: Cell, _as_of: date) -> Decimal:
        return cells.parse_tonnes(cell, positive=positive)

    return TemplateColumn(key=key, title=title, parse=parse, style=Style.TONNES, **{"example": "12.5", **more})


def day_column(key: str, title: str, *, may_be_future: bool = False, **more: Any) -> TemplateColumn:
    """Return a column of days; days after the day of the check are refused unless `may_be_future`."""

    def parse(cell: Cell, as_of: date) -> date:
        return cells.parse_day(cell, as_of=None if may_be_future else as_of)

    return TemplateColumn(key=key, title=title, parse=parse, style=Style.DAY, **{"example": "2026-11-23", **more})


def whole_column(key: str, title: str, *, minimum: int = 0, maximum: int = 10**9, **more: Any) -> TemplateColumn:
    """Return a column of whole numbers."""

    def parse(cell: Cell, _as_of: date) -> int:
        return cells.parse_whole(cell, what=title, minimum=minimum, maximum=maximum)

    return TemplateColumn(key=key, title=title, parse=parse, style=Style.WHOLE, **more)


def waste_code_column(key: str, title: str = "废物代码", **more: Any) -> TemplateColumn:
    """Return a column of waste codes."""
    return TemplateColumn(
        key=key, title=title, parse=lambda cell, _as_of: cells.parse_waste_code(cell),
        **{"example": "900-041-49", "note": "三位-三位-两位，末两位为废物类别", **more},
    )  # fmt: skip


def uscc_column(key: str, title: str = "统一社会信用代码", **more: Any) -> TemplateColumn:
    """Return a column of unified social credit codes."""
    return TemplateColumn(
        key=key, title=title, parse=lambda cell, _as_of: cells.parse_uscc(cell),
        **{"width": 24, "note": "18 位，按文本填写，校验位须正确", **more},
    )  # fmt: skip


def choice_column(
    key: str,
    title: str,
    choices: Mapping[str, Any] | type[Labelled],
    *,
    also: Mapping[str, Any] | None = None,
    **more: Any,
) -> TemplateColumn:
    """Return a column of choices by their Chinese names; an enum gives its stored value, as `payload` does.

    Args:
        also: other names taken for a choice.
    """
    options = choices if isinstance(choices, Mapping) else {member.label: member for member in choices}
    # Plain values from the start: what is checked again comes from the staging table, where an enum is its value.
    plain = {name: getattr(option, "value", option) for name, option in options.items()}
    others = {name: getattr(option, "value", option) for name, option in (also or {}).items()}

    def parse(cell: Cell, _as_of: date) -> Any:
        return cells.parse_choice(cell, plain, what=title, synonyms=others)

    return TemplateColumn(key=key, title=title, parse=parse, choices=tuple(options), **more)
