"""Conditions that the lists of assessments share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TypeVar

from sqlalchemy import ColumnElement, or_

from hwrisk.units.models import Unit, UnitVersion
from hwrisk.web.paging import whole_number

E = TypeVar("E", bound=Enum)
FIRST_YEAR, LAST_YEAR = 2016, 2200
CHUNK = 500


def year_of(values: Mapping[str, str]) -> int | None:
    """Return the year that the filters name, or None where they name none that can be."""
    year = whole_number(values.get("year"))
    return year if year is not None and FIRST_YEAR <= year <= LAST_YEAR else None


def one_of(kind: type[E], text: str | None) -> E | None:
    """Return the member with this value, or None."""
    return next((member for member in kind if member.value == text), None)


def pasted_units(items: Sequence[str]) -> ColumnElement[bool]:
    """Return the predicate that a unit is among pasted unit numbers, identity numbers or whole names."""
    upper = [item.upper() for item in items]
    return or_(Unit.unit_no.in_(upper), Unit.identity_no.in_(upper), UnitVersion.name.in_(list(items)))


def has_word(word: str) -> ColumnElement[bool]:
    """Return the predicate that name, number or identity of a unit contains `word`; letters are pinyin too."""
    found = [
        UnitVersion.name.icontains(word, autoescape=True),
        UnitVersion.short_name.icontains(word, autoescape=True),
        Unit.unit_no.icontains(word, autoescape=True),
        Unit.identity_no.icontains(word, autoescape=True),
    ]
    if word.isascii() and word.isalnum():
        found.append(UnitVersion.pinyin.contains(word.lower(), autoescape=True))
    return or_(*found)
