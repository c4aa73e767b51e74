"""Answers kept for one reading session: what several parts of a page ask is asked of the database once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

A = TypeVar("A")
_ANSWERS = "hwrisk_answers"


def keep_answers(session: Session) -> None:
    """Let `session`, which must be for reading, keep what `once` asks of it; what it kept before is forgotten."""
    session.info[_ANSWERS] = {}


def once(session: Session, question: Hashable, answer: Callable[[], A]) -> A:
    """Return `answer()`, or what it was when `session` was last asked this `question`.

    A session that was not told to keep answers, as every one that writes, asks anew each time. The answer is shared:
    nobody may change it.
    """
    kept: dict[Hashable, Any] | None = session.info.get(_ANSWERS)
    if kept is None:
        return answer()
    if question not in kept:
        kept[question] = answer()
    found: A = kept[question]
    return found
