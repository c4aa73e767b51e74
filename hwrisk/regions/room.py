"""What the services must know of the regions."""

from __future__ import annotations

from hwrisk.regions import seeding
from hwrisk.room import Room

ROOM = Room(name="regions", label="区划与管辖", seeds=(seeding.seed,))
