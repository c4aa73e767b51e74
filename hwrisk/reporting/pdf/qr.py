"""The QR of an export: its number and verification code."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from hwrisk.resources import late

BORDER = 2


def make_qr(text: str) -> Any:
    """Return the QR code of `text`, error correction M."""
    return late("segno").make(text, error="m", micro=False)


def qr_operators(text: str, *, left: float, bottom: float, side: float) -> str:
    """Return PDF operators that fill the QR of `text` as a square of `side` points."""
    rows = [list(row) for row in make_qr(text).matrix_iter(scale=1, border=BORDER)]
    module = side / len(rows)
    parts: list[str] = []
    for number, row in enumerate(rows):
        y = bottom + side - (number + 1) * module
        start = 0
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                parts.append(f"{left + start * module:.3f} {y:.3f} {length * module:.3f} {module:.3f} re")
            start += length
    return "0 0 0 rg " + " ".join(parts) + " f"


def qr_data_uri(text: str) -> str:
    """Return the QR of `text` as an SVG in a data address."""
    return str(make_qr(text).svg_data_uri(border=BORDER, omitsize=True))
