"""Long IN lists in pieces that every engine accepts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
CHUNK = 400
"""SQLite takes 32,766 parameters a statement and PostgreSQL 65,535; short lists keep the plans good."""


def chunked(items: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield `items` in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
