"""What the services must know of the parks."""

from __future__ import annotations

from hwrisk.parks import seeding
from hwrisk.room import Room

ROOM = Room(name="parks", label="化工园区", seeds=(seeding.seed,))
