"""What the services must know of the units."""

from __future__ import annotations

from hwrisk.room import Room
from hwrisk.units import seeding
from hwrisk.units.checks import CHECKS
from hwrisk.units.imports import UNITS
from hwrisk.units.searching import SOURCE

ROOM = Room(
    name="units",
    label="单位名录",
    import_kinds=(UNITS,),
    search_sources=(SOURCE,),
    checks=CHECKS,
    seeds=(seeding.seed,),
)
