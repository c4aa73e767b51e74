"""What the services must know of this room."""

from __future__ import annotations

from hwrisk.room import Room

ROOM = Room(name="emergency", label="应急物资")
