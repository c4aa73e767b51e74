"""Values as a cell shows them: clean text, tonnes, days, instants and rates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from hwrisk.clock import local
from hwrisk.reporting.report import Column

NUMBERS = frozenset({"tonnes", "number", "int", "percent"})
NOTHING = "—"
"""Shown on paper where there is no figure or day; zero is printed as 0."""

# What XML 1.0 does not allow, and unpaired surrogates.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_PERCENT_PLACES = Decimal("0.0001")


def clean(value: object) -> str:
    """Return `value` as text without control characters; line ends become a single line feed."""
    text = str(value)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", text) if _UNPRINTABLE.search(text) else text


def exact(value: Any) -> Decimal | Fraction | None:
    """Return a number as it is, or None when `value` is no finite number (a word such as 不适用 stays text)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Fraction):
        return value
    if isinstance(value, float):
        number = Decimal(repr(value))
        return number if number.is_finite() else None
    return None


def rounded_ratio(value: Decimal | Fraction, target: Fraction | None = None) -> Decimal:
    """Return a ratio to four decimals (two of the percentage), half up.

    A ratio below `target` that would round up to it is rounded down instead: 89.996 % is not 90.00 %.
    """
    ratio = Fraction(value)
    shown = _to_places(ratio, ROUND_HALF_UP)
    if target is not None and ratio < target <= Fraction(shown):
        return _to_places(ratio, ROUND_FLOOR)
    return shown


def _to_places(ratio: Fraction, rounding: str) -> Decimal:
    scaled = ratio * 10_000
    whole = scaled.numerator // scaled.denominator
    if rounding == ROUND_HALF_UP and (scaled - whole) * 2 >= 1:
        whole += 1
    return (Decimal(whole) / 10_000).quantize(_PERCENT_PLACES)


def _tonnes(value: Any, _column: Column) -> str:
    number = exact(value)
    return clean(value) if number is None else f"{_decimal(number):,.4f}"


def _number(value: Any, _column: Column) -> str:
    number = exact(value)
    if number is None:
        return clean(value)
    text = f"{_decimal(number):,.4f}"
    return text.rstrip("0").rstrip(".")


def _int(value: Any, _column: Column) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else clean(value)


def _percent(value: Any, column: Column) -> str:
    number = exact(value)
    return clean(value) if number is None else f"{rounded_ratio(number, column.target) * 100:.2f}%"


def _day(value: Any, _column: Column) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else clean(value)


def _instant(value: Any, _column: Column) -> str:
    return f"{local(value):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else clean(value)


def _decimal(number: Decimal | Fraction) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(number.numerator) / Decimal(number.denominator)


_SHOW: dict[str, Callable[[Any, Column], str]] = {
    "tonnes": _tonnes, "number": _number, "int": _int, "percent": _percent, "day": _day, "instant": _instant,
}  # fmt: skip


def shown(value: Any, column: Column) -> str:
    """Return `value` as it is printed; None is a dash, in a text column nothing."""
    if value is None:
        return NOTHING if column.kind in _SHOW else ""
    show = _SHOW.get(column.kind)
    return show(value, column) if show else clean(value)


def plain_number(value: Any, column: Column) -> str | None:
    """Return a number as a spreadsheet stores it (at most 15 digits are kept there), or None when it is none."""
    number = exact(value)
    if number is None:
        return None
    if column.kind == "percent" and column.target is not None:
        ratio = rounded_ratio(number, column.target)
        if Fraction(number) < column.target and rounded_ratio(number) != ratio:
            return str(ratio)
    return f"{_decimal(number):f}"
