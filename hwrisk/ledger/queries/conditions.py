"""What the ledger is narrowed by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from hwrisk.imports.cells import CellError, parse_waste_category
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.storage.queries.conditions import StorageConditions, has, unit_has, where_unit, words_of
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.scope import visible_units


@dataclass(frozen=True, kw_only=True)
class LedgerConditions:
    """What a list of ledger records is narrowed by; None sets no condition."""

    kind: EntryKind | None = None
    office: str | None = None
    admin: str | None = None
    """Administrative division; a county stands for its towns too."""
    waste: str | None = None
    """A waste code or the beginning of one, or a category as HW08."""
    since: date | None = None
    until: date | None = None
    """Last day that is shown."""
    text: str | None = None
    """Words of unit name, unit number, record number, waste or receiver; letters are also taken as pinyin."""
    pasted: Sequence[str] = ()
    """Record numbers."""
    unit_id: int | None = None


def conditions_from(values: Mapping[str, str]) -> LedgerConditions:
    """Return the conditions that the arguments of the list's address state; unknown values set none."""
    kind = values.get("kind")
    return LedgerConditions(
        kind=EntryKind(kind) if kind in {str(member) for member in EntryKind} else None,
        office=values.get("office") or None,
        admin=values.get("admin") or None,
        waste=values.get("waste") or None,
        since=_day(values.get("since")),
        until=_day(values.get("until")),
        text=values.get("text") or None,
        pasted=tuple((values.get("numbers") or "").split()),
    )


def where(asked: LedgerConditions, *, user: Viewer, as_of: date) -> list[ColumnElement[bool]]:
    """Return the conditions on `LedgerEntry`, `Unit` and `UnitVersion`; nothing after `as_of` is shown."""
    return where_units(asked) + where_entries(asked, user=user, as_of=as_of)


def where_units(asked: LedgerConditions) -> list[ColumnElement[bool]]:
    """Return those of the conditions that `Unit` and `UnitVersion` alone decide."""
    return where_unit(StorageConditions(unit_id=asked.unit_id, office=asked.office, admin=asked.admin))


def where_entries(asked: LedgerConditions, *, user: Viewer, as_of: date) -> list[ColumnElement[bool]]:
    """Return the other conditions, all on `LedgerEntry`; which units a word names is asked once, not of each record."""
    found: list[ColumnElement[bool]] = [LedgerEntry.occurred_on <= min(as_of, asked.until or as_of)]
    if asked.since is not None:
        found.append(LedgerEntry.occurred_on >= asked.since)
    if asked.kind is not None:
        found.append(LedgerEntry.kind == asked.kind)
    if asked.waste is not None:
        found.append(_is_waste(asked.waste))
    if asked.pasted:
        found.append(LedgerEntry.entry_no.in_(asked.pasted))
    return found + [_has_word(word, user, as_of) for word in words_of(asked.text)]


def _has_word(word: str, user: Viewer, as_of: date) -> ColumnElement[bool]:
    columns: tuple[Any, ...] = (
        LedgerEntry.entry_no, LedgerEntry.waste_code, LedgerEntry.waste_name, LedgerEntry.receiver_name,
        LedgerEntry.national_no,
    )  # fmt: skip
    units = (
        select(Unit.id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(visible_units(user, as_of=as_of), or_(*unit_has(word)))
    )
    return or_(LedgerEntry.unit_id.in_(units), *has(word, columns))


def _is_waste(text: str) -> ColumnElement[bool]:
    try:
        category = parse_waste_category(text)
    except CellError:
        return or_(
            LedgerEntry.waste_code.startswith(text.upper(), autoescape=True),
            LedgerEntry.waste_name.contains(text, autoescape=True),
        )
    return LedgerEntry.waste_code.endswith(f"-{category.removeprefix('HW')}", autoescape=True)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
