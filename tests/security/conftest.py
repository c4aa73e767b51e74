from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from hwrisk import config
from hwrisk.audit import models as audit_models  # noqa: F401 - its table
from hwrisk.clock import now, today
from hwrisk.db import migrate
from hwrisk.db.session import Database
from hwrisk.security import hashing
from hwrisk.security.models import Account
from hwrisk.security.operations import create_account, grant, set_password
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from tests.own_databases import open_database, own_database, own_postgres, own_url  # noqa: F401 - fixtures

PASSWORD = "Lan-Tian9"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    """Let argon2 be weak: what is tested is who asks for it, not how long it takes."""
    monkeypatch.setattr(hashing, "_hasher", lambda: QUICK)
    monkeypatch.setattr(hashing, "_nobodys_hash", lambda: QUICK.hash("nobody"))


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("HWRISK_HOME", str(tmp_path_factory.mktemp("home")))
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


@pytest.fixture(scope="session")
def databases(request, tmp_path_factory):
    """Give an empty database of an engine: accounts need no rooms and no reference data."""
    made = {}

    def of(dialect):
        if dialect not in made and dialect == "sqlite":
            made[dialect] = open_database(f"sqlite:///{tmp_path_factory.mktemp('security') / 'security.db'}")
            migrate.upgrade(made[dialect])
        elif dialect not in made:
            server = request.getfixturevalue("own_postgres")
            made[dialect] = open_database(server.create_database("security", template="tables"))
        return made[dialect]

    yield of
    for database in made.values():
        database.dispose()


@pytest.fixture
def system():
    return Viewer.system()


class People:
    """Makes accounts with valid defaults: a test states only what it is about."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._count = 0

    def __call__(self, role: Role = Role.CITY, *, username: str = "", password: str = PASSWORD, **grants) -> Account:
        """Return a new account with a password of its own; `office="320722"` and the like grant it something."""
        self._count += 1
        name = username or f"person{self._count}"
        with self.database.unit_of_work() as session:
            at = now() - timedelta(days=1)
            account = create_account(
                session, name, f"演示-{name}", role, actor=Viewer.system(), at=at, department="固废科"
            )
            if password:
                set_password(session, account, password, actor=Viewer.system(), at=at)
            self._grant(session, account, grants)
        return account

    def _grant(self, session: Session, account: Account, grants: dict) -> None:
        from hwrisk.security.roles import NEEDS_END, GrantKind

        until = today() + timedelta(days=30) if account.role in NEEDS_END else None
        for kind, refs in grants.items():
            for ref in refs if isinstance(refs, tuple) else (refs,):
                begun = today() - timedelta(days=30)
                grant(
                    session,
                    account,
                    GrantKind(kind),
                    ref,
                    valid_from=begun,
                    valid_until=until,
                    actor=Viewer.system(),
                )


@pytest.fixture
def people(database):
    return People(database)
