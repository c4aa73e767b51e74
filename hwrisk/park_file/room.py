"""What the services must know of this room."""

from __future__ import annotations

from hwrisk.room import Room

ROOM = Room(name="park_file", label="园区档案")
