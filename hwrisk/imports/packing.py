"""Typed values in JSON columns: tonnes and days come back as what they were, never as floats or bare text."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

_READ: dict[str, Callable[[str], Any]] = {
    "$decimal": Decimal,
    "$day": date.fromisoformat,
    "$instant": datetime.fromisoformat,
    "$uuid": uuid.UUID,
}


def pack(value: Any) -> Any:
    """Return `value` as plain JSON data; Decimal, date, datetime and UUID are tagged, an enum gives its value.

    Raises:
        TypeError: a type that would not come back, a float among them.
    """
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): pack(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [pack(item) for item in value]
    return _tagged(value)


def _tagged(value: Any) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$instant": value.isoformat()}
    if isinstance(value, date):
        return {"$day": value.isoformat()}
    if isinstance(value, uuid.UUID):
        return {"$uuid": str(value)}
    raise TypeError(f"{type(value).__name__} cannot be staged")


def unpack(value: Any) -> Any:
    """Return what `pack` was given; tuples come back as lists, enums as their values."""
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        tag, text = next(iter(value.items()))
        if tag in _READ:
            return _READ[tag](text)
    return {key: unpack(item) for key, item in value.items()}
