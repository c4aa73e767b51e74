"""What the services know of the demonstration."""

from hwrisk.room import Room

ROOM = Room(name="demo", label="演示")
