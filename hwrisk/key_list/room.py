"""What the services must know of the key list."""

from __future__ import annotations

from hwrisk.key_list import rules
from hwrisk.key_list.operations.classes import VERDICTS
from hwrisk.room import Room

ROOM = Room(
    name="key_list",
    label="重点监管单位清单",
    pack_cases=(rules.CASES,),
    verdicts=(VERDICTS,),
)
