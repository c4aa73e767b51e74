"""What the services must know of emergency materials."""

from __future__ import annotations

from hwrisk.emergency import exports, panel, rules, searching, seeding, todos
from hwrisk.emergency.checks import CHECKS
from hwrisk.emergency.imports import KINDS, MATERIALS
from hwrisk.emergency.jobs import JOBS
from hwrisk.emergency.owners import OWNERS
from hwrisk.emergency.views import bp
from hwrisk.room import Room

ROOM = Room(
    name="emergency",
    label="应急物资",
    blueprints=(bp,),
    nav=todos.NAV,
    todos=todos.TODOS,
    figures=todos.FIGURES,
    panels=panel.PANELS,
    chapters=panel.CHAPTERS,
    reminders=todos.REMINDERS,
    import_kinds=(KINDS, MATERIALS),
    reports=exports.REPORTS,
    search_sources=searching.SOURCES,
    owners=OWNERS,
    jobs=JOBS,
    checks=CHECKS,
    pack_cases=rules.CASES,
    seeds=(seeding.seed,),
)
