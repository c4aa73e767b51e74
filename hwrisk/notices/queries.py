"""Reads of notices."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from hwrisk.errors import NotFound
from hwrisk.notices.models import Notice, NoticeRead
from hwrisk.security.viewer import Viewer


class Received(NamedTuple):
    """A notice as one person has it."""

    notice: Notice
    is_read: bool


def is_for(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate of the notices addressed to `user` and not withdrawn.

    Seeing a whole city is not being addressed: a notice to one office goes to those granted that office.
    """
    if user.account_id is None:
        return false()
    return and_(
        Notice.withdrawn_at.is_(None),
        or_(Notice.role.is_(None), Notice.role == user.role),
        _among(Notice.office_code, user.offices),
        _among(Notice.park_id, user.parks),
        _among(Notice.unit_id, user.units),
        or_(Notice.account_id.is_(None), Notice.account_id == user.account_id),
    )


def _among(
    column: InstrumentedAttribute[str | None] | InstrumentedAttribute[int | None], held: frozenset[str] | frozenset[int]
) -> ColumnElement[bool]:
    return or_(column.is_(None), column.in_(sorted(held)))


def is_unread(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate of the notices that `user` has not read."""
    return ~exists().where(NoticeRead.notice_id == Notice.id, NoticeRead.account_id == user.account_id)


def unread_count(session: Session, user: Viewer) -> int:
    """Return how many notices wait for `user`."""
    return session.scalar(select(func.count()).select_from(Notice).where(is_for(user), is_unread(user))) or 0


def unread(session: Session, user: Viewer, *, limit: int = 20) -> Sequence[Notice]:
    """Return the unread notices of `user`, the latest first."""
    return session.scalars(
        select(Notice).where(is_for(user), is_unread(user)).order_by(Notice.id.desc()).limit(limit)
    ).all()


def notices_for(
    session: Session, *, user: Viewer, unread_only: bool = False, before_id: int | None = None, limit: int = 50
) -> list[Received]:
    """Return one page of the notices of `user`, the latest first; `before_id` is the last id of the page before."""
    rows = session.execute(
        select(Notice, ~is_unread(user))
        .where(
            is_for(user),
            is_unread(user) if unread_only else true(),
            true() if before_id is None else Notice.id < before_id,
        )
        .order_by(Notice.id.desc())
        .limit(limit)
    )
    return [Received(notice, bool(is_read)) for notice, is_read in rows]


def get_notice(session: Session, public_id: uuid.UUID, *, user: Viewer) -> Notice:
    """Return one notice.

    Raises:
        NotFound: there is none, or it is not addressed to `user`.
    """
    notice = session.scalar(select(Notice).where(Notice.public_id == public_id, is_for(user)))
    if notice is None:
        raise NotFound
    return notice
