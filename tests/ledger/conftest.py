from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from hwrisk import app as application
from hwrisk.db.base import Base
from hwrisk.db.session import Database
from hwrisk.db.tables import load_models
from tests.conftest import make_settings
from tests.ledger.ledger_world import LedgerWorld
from tests.postgres import start_postgres


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Database]]:
    made: dict[str, Database] = {}
    servers = []

    def of(dialect: str) -> Database:
        if dialect not in made:
            config = make_settings(tmp_path_factory.mktemp(dialect))
            if dialect == "postgresql":
                servers.append(start_postgres())
                config = make_settings(tmp_path_factory.mktemp("pg"), database_url=servers[-1].url)
            database = Database.open(config)
            load_models()
            with database.engine.begin() as connection:
                Base.metadata.create_all(connection)
            application.seed(database)
            made[dialect] = database
        return made[dialect]

    yield of
    for database in made.values():
        database.dispose()
    for server in servers:
        server.stop()


@pytest.fixture
def world(session: Session, database: Database) -> LedgerWorld:
    """A unit with two facilities, to post records for."""
    return LedgerWorld(session, database)


@pytest.fixture
def count_statements(session: Session) -> Callable[[], AbstractContextManager[list[str]]]:
    """Give a context that collects the statements sent meanwhile; savepoints are not counted."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if "SAVEPOINT" not in statement:
                seen.append(statement)

        event.listen(session.get_bind(), "before_cursor_execute", note)
        yield seen
        event.remove(session.get_bind(), "before_cursor_execute", note)

    return counting
