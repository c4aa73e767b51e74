from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.assessment.assessment_world import AssessmentWorld


@pytest.fixture
def world(session: Session) -> AssessmentWorld:
    """Units and assessments to be made."""
    return AssessmentWorld(session)


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
