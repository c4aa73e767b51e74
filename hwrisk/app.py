"""The application: the one list of rooms, and what is drawn from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import hwrisk
from hwrisk import audit, rulepacks
from hwrisk.assessment.room import ROOM as ASSESSMENT
from hwrisk.attachments.retention import file_check
from hwrisk.capacity.room import ROOM as CAPACITY
from hwrisk.catalogue.room import ROOM as CATALOGUE
from hwrisk.clock import now, today
from hwrisk.config import Settings, settings
from hwrisk.containment.room import ROOM as CONTAINMENT
from hwrisk.dashboard.room import ROOM as DASHBOARD
from hwrisk.db.marks import PLACE, is_demo, mark
from hwrisk.db.migrate import current_revision, head_revision
from hwrisk.db.session import Database
from hwrisk.demo.room import ROOM as DEMO
from hwrisk.emergency.room import ROOM as EMERGENCY
from hwrisk.enterprise_file.room import ROOM as ENTERPRISE_FILE
from hwrisk.indicators.room import ROOM as INDICATORS
from hwrisk.jobs import Job, Schedule
from hwrisk.jobs.housekeeping import housekeeping_job
from hwrisk.key_list.room import ROOM as KEY_LIST
from hwrisk.ledger.room import ROOM as LEDGER
from hwrisk.park_file.room import ROOM as PARK_FILE
from hwrisk.parks.room import ROOM as PARKS
from hwrisk.permits.room import ROOM as PERMITS
from hwrisk.process import settle_memory
from hwrisk.regions.room import ROOM as REGIONS
from hwrisk.reporting import dossier
from hwrisk.resources import resource_dir
from hwrisk.room import Room
from hwrisk.rulepacks import seeding
from hwrisk.search.models import SearchEntry
from hwrisk.search.operations import rebuild
from hwrisk.security import Viewer
from hwrisk.security import checks as security_checks
from hwrisk.units.room import ROOM as UNITS
from hwrisk.units.scope import visible_unit_ids
from hwrisk.web import Registry, configure_logging, init_web
from hwrisk.web.pages import TODOS
from hwrisk.web.records import RoomTodos
from hwrisk.web.reminding import reminder_job, reminder_todos
from hwrisk.web.upkeep import service_retentions
from hwrisk.web.work import service_task_kinds

ROOMS: tuple[Room, ...] = (
    REGIONS, CATALOGUE, PARKS, UNITS,
    LEDGER, PERMITS, KEY_LIST, ASSESSMENT, CONTAINMENT, EMERGENCY,
    INDICATORS, CAPACITY, ENTERPRISE_FILE, PARK_FILE, DASHBOARD, DEMO,
)  # fmt: skip
"""Every room of the house; menu, commands, imports, exports, jobs and checks are drawn from this list alone."""
dossier.offer(chapter for room in ROOMS for chapter in room.chapters)
SERVICE_CHECKS = (*audit.CHECKS, *rulepacks.CHECKS, *security_checks.CHECKS)
DEFAULT_PLACE = "连云港市"


class Seeded(NamedTuple):
    """What seeding did, and what it had to leave undone in plain Chinese."""

    changed: int
    notes: tuple[str, ...]


def gather(field: Callable[[Room], tuple[Any, ...]]) -> tuple[Any, ...]:
    """Return one field of all rooms, in their order."""
    return tuple(item for room in ROOMS for item in field(room))


def all_jobs(config: Settings) -> tuple[Job, ...]:
    """Return the scheduled jobs of the rooms and of the services."""
    sources = gather(lambda room: room.search_sources)

    def index(session: Session, *, as_of: date) -> dict[str, int]:  # noqa: ARG001 - the index knows no past
        return rebuild(session, sources)

    return (
        *gather(lambda room: room.jobs),
        reminder_job(gather(lambda room: room.reminders)),
        Job(name="search-index", label="全站查找索引", schedule=Schedule(hour=4), run=index, catch_up=1),
        housekeeping_job((*service_retentions(config), *gather(lambda room: room.retentions))),
    )


def build_registry(database: Database, config: Settings) -> Registry:
    """Return what the services need to know of the rooms."""
    import_kinds, reports = gather(lambda room: room.import_kinds), gather(lambda room: room.reports)
    todo_rooms = (
        *(
            RoomTodos(room.name, room.label, (*room.todos, *reminder_todos(room.reminders)))
            for room in ROOMS
            if room.todos or room.reminders
        ),
        RoomTodos("duty", "值班", TODOS),
    )
    return Registry(
        database=database,
        settings=config,
        is_demo=is_demo(database),
        place=_place(database),
        nav=gather(lambda room: room.nav),
        todos=tuple(item for room in todo_rooms for item in room.todos),
        todo_rooms=todo_rooms,
        figures=gather(lambda room: room.figures),
        panels=gather(lambda room: room.panels),
        objections=gather(lambda room: room.objections),
        chapters=gather(lambda room: room.chapters),
        import_kinds=import_kinds,
        reports=reports,
        jobs=all_jobs(config),
        task_kinds=(
            *service_task_kinds(config, import_kinds=import_kinds, reports=reports),
            *gather(lambda room: room.task_kinds),
        ),
        search_sources=gather(lambda room: room.search_sources),
        owners=gather(lambda room: room.owners),
        checks=(*SERVICE_CHECKS, file_check(config.attachments_dir), *gather(lambda room: room.checks)),
        pack_cases=gather(lambda room: room.pack_cases),
        verdicts=gather(lambda room: room.verdicts),
        units_in_sight=units_in_sight,
    )


def units_in_sight(session: Session, viewer: Viewer) -> frozenset[int]:
    """Return the ids of the units in sight of `viewer` today, for what the services show of their people."""
    return frozenset(session.scalars(visible_unit_ids(viewer, as_of=today())))


def served_app() -> Flask:
    """Return the application as a web process serves it: with its log files."""
    configure_logging(settings(), name="web")
    app = create_app()
    settle_memory()
    return app


def create_app(config: Settings | None = None, *, database: Database | None = None) -> Flask:
    """Return the web application over the configured database."""
    config = config or settings()
    database = database or Database.open(config)
    app = Flask(
        "hwrisk",
        template_folder=str(resource_dir("templates")),
        static_folder=str(Path(hwrisk.__file__).parent / "static"),
    )
    init_web(app, build_registry(database, config))
    for room in ROOMS:
        for blueprint in room.blueprints:
            app.register_blueprint(blueprint)
    return app


def seed(database: Database) -> Seeded:
    """Load all reference data, in one transaction; a second time changes nothing."""
    with database.unit_of_work() as session:
        packs = seeding.seed(session, runners=gather(lambda room: room.pack_cases), recorded_at=now())
        rows = sum(load(session) for load in gather(lambda room: room.seeds))
    return Seeded(packs.added + packs.changed + rows, packs.notes)


def index_missing(database: Database) -> None:
    """Make what seeding brought findable at once; kinds of things the index already knows are left to its job."""
    with database.unit_of_work() as session:
        known = set(session.scalars(select(SearchEntry.kind).distinct()))
        sources = gather(lambda room: room.search_sources)
        rebuild(session, [source for source in sources if source.kind not in known])


def _place(database: Database) -> str:
    if current_revision(database) != head_revision():
        return DEFAULT_PLACE
    with database.session() as session:
        return mark(session, PLACE) or DEFAULT_PLACE
