"""A memory of finished cells by value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 20_000


class Remembered(dict[Any, T]):
    """Cells by value, made at the first meeting; a column's texts and days repeat so much that most cost a look-up."""

    def __init__(self, make: Callable[[Any], T], kept: tuple[type, ...]) -> None:
        super().__init__()
        self._make, self._kept = make, kept

    def __missing__(self, value: Any) -> T:
        if len(self) >= MOST:
            self.clear()
        cell = self._make(value)
        # Values that are equal but of another type (1, True, 1.0) must not share a cell.
        if isinstance(value, self._kept):
            self[value] = cell
        return cell
