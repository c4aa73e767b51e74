"""What the services must know of the units."""

from __future__ import annotations

from hwrisk.room import Room
from hwrisk.units import seeding
from hwrisk.units.checks import CHECKS

ROOM = Room(name="units", label="单位名录", checks=CHECKS, seeds=(seeding.seed,))
