"""Databases of their own, on both engines, for tests that need real commits: threads, processes, locks.

Most tests are better served by a transaction that is rolled back; a test folder asks for these by importing the
fixtures into its conftest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from hwrisk.db.base import Base
from hwrisk.db.session import Database, make_engine
from tests.postgres import Postgres, start_postgres

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[Postgres]:
    """Give a PostgreSQL server whose database `tables` has all tables and no row."""
    server = start_postgres()
    database = Database(make_engine(server.create_database("tables")))
    Base.metadata.create_all(database.engine)
    database.dispose()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.db)])
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a fresh database with all tables: an SQLite file, then one on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'own.db'}"
        database = open_database(url)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        Base.metadata.create_all(database.engine)
        database.dispose()
        yield url
        return
    server: Postgres = request.getfixturevalue("own_postgres")
    name = f"own_{next(_numbers)}"
    yield server.create_database(name, template="tables")
    server.drop_database(name)


@pytest.fixture
def own_database(own_url: str) -> Iterator[Database]:
    """Give a fresh database with all tables and real commits."""
    database = open_database(own_url)
    yield database
    database.dispose()


def open_database(url: str) -> Database:
    """Return the database at `url`, with the file lock that SQLite writers take."""
    path = make_url(url).database
    lock = Path(f"{path}.lock") if url.startswith("sqlite") else None
    return Database(make_engine(url), lock_path=lock)
