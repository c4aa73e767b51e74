"""Attempts with a secret: noted, counted against the account, and slowed by address."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.errors import RuleViolation
from hwrisk.security.actions import ACCOUNT, Action
from hwrisk.security.models import Account, LoginAttempt
from hwrisk.security.policy import SignInRules
from hwrisk.security.queries import address_wait
from hwrisk.security.roles import AttemptKind, AttemptOutcome, Role


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What was tried, from where, and whether the secret was the stored one."""

    kind: AttemptKind
    name_hash: str
    account_id: int | None
    stored: str | None
    """The hash the secret was compared with; None when there is no such account or no secret was ever set."""
    is_right: bool
    address: str
    at: datetime


@dataclass(frozen=True)
class _Stranger:
    account_id: int | None = None
    label: str = "未登录人员"


def refuse_hurry(session: Session, address: str, kind: AttemptKind, *, at: datetime, rules: SignInRules) -> None:
    """Refuse an attempt from an address that must still wait after its failures.

    The refused attempt is not noted: whoever goes on hammering would otherwise never let the others of the same
    address in.

    Raises:
        RuleViolation: the message says how many seconds.
    """
    wait = address_wait(session, address[:64], kind, at=at, rules=rules)
    if wait > timedelta(0):
        raise RuleViolation(f"尝试过于频繁，请 {math.ceil(wait.total_seconds())} 秒后再试")


def note(session: Session, outcome: AttemptOutcome, attempt: Attempt) -> None:
    """Write down an attempt and how it ended."""
    session.execute(insert(LoginAttempt), [row_of(outcome, attempt)])


def row_of(outcome: AttemptOutcome, attempt: Attempt) -> dict[str, Any]:
    """Return the columns of the attempt's row."""
    return {
        "at": attempt.at,
        "kind": attempt.kind,
        "outcome": outcome,
        "address": attempt.address[:64],
        "account_id": attempt.account_id,
        "name_hash": attempt.name_hash,
    }


def locked_row(session: Session, account_id: int) -> Account:
    """Return the account with its row lock held, so that attempts at the same time are counted one by one."""
    return session.get_one(Account, account_id, with_for_update=True, populate_existing=True)


def count_failure(session: Session, account: Account, *, at: datetime, rules: SignInRules) -> None:
    """Count a wrong password against an account, and lock it for a while when there were too many in a row."""
    if account.role is Role.DUTY:
        # A post that nobody can open in an emergency costs more than a guessed password: its address is slowed.
        return
    account.failed_attempts += 1
    if account.failed_attempts >= rules.max_failures:
        account.failed_attempts = 0
        account.locked_until = at + timedelta(minutes=rules.lock_minutes)
        audit.record(session, _Stranger(), Action.LOCK, ACCOUNT, account.id, summary={"until": account.locked_until})
    session.flush()
