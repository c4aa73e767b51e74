"""Degrees of longitude and latitude as people type them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from hwrisk.imports.cells import CellError, half_width, line_of

MAX_LONGITUDE, MAX_LATITUDE = 180, 90


def parse_degrees(value: object, *, what: str, limit: int) -> Decimal:
    """Return decimal degrees with six places, between −`limit` and `limit`.

    Raises:
        CellError: not a number, or out of range.
    """
    text = half_width(line_of(value))
    try:
        degrees = Decimal(text)
    except InvalidOperation:
        raise CellError(f"{what}应为十进制度数", "如 119.3521") from None
    if not degrees.is_finite() or abs(degrees) > limit:
        raise CellError(f"{what}超出范围", f"-{limit} 至 {limit} 的度数")
    return round(degrees, 6)
