from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from indicator_world import World
from sqlalchemy import event
from sqlalchemy.orm import Session


@pytest.fixture
def world(session: Session) -> World:
    """The seeded city, with one town more, ready for rows of a test."""
    world = World(session)
    world.town()
    return world


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
