"""Parsers of single values, for cells of a file and fields of a form alike; pure, raising nothing but `CellError`."""

from hwrisk.imports.cells.base import BrokenCell, Cell, CellError, half_width, line_of, shown
from hwrisk.imports.cells.choice import near_names, parse_choice, parse_text, parse_whole
from hwrisk.imports.cells.codes import parse_code, parse_identity, parse_uscc, parse_waste_category, parse_waste_code
from hwrisk.imports.cells.day import parse_day
from hwrisk.imports.cells.quantity import format_tonnes, parse_tonnes

__all__ = [
    "BrokenCell",
    "Cell",
    "CellError",
    "format_tonnes",
    "half_width",
    "line_of",
    "near_names",
    "parse_choice",
    "parse_code",
    "parse_day",
    "parse_identity",
    "parse_text",
    "parse_tonnes",
    "parse_uscc",
    "parse_waste_category",
    "parse_waste_code",
    "parse_whole",
    "shown",
]
