"""What a posting needs to know before it starts: units, facilities, batches, stock and preceding records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, aliased

from hwrisk.db.chunks import chunked
from hwrisk.db.types import ZERO, total
from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.rules import StockBook, receipt_completes
from hwrisk.ledger.storage.models import FacilityVersion, StorageBatch, StorageFacility
from hwrisk.units.models import Unit, UnitVersion

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
    is_received: bool = False
    predecessor: EntryState | None = None


@dataclass
class PostingContext:
    """Everything loaded for one posting, in a fixed number of statements per few hundred keys."""

    units: dict[int, Unit]
    versions: dict[int, list[UnitVersion]]
    facilities: dict[int, StorageFacility]
    facility_versions: dict[int, list[FacilityVersion]]
    batches: dict[Key, BatchState]
    entries: dict[Key, EntryState]
    book: StockBook

    def version_on(self, unit_id: int, day: date) -> UnitVersion | None:
        """Return the unit's state on `day`; before its first one, the first."""
        rows = self.versions.get(unit_id, [])
        holding = [v for v in rows if v.valid_from <= day and (v.valid_until is None or day < v.valid_until)]
        return holding[0] if holding else (rows[0] if rows and day < rows[0].valid_from else None)

    def facility_on(self, facility_id: int, day: date) -> FacilityVersion | None:
        """Return kind and capacity of a facility on `day`; before its first record, the first."""
        rows = self.facility_versions.get(facility_id, [])
        holding = [v for v in rows if v.valid_from <= day and (v.valid_until is None or day < v.valid_until)]
        return holding[0] if holding else (rows[0] if rows else None)


def load_context(session: Session, drafts: Sequence[Draft]) -> PostingContext:
    """Return what is needed to post `drafts`; the batches are locked for the rest of the transaction."""
    unit_ids = {draft.unit_id for draft in drafts}
    facility_ids = {f for draft in drafts for f in (draft.facility_id, draft.to_facility_id) if f is not None}
    records = _records(session, {(d.unit_id, d.predecessor_no) for d in drafts if d.predecessor_no})
    batches = _batches(session, drafts, {r.batch_id for r in records.values() if r.batch_id is not None})
    by_id = {state.id: state for state in batches.values()}
    facility_ids |= {state.facility_id for state in batches.values()}
    return PostingContext(
        units={unit.id: unit for unit in _all(session, Unit, Unit.id, unit_ids)},
        versions=_grouped(_all(session, UnitVersion, UnitVersion.unit_id, unit_ids, current=True), "unit_id"),
        facilities={row.id: row for row in _all(session, StorageFacility, StorageFacility.id, facility_ids)},
        facility_versions=_grouped(
            _all(session, FacilityVersion, FacilityVersion.facility_id, facility_ids, current=True), "facility_id"
        ),
        batches=batches,
        entries=_entry_states(session, records, by_id),
        book=StockBook(_deltas(session, by_id)),
    )


def _all(session: Session, model: Any, column: Any, keys: Iterable[int], *, current: bool = False) -> list[Any]:
    rows: list[Any] = []
    for chunk in chunked(sorted(keys)):
        statement = select(model).where(column.in_(chunk))
        if current:
            statement = statement.where(model.superseded_at.is_(None)).order_by(model.valid_from)
        rows.extend(session.scalars(statement))
    return rows


def _grouped(rows: Iterable[Any], attribute: str) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = {}
    for row in rows:
        groups.setdefault(getattr(row, attribute), []).append(row)
    return groups


def _batches(session: Session, drafts: Sequence[Draft], ids: set[int]) -> dict[Key, BatchState]:
    found: dict[Key, BatchState] = {}

    def keep(condition: Any) -> None:
        # The row lock keeps two postings from emptying one batch; SQLite has one writer at a time anyway.
        for row in session.scalars(select(StorageBatch).where(condition).with_for_update()):
            found.setdefault((row.unit_id, row.batch_no), _batch_state(row))

    for chunk in chunked(sorted({(d.unit_id, d.batch_no) for d in drafts if d.batch_no})):
        keep(tuple_(StorageBatch.unit_id, StorageBatch.batch_no).in_(chunk))
    for numbers in chunked(sorted(ids)):
        keep(StorageBatch.id.in_(numbers))
    oldest_first = {
        (d.unit_id, d.waste_code) for d in drafts if d.kind is EntryKind.STORED_OUT and not d.batch_no and d.waste_code
    }
    for chunk in chunked(sorted(oldest_first)):
        keep(tuple_(StorageBatch.unit_id, StorageBatch.waste_code).in_(chunk) & (StorageBatch.remaining > 0))
    return found


