"""The records that a posting's drafts follow, with their adjustments, uses and parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, aliased

from hwrisk.db.chunks import chunked
from hwrisk.db.types import ZERO, total
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.posting.states import BatchState, EntryState, Key, count_use

PART_MARK = "-"
"""Between the number of a record and the place of a further part of it: HWCK20260301001-2."""


class PrecedingRecords:
    """Records by unit and number, and what is needed of them."""

    def __init__(self, rows: Mapping[int, LedgerEntry], states: dict[int, EntryState]) -> None:
        self._rows = rows
        self._states = states
        self.by_key: dict[Key, EntryState] = {state.key: state for state in states.values()}
        self.parts: dict[Key, list[EntryState]] = {}
        for state in sorted(states.values(), key=lambda s: s.id or 0):
            base, mark, _ = state.key[1].rpartition(PART_MARK)
            whole = self.by_key.get((state.key[0], base))
            if mark and whole is not None and _of_one_draft(rows[whole.id or 0], rows[state.id or 0]):
                self.parts.setdefault(whole.key, []).append(state)

    @property
    def batch_ids(self) -> set[int]:
        """Ids of the batches the records belong to."""
        return {row.batch_id for row in self._rows.values() if row.batch_id is not None}

    def attach(self, batches: Mapping[int, BatchState]) -> None:
        """Point every record at the state of its batch."""
        for row in self._rows.values():
            if row.batch_id is not None:
                self._states[row.id].batch = batches[row.batch_id]


def load_records(session: Session, keys: set[Key]) -> PrecedingRecords:
    """Return the records named by `keys`, their parts, and the record before each; the named ones are locked."""
    rows = _named(session, keys)
    # A return goes back into the batch its load came from: the record before the load is needed too.
    earlier = {row.predecessor_id for row in rows.values() if row.predecessor_id} - set(rows)
    for numbers in chunked(sorted(earlier)):
        rows.update((row.id, row) for row in session.scalars(select(LedgerEntry).where(LedgerEntry.id.in_(numbers))))
    states = {row.id: _state(row) for row in rows.values()}
    for row in rows.values():
        states[row.id].predecessor = states.get(row.predecessor_id or 0)
    _fill_adjustments(session, states)
    _fill_uses(session, states)
    return PrecedingRecords(rows, states)


def _of_one_draft(whole: LedgerEntry, part: LedgerEntry) -> bool:
    # An enterprise may number its own records like parts: A and A-2 are one only if they were posted as one.
    same = ("kind", "occurred_on", "recorded_at", "source_ref")
    return all(getattr(whole, name) == getattr(part, name) for name in same)


def part_number(number: str, place: int) -> str:
    """Return the number of the part of a record that stands at `place`, from 2 on."""
    return f"{number}{PART_MARK}{place}"


def _named(session: Session, keys: set[Key]) -> dict[int, LedgerEntry]:
    found = _locked(session, keys)
    asked, first, last = keys, 2, 2
    # Hardly any record has parts: only where one is found are the next asked for.
    while asked:
        places = range(first, last + 1)
        parts = _locked(session, {(unit_id, part_number(no, place)) for unit_id, no in asked for place in places})
        numbers = {(row.unit_id, row.entry_no) for row in parts.values()}
        found.update(parts)
        asked = {key for key in asked if (key[0], part_number(key[1], last)) in numbers}
        first, last = last + 1, last * 10
    return found


def _locked(session: Session, keys: set[Key]) -> dict[int, LedgerEntry]:
    found: dict[int, LedgerEntry] = {}
    number = tuple_(LedgerEntry.unit_id, LedgerEntry.entry_no)
    for chunk in chunked(sorted(keys)):
        rows = select(LedgerEntry).where(number.in_(chunk)).order_by(LedgerEntry.id).with_for_update()
        found.update((row.id, row) for row in session.scalars(rows))
    return found


def _state(row: LedgerEntry) -> EntryState:
    return EntryState(
        key=(row.unit_id, row.entry_no),
        id=row.id,
        kind=row.kind,
        occurred_on=row.occurred_on,
        waste_code=row.waste_code,
        waste_name=row.waste_name,
        quantity=row.quantity,
        batch=None,
        facility_id=row.facility_id,
    )


def _fill_adjustments(session: Session, states: Mapping[int, EntryState]) -> None:
    for chunk in chunked(sorted(states)):
        for cancelled in session.scalars(select(LedgerEntry.cancels_id).where(LedgerEntry.cancels_id.in_(chunk))):
            states[cancelled or 0].is_cancelled = True
    for entry_id, change in adjustments(session, states).items():
        state = states[entry_id]
        state.quantity += -change if state.kind is EntryKind.STORED_OUT else change


def adjustments(session: Session, entry_ids: Iterable[int]) -> dict[int, Any]:
    """Return the tonnes of stock (signed) by which adjustments changed each of the records that has any."""
    found: dict[int, Any] = {}
    for chunk in chunked(sorted(entry_ids)):
        sums = session.execute(
            select(LedgerEntry.adjusts_id, total(LedgerEntry.stock_delta))
            .where(LedgerEntry.adjusts_id.in_(chunk))
            .group_by(LedgerEntry.adjusts_id)
        )
        found.update((entry_id, change) for entry_id, change in sums if entry_id is not None)
    return found


def _fill_uses(session: Session, states: Mapping[int, EntryState]) -> None:
    cancelling = aliased(LedgerEntry)
    for chunk in chunked(sorted(states)):
        followers = session.scalars(
            select(LedgerEntry)
            .where(
                LedgerEntry.predecessor_id.in_(chunk),
                LedgerEntry.kind != EntryKind.CANCELLED,
                ~select(cancelling.id).where(cancelling.cancels_id == LedgerEntry.id).exists(),
            )
            .order_by(LedgerEntry.id)
        ).all()
        changed = adjustments(session, [row.id for row in followers if row.kind is EntryKind.STORED_IN])
        for row in followers:
            quantity = row.quantity + changed.get(row.id, ZERO)
            state = states[row.predecessor_id or 0]
            count_use(state, row.kind, quantity, explained=bool(row.difference_explained))
