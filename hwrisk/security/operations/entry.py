"""Sign-in and change of password and PIN.

They take the database, not a session: argon2 works outside every transaction, so that nobody waits behind it, and a
failed attempt is committed although the caller gets an error.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import local
from hwrisk.db.session import Database
from hwrisk.errors import RuleViolation
from hwrisk.security.actions import ACCOUNT, Action
from hwrisk.security.hashing import hash_secret, is_outdated, matches
from hwrisk.security.models import Account
from hwrisk.security.operations.accounts import refuse_used, store_password, used_hashes
from hwrisk.security.operations.attempts import Attempt, count_failure, locked_row, note, refuse_hurry
from hwrisk.security.operations.sessions import end_sessions, open_session
from hwrisk.security.policy import SignInRules, password_rules, signin_rules
from hwrisk.security.queries import account_by_username, unknown_name_locked_until
from hwrisk.security.roles import AttemptKind, AttemptOutcome
from hwrisk.security.rules import check_password, check_pin, fingerprint, normal_username
from hwrisk.security.viewer import Viewer

WRONG = "用户名或密码不正确"


def sign_in(
    database: Database, username: str, password: str, *, address: str, at: datetime, user_agent: str = ""
) -> str:
    """Return the token of a new sign-in, for the cookie.

    Whether a name exists is not told: unknown names are answered, slowed and locked as known ones are.

    Raises:
        RuleViolation: wrong name or password, locked, disabled, one-time password too old, or the address must wait.
    """
    rules = signin_rules()
    with database.session() as session:
        refuse_hurry(session, address, AttemptKind.PASSWORD, at=at, rules=rules)
        account = account_by_username(session, username)
        account_id, stored = (account.id, account.password_hash) if account else (None, None)
    attempt = Attempt(
        kind=AttemptKind.PASSWORD,
        name_hash=fingerprint(normal_username(username)),
        account_id=account_id,
        stored=stored,
        is_right=matches(stored, password),
        address=address,
        at=at,
    )
    stronger = hash_secret(password) if attempt.is_right and stored and is_outdated(stored) else None
    with database.unit_of_work() as session:
        audit.set_origin(session, address)
        account = locked_row(session, account_id) if account_id else None
        outcome, message = _judge(session, account, attempt, rules)
        note(session, outcome, attempt)
        if account is not None and outcome is AttemptOutcome.OK:
            account.password_hash = stronger or account.password_hash
            return _enter(session, account, attempt, user_agent)
    raise RuleViolation(message)


def change_password(
    database: Database, account_id: int, *, old: str, new: str, token: str, address: str, at: datetime
) -> None:
    """Change the person's own password; the sign-in of `token` goes on, all others end.

    Raises:
        RuleViolation: the old one is wrong (field `old`), or the new one breaks the rules (field `new`).
    """
    rules = password_rules()
    with database.session() as session:
        refuse_hurry(session, address, AttemptKind.PASSWORD, at=at, rules=signin_rules())
        account = session.get_one(Account, account_id)
        username, stored, used = account.username, account.password_hash, used_hashes(session, account, rules=rules)
    if not matches(stored, old):
        _note_wrong_old(database, account_id, fingerprint(username), address, at)
        raise RuleViolation("原密码不正确", field="old")
    hashed = _checked_hash(new, username, used)
    with database.unit_of_work() as session:
        audit.set_origin(session, address)
        account = locked_row(session, account_id)
        store_password(session, account, hashed, at=at, rules=rules)
        end_sessions(session, account, at=at, keep=token)
        audit.record(session, Viewer.acting(account), Action.PASSWORD, ACCOUNT, account_id)


def change_pin(database: Database, account_id: int, *, password: str, pin: str, address: str, at: datetime) -> None:
    """Set or change the person's own PIN for acts at a duty post (值班口令), confirmed by the password.

    Raises:
        RuleViolation: the password is wrong (field `password`), or the PIN is not six digits or easily guessed (`pin`).
    """
    check_pin(pin)
    with database.session() as session:
        refuse_hurry(session, address, AttemptKind.PASSWORD, at=at, rules=signin_rules())
        account = session.get_one(Account, account_id)
        username, stored = account.username, account.password_hash
    if not matches(stored, password):
        _note_wrong_old(database, account_id, fingerprint(username), address, at)
        raise RuleViolation("登录密码不正确", field="password")
    hashed = hash_secret(pin)
    with database.unit_of_work() as session:
        audit.set_origin(session, address)
        account = locked_row(session, account_id)
        account.pin_hash = hashed
        session.flush()
        audit.record(session, Viewer.acting(account), Action.PIN, ACCOUNT, account_id)


def _judge(
    session: Session, account: Account | None, attempt: Attempt, rules: SignInRules
) -> tuple[AttemptOutcome, str]:
    if account is None:
        until = unknown_name_locked_until(session, attempt.name_hash, at=attempt.at, rules=rules)
        return (AttemptOutcome.LOCKED, _locked(until)) if until else (AttemptOutcome.UNKNOWN, WRONG)
    # The lock is looked at here, under the row lock: of many guesses at the same time none passes after the last try.
    if account.locked_until is not None and account.locked_until > attempt.at:
        return AttemptOutcome.LOCKED, _locked(account.locked_until)
    if not attempt.is_right or account.password_hash != attempt.stored:
        count_failure(session, account, at=attempt.at, rules=rules)
        return AttemptOutcome.WRONG, WRONG
    if not account.is_active:
        return AttemptOutcome.DISABLED, "账号已停用，请联系管理员"
    if account.one_time_until is not None and account.one_time_until <= attempt.at:
        return AttemptOutcome.EXPIRED, "一次性密码已过期，请联系管理员重新重置"
    return AttemptOutcome.OK, ""


def _enter(session: Session, account: Account, attempt: Attempt, user_agent: str) -> str:
    account.failed_attempts, account.locked_until, account.last_login_at = 0, None, attempt.at
    token = open_session(session, account, at=attempt.at, address=attempt.address, user_agent=user_agent)
    audit.record(session, Viewer.acting(account), Action.SIGN_IN, ACCOUNT, account.id)
    return token


def _locked(until: datetime) -> str:
    return f"连续输错密码，账号已锁定至 {local(until):%m月%d日 %H:%M}，请届时再试或联系管理员解锁"


def _note_wrong_old(database: Database, account_id: int, name_hash: str, address: str, at: datetime) -> None:
    # Counted like a wrong sign-in: a session left open must not become a way to guess the password.
    attempt = Attempt(
        kind=AttemptKind.PASSWORD,
        name_hash=name_hash,
        account_id=account_id,
        stored=None,
        is_right=False,
        address=address,
        at=at,
    )
    with database.unit_of_work() as session:
        audit.set_origin(session, address)
        count_failure(session, locked_row(session, account_id), at=at, rules=signin_rules())
        note(session, AttemptOutcome.WRONG, attempt)


def _checked_hash(password: str, username: str, used: list[str]) -> str:
    rules = password_rules()
    try:
        check_password(password, username=username, rules=rules)
        refuse_used(password, used, rules=rules)
    except RuleViolation as violation:
        raise RuleViolation(violation.message, field="new") from violation
    return hash_secret(password)
