"""What a posting needs to know before it starts: units, facilities, batches, stock and preceding records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from hwrisk.catalogue.models import TreatmentMethod
from hwrisk.db.chunks import chunked
from hwrisk.db.types import ZERO, total
from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.posting.records import load_records
from hwrisk.ledger.posting.states import BatchState, EntryState, Key
from hwrisk.ledger.rules import Place, StockBook
from hwrisk.ledger.storage.limits import holding_on
from hwrisk.ledger.storage.models import FacilityVersion, StorageBatch, StorageFacility
from hwrisk.units.models import Unit, UnitVersion


@dataclass
class PostingContext:
    """Everything loaded for one posting, in a fixed number of statements per few hundred keys."""

    units: dict[int, Unit]
    versions: dict[int, list[UnitVersion]]
    facilities: dict[int, StorageFacility]
    facility_versions: dict[int, list[FacilityVersion]]
    batches: dict[Key, BatchState]
    entries: dict[Key, EntryState]
    parts: dict[Key, list[EntryState]]
    """Parts of a record that was split over several batches, by the record's own number."""
    book: StockBook
    methods: Mapping[str, str]
    """Outcome of each treatment method: recovery or disposal."""
    by_waste: dict[Key, list[BatchState]] = field(default_factory=dict)
    """Batches of a unit by waste code, for oldest first out."""

    def __post_init__(self) -> None:
        for batch in self.batches.values():
            self._index(batch)

    def add_batch(self, batch: BatchState) -> None:
        """Make a new batch known to later drafts."""
        self.batches[batch.key] = batch
        self._index(batch)

    def _index(self, batch: BatchState) -> None:
        self.by_waste.setdefault((batch.key[0], batch.waste_code), []).append(batch)

    def version_on(self, unit_id: int, day: date) -> UnitVersion | None:
        """Return the unit's state on `day`; before its first one, the first."""
        found: UnitVersion | None = holding_on(self.versions.get(unit_id, []), day)
        return found

    def facility_on(self, facility_id: int, day: date) -> FacilityVersion | None:
        """Return kind and capacity of a facility on `day`; before its first record, the first."""
        found: FacilityVersion | None = holding_on(self.facility_versions.get(facility_id, []), day)
        return found


def load_context(session: Session, drafts: Sequence[Draft], *, fresh: Set[Key] = frozenset()) -> PostingContext:
    """Return what is needed to post `drafts`; preceding records and batches are locked until the transaction ends.

    `fresh` are numbers the drafts give themselves that nothing stored has: they need not be looked for.
    """
    unit_ids = {draft.unit_id for draft in drafts}
    records = load_records(session, {(d.unit_id, d.predecessor_no) for d in drafts if d.predecessor_no} - fresh)
    batches = _batches(session, drafts, records.batch_ids, fresh=fresh)
    by_id = {state.id: state for state in batches.values() if state.id is not None}
    records.attach(by_id)
    deltas = _deltas(session, by_id)
    facility_ids = {f for draft in drafts for f in (draft.facility_id, draft.to_facility_id) if f is not None}
    facility_ids |= {facility_id for (_, facility_id), _, _ in deltas if isinstance(facility_id, int)}
    return PostingContext(
        units={unit.id: unit for unit in _all(session, Unit, Unit.id, unit_ids)},
        versions=_grouped(_all(session, UnitVersion, UnitVersion.unit_id, unit_ids, current=True), "unit_id"),
        facilities={row.id: row for row in _all(session, StorageFacility, StorageFacility.id, facility_ids)},
        facility_versions=_grouped(
            _all(session, FacilityVersion, FacilityVersion.facility_id, facility_ids, current=True), "facility_id"
        ),
        batches=batches,
        entries=records.by_key,
        parts=records.parts,
        book=StockBook(deltas),
        methods={
            row.code: row.outcome for row in session.execute(select(TreatmentMethod.code, TreatmentMethod.outcome))
        },
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


def _batches(session: Session, drafts: Sequence[Draft], ids: set[int], *, fresh: Set[Key]) -> dict[Key, BatchState]:
    wanted = set(ids)
    # A batch has the number of the record that put it into store.
    for chunk in chunked(sorted({(d.unit_id, d.batch_no) for d in drafts if d.batch_no} - fresh)):
        named = tuple_(StorageBatch.unit_id, StorageBatch.batch_no).in_(chunk)
        wanted.update(session.scalars(select(StorageBatch.id).where(named)))
    oldest_first = {(d.unit_id, d.waste_code) for d in drafts if d.kind is EntryKind.STORED_OUT and not d.batch_no}
    for chunk in chunked(sorted(oldest_first)):
        of_waste = tuple_(StorageBatch.unit_id, StorageBatch.waste_code).in_(chunk)
        wanted.update(session.scalars(select(StorageBatch.id).where(of_waste, StorageBatch.remaining > 0)))
    found: dict[Key, BatchState] = {}
    # Row locks in one order keep two postings from emptying one batch, and from waiting for each other.
    for numbers in chunked(sorted(wanted)):
        locked = select(StorageBatch).where(StorageBatch.id.in_(numbers)).order_by(StorageBatch.id).with_for_update()
        found.update(((row.unit_id, row.batch_no), _batch_state(row)) for row in session.scalars(locked))
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


def _deltas(session: Session, by_id: Mapping[int, BatchState]) -> list[tuple[Place, date, Decimal]]:
    rows: list[tuple[Place, date, Decimal]] = []
    columns = (LedgerEntry.batch_id, LedgerEntry.facility_id, LedgerEntry.occurred_on)
    for chunk in chunked(sorted(by_id)):
        sums = session.execute(
            select(*columns, total(LedgerEntry.stock_delta))
            .where(LedgerEntry.batch_id.in_(chunk))
            .group_by(*columns)
            .order_by(*columns)
        )
        rows.extend(
            ((by_id[batch_id], facility_id), day, delta or ZERO)
            for batch_id, facility_id, day, delta in sums
            if batch_id is not None
        )
    return rows
