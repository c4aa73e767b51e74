"""The first account of a fresh installation; there is no default one."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select

from hwrisk.clock import now
from hwrisk.db.session import Database
from hwrisk.security.models import Account
from hwrisk.security.operations import create_account, reset_password
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

USERNAME = "secadmin"


class FirstAccount(NamedTuple):
    """The account made at the first start, and its one-time password: shown once, stored nowhere."""

    username: str
    password: str


def ensure_first_account(database: Database) -> FirstAccount | None:
    """Make the security administrator (安全管理员), who makes all others; None when there is any account already."""
    with database.session() as reading:
        if reading.scalar(select(Account.id).limit(1)) is not None:
            return None
    with database.unit_of_work() as session:
        # Looked at again: two processes may start at the same time.
        if session.scalar(select(Account.id).limit(1)) is not None:
            return None
        system, at = Viewer.system(), now()
        account = create_account(session, USERNAME, "安全管理员", Role.SECADMIN, actor=system, at=at)
        return FirstAccount(account.username, reset_password(session, account, actor=system, at=at))
