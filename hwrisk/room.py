"""The port: what the services must know of a room. A dataclass, no logic.

Every area of the field has one `ROOM = Room(…)` in its `room.py`; `app.py` has the one list of them. A duty that needs
a service to know it adds a field here, never an import upward.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from click import Command
from flask import Blueprint
from sqlalchemy.orm import Session

from hwrisk.attachments import Owner
from hwrisk.db.checks import Check
from hwrisk.imports import ImportKind
from hwrisk.jobs import Job, Retention, TaskKind
from hwrisk.notices.records import ReminderSource
from hwrisk.reporting import Report
from hwrisk.reporting.dossier import FileChapter
from hwrisk.rulepacks.records import CaseRunner, VerdictSource
from hwrisk.search import SearchSource
from hwrisk.web.records import HomeFigure, NavItem, Objection, Panel, TodoItem


@dataclass(frozen=True, kw_only=True)
class Room:
    """One area of the field as the services see it."""

    name: str
    """The folder, e.g. ledger."""
    label: str
    """What people call it, e.g. 管理台账."""
    blueprints: tuple[Blueprint, ...] = ()
    nav: tuple[NavItem, ...] = ()
    todos: tuple[TodoItem, ...] = ()
    figures: tuple[HomeFigure, ...] = ()
    panels: tuple[Panel, ...] = ()
    objections: tuple[Objection, ...] = ()
    import_kinds: tuple[ImportKind, ...] = ()
    reports: tuple[Report, ...] = ()
    chapters: tuple[FileChapter, ...] = ()
    reminders: tuple[ReminderSource, ...] = ()
    jobs: tuple[Job, ...] = ()
    task_kinds: tuple[TaskKind, ...] = ()
    retentions: tuple[Retention, ...] = ()
    search_sources: tuple[SearchSource, ...] = ()
    owners: tuple[Owner, ...] = ()
    checks: tuple[Check, ...] = ()
    pack_cases: tuple[CaseRunner, ...] = ()
    verdicts: tuple[VerdictSource, ...] = ()
    seeds: tuple[Callable[[Session], int], ...] = ()
    """Load the room's reference data; each returns how many rows are new or changed."""
    commands: tuple[Command, ...] = ()
    """Commands of its own under `hwrisk`."""
