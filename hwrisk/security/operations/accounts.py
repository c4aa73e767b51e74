"""Accounts: made, changed, disabled, and their passwords and PINs."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.errors import RuleViolation
from hwrisk.security.actions import ACCOUNT, Action
from hwrisk.security.hashing import hash_secret, matches, new_one_time_password
from hwrisk.security.models import Account, PasswordHistory
from hwrisk.security.operations.grants import end_all_grants
from hwrisk.security.operations.sessions import end_sessions
from hwrisk.security.policy import PasswordRules, password_rules
from hwrisk.security.roles import Role
from hwrisk.security.rules import check_password, check_pin, check_username, normal_username
from hwrisk.security.viewer import Viewer


def create_account(
    session: Session,
    username: str,
    display_name: str,
    role: Role,
    *,
    actor: Viewer,
    at: datetime,
    department: str = "",
    phone: str = "",
) -> Account:
    """Return a new active account without a password; `reset_password` gives it its first, one-time one.

    Raises:
        RuleViolation: the name has the wrong form or is taken, or the person has no name.
    """
    name = normal_username(username)
    check_username(name)
    if not display_name.strip():
        raise RuleViolation("请填写姓名", field="display_name")
    if session.scalar(select(Account.id).where(Account.username == name)) is not None:
        raise RuleViolation(f"用户名“{name}”已被使用", field="username")
    account = Account(
        username=name,
        display_name=display_name.strip(),
        department=department.strip(),
        role=role,
        phone=phone.strip(),
        created_at=at,
    )
    session.add(account)
    session.flush()
    _record(session, actor, Action.CREATE, account, username=name, role=role, name=account.label)
    return account


def update_account(
    session: Session, account: Account, *, display_name: str, department: str, phone: str, actor: Viewer
) -> None:
    """Change name, department and phone of an account; the audit trail says which, without the phone number."""
    if not display_name.strip():
        raise RuleViolation("请填写姓名", field="display_name")
    before = account.label
    has_new_phone = account.phone != phone.strip()
    account.display_name, account.department, account.phone = display_name.strip(), department.strip(), phone.strip()
    session.flush()
    _record(session, actor, Action.EDIT, account, before=before, after=account.label, phone_changed=has_new_phone)


def change_role(session: Session, account: Account, role: Role, *, on: date, actor: Viewer) -> None:
    """Give an account another role from its next request on; what was granted to the old role ends on the day `on`.

    Raises:
        RuleViolation: it is the actor's own account, or the last security administrator.
    """
    if account.role is role:
        return
    _refuse_own(account, actor, "不能变更本人的角色")
    _keep_a_security_administrator(session, account)
    before = account.role
    ended = end_all_grants(session, account, on=on)
    account.role = role
    session.flush()
    _record(session, actor, Action.ROLE, account, before=before, after=role, grants_ended=ended)


def disable_account(session: Session, account: Account, *, actor: Viewer, at: datetime) -> None:
    """Disable an account from its next request on and end its sign-ins; its entries and names stay.

    Raises:
        RuleViolation: it is the actor's own account, or the last security administrator.
    """
    if not account.is_active:
        return
    _refuse_own(account, actor, "不能停用本人的账号")
    _keep_a_security_administrator(session, account)
    account.is_active = False
    ended = end_sessions(session, account, at=at)
    _record(session, actor, Action.DISABLE, account, sessions_ended=ended)


def enable_account(session: Session, account: Account, *, actor: Viewer) -> None:
    """Let a disabled account sign in again, with the password it had."""
    if account.is_active:
        return
    account.is_active = True
    session.flush()
    _record(session, actor, Action.ENABLE, account)


def unlock_account(session: Session, account: Account, *, actor: Viewer) -> None:
    """Lift the lock that wrong passwords brought."""
    account.locked_until, account.failed_attempts = None, 0
    session.flush()
    _record(session, actor, Action.UNLOCK, account)


def set_password(
    session: Session,
    account: Account,
    password: str,
    *,
    actor: Viewer,
    at: datetime,
    rules: PasswordRules | None = None,
) -> None:
    """Set the person's own password and end all sign-ins.

    Takes argon2's time several times over, under the write lock: for commands and set-up. A page calls
    `change_password`, which does that work before it takes the lock.

    Raises:
        RuleViolation: the password breaks the rules or was used before.
    """
    rules = rules or password_rules()
    check_password(password, username=account.username, rules=rules)
    refuse_used(password, used_hashes(session, account, rules=rules), rules=rules)
    store_password(session, account, hash_secret(password), at=at, rules=rules)
    end_sessions(session, account, at=at)
    _record(session, actor, Action.PASSWORD, account)


def reset_password(
    session: Session, account: Account, *, actor: Viewer, at: datetime, rules: PasswordRules | None = None
) -> str:
    """Return a fresh one-time password; the old one and all sign-ins end, a lock is lifted.

    It must be changed at the first sign-in and opens only for `rules.one_time_hours`. It is stored nowhere.
    """
    rules = rules or password_rules()
    made = new_one_time_password(account.username)
    store_password(session, account, hash_secret(made), at=at, rules=rules)
    account.must_change_password = True
    account.one_time_until = at + timedelta(hours=rules.one_time_hours)
    end_sessions(session, account, at=at)
    _record(session, actor, Action.RESET, account)
    return made


def set_pin(session: Session, account: Account, pin: str, *, actor: Viewer) -> None:
    """Set the PIN by which a person confirms acts at a duty post.

    Raises:
        RuleViolation: it is not six digits, or easily guessed.
    """
    check_pin(pin)
    account.pin_hash = hash_secret(pin)
    session.flush()
    _record(session, actor, Action.PIN, account)


def store_password(session: Session, account: Account, hashed: str, *, at: datetime, rules: PasswordRules) -> None:
    """Put a checked and hashed password in place; the earlier ones are kept as far as the rules look back."""
    account.password_hash, account.password_set_at = hashed, at
    account.must_change_password, account.one_time_until = False, None
    account.failed_attempts, account.locked_until = 0, None
    session.add(PasswordHistory(account_id=account.id, password_hash=hashed, set_at=at))
    session.flush()
    kept = (
        select(PasswordHistory.id)
        .where(PasswordHistory.account_id == account.id)
        .order_by(PasswordHistory.id.desc())
        .limit(max(rules.history, 1))
    )
    session.execute(
        delete(PasswordHistory).where(PasswordHistory.account_id == account.id, PasswordHistory.id.not_in(kept)),
        execution_options={"synchronize_session": False},
    )


def used_hashes(session: Session, account: Account, *, rules: PasswordRules) -> list[str]:
    """Return the hashes of the passwords that may not be used again, latest first."""
    return list(
        session.scalars(
            select(PasswordHistory.password_hash)
            .where(PasswordHistory.account_id == account.id)
            .order_by(PasswordHistory.id.desc())
            .limit(rules.history)
        )
    )


def refuse_used(password: str, hashes: list[str], *, rules: PasswordRules) -> None:
    """Refuse a password that is behind one of `hashes`.

    Raises:
        RuleViolation: it is.
    """
    if any(matches(used, password) for used in hashes):
        raise RuleViolation(f"不得使用最近 {rules.history} 次用过的密码", field="password")


def _keep_a_security_administrator(session: Session, account: Account) -> None:
    if account.role is not Role.SECADMIN or not account.is_active:
        return
    others = select(func.count()).where(Account.role == Role.SECADMIN, Account.is_active, Account.id != account.id)
    if not session.scalar(others):
        raise RuleViolation("这是最后一名在用的安全管理员，请先另设一名")


def _refuse_own(account: Account, actor: Viewer, message: str) -> None:
    if actor.account_id == account.id:
        raise RuleViolation(message)


def _record(session: Session, actor: Viewer, action: Action, account: Account, **summary: object) -> None:
    audit.record(session, actor, action, ACCOUNT, account.id, summary=summary)
