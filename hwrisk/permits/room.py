"""What the services must know of this room."""

from __future__ import annotations

from hwrisk.permits import checks, exports, rules, seeding, todos
from hwrisk.permits.imports import OPERATING_QUANTITIES, PERMITS
from hwrisk.permits.searching import SOURCES
from hwrisk.permits.views import bp
from hwrisk.room import Room

ROOM = Room(
    name="permits",
    label="经营许可证",
    blueprints=(bp,),
    nav=todos.NAV,
    todos=todos.TODOS,
    panels=todos.PANELS,
    chapters=todos.CHAPTERS,
    reminders=todos.REMINDERS,
    import_kinds=(PERMITS, OPERATING_QUANTITIES),
    reports=exports.REPORTS,
    search_sources=SOURCES,
    owners=todos.OWNERS,
    checks=checks.CHECKS,
    pack_cases=rules.CASES,
    seeds=(seeding.seed,),
)
