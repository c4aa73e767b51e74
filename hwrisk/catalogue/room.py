"""What the services must know of the catalogue."""

from __future__ import annotations

from hwrisk.catalogue import seeding
from hwrisk.room import Room

ROOM = Room(name="catalogue", label="危险废物名录", seeds=(seeding.seed,))
