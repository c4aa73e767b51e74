"""Commands as a person types them, in a home of their own, on the clock of the tests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hwrisk import clock, config
from hwrisk.cli import main
from hwrisk.config import read_settings
from hwrisk.db.session import Database
from tests.conftest import TODAY

SMALL = "0.05"
"""Scale of the city that tests are shown; it has every kind of unit and every special case."""


@dataclass(frozen=True)
class CommandLine:
    """Run `hwrisk …` with `home` as the data folder."""

    home: Path

    def __call__(self, *words: str | Path, code: int = 0, answer: str | None = None) -> Result:
        """Run a command that must end with `code`, and never with a trace; `answer` is typed when it asks."""
        environ = {"HWRISK_HOME": str(self.home), "HWRISK_LOCK_TIMEOUT_S": "1"}
        config.settings.cache_clear()
        try:
            result = CliRunner().invoke(main, [str(word) for word in words], env=environ, input=answer)
        finally:
            config.settings.cache_clear()
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        assert result.exit_code == code, result.output
        return result

    def json(self, *words: str | Path, code: int = 0) -> Any:
        """Run a command that prints data, and return these."""
        return json.loads(self(*words, "--json", code=code).stdout)

    def refused(self, *words: str | Path) -> str:
        """Run a command that must be refused, and return the one sentence that is said."""
        result = self(*words, code=2)
        assert result.stdout == ""
        (sentence,) = result.stderr.splitlines()
        return sentence

    def database(self) -> Database:
        """Return the database of this home."""
        return Database.open(read_settings({"HWRISK_HOME": str(self.home)}))


@pytest.fixture(scope="session")
def demo_origin(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The demonstration, made once; tests work on copies."""
    # Every folder that imports this fixture has its own copy of it: the folder on disk is what they share.
    home = tmp_path_factory.getbasetemp() / "demo_origin"
    made, said = CommandLine(home), home / "first_run.txt"
    if not said.exists():
        home.mkdir()
        clock.pin(TODAY)
        said.write_text(made("up", "--demo", "--no-serve", "--scale", SMALL).output, encoding="utf-8")
        clock.pin(None)
    return made


@pytest.fixture(scope="session")
def demo_read(demo_origin: CommandLine) -> CommandLine:
    """The demonstration itself, for tests that only read."""
    return CommandLine(demo_origin.home / "demo")


@pytest.fixture
def demo(demo_origin: CommandLine, tmp_path: Path) -> CommandLine:
    """A copy of the demonstration, to be changed."""
    shutil.copytree(demo_origin.home / "demo", tmp_path / "copy")
    return CommandLine(tmp_path / "copy")


@pytest.fixture
def fresh(databases: Callable[[str], Database], tmp_path: Path) -> CommandLine:
    """A home with reference data and nothing else."""
    home = tmp_path / "fresh"
    home.mkdir()
    with databases("sqlite").engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("VACUUM INTO ?", (str(home / "hwrisk.db"),))
    return CommandLine(home)
