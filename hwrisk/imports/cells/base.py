"""What every parser of a value needs: its error, its input, and text without tricks."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hwrisk.errors import HwriskError

MAX_SHOWN = 60
MAX_TEXT = 32_767
"""Longest text an Excel cell can hold."""

_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_ERRORS = frozenset(
    {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)


class CellError(HwriskError):
    """A value cannot be taken as it stands (单元格有误); says why, and what would be right where that is known."""

    def __init__(self, message: str, right: str | None = None) -> None:
        super().__init__(message)
        self.right = right
        """What would be right, ready to be typed or said, or None when only the person can know."""


@dataclass(frozen=True)
class BrokenCell:
    """A cell whose value the file does not hold: a formula error, a formula never calculated, a merged remainder."""

    reason: str
    """The whole sentence for the user."""
    right: str | None = None


Cell = str | int | float | bool | date | datetime | time | timedelta | Decimal | BrokenCell | None


def half_width(text: str) -> str:
    """Return `text` with full-width ASCII forms as half-width; nothing else changes (NFKC would make 5² into 52)."""
    return text.translate(_HALF)


def shown(value: object) -> str:
    """Return `value` as a person sees it in the table, shortened to 60 characters; blank is 空."""
    if value is None or value == "":
        return "（空）"
    if isinstance(value, BrokenCell):
        return value.reason
    text = _plain(value)
    text = "".join(c if unicodedata.category(c) not in _FORBIDDEN else "�" for c in text[: MAX_SHOWN + 1])
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        has_time = (value.hour, value.minute, value.second) != (0, 0, 0)
        return value.strftime("%Y-%m-%d %H:%M:%S") if has_time else value.date().isoformat()
    return str(value)


def line_of(value: object) -> str:
    """Return `value` as one line of text: trimmed, line breaks and tabs as spaces, invisible marks removed, or "".

    Raises:
        CellError: a formula error, a merged remainder, characters that cannot be shown, or more than 32,767 of them.
    """
    if value is None:
        return ""
    if isinstance(value, BrokenCell):
        raise CellError(value.reason, value.right)
    text = _plain(value)
    if len(text) > MAX_TEXT:
        raise CellError(f"文字过长：共 {len(text)} 个字符，Excel 单元格最多 {MAX_TEXT} 个", "缩短内容")
    text = " ".join(text.translate(_INVISIBLE).split())
    if text in _ERRORS:
        raise CellError(f"此格是公式错误“{text}”，没有数值", "改正公式，或直接填写数值")
    if not text.isprintable() and any(unicodedata.category(c) in _FORBIDDEN for c in text):
        raise CellError("含有不可显示的控制字符", "删除后重新输入这一格的文字")
    return text


def whole_of(value: float) -> int | None:
    """Return a number of a spreadsheet as the whole number it is, or None (fractions, NaN, infinity)."""
    return int(value) if math.isfinite(value) and value == int(value) else None


def require(text: str, what: str, right: str | None = None) -> str:
    """Return `text`, which must not be blank.

    Raises:
        CellError: `text` is blank.
    """
    if not text:
        raise CellError(f"{what}不能为空", right)
    return text
