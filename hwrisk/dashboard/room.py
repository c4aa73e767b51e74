"""What the services must know of this room."""

from __future__ import annotations

from hwrisk.room import Room

ROOM = Room(name="dashboard", label="综合看板")
