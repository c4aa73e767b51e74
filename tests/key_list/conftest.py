"""A city of a few units for the key list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from hwrisk.db.session import Database
from tests.key_list.key_list_world import KeyListWorld


@pytest.fixture
def world(session: Session, database: Database) -> KeyListWorld:
    """Units with yearly figures, and people to work on the list."""
    return KeyListWorld(session, database)


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
