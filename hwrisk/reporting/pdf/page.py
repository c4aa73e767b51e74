"""Measures of a printed ledger, the same for the table writer and for the style sheet of WeasyPrint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hwrisk.reporting.report import Column

MM = 72 / 25.4
_SIZES_MM = {"A4": (210, 297), "A3": (297, 420)}
PADDING = 3.0
"""Between a cell's edge and its text, in points."""
LINE = 1.35
"""Height of a line as a multiple of the font size."""
LARGEST, SMALLEST = 8.5, 6.0
QR_MM = 21
TITLE_SIZE = 16.0
HEAD_SIZE = 8.5
FOOT_SIZE = 8.0
INK = (0x1D, 0x29, 0x39)
GRID = (0x98, 0xA2, 0xB3)
GROUND = (0xEE, 0xF2, 0xF6)


@dataclass(frozen=True)
class Page:
    """Size and margins in points, and the columns' widths on it."""

    width: float
    height: float
    size: float
    """Font size of the cells."""
    widths: tuple[float, ...]
    side: float = 12 * MM
    top: float = 13 * MM
    bottom: float = 15 * MM

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * self.side


def plan(
    columns: tuple[Column, ...], *, orientation: Literal["landscape", "portrait"], paper: Literal["A4", "A3"]
) -> Page:
    """Return the page for `columns`: widths by share, and the largest font size at which they hold what they say."""
    short, long = (length * MM for length in _SIZES_MM[paper])
    width, height = (long, short) if orientation == "landscape" else (short, long)
    inner = width - 2 * 12 * MM
    shares = sum(column.width for column in columns) or 1
    room = inner - 2 * PADDING * len(columns)
    # A half-width character is about 0.55 of the font size wide.
    size = min(LARGEST, max(SMALLEST, room / (shares * 0.55)))
    widths = tuple(inner * column.width / shares for column in columns)
    return Page(width, height, int(size * 4) / 4, widths)
