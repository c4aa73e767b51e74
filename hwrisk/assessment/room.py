"""What the services must know of this room."""

from __future__ import annotations

from hwrisk.assessment import rules
from hwrisk.room import Room

ROOM = Room(
    name="assessment",
    label="规范化评估",
    pack_cases=(rules.CASES,),
)
