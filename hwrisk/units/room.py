"""What the services must know of the units."""

from __future__ import annotations

from hwrisk.room import Room
from hwrisk.security.permissions import Permission
from hwrisk.units import chapter, seeding
from hwrisk.units.checks import CHECKS
from hwrisk.units.exports import REPORT
from hwrisk.units.imports import UNITS
from hwrisk.units.owners import UNIT
from hwrisk.units.searching import SOURCE
from hwrisk.units.views import bp
from hwrisk.web import NavItem

ROOM = Room(
    name="units",
    label="单位名录",
    blueprints=(bp,),
    nav=(NavItem("单位名录", "units.index", Permission.UNIT_READ, "单位与台账"),),
    import_kinds=(UNITS,),
    reports=(REPORT,),
    chapters=chapter.CHAPTERS,
    search_sources=(SOURCE,),
    owners=(UNIT,),
    checks=CHECKS,
    seeds=(seeding.seed,),
)
