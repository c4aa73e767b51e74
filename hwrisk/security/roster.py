"""The duty roster (值班表) as it is read: posts in sight, who is on and who comes, and where nobody stands."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager

from hwrisk.errors import NotFound
from hwrisk.security.models import Account, DutyPost, DutyRoster
from hwrisk.security.permissions import HOLDERS, Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

AHEAD = timedelta(hours=24)
"""How far ahead a post must be manned without a gap."""


class PostStanding(NamedTuple):
    """A duty post, who is on, who comes next, and from when on within a day nobody is (None: always somebody)."""

    post: DutyPost
    on: tuple[DutyRoster, ...]
    following: DutyRoster | None
    gap_from: datetime | None


def visible_posts(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate on `DutyPost` for what `user` sees: a duty post itself alone, whoever else may read all."""
    return DutyPost.account_id == user.account_id if user.role is Role.DUTY else true()


def get_post(session: Session, public_id: uuid.UUID, *, user: Viewer) -> DutyPost:
    """Return one duty post in sight of `user`, with its account.

    Raises:
        NotFound: there is none, or it is out of sight.
    """
    found = session.scalars(
        select(DutyPost)
        .join(DutyPost.account)
        .options(contains_eager(DutyPost.account))
        .where(DutyPost.public_id == public_id, visible_posts(user))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def get_shift(session: Session, post: DutyPost, shift_id: int) -> DutyRoster:
    """Return one shift of a post, with its person.

    Raises:
        NotFound: the post has no such shift.
    """
    chosen = _shifts(DutyRoster.id == shift_id, DutyRoster.post_id == post.id)
    found: DutyRoster | None = session.scalars(chosen).one_or_none()
    if found is None:
        raise NotFound
    return found


def standings(session: Session, *, user: Viewer, at: datetime) -> list[PostStanding]:
    """Return the posts in use in sight of `user` by name, with how they are manned at `at`; two statements."""
    posts = session.scalars(
        select(DutyPost)
        .join(DutyPost.account)
        .options(contains_eager(DutyPost.account))
        .where(DutyPost.is_active, visible_posts(user))
        .order_by(DutyPost.name)
    ).all()
    ids = [post.id for post in posts]
    shifts: dict[int, list[DutyRoster]] = {post_id: [] for post_id in ids}
    for shift in session.scalars(_coming(at).where(DutyRoster.post_id.in_(ids), Account.is_active)):
        shifts[shift.post_id].append(shift)
    return [_standing(post, shifts[post.id], at) for post in posts]


def coming_shifts(session: Session, post: DutyPost, *, at: datetime) -> Sequence[DutyRoster]:
    """Return the shifts of a post that run at `at` or come after it, first to last, with their persons."""
    return session.scalars(_coming(at).where(DutyRoster.post_id == post.id)).all()


def past_shifts(post: DutyPost, *, at: datetime) -> Select[Any]:
    """Return the statement for the shifts of a post that ended before `at` or were cancelled, with their persons."""
    return _shifts(DutyRoster.post_id == post.id, or_(DutyRoster.ends_at <= at, DutyRoster.cancelled_at.is_not(None)))


def may_stand(session: Session) -> Sequence[Account]:
    """Return the accounts that may be put on a roster: active, and of a role that may stand, by department and name."""
    return session.scalars(
        select(Account)
        .where(Account.is_active, Account.role.in_(HOLDERS[Permission.DUTY_STAND]))
        .order_by(Account.department, Account.display_name, Account.id)
    ).all()


def unused_duty_accounts(session: Session) -> Sequence[Account]:
    """Return the active accounts of the role 值班岗 that no post signs in with yet, by name."""
    taken = select(DutyPost.account_id)
    return session.scalars(
        select(Account)
        .where(Account.is_active, Account.role == Role.DUTY, Account.id.not_in(taken))
        .order_by(Account.username)
    ).all()


def shifts_without_pin(session: Session, account_id: int, *, at: datetime) -> tuple[int, datetime | None]:
    """Return how many present and coming shifts a person without PIN has, and when the first begins."""
    count, first = session.execute(
        select(func.count(), func.min(DutyRoster.starts_at))
        .join(DutyRoster.account)
        .where(
            Account.id == account_id,
            Account.pin_hash.is_(None),
            DutyRoster.cancelled_at.is_(None),
            DutyRoster.ends_at > at,
        )
    ).one()
    return count, first


def first_gap(shifts: Iterable[tuple[datetime, datetime]], *, since: datetime, until: datetime) -> datetime | None:
    """Return the first instant in [since, until) that no half-open shift [begin, end) covers, or None."""
    covered = since
    for begin, end in sorted(shifts):
        if begin > covered:
            break
        covered = max(covered, end)
    return covered if covered < until else None


def _shifts(*conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        select(DutyRoster).join(DutyRoster.account).options(contains_eager(DutyRoster.account)).where(and_(*conditions))
    )


def _coming(at: datetime) -> Select[Any]:
    waiting = _shifts(DutyRoster.ends_at > at, DutyRoster.cancelled_at.is_(None))
    return waiting.order_by(DutyRoster.starts_at, DutyRoster.part, DutyRoster.id)


def _standing(post: DutyPost, shifts: Sequence[DutyRoster], at: datetime) -> PostStanding:
    times = [(shift.starts_at, shift.ends_at) for shift in shifts]
    return PostStanding(
        post=post,
        on=tuple(shift for shift in shifts if shift.starts_at <= at),
        following=next((shift for shift in shifts if shift.starts_at > at), None),
        gap_from=first_gap(times, since=at, until=at + AHEAD),
    )
