"""What rooms hand in to be reminded of: things with a day on which they are due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role


@dataclass(frozen=True, kw_only=True)
class Due:
    """One thing that is due on a day (到期事项)."""

    key: str
    """Identifies the thing and its day within the source; a moved day is a new key."""
    on: date
    """Last day on which it is in time."""
    title: str
    body: str = ""
    link: str = ""
    """Path inside the site."""
    to_role: Role | None = None
    to_office: str | None = None
    to_park: int | None = None
    to_unit: int | None = None


class DueFinder(Protocol):
    """How a room tells what is due."""

    def __call__(self, session: Session, *, as_of: date) -> Iterable[Due]:
        """Return everything unsettled on `as_of` that is overdue, or due within the longest lead."""


@dataclass(frozen=True, kw_only=True)
class ReminderSource:
    """A kind of thing people are reminded of (提醒来源)."""

    kind: str
    label: str
    leads: Callable[[Session, date], tuple[int, ...]]
    """Days before the due day on which people are told, e.g. (90, 60, 30); they are told again once it is overdue."""
    due: DueFinder
    endpoint: str = "notices.index"
    """Page that lists the things, for the to-do page."""
    due_args: Mapping[str, str] = field(default_factory=dict)
    overdue_args: Mapping[str, str] = field(default_factory=dict)
    permission: Permission = Permission.NOTICE_READ
    """What a person must hold to be shown the counts."""
    has_own_todos: bool = False
    """Whether the room counts the same things on the to-do page by itself; then they are not counted twice."""
