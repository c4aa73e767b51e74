from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hwrisk import config
from hwrisk.db.session import Database
from tests.imports import sample_kind
from tests.own_databases import own_database, own_postgres, own_url  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("HWRISK_HOME", str(tmp_path / "home"))
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


@pytest.fixture
def database(own_database: Database) -> Iterator[Database]:  # noqa: F811 - the fixture above
    """An empty database with real commits, on both engines, and in it the table of the sample kind."""
    with own_database.unit_of_work() as session:
        sample_kind.METADATA.create_all(session.connection())
    yield own_database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The spool of uploaded files."""
    made = tmp_path / "spool"
    made.mkdir()
    return made
