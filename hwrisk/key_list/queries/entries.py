"""Lines of a version: the list with its filters, totals and progress, one line, and what units have had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from hwrisk.db.types import total
from hwrisk.errors import NotFound
from hwrisk.imports.cells import half_width
from hwrisk.key_list.models import (
    BasisKind,
    Change,
    KeyList,
    KeyListEntry,
    KeyListReview,
    ReviewState,
)
from hwrisk.key_list.queries.lists import LATEST_FIRST, is_published, visible_state
from hwrisk.key_list.rules import Line
from hwrisk.regions.models import RegionVersion
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import UNDECIDED, on_or_first
from hwrisk.units.scope import visible_unit_ids
from hwrisk.web.paging import Page, SortKey, page_of

KEYS = (
    SortKey(KeyListEntry.seq_no, lambda row: row[0].seq_no),
    SortKey(KeyListEntry.id, lambda row: row[0].id),
)
LISTED, LEFT = "listed", "left"


@dataclass(frozen=True, kw_only=True)
class EntryConditions:
    """What the lines of a version are narrowed by; None sets no condition."""

    office: str | None = None
    admin: str | None = None
    basis: BasisKind | None = None
    change: Change | None = None
    review: ReviewState | None = None
    listed: bool | None = None
    text: str | None = None
    """Words of name, unit number or identity; letters are also taken as pinyin."""
    pasted: Sequence[str] = ()
    """Unit numbers, identity numbers or whole names."""


class EntryRow(NamedTuple):
    """A line with the addresses behind it."""

    entry: KeyListEntry
    unit_public_id: UUID
    unit_no: str
    key_list: KeyList


class EntryTotals(NamedTuple):
    """What the lines of a list add up to; tonnes are those of listed units alone."""

    entries: int
    listed: int
    leaving: int
    pending: int
    objected: int
    tonnes: Decimal


class OfficeProgress(NamedTuple):
    """How far an office is with its lines (核对进度)."""

    office_code: str | None
    office_name: str
    listed: int
    pending: int
    agreed: int
    objected: int
    decided: int


class UnitEntry(NamedTuple):
    """A unit on one version."""

    key_list: KeyList
    entry: KeyListEntry


def conditions_from(values: Mapping[str, str]) -> EntryConditions:
    """Return the conditions that the arguments of a list's address state; unknown values set none."""
    listed = values.get("listed")
    return EntryConditions(
        office=values.get("office") or None,
        admin=values.get("admin") or None,
        basis=BasisKind.of(values.get("basis")),
        change=Change.of(values.get("change")),
        review=ReviewState.of(values.get("review")),
        listed=None if listed not in {LISTED, LEFT} else listed == LISTED,
        text=values.get("text") or None,
        pasted=tuple((values.get("pasted") or "").split("\n")) if values.get("pasted") else (),
    )


def entries_page(
    session: Session, key_list: KeyList, *, user: Viewer, as_of: date, asked: EntryConditions, cursor: str | None = None
) -> Page[EntryRow]:
    """Return one page of the lines in sight, by 序号."""
    found = page_of(
        session, _statement(key_list.id, user, as_of, asked), keys=KEYS, cursor=cursor, scalars=False
    )  # fmt: skip
    return Page(
        [EntryRow(row[0], row[1], row[2], key_list) for row in found.rows], found.next_cursor, found.previous_cursor
    )


def stream_entries(
    session: Session, key_list: KeyList, *, user: Viewer, as_of: date, asked: EntryConditions
) -> Iterator[EntryRow]:
    """Yield all lines in sight that fit, by 序号."""
    statement = _statement(key_list.id, user, as_of, asked).order_by(*(key.column for key in KEYS))
    for row in session.execute(statement):
        yield EntryRow(row[0], row[1], row[2], key_list)


def entry_totals(
    session: Session, key_list: KeyList, *, user: Viewer, as_of: date, asked: EntryConditions
) -> EntryTotals:
    """Return what the lines in sight that fit add up to; one statement."""
    statement = _statement(key_list.id, user, as_of, asked).with_only_columns(
        func.count(),
        _count_if(KeyListEntry.is_listed),
        _count_if(KeyListEntry.change == Change.LEAVING),
        _count_if(KeyListEntry.review == ReviewState.PENDING),
        _count_if(KeyListEntry.review == ReviewState.OBJECTED),
        _tonnes_listed(),
    )
    return EntryTotals._make(session.execute(statement).one())


def progress_by_office(session: Session, key_list: KeyList, *, user: Viewer, as_of: date) -> list[OfficeProgress]:
    """Return how far each office in sight is, by its code; one statement."""
    states = [
        _count_if(KeyListEntry.review == state)
        for state in (ReviewState.PENDING, ReviewState.AGREED, ReviewState.OBJECTED, ReviewState.DECIDED)
    ]
    rows = session.execute(
        _statement(key_list.id, user, as_of, EntryConditions())
        .with_only_columns(
            KeyListEntry.office_code, func.max(KeyListEntry.office_name), _count_if(KeyListEntry.is_listed), *states
        )
        .group_by(KeyListEntry.office_code)
        .order_by(KeyListEntry.office_code.is_(None), KeyListEntry.office_code)
    )
    return [OfficeProgress(*row) for row in rows]


