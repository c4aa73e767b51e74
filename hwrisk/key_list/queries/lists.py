"""Versions of the list: all of them, one of them, and the one in force on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select, true
from sqlalchemy.orm import Session

from hwrisk.db.marks import PLACE, mark
from hwrisk.errors import NotFound
from hwrisk.key_list.models import KeyList, KeyListEntry, ListState, ReviewState
from hwrisk.security.viewer import Viewer
from hwrisk.units.scope import visible_unit_ids

DEFAULT_PLACE = "连云港市"
LATEST_FIRST: tuple[Any, ...] = (KeyList.effective_on.desc(), KeyList.year.desc(), KeyList.version_no.desc())


class ListRow(NamedTuple):
    """A version with its counts in sight."""

    key_list: KeyList
    listed: int
    pending: int
    objected: int


def list_in_force(session: Session, *, as_of: date, known_at: datetime | None = None) -> KeyList | None:
    """Return the published list in force on `as_of` by what was known at `known_at` (None: now), or None."""
    return session.scalars(
        select(KeyList).where(is_published(known_at), KeyList.effective_on <= as_of).order_by(*LATEST_FIRST).limit(1)
    ).one_or_none()


def list_before(session: Session, key_list: KeyList) -> KeyList | None:
    """Return the version a list is compared with: the one it is based on, or None for the first of all."""
    return session.get(KeyList, key_list.based_on_id) if key_list.based_on_id else None


def next_published(session: Session, *, after: date) -> KeyList | None:
    """Return the first published list that comes into force after a day."""
    return session.scalars(
        select(KeyList).where(is_published(), KeyList.effective_on > after).order_by(KeyList.effective_on).limit(1)
    ).one_or_none()


def latest_of_year(session: Session, year: int, *, as_of: date) -> KeyList | None:
    """Return the latest published version of a year that is in force on `as_of`, or None."""
    return session.scalars(
        select(KeyList)
        .where(is_published(), KeyList.year == year, KeyList.effective_on <= as_of)
        .order_by(KeyList.version_no.desc())
        .limit(1)
    ).one_or_none()


def versions_of_year(session: Session, year: int) -> Sequence[KeyList]:
    """Return every version of a year that is not discarded, by number."""
    return session.scalars(
        select(KeyList).where(KeyList.year == year, KeyList.state != ListState.DISCARDED).order_by(KeyList.version_no)
    ).all()


def open_draft(session: Session) -> KeyList | None:
    """Return the draft being worked on, or None; there is at most one."""
    return session.scalars(select(KeyList).where(KeyList.state == ListState.DRAFT).limit(1)).one_or_none()


def get_list(session: Session, public_id: UUID, *, user: Viewer) -> KeyList:
    """Return one version.

    Raises:
        NotFound: there is none, or it is a draft and not for `user` to read.
    """
    found = session.scalars(select(KeyList).where(KeyList.public_id == public_id, visible_state(user))).one_or_none()
    if found is None:
        raise NotFound
    return found


def all_lists(session: Session, *, user: Viewer, as_of: date) -> list[ListRow]:
    """Return every version with what `user` sees of it: drafts first, then the latest in force; one statement."""
    listed = func.sum(_one_if(KeyListEntry.is_listed))
    pending = func.sum(_one_if(KeyListEntry.review == ReviewState.PENDING))
    objected = func.sum(_one_if(KeyListEntry.review == ReviewState.OBJECTED))
    rows = session.execute(
        select(KeyList, func.coalesce(listed, 0), func.coalesce(pending, 0), func.coalesce(objected, 0))
        .outerjoin(
            KeyListEntry,
            and_(
                KeyListEntry.list_id == KeyList.id,
                KeyListEntry.unit_id.in_(visible_unit_ids(user, as_of=as_of)),
            ),
        )
        .where(visible_state(user))
        .group_by(KeyList.id)
        .order_by(KeyList.year.desc(), KeyList.version_no.desc())
    )
    return [ListRow(*row) for row in rows]


def is_published(known_at: datetime | None = None) -> ColumnElement[bool]:
    """Return the predicate that a version was published by `known_at` (None: by now)."""
    published = KeyList.state == ListState.PUBLISHED
    return published if known_at is None else and_(published, KeyList.published_at <= known_at)


def list_title(session: Session, key_list: KeyList) -> str:
    """Return the official title of a version; a draft says so."""
    place = mark(session, PLACE) or DEFAULT_PLACE
    amended = f"（第{key_list.version_no - 1}次调整）" if key_list.version_no > 1 else ""
    draft = "" if key_list.state is ListState.PUBLISHED else f"（{key_list.state.label}，未公布）"
    return f"{place}{key_list.year}年危险废物环境重点监管单位清单{amended}{draft}"


def published_lists(session: Session, *, as_of: date) -> Sequence[KeyList]:
    """Return the published versions in force on `as_of` or before, the latest first."""
    return session.scalars(
        select(KeyList).where(is_published(), KeyList.effective_on <= as_of).order_by(*LATEST_FIRST)
    ).all()


def visible_state(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate of the versions `user` may read: drafts are for the authorities alone."""
    if user.is_city_wide or user.offices:
        return true()
    return KeyList.state == ListState.PUBLISHED


def _one_if(condition: Any) -> Any:
    return case((condition, 1), else_=0)