def _batch_state(row: StorageBatch) -> BatchState:
    return BatchState(
        key=(row.unit_id, row.batch_no),
        id=row.id,
        waste_code=row.waste_code,
        waste_name=row.waste_name,
        facility_id=row.facility_id,
        entered_on=row.entered_on,
        first_stored_on=row.first_stored_on,
    )


def _deltas(session: Session, by_id: dict[int | None, BatchState]) -> list[tuple[tuple[Any, Any], date, Decimal]]:
    rows: list[tuple[tuple[Any, Any], date, Decimal]] = []
    for chunk in chunked(sorted(key for key in by_id if key is not None)):
        sums = session.execute(
            select(
                LedgerEntry.batch_id, LedgerEntry.facility_id, LedgerEntry.occurred_on, total(LedgerEntry.stock_delta)
            )
            .where(LedgerEntry.batch_id.in_(chunk))
            .group_by(LedgerEntry.batch_id, LedgerEntry.facility_id, LedgerEntry.occurred_on)
        )
        rows.extend(((by_id[batch_id], facility_id), day, delta) for batch_id, facility_id, day, delta in sums)
    return rows


def _records(session: Session, keys: set[Key]) -> dict[int, LedgerEntry]:
    found: dict[int, LedgerEntry] = {}
    for chunk in chunked(sorted(keys)):
        rows = session.scalars(select(LedgerEntry).where(tuple_(LedgerEntry.unit_id, LedgerEntry.entry_no).in_(chunk)))
        found.update((row.id, row) for row in rows)
    # A return goes back into the batch its load came from: the record before the load is needed too.
    earlier = {row.predecessor_id for row in found.values() if row.predecessor_id} - set(found)
    for numbers in chunked(sorted(earlier)):
        found.update((row.id, row) for row in session.scalars(select(LedgerEntry).where(LedgerEntry.id.in_(numbers))))
    return found


def _entry_states(
    session: Session, records: dict[int, LedgerEntry], batches: dict[int | None, BatchState]
) -> dict[Key, EntryState]:
    states = {
        row.id: EntryState(
            key=(row.unit_id, row.entry_no),
            id=row.id,
            kind=row.kind,
            occurred_on=row.occurred_on,
            waste_code=row.waste_code,
            waste_name=row.waste_name,
            quantity=row.quantity,
            batch=batches.get(row.batch_id),
            facility_id=row.facility_id,
        )
        for row in records.values()
    }
    for row in records.values():
        states[row.id].predecessor = states.get(row.predecessor_id or 0)
    _fill_adjustments(session, states)
    _fill_uses(session, states)
    return {state.key: state for state in states.values()}


def _fill_adjustments(session: Session, states: dict[int, EntryState]) -> None:
    for chunk in chunked(sorted(states)):
        for row in session.scalars(select(LedgerEntry).where(LedgerEntry.cancels_id.in_(chunk))):
            states[row.cancels_id or 0].is_cancelled = True
        sums = session.execute(
            select(LedgerEntry.adjusts_id, total(LedgerEntry.stock_delta))
            .where(LedgerEntry.adjusts_id.in_(chunk))
            .group_by(LedgerEntry.adjusts_id)
        )
        for adjusted_id, delta in sums:
            state = states[adjusted_id or 0]
            state.quantity += -delta if state.kind is EntryKind.STORED_OUT else delta


def _fill_uses(session: Session, states: dict[int, EntryState]) -> None:
    cancelling = aliased(LedgerEntry)
    for chunk in chunked(sorted(states)):
        followers = session.scalars(
            select(LedgerEntry).where(
                LedgerEntry.predecessor_id.in_(chunk),
                LedgerEntry.kind != EntryKind.CANCELLED,
                ~select(cancelling.id).where(cancelling.cancels_id == LedgerEntry.id).exists(),
            )
        )
        for row in followers:
            count_use(states[row.predecessor_id or 0], row.kind, row.quantity, explained=bool(row.difference_explained))


def count_use(state: EntryState, kind: EntryKind, quantity: Decimal, *, explained: bool) -> None:
    """Book on `state` that a record of `kind` over `quantity` follows it."""
    if kind is EntryKind.RECEIVED:
        state.is_received = True
        quantity = receipt_completes(state.quantity, quantity, explained=explained)
    if kind is not EntryKind.STORED_IN:
        state.used += quantity
