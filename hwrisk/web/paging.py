"""Keyset paging: pages by the last row seen, never by OFFSET, so that page 1,000 is as quick as page 1."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Date, Integer, Select, String, Uuid, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeEngine

from hwrisk.db.types import EnumValue, TonnesType, UtcDateTime, from_units, to_units

R = TypeVar("R")
PAGE_SIZE = 50
MAX_CURSOR_LENGTH = 800
_MAX_INTEGER = 2**63 - 1


def whole_number(text: str | None) -> int | None:
    """Return the number of a row that an address carries, or None for anything a database cannot hold."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > len(str(_MAX_INTEGER)):
        return None
    number = int(text)
    return number if 0 < number <= _MAX_INTEGER else None


class SortKey(NamedTuple):
    """One column a list is ordered by; never NULL, and the last key of a list is unique."""

    column: ColumnElement[Any] | InstrumentedAttribute[Any]
    value: Callable[[Any], Any]
    """Returns the column's value of a row, for the cursor."""
    descending: bool = False


@dataclass(frozen=True)
class Page(Generic[R]):
    """One page of a list, with the cursors of its neighbours (None: there is no such page)."""

    rows: Sequence[R]
    next_cursor: str | None = None
    previous_cursor: str | None = None


def page_of(
    session: Session,
    statement: Select[Any],
    *,
    keys: Sequence[SortKey],
    cursor: str | None = None,
    size: int = PAGE_SIZE,
    scalars: bool = True,
) -> Page[Any]:
    """Return the page of `statement` that `cursor` points at, ordered by `keys`; a cursor that is none is page 1.

    Args:
        scalars: whether rows are the first column alone (a model), or whole rows.
    """
    place = _read_cursor(cursor, keys)
    backward = place is not None and place.backward
    ordered = [k.column.desc() if k.descending != backward else k.column.asc() for k in keys]
    chosen = statement.order_by(None).order_by(*ordered).limit(size + 1)
    if place is not None:
        chosen = chosen.where(_beyond(keys, place.values, backward=backward))
    result = session.execute(chosen)
    rows: list[Any] = list(result.scalars().all() if scalars else result.all())
    has_more = len(rows) > size
    rows = rows[:size]
    if backward:
        rows.reverse()
    return _page(rows, keys, has_more=has_more, place=place)


class _Place(NamedTuple):
    values: list[Any]
    backward: bool


def _page(rows: list[Any], keys: Sequence[SortKey], *, has_more: bool, place: _Place | None) -> Page[Any]:
    if not rows:
        return Page(rows)
    backward = place is not None and place.backward
    has_next = has_more if not backward else True
    has_previous = has_more if backward else place is not None
    return Page(
        rows,
        _cursor(rows[-1], keys, backward=False) if has_next else None,
        _cursor(rows[0], keys, backward=True) if has_previous else None,
    )


def _beyond(keys: Sequence[SortKey], values: list[Any], *, backward: bool) -> ColumnElement[bool]:
    # Written out, not as a row value: keys may run in different directions.
    alternatives = []
    for index, key in enumerate(keys):
        same = [k.column == v for k, v in zip(keys[:index], values, strict=False)]
        is_less = key.descending != backward
        further = key.column < values[index] if is_less else key.column > values[index]
        alternatives.append(and_(*same, further))
    return or_(*alternatives)


def _cursor(row: Any, keys: Sequence[SortKey], *, backward: bool) -> str:
    packed = [1 if backward else 0, *(_pack(key.value(row)) for key in keys)]
    text = json.dumps(packed, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None, keys: Sequence[SortKey]) -> _Place | None:
    """Return the place a cursor names, or None for anything that is not a cursor of a list with these keys."""
    if not cursor or len(cursor) > MAX_CURSOR_LENGTH:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        packed = json.loads(base64.urlsafe_b64decode(padded))
        if not isinstance(packed, list) or len(packed) != len(keys) + 1 or packed[0] not in (0, 1):
            return None
        values = [_unpack(item, key.column.type) for item, key in zip(packed[1:], keys, strict=True)]
        return _Place(values, packed[0] == 1)
    except (ValueError, binascii.Error, ArithmeticError, TypeError, RecursionError):
        return None


def _pack(value: Any) -> str | int:
    if value is None:
        raise TypeError("a list cannot be paged by a column with NULL")
    if isinstance(value, int):
        return int(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _unpack(item: Any, kind: TypeEngine[Any]) -> Any:
    """Return a cursor's value as the column takes it; whoever writes a cursor by hand must not reach the driver."""
    if isinstance(kind, Integer):
        if not isinstance(item, int) or abs(item) > _MAX_INTEGER:
            raise ValueError("not an integer of the database")
        return item
    if not isinstance(item, str) or "\x00" in item:
        raise ValueError("not a text")
    if isinstance(kind, EnumValue):
        return kind.enum_class(item)
    for types, read in _READERS:
        if isinstance(kind, types):
            return read(item)
    raise TypeError(f"a list cannot be paged by a column of type {kind!r}")


_READERS: tuple[tuple[type[TypeEngine[Any]], Callable[[str], Any]], ...] = (
    (TonnesType, lambda text: from_units(to_units(Decimal(text)))),
    (UtcDateTime, lambda text: datetime.fromisoformat(text).astimezone(UTC)),
    (Date, date.fromisoformat),
    (Uuid, uuid.UUID),
    (String, str),
)
