"""What the services must know of the ledger."""

from __future__ import annotations

from hwrisk.ledger.storage.rules import CASES
from hwrisk.ledger.storage.working_days import seed_calendar
from hwrisk.room import Room

ROOM = Room(name="ledger", label="管理台账", pack_cases=(CASES,), seeds=(seed_calendar,))
