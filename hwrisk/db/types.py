"""Portable column types: exact tonnes, UTC instants, enums by value."""

from __future__ import annotations

import enum
import warnings
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self, TypeVar

from sqlalchemy import BigInteger, DateTime, String, literal
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import SAWarning
from sqlalchemy.sql import ColumnElement, func, operators
from sqlalchemy.sql.functions import GenericFunction, ReturnTypeFromArgs
from sqlalchemy.types import NullType, TypeDecorator

TONNE_UNITS = 10_000
"""One tonne is ten thousand units of 0.1 kg."""
MAX_TONNES = Decimal("99999999.9999")
PLACES = Decimal("0.0001")
ZERO = Decimal("0.0000")

E = TypeVar("E", bound=enum.Enum)


def to_units(tonnes: Decimal | int) -> int:
    """Return `tonnes` as whole units of 0.1 kg.

    Raises:
        TypeError: a float or other inexact number.
        ValueError: more than four decimals, not finite, or beyond the range.
    """
    if isinstance(tonnes, bool) or not isinstance(tonnes, (Decimal, int)):
        raise TypeError(f"tonnes must be Decimal or int, not {type(tonnes).__name__}")
    exact = Decimal(tonnes)
    if not exact.is_finite() or abs(exact) > MAX_TONNES * 1000:
        raise ValueError(f"tonnes out of range: {tonnes}")
    units = exact * TONNE_UNITS
    if units != units.to_integral_value():
        raise ValueError(f"tonnes have more than four decimals: {tonnes}")
    return int(units)


def from_units(units: int) -> Decimal:
    """Return whole units of 0.1 kg as tonnes with four decimals."""
    return Decimal(units).scaleb(-4).quantize(PLACES)


_ALLOWED = {
    operators.add, operators.sub, operators.neg,
    operators.lt, operators.le, operators.gt, operators.ge, operators.eq, operators.ne,
    operators.between_op, operators.not_between_op,
    operators.in_op, operators.not_in_op, operators.is_, operators.is_not,
    operators.asc_op, operators.desc_op, operators.nulls_first_op, operators.nulls_last_op, operators.distinct_op,
}  # fmt: skip


class TonnesType(TypeDecorator[Decimal]):
    """Exact tonnes with four decimals, stored as whole 0.1 kg in a BIGINT on every engine.

    Keeps its type through + and −, comparison, sum, min, max and coalesce; raises TypeError on ×, ÷ and avg, which
    would come back unscaled without an error. `ratio` and `scaled` are the only other ways.
    """

    impl = BigInteger
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[Decimal]):
        """Operators that keep the scale; all others raise."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            """Apply `op` if it keeps the scale."""
            _refuse_operator(op)
            return super().operate(op, *(_operand(o) for o in other), **kwargs)

        def reverse_operate(self, op: Any, other: Any, **kwargs: Any) -> ColumnElement[Any]:
            """Apply `op` from the right if it keeps the scale."""
            _refuse_operator(op)
            return super().reverse_operate(op, _operand(other), **kwargs)

    comparator_factory: Any = Comparator

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Scale on the way in."""
        return None if value is None else to_units(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Scale on the way out; PostgreSQL sums BIGINT into NUMERIC, which is exact too."""
        return None if value is None else from_units(int(value))


def _refuse_operator(op: Any) -> None:
    if op not in _ALLOWED:
        raise TypeError(f"{getattr(op, '__name__', op)} would lose the scale of tonnes; use ratio() or scaled()")


def _operand(other: Any) -> Any:
    """Return what stands beside tonnes, as tonnes; a column of plain numbers would be read as so many 0.1 kg."""
    if isinstance(other, (Decimal, int)) and not isinstance(other, bool):
        return literal(other, TonnesType())
    if isinstance(other, ColumnElement) and not isinstance(other.type, (TonnesType, NullType)):
        raise TypeError(f"{other} is not in tonnes and cannot be reckoned with tonnes")
    return other


class _RefusesTonnes(GenericFunction[Any]):
    """A function whose answer on scaled integers is a number nobody asked for."""

    inherit_cache = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if any(isinstance(getattr(a, "type", None), TonnesType) for a in args):
            raise TypeError(f"{self.name}() would lose the scale of tonnes; sum and count, then ratio()")
        super().__init__(*args, **kwargs)


class _KeepsTonnes(ReturnTypeFromArgs[Any]):
    """A function whose answer is one of its arguments, and so in tonnes where these are."""

    inherit_cache = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if any(isinstance(getattr(a, "type", None), TonnesType) for a in args):
            args = tuple(_operand(a) for a in args)
        super().__init__(*args, **kwargs)


REFUSED_FUNCTIONS = ("avg", "round", "total", "sqrt", "power", "mod")
KEPT_FUNCTIONS = ("coalesce", "nullif", "abs", "greatest", "least")
NEIGHBOUR_FUNCTIONS = ("lag", "lead", "first_value", "last_value")
"""They answer with their first argument too, but the number after it is an offset."""
with warnings.catch_warnings():
    # SQLAlchemy knows some of them already, and says that it will know them otherwise.
    warnings.simplefilter("ignore", SAWarning)
    for _name in REFUSED_FUNCTIONS:
        type(_name, (_RefusesTonnes,), {"inherit_cache": True})
    for _name in KEPT_FUNCTIONS:
        type(_name, (_KeepsTonnes,), {"inherit_cache": True})
    for _name in NEIGHBOUR_FUNCTIONS:
        type(_name, (ReturnTypeFromArgs,), {"inherit_cache": True})


def total(expression: Any) -> ColumnElement[Decimal]:
    """Return SQL for the sum of tonnes, zero where there is no row."""
    return func.coalesce(func.sum(expression), literal(ZERO, TonnesType()))


def ratio(part: Decimal, whole: Decimal) -> Fraction | None:
    """Return part ÷ whole as an exact fraction, or None when the whole is zero."""
    return None if whole == 0 else Fraction(part) / Fraction(whole)


def scaled(tonnes: Decimal, factor: Fraction) -> Fraction:
    """Return tonnes × factor as an exact fraction; the caller decides about rounding and says so."""
    return Fraction(tonnes) * factor


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, naive UTC in the database (SQLite would drop the zone without a word)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive instants, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("an instant needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class EnumValue(TypeDecorator[E]):
    """An enum stored by value in a VARCHAR, without CHECK, so that the list can grow without a migration."""

    impl = String
    cache_ok = True

    def __init__(self, enum_class: type[E], length: int = 32) -> None:
        super().__init__(length)
        self.enum_class = enum_class

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Store the value; a bare string must be one of the values."""
        return None if value is None else str(self.enum_class(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:  # noqa: ARG002
        """Give the member back."""
        return None if value is None else self.enum_class(value)


class Labelled(enum.StrEnum):
    """A string enum whose members carry their Chinese label: NAME = "value", "中文"."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Labelled:
        """Make a member from its stored value and its Chinese label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def of(cls, value: str | None) -> Self | None:
        """Return the member with this value, else None: an address or a filter may carry anything."""
        return next((member for member in cls if member.value == value), None)
