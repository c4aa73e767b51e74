"""Fixtures shared by all tests: one database per engine and worker, every test in a transaction that is rolled back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import Session

from hwrisk import clock
from hwrisk.config import Settings
from hwrisk.db import migrate
from hwrisk.db.session import Database
from hwrisk.security import GrantKind, Role
from tests.people import signed_in_client
from tests.postgres import start_postgres

TODAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 on 23 November 2026 in Asia/Shanghai; the clock of every test stands here."""

hypothesis_settings.register_profile(
    "quick",
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
hypothesis_settings.register_profile(
    "trust", parent=hypothesis_settings.get_profile("quick"), max_examples=1000, stateful_step_count=60
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests marked `db` on both engines."""
    if "dialect" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("db") is not None
        metafunc.parametrize("dialect", ["sqlite", "postgresql"] if both else ["sqlite"], scope="session")


def make_settings(home: Path, **changes: Any) -> Settings:
    """Return settings for a test, all files below `home`."""
    values: dict[str, Any] = {
        "home": home,
        "database_url": f"sqlite:///{home / 'hwrisk.db'}",
        "secret_key": "only-for-tests-0123456789",
        "lock_timeout_s": 5.0,
    }
    return Settings(**(values | changes))


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Database]]:
    """Give the migrated and seeded database of an engine, made at first use and once per worker."""
    made: dict[str, Database] = {}
    servers: list[Any] = []

    def of(dialect: str) -> Database:
        if dialect not in made:
            made[dialect] = _new_database(dialect, tmp_path_factory.mktemp(dialect), servers)
        return made[dialect]

    yield of
    for database in made.values():
        database.dispose()
    for server in servers:
        server.stop()


def _new_database(dialect: str, folder: Path, servers: list[Any]) -> Database:
    # Imported here: tests of one service alone need no rooms.
    from hwrisk import app as application

    config = make_settings(folder)
    if dialect == "postgresql":
        servers.append(start_postgres())
        config = make_settings(folder, database_url=servers[-1].url)
    database = Database.open(config)
    migrate.upgrade(database)
    seeded = application.seed(database)
    assert not seeded.notes, seeded.notes
    return database


@pytest.fixture(autouse=True)
def _still_clock() -> Iterator[None]:
    clock.pin(TODAY)
    yield
    clock.pin(None)


@pytest.fixture
def database(databases: Callable[[str], Database], dialect: str) -> Iterator[Database]:
    """The seeded database; whatever a test does to it is rolled back, commits included."""
    whole = databases(dialect)
    with whole.engine.execution_options(hwrisk_write=True).connect() as connection:
        transaction = connection.begin()
        try:
            yield Database.bound_to(connection, engine=whole.engine)
        finally:
            transaction.rollback()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session on the test's transaction."""
    with database.new_session() as session:
        yield session


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    """The whole application over the test's database."""
    from hwrisk import app as application

    made = application.create_app(make_settings(tmp_path), database=database)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, database: Database) -> Callable[..., FlaskClient]:
    """Give a client signed in as a fresh account of a role, with grants as (kind, ref) pairs."""

    def of(role: Role, *grants: tuple[GrantKind, str | int]) -> FlaskClient:
        return signed_in_client(app, database, role, grants)

    return of
