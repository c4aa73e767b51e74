"""What the services must know of this room."""

from __future__ import annotations

from hwrisk.room import Room

ROOM = Room(name="key_list", label="重点监管单位清单")
