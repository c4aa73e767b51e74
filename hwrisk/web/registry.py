"""What the application knows of its rooms, as the services need it; kept in `app.extensions["hwrisk"]`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app
from sqlalchemy.orm import Session

from hwrisk.attachments import Owner
from hwrisk.config import Settings
from hwrisk.db.checks import Check
from hwrisk.db.session import Database
from hwrisk.imports import ImportKind
from hwrisk.jobs import Job, TaskKind
from hwrisk.reporting import Report
from hwrisk.reporting.dossier import FileChapter
from hwrisk.rulepacks.records import CaseRunner, VerdictSource
from hwrisk.search import SearchSource
from hwrisk.security.viewer import Viewer
from hwrisk.web.records import HomeFigure, NavItem, Objection, Panel, RoomTodos, TodoItem

EXTENSION = "hwrisk"


def no_units(_session: Session, _user: Viewer) -> frozenset[int]:
    """Return no unit: what stands in until a room knows units."""
    return frozenset()


@dataclass(frozen=True, kw_only=True)
class Registry:
    """The database, the settings and everything the rooms offer, as tuples drawn from the list of rooms."""

    database: Database
    settings: Settings
    is_demo: bool = False
    """Whether the database holds made-up data; every page says so."""
    place: str = ""
    """Name of the city, beside the name of the system."""
    nav: tuple[NavItem, ...] = ()
    todos: tuple[TodoItem, ...] = ()
    todo_rooms: tuple[RoomTodos, ...] = ()
    """The same matters, kept apart by room, for pages that group them."""
    figures: tuple[HomeFigure, ...] = ()
    import_kinds: tuple[ImportKind, ...] = ()
    reports: tuple[Report, ...] = ()
    jobs: tuple[Job, ...] = ()
    task_kinds: tuple[TaskKind, ...] = ()
    search_sources: tuple[SearchSource, ...] = ()
    owners: tuple[Owner, ...] = ()
    checks: tuple[Check, ...] = ()
    pack_cases: tuple[CaseRunner, ...] = ()
    units_in_sight: Callable[[Session, Viewer], frozenset[int]] = no_units
    """Returns the units in the offices and parks of a viewer: whose accounts a county branch looks after."""
    verdicts: tuple[VerdictSource, ...] = ()
    panels: tuple[Panel, ...] = ()
    objections: tuple[Objection, ...] = ()
    chapters: tuple[FileChapter, ...] = ()
    """Chapters of the files of units and parks."""


def registry() -> Registry:
    """Return the registry of the running application."""
    return cast(Registry, current_app.extensions[EXTENSION])
