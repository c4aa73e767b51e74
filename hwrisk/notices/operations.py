"""Writing notices, and marking them read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, delete, func, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hwrisk.clock import LOCAL_ZONE, now
from hwrisk.notices.models import Notice, NoticeRead
from hwrisk.notices.queries import is_for, is_unread
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

KEEP_DAYS = 400
"""Days a notice is kept: a year and the time to come back to it."""
TITLE_LENGTH = 200
MARK_TRIES = 3


def notify(
    session: Session,
    *,
    key: str,
    title: str,
    body: str = "",
    link: str = "",
    to_role: Role | None = None,
    to_office: str | None = None,
    to_park: int | None = None,
    to_unit: int | None = None,
    to_account: int | None = None,
) -> Notice:
    """Tell a group of people something, once per `key`, and return the notice: the old one where they were told before.

    Where several recipients are named a person must fit them all: `to_role=COUNTY, to_office="320707"` is the county
    branch of that office.

    Raises:
        ValueError: nobody is named, or the link leaves the site.
    """
    fields = {
        "role": to_role, "office_code": to_office, "park_id": to_park, "unit_id": to_unit, "account_id": to_account,
    }  # fmt: skip
    audience = audience_of(role=to_role, office=to_office, park=to_park, unit=to_unit, account=to_account)
    if not audience:
        raise ValueError("a notice needs somebody to read it")
    if link and (not link.startswith("/") or link.startswith(("//", "/\\"))):
        raise ValueError("a notice links to a path inside the site")
    found = select(Notice).where(Notice.key == key, Notice.audience == audience)
    if (before := session.scalar(found)) is not None:
        return before
    notice = Notice(key=key, audience=audience, title=title[:TITLE_LENGTH], body=body, link=link, **fields)
    try:
        with session.begin_nested():
            session.add(notice)
    except IntegrityError:
        # Another process told them in the same moment.
        return session.scalars(found).one()
    return notice


def audience_of(
    *,
    role: Role | None = None,
    office: str | None = None,
    park: int | None = None,
    unit: int | None = None,
    account: int | None = None,
) -> str:
    """Return those who get a notice as one text, by which the same matter is known for the same people."""
    named = (("role", role), ("office_code", office), ("park_id", park), ("unit_id", unit), ("account_id", account))
    return ";".join(f"{name}={value}" for name, value in named if value is not None)


def withdraw(session: Session, *, key: str, at: datetime | None = None) -> int:
    """Take back the notices of a matter that is settled, and return how many were still shown."""
    gone = session.scalars(
        update(Notice)
        .where(Notice.key == key, Notice.withdrawn_at.is_(None))
        .values(withdrawn_at=at or now())
        .returning(Notice.id)
    ).all()
    return len(gone)


def mark_read(session: Session, notice_ids: Iterable[int], *, user: Viewer, at: datetime | None = None) -> int:
    """Mark notices as read by `user`, and return how many were unread; those of other people are left alone."""
    return _mark(session, Notice.id.in_(list(notice_ids)), user=user, at=at)


def mark_all_read(session: Session, *, user: Viewer, at: datetime | None = None) -> int:
    """Mark every notice of `user` as read, and return how many were unread."""
    return _mark(session, true(), user=user, at=at)


def _mark(session: Session, which: ColumnElement[bool], *, user: Viewer, at: datetime | None) -> int:
    if user.account_id is None:
        return 0
    fresh = select(Notice.id).where(which, is_for(user), is_unread(user))
    for _ in range(MARK_TRIES):
        ids = session.scalars(fresh).all()
        try:
            with session.begin_nested():
                session.add_all(
                    NoticeRead(notice_id=notice_id, account_id=user.account_id, read_at=at or now())
                    for notice_id in ids
                )
        except IntegrityError:
            # The same person marked some of them from another window meanwhile.
            continue
        return len(ids)
    return 0


def remove_old(session: Session, *, as_of: date) -> int:
    """Remove the notices kept long enough on the day `as_of`, with their marks, and return how many."""
    before = datetime.combine(as_of - timedelta(days=KEEP_DAYS), time.min, LOCAL_ZONE).astimezone(UTC)
    old = select(Notice.id).where(Notice.created_at < before)
    count = session.scalar(select(func.count()).select_from(old.subquery())) or 0
    session.execute(delete(NoticeRead).where(NoticeRead.notice_id.in_(old)))
    session.execute(delete(Notice).where(Notice.created_at < before))
    return count
