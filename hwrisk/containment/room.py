"""What the services must know of containment."""

from __future__ import annotations

from hwrisk.containment import methods, seeding, settings
from hwrisk.containment.exports import REPORTS
from hwrisk.containment.imports import IMPORT_KINDS
from hwrisk.containment.owners import OWNERS
from hwrisk.containment.panels import CHAPTERS, PANELS, REMINDERS
from hwrisk.containment.searching import SOURCE
from hwrisk.containment.todos import FIGURES, NAV, TODOS
from hwrisk.containment.verifying import CHECKS
from hwrisk.containment.views import bp, desk_bp
from hwrisk.room import Room

ROOM = Room(
    name="containment",
    label="三级防控",
    blueprints=(bp, desk_bp),
    nav=NAV,
    todos=TODOS,
    figures=FIGURES,
    panels=PANELS,
    chapters=CHAPTERS,
    reminders=REMINDERS,
    import_kinds=IMPORT_KINDS,
    reports=REPORTS,
    search_sources=(SOURCE,),
    owners=OWNERS,
    checks=CHECKS,
    pack_cases=(*settings.CASES, *methods.CASES),
    seeds=(seeding.seed,),
)
