"""Batches and records as a posting works them out, stored already or about to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from hwrisk.db.types import ZERO
from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.rules import receipt_completes

Key = tuple[int, str]
"""Unit id and number."""


@dataclass(eq=False)
class BatchState:
    """A batch while a posting is worked out; `id` is None until it is stored."""

    key: Key
    id: int | None
    waste_code: str
    waste_name: str
    facility_id: int
    entered_on: date
    first_stored_on: date | None
    row: dict[str, Any] = field(default_factory=dict)
    moved: Decimal = ZERO
    """What this posting does to its remaining stock."""

    @property
    def age_order(self) -> tuple[bool, date, date, str]:
        """Sort key of oldest first out: an unknown entry day is the oldest."""
        known = self.first_stored_on is not None
        return known, self.first_stored_on or self.entered_on, self.entered_on, self.key[1]


@dataclass(eq=False)
class EntryState:
    """A posted or about-to-be-posted record that later ones may follow."""

    key: Key
    id: int | None
    kind: EntryKind
    occurred_on: date
    waste_code: str
    waste_name: str
    quantity: Decimal
    """Effective quantity: as posted, with its adjustments."""
    batch: BatchState | None
    facility_id: int | None
    is_cancelled: bool = False
    used: Decimal = ZERO
    """How much later records already take: treated or entrusted of an out, completed or returned of a load."""
    stored: Decimal = ZERO
    """How much of a generation was put into store."""
    is_received: bool = False
    predecessor: EntryState | None = None

    @property
    def left(self) -> Decimal:
        """Tonnes that no later record has taken up yet; of a generation, what was not stored either."""
        return self.quantity - self.used - self.stored


def count_use(state: EntryState, kind: EntryKind, quantity: Decimal, *, explained: bool) -> None:
    """Book on `state` that a record of `kind` over `quantity` follows it."""
    if kind is EntryKind.STORED_IN:
        state.stored += quantity
    elif kind is EntryKind.RECEIVED:
        state.is_received = True
        completes = receipt_completes(state.quantity, quantity, explained=explained)
        # What came back before was not received, whatever the difference is explained by.
        state.used += min(completes, state.quantity - state.used)
    else:
        state.used += quantity
