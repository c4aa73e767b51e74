"""What the services must know of this room."""

from __future__ import annotations

from hwrisk.room import Room

ROOM = Room(name="capacity", label="处置能力平衡")
