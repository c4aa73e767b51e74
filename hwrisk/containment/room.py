"""What the services must know of containment."""

from __future__ import annotations

from hwrisk.containment import methods, seeding, settings
from hwrisk.room import Room

ROOM = Room(
    name="containment",
    label="三级防控",
    pack_cases=(*settings.CASES, *methods.CASES),
    seeds=(seeding.seed,),
)
