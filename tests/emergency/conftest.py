from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.emergency.depot_world import DepotWorld


@pytest.fixture
def world(session: Session) -> DepotWorld:
    """Kinds of the system, to fill depots with."""
    return DepotWorld(session)


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


@pytest.fixture
def unit_id(session: Session) -> int:
    """An enterprise of the office 灌云."""
    from tests.emergency.depot_world import make_unit

    return make_unit(session)
