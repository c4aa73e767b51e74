"""Accounts for tests, signed in without argon2's time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count

from flask import Flask
from flask.testing import FlaskClient

from hwrisk.clock import now, today
from hwrisk.db.session import Database
from hwrisk.security import GrantKind, Role, Viewer, viewer_of
from hwrisk.security.models import Account
from hwrisk.security.operations import create_account, grant
from hwrisk.security.operations.sessions import open_session
from hwrisk.web.sessions import TOKEN

Grant = tuple[GrantKind, str | int]
_numbers = count(1)


def make_account(database: Database, role: Role, grants: Sequence[Grant] = ()) -> tuple[Account, str]:
    """Return a fresh account of `role` and the token of a sign-in of its own."""
    with database.unit_of_work() as session:
        account = create_account(
            session, username=f"test-{role.value}-{next(_numbers)}", display_name="演示-张三", department="演示部门",
            role=role, actor=Viewer.system(), at=now(),
        )  # fmt: skip
        account.password_set_at = now()
        account.must_change_password = False
        for kind, ref in grants:
            grant(
                session, account, kind, ref, valid_from=today() - timedelta(days=400),
                valid_until=today() + timedelta(days=30), actor=Viewer.system(),
            )  # fmt: skip
        return account, open_session(session, account, at=now())


def make_viewer(database: Database, role: Role, grants: Sequence[Grant] = ()) -> Viewer:
    """Return what a fresh account of `role` is and sees."""
    account, _ = make_account(database, role, grants)
    with database.session() as session:
        return viewer_of(session, account, on=today())


def signed_in_client(app: Flask, database: Database, role: Role, grants: Sequence[Grant] = ()) -> FlaskClient:
    """Return a client whose cookie carries a sign-in of a fresh account."""
    _, token = make_account(database, role, grants)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN] = token
    return client
