"""Pure functions of the audit chain: what a summary may hold, its canonical form, and the hash of an entry."""

from __future__ import annotations

import enum
import hashlib
import json
import math
import uuid
from collections.abc import Callable, Mapping, Set
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

_DOMAIN = "hwrisk-audit-1\n"
"""Names the form of the hashed text; another form gets another name."""
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def plain(value: Any) -> Any:
    """Return `value` as plain JSON: quantities, days, instants and identifiers as text, sets as sorted lists.

    Raises:
        TypeError: a value that has no exact JSON form, such as a row of the database or a number that is not finite.
    """
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise TypeError(f"an audit summary cannot hold {value}")
    for kinds, as_text in _AS_TEXT:
        if isinstance(value, kinds):
            return as_text(value)
    return _plain_container(value)


def _plain_container(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {clean(str(plain(key))): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Set):
        return sorted((plain(item) for item in value), key=canonical)
    raise TypeError(f"an audit summary cannot hold {type(value).__name__}")


def clean(text: str) -> str:
    """Return `text` without what a database refuses: NUL characters and halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def canonical(value: Any) -> str:
    """Return the one text form of a plain JSON value: sorted keys, no spaces, characters as they are."""
    return _CANONICAL.encode(value)


def instant_text(instant: datetime) -> str:
    """Return an instant as UTC text with microseconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_hash(fields: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of an entry's fields; `fields` names everything but the hash itself."""
    hashed = {key: instant_text(value) if isinstance(value, datetime) else value for key, value in fields.items()}
    return hashlib.sha256((_DOMAIN + canonical(hashed)).encode()).hexdigest()


_AS_TEXT: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (str, clean),
    # A number with a fraction part differs between JSON readers: as text it stays as it was.
    ((float, Decimal, Fraction, uuid.UUID), str),
    (datetime, instant_text),
    (date, date.isoformat),
)
