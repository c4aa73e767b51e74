"""Sign-ins in the database: opened, kept alive without ever waiting, ended."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.config import settings
from hwrisk.db.locks import try_at_once
from hwrisk.db.session import Database
from hwrisk.errors import DatabaseBusy
from hwrisk.security.actions import ACCOUNT, Action
from hwrisk.security.hashing import new_token
from hwrisk.security.models import Account, WebSession
from hwrisk.security.policy import signin_rules
from hwrisk.security.queries import session_by_token
from hwrisk.security.roles import Role
from hwrisk.security.rules import fingerprint, session_end
from hwrisk.security.viewer import Viewer

TOUCH_EVERY = timedelta(minutes=1)
_REMEMBERED = 10_000
_touched: OrderedDict[str, datetime] = OrderedDict()
"""When this process last knew each sign-in to be noted, so that most requests ask the database nothing."""


def open_session(session: Session, account: Account, *, at: datetime, address: str = "", user_agent: str = "") -> str:
    """Open a sign-in for an account whose person is known, and return its token for the cookie.

    Only the token's SHA-256 is stored.
    """
    token = new_token()
    session.add(
        WebSession(
            token_hash=fingerprint(token),
            account_id=account.id,
            created_at=at,
            last_seen_at=at,
            expires_at=_end(account.role, at, at),
            address=address[:64],
            user_agent=user_agent.replace("\x00", "")[:200],
        )
    )
    session.flush()
    return token


def sign_out(session: Session, token: str, *, at: datetime) -> None:
    """End the sign-in of `token`; it opens nothing from the next request on. An unknown token is no error."""
    found = session_by_token(session, token, at=at)
    if found is None:
        return
    found.ended_at = at
    session.flush()
    audit.record(session, Viewer.acting(found.account), Action.SIGN_OUT, ACCOUNT, found.account_id)


def end_sessions(session: Session, account: Account, *, at: datetime, keep: str | None = None) -> int:
    """End all sign-ins of an account, but for the one of the token `keep`, and return how many there were."""
    open_ones = update(WebSession).where(
        WebSession.account_id == account.id, WebSession.ended_at.is_(None), WebSession.expires_at > at
    )
    if keep is not None:
        open_ones = open_ones.where(WebSession.token_hash != fingerprint(keep))
    return cast("CursorResult[Any]", session.execute(open_ones.values(ended_at=at))).rowcount


def touch_session(database: Database, token: str, *, at: datetime) -> bool:
    """Note, at most once a minute, that a sign-in is in use, and move its end on; tell whether it was noted.

    Never waits for the write lock: when somebody writes, or the database cannot be written, the next request tries
    again.
    """
    key = fingerprint(token)
    last = _touched.get(key)
    if last is not None and timedelta(0) <= at - last < TOUCH_EVERY:
        return False
    try:
        with database.session() as session:
            found = session_by_token(session, token, at=at)
    except DatabaseBusy:
        return False
    if found is None:
        return False
    if at - found.last_seen_at < TOUCH_EVERY:
        _remember(key, found.last_seen_at)
        return False
    end = _end(found.account.role, found.created_at, at)
    statement = (
        update(WebSession)
        .where(WebSession.id == found.id, WebSession.ended_at.is_(None), WebSession.last_seen_at < at)
        .values(last_seen_at=at, expires_at=end)
    )
    done = try_at_once(database, statement)
    if done:
        _remember(key, at)
    return done


def _remember(key: str, at: datetime) -> None:
    _touched[key] = at
    _touched.move_to_end(key)
    while len(_touched) > _REMEMBERED:
        _touched.popitem(last=False)


def _end(role: Role, created_at: datetime, last_seen_at: datetime) -> datetime:
    return session_end(
        role,
        created_at=created_at,
        last_seen_at=last_seen_at,
        idle_hours=settings().session_hours,
        rules=signin_rules(),
    )
