"""How values are written on pages: tonnes, days, instants, rates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from hwrisk.clock import local
from hwrisk.db.types import PLACES

NOTHING = "—"
"""What stands where there is no record; never confused with 0."""
_HUNDREDTH = Decimal("0.01")
_KIB = 1024


def tonnes(quantity: Decimal | None) -> str:
    """Return tonnes with four decimals and separated thousands, or — where there is no record."""
    return NOTHING if quantity is None else f"{quantity.quantize(PLACES):,}"


def number(count: int | None) -> str:
    """Return a whole number with separated thousands, or —."""
    return NOTHING if count is None else f"{count:,}"


def day(value: date | None) -> str:
    """Return a day as 2026-11-23, or —."""
    return NOTHING if value is None else value.isoformat()


def long_day(value: date | None) -> str:
    """Return a day as 2026年11月23日, or —."""
    return NOTHING if value is None else f"{value.year}年{value.month}月{value.day}日"


def instant(value: datetime | None) -> str:
    """Return an instant as 2026-11-23 08:05 in Asia/Shanghai, or —."""
    return NOTHING if value is None else local(value).strftime("%Y-%m-%d %H:%M")


def rate_number(value: Fraction, target: Fraction | None = None) -> str:
    """Return a share as per cent with two decimals, rounded half up, without the sign.

    A share below `target` never prints as the target: it is rounded down where rounding would hide the gap.
    """
    exact = Decimal(value.numerator * 100) / Decimal(value.denominator)
    shown = exact.quantize(_HUNDREDTH, ROUND_HALF_UP)
    if target is not None and value < target and Fraction(shown) >= target * 100:
        shown = exact.quantize(_HUNDREDTH, ROUND_DOWN)
    return f"{shown:,}"


def rate(value: Fraction | None, target: Fraction | None = None) -> str:
    """Return a share as 89.53 %, or —; see `rate_number`."""
    return NOTHING if value is None else f"{rate_number(value, target)} %"


def label(value: Any) -> str:
    """Return the Chinese label of an enum member, 是 or 否 for a truth value, — for None, else the text itself."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(getattr(value, "label", value))


def size(count: int | None) -> str:
    """Return a number of bytes as 12 B, 3.4 KB or 5.6 MB, or —."""
    if count is None:
        return NOTHING
    if count < _KIB:
        return f"{count} B"
    if count < _KIB * _KIB:
        return f"{count / _KIB:.1f} KB"
    return f"{count / _KIB / _KIB:.1f} MB"


FILTERS = {
    "tonnes": tonnes,
    "number": number,
    "day": day,
    "long_day": long_day,
    "instant": instant,
    "rate": rate,
    "rate_number": rate_number,
    "label": label,
    "size": size,
}