def get_entry(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> UnitEntry:
    """Return one line with its version.

    Raises:
        NotFound: there is none, its unit is out of sight of `user`, or it is of a draft not for `user` to read.
    """
    found = session.execute(
        select(KeyList, KeyListEntry)
        .join(KeyListEntry, KeyListEntry.list_id == KeyList.id)
        .where(
            KeyListEntry.public_id == public_id,
            KeyListEntry.unit_id.in_(visible_unit_ids(user, as_of=as_of)),
            visible_state(user),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return UnitEntry(*found)


def entries_among(
    session: Session, key_list: KeyList, public_ids: Sequence[UUID], *, user: Viewer, as_of: date
) -> Sequence[KeyListEntry]:
    """Return the lines of a version with these ids that are in sight of `user`, by 序号."""
    return session.scalars(
        select(KeyListEntry)
        .where(
            KeyListEntry.list_id == key_list.id,
            KeyListEntry.public_id.in_(public_ids),
            KeyListEntry.unit_id.in_(visible_unit_ids(user, as_of=as_of)),
        )
        .order_by(KeyListEntry.seq_no, KeyListEntry.id)
    ).all()


def reviews_of(session: Session, entry_id: int) -> Sequence[KeyListReview]:
    """Return what was said of a line, the earliest first."""
    return session.scalars(
        select(KeyListReview).where(KeyListReview.entry_id == entry_id).order_by(KeyListReview.id)
    ).all()


def entries_of_unit(session: Session, unit_id: int, *, as_of: date, user: Viewer) -> list[UnitEntry]:
    """Return a unit's lines on the versions in force by `as_of`, the latest first; drafts only for the authorities."""
    is_due = and_(is_published(), KeyList.effective_on <= as_of)
    rows = session.execute(
        select(KeyList, KeyListEntry)
        .join(KeyListEntry, KeyListEntry.list_id == KeyList.id)
        .where(KeyListEntry.unit_id == unit_id, is_due, visible_state(user))
        .order_by(*LATEST_FIRST)
    )
    return [UnitEntry(*row) for row in rows]


def listed_lines(session: Session, list_id: int, *, user: Viewer | None = None, as_of: date) -> list[Line]:
    """Return the listed units of a version in sight of `user` (None: all), by 序号."""
    statement = select(
        KeyListEntry.unit_id, KeyListEntry.unit_name, KeyListEntry.basis_kind, KeyListEntry.basis, KeyListEntry.tonnes
    ).where(KeyListEntry.list_id == list_id, KeyListEntry.is_listed)
    if user is not None:
        statement = statement.where(KeyListEntry.unit_id.in_(visible_unit_ids(user, as_of=as_of)))
    return [Line(*row) for row in session.execute(statement.order_by(KeyListEntry.seq_no, KeyListEntry.id))]


def _statement(list_id: int, user: Viewer, as_of: date, asked: EntryConditions) -> Select[Any]:
    # The type of a statement has one parameter or several, by the version of SQLAlchemy.
    statement: Any = select(KeyListEntry, Unit.public_id, Unit.unit_no)
    found: Select[Any] = (
        statement.join(Unit, Unit.id == KeyListEntry.unit_id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(
            KeyListEntry.list_id == list_id,
            on_or_first(as_of),
            KeyListEntry.unit_id.in_(visible_unit_ids(user, as_of=as_of)),
            *_where(asked),
        )
    )
    return found


def _where(asked: EntryConditions) -> list[ColumnElement[bool]]:
    plain: list[tuple[Any, Any]] = [
        (KeyListEntry.basis_kind, asked.basis),
        (KeyListEntry.change, asked.change),
        (KeyListEntry.review, asked.review),
        (KeyListEntry.is_listed, asked.listed),
    ]
    found = [column == value for column, value in plain if value is not None]
    if asked.office is not None:
        found.append(_in_region(KeyListEntry.office_code, asked.office))
    if asked.admin is not None:
        towns = select(RegionVersion.region_code).where(RegionVersion.parent_code == asked.admin)
        found.append(or_(_in_region(KeyListEntry.admin_code, asked.admin), KeyListEntry.admin_code.in_(towns)))
    if asked.pasted:
        upper = [item.upper() for item in asked.pasted]
        found.append(
            or_(Unit.unit_no.in_(upper), KeyListEntry.identity_no.in_(upper), KeyListEntry.unit_name.in_(asked.pasted))
        )
    return found + [_has_word(word) for word in half_width(asked.text or "").split()]


def _has_word(word: str) -> ColumnElement[bool]:
    columns = (KeyListEntry.unit_name, Unit.unit_no, KeyListEntry.identity_no, KeyListEntry.basis)
    found = [column.icontains(word, autoescape=True) for column in columns]
    if word.isascii() and word.isalnum():
        found.append(UnitVersion.pinyin.contains(word.lower(), autoescape=True))
    return or_(*found)


def _in_region(column: Any, code: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_(None) if code == UNDECIDED else column == code
    return found


def _count_if(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _tonnes_listed() -> Any:
    return total(case((KeyListEntry.is_listed, KeyListEntry.tonnes)))
