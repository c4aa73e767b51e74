"""How long sign-ins and attempts are kept."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, delete, or_
from sqlalchemy.orm import Session

from hwrisk.clock import LOCAL_ZONE
from hwrisk.security.models import LoginAttempt, WebSession
from hwrisk.security.policy import signin_rules


def forget_old(session: Session, *, as_of: date) -> dict[str, int]:
    """Remove sign-ins that ended and attempts that were made more than `kept_days` before `as_of`; return how many.

    Accounts, grants and the audit trail are kept without end.
    """
    limit = datetime.combine(as_of - timedelta(days=signin_rules().kept_days), time.min, LOCAL_ZONE)
    return {"sessions": forget_sessions(session, before=limit), "attempts": forget_attempts(session, before=limit)}


def forget_sessions(session: Session, *, before: datetime) -> int:
    """Remove the sign-ins that ended before the instant `before`, and return how many."""
    ended = delete(WebSession).where(or_(WebSession.expires_at < before, WebSession.ended_at < before))
    return _removed(session, ended)


def forget_attempts(session: Session, *, before: datetime) -> int:
    """Remove the attempts made before the instant `before`, and return how many."""
    return _removed(session, delete(LoginAttempt).where(LoginAttempt.at < before))


def _removed(session: Session, rows: Delete) -> int:
    return cast("CursorResult[Any]", session.execute(rows)).rowcount
