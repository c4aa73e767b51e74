"""Empty databases of both engines, and a copy of the migrations to which a test adds revisions of its own."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hwrisk.db import migrate
from hwrisk.db.session import Database, make_engine
from hwrisk.db.tables import load_models
from hwrisk.resources import resource_dir
from tests.conftest import make_settings
from tests.own_databases import own_postgres  # noqa: F401 - fixture
from tests.postgres import Postgres

_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.db)])
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engines, one after the other."""
    return str(request.param)


@pytest.fixture
def empty(request: pytest.FixtureRequest, engine_name: str, tmp_path: Path) -> Iterator[Database]:
    """A database without a table."""
    load_models()
    changes: dict[str, Any] = {}
    if engine_name == "postgresql":
        changes["database_url"] = request.getfixturevalue("own_postgres").create_database(f"empty_{next(_numbers)}")
    database = Database.open(make_settings(tmp_path, **changes))
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def sqlite_at_head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at the newest revision, to be copied."""
    config = make_settings(tmp_path_factory.mktemp("head"))
    migrate_and_close(Database.open(config))
    return config.home / "hwrisk.db"


@pytest.fixture(scope="session")
def postgres_at_head(own_postgres: Postgres) -> str:  # noqa: F811 - the fixture
    """The name of a PostgreSQL database at the newest revision, to be copied."""
    migrate_and_close(Database(make_engine(own_postgres.create_database("head"))))
    return "head"


@pytest.fixture
def head(request: pytest.FixtureRequest, engine_name: str, tmp_path: Path) -> Iterator[Database]:
    """A database at the newest revision."""
    changes: dict[str, Any] = {}
    if engine_name == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_at_head"), tmp_path / "hwrisk.db")
    else:
        template = request.getfixturevalue("postgres_at_head")
        server: Postgres = request.getfixturevalue("own_postgres")
        changes["database_url"] = server.create_database(f"head_{next(_numbers)}", template=template)
    database = Database.open(make_settings(tmp_path, **changes))
    yield database
    database.dispose()


def migrate_and_close(database: Database) -> None:
    load_models()
    migrate.upgrade(database)
    if database.dialect == "sqlite":
        with database.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()


@pytest.fixture
def add_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Add a revision after the newest, given the lines of its upgrade and downgrade."""
    folder = tmp_path / "migrations"
    shutil.copytree(resource_dir("migrations"), folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = migrate.head_revision()
    monkeypatch.setattr(migrate, "resource_dir", lambda _name: folder)

    def add(upgrade: str, downgrade: str) -> None:
        lines = [
            "import sqlalchemy as sa", "from alembic import op", 'revision = "next"', f"down_revision = {before!r}",
            "branch_labels = depends_on = None", "def upgrade():", *indented(upgrade), "def downgrade():",
            *indented(downgrade),
        ]  # fmt: skip
        (folder / "versions" / "next.py").write_text("\n".join(lines), encoding="utf-8")

    return add


def indented(code: str) -> list[str]:
    return [f"    {line}" for line in code.splitlines()]
