"""Reading accounts, sign-ins and attempts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select, true
from sqlalchemy.orm import Session, contains_eager

from hwrisk.errors import NotFound
from hwrisk.security.models import Account, AccountGrant, DutyPost, DutyRoster, LoginAttempt, WebSession
from hwrisk.security.policy import SignInRules
from hwrisk.security.roles import ADMINISTRATORS, AttemptKind, AttemptOutcome, GrantKind, Role
from hwrisk.security.rules import fingerprint, normal_username, wait_after
from hwrisk.security.viewer import Viewer

PAGE = 50
_PEOPLE_OF = {
    Role.COUNTY: frozenset({Role.COUNTY, Role.ENTERPRISE, Role.PROVIDER}),
    Role.PARK: frozenset({Role.PARK, Role.OPERATOR}),
}
"""Whose accounts a county branch and a park administration look after, within their own scope."""
_FAILED = frozenset({AttemptOutcome.WRONG, AttemptOutcome.UNKNOWN})


def account_by_token(session: Session, token: str, *, at: datetime) -> Account | None:
    """Return the active account whose sign-in `token` holds at `at`, or None: signed out, ended, or disabled."""
    found = session_by_token(session, token, at=at)
    return found.account if found else None


def session_by_token(session: Session, token: str, *, at: datetime) -> WebSession | None:
    """Return the sign-in that `token` opens at `at`, with its account, or None."""
    return session.scalars(
        select(WebSession)
        .join(WebSession.account)
        .options(contains_eager(WebSession.account))
        .where(
            WebSession.token_hash == fingerprint(token),
            WebSession.ended_at.is_(None),
            WebSession.expires_at > at,
            Account.is_active,
        )
    ).one_or_none()


def open_sessions(session: Session, account: Account, *, at: datetime) -> Sequence[WebSession]:
    """Return the sign-ins of `account` that hold at `at`, latest seen first."""
    return session.scalars(
        select(WebSession)
        .where(WebSession.account_id == account.id, WebSession.ended_at.is_(None), WebSession.expires_at > at)
        .order_by(WebSession.last_seen_at.desc(), WebSession.id.desc())
    ).all()


def account_by_username(session: Session, username: str) -> Account | None:
    """Return the account of a sign-in name as typed, or None."""
    return session.scalar(select(Account).where(Account.username == normal_username(username)))


def get_account(session: Session, public_id: uuid.UUID, *, user: Viewer, on: date) -> Account:
    """Return one account in sight of `user`.

    Raises:
        NotFound: there is none, or it is out of sight.
    """
    found = session.scalar(select(Account).where(Account.public_id == public_id, visible_accounts(user, on=on)))
    if found is None:
        raise NotFound
    return found


def accounts(
    session: Session,
    *,
    user: Viewer,
    on: date,
    role: Role | None = None,
    text: str = "",
    after: str = "",
    limit: int = PAGE,
) -> Sequence[Account]:
    """Return at most `limit` accounts in sight of `user`, by username, those after the username `after`.

    `text` is looked for in username, name and department.
    """
    found = select(Account).where(visible_accounts(user, on=on), Account.username > after)
    if role is not None:
        found = found.where(Account.role == role)
    if text:
        columns = (Account.username, Account.display_name, Account.department)
        found = found.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return session.scalars(found.order_by(Account.username).limit(limit)).all()


def visible_accounts(user: Viewer, *, on: date, units: frozenset[int] = frozenset()) -> ColumnElement[bool]:
    """Return the predicate of the accounts that `user` may see on the day `on`.

    The city section and the administrators see all; a county branch and a park administration their own people, whose
    grants all lie within their own scope; `units` are the ids of the units of the viewer's offices or parks. Anybody
    else sees the own account.
    """
    if user.role in ADMINISTRATORS or (user.role is Role.CITY and user.is_city_wide):
        return true()
    own = Account.id == user.account_id
    people = _PEOPLE_OF.get(user.role)
    if people is None:
        return own
    in_force = and_(
        AccountGrant.account_id == Account.id,
        AccountGrant.valid_from <= on,
        or_(AccountGrant.valid_until.is_(None), AccountGrant.valid_until > on),
    )
    mine = _within(user, units)
    theirs = and_(
        Account.role.in_(people),
        exists().where(in_force, mine),
        # Somebody who also sees more than the viewer does is not the viewer's to look after.
        not_(exists().where(in_force, not_(mine))),
    )
    return or_(own, theirs)


def resettable_accounts(user: Viewer, *, on: date, units: frozenset[int] = frozenset()) -> ColumnElement[bool]:
    """Return the predicate of the accounts whose password `user` may reset: those in sight, but not the own one.

    The three administrators' passwords are reset by the security administrator alone.
    """
    seen = and_(visible_accounts(user, on=on, units=units), Account.id != (user.account_id or 0))
    if user.role is Role.SECADMIN or user.account_id is None:
        return seen
    return and_(seen, Account.role.not_in(ADMINISTRATORS))


def _within(user: Viewer, units: frozenset[int]) -> ColumnElement[bool]:
    return or_(
        and_(AccountGrant.kind == GrantKind.OFFICE, AccountGrant.ref.in_(sorted(user.offices))),
        and_(AccountGrant.kind == GrantKind.PARK, AccountGrant.ref.in_(sorted(map(str, user.parks)))),
        and_(AccountGrant.kind == GrantKind.UNIT, AccountGrant.ref.in_(sorted(map(str, units | user.units)))),
    )


def address_wait(session: Session, address: str, kind: AttemptKind, *, at: datetime, rules: SignInRules) -> timedelta:
    """Return how long attempts of `kind` from `address` must still wait at `at`; zero when they need not."""
    since = at - timedelta(minutes=rules.address_window_minutes)
    failures, last = session.execute(
        select(func.count(), func.max(LoginAttempt.at)).where(
            LoginAttempt.address == address,
            LoginAttempt.kind == kind,
            LoginAttempt.at > since,
            LoginAttempt.outcome.in_(_FAILED),
        )
    ).one()
    if last is None:
        return timedelta(0)
    return max(timedelta(0), last + wait_after(failures, rules=rules) - at)


def unknown_name_locked_until(session: Session, name_hash: str, *, at: datetime, rules: SignInRules) -> datetime | None:
    """Return until when a name that belongs to nobody is treated as locked at `at`, or None.

    Names without an account behave as accounts do, so that nobody can find out which names exist.
    """
    lock = timedelta(minutes=rules.lock_minutes)
    times = session.scalars(
        select(LoginAttempt.at)
        .where(
            LoginAttempt.name_hash == name_hash,
            LoginAttempt.at > at - lock,
            LoginAttempt.outcome == AttemptOutcome.UNKNOWN,
        )
        .order_by(LoginAttempt.at.desc())
        .limit(rules.max_failures)
    ).all()
    return times[0] + lock if times and len(times) >= rules.max_failures else None


def dormant_accounts(session: Session, *, since: datetime) -> Sequence[Account]:
    """Return the active accounts that were made before `since` and have not signed in from then on, by username."""
    return session.scalars(
        select(Account)
        .where(
            Account.is_active,
            Account.created_at < since,
            or_(Account.last_login_at.is_(None), Account.last_login_at < since),
        )
        .order_by(Account.username)
    ).all()


def on_duty(session: Session, post: DutyPost, at: datetime) -> Sequence[DutyRoster]:
    """Return the shifts that run at `post` at the instant `at`, with their active persons, officers first."""
    return session.scalars(
        select(DutyRoster)
        .join(DutyRoster.account)
        .options(contains_eager(DutyRoster.account))
        .where(
            DutyRoster.post_id == post.id,
            DutyRoster.starts_at <= at,
            DutyRoster.ends_at > at,
            or_(DutyRoster.cancelled_at.is_(None), DutyRoster.cancelled_at > at),
            Account.is_active,
        )
        .order_by(DutyRoster.part, DutyRoster.starts_at, DutyRoster.id)
    ).all()


def post_of(session: Session, account_id: int) -> DutyPost | None:
    """Return the active duty post whose device signs in with the account, or None."""
    return session.scalar(select(DutyPost).where(DutyPost.account_id == account_id, DutyPost.is_active))
