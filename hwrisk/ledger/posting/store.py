"""Storing what a posting worked out, set-based; and what it does to the capacity of facilities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from hwrisk import search
from hwrisk.db.base import new_public_id
from hwrisk.db.chunks import chunked
from hwrisk.db.ids import reserve_ids
from hwrisk.db.types import ZERO, total
from hwrisk.errors import RuleViolation
from hwrisk.imports.cells import format_tonnes
from hwrisk.ledger.drafts import Posted, Refusal
from hwrisk.ledger.models import LedgerEntry
from hwrisk.ledger.numbering import numbers_in_use
from hwrisk.ledger.posting.checks import NAMES_WASTE
from hwrisk.ledger.posting.states import BatchState
from hwrisk.ledger.storage.limits import LimitBook, limit_book
from hwrisk.ledger.storage.models import StorageBatch
from hwrisk.ledger.storage.searching import doc_of
from hwrisk.ledger.wastes import WasteKey, keep_unit_wastes

if TYPE_CHECKING:
    from hwrisk.ledger.posting.engine import Posting


def _insert(session: Session, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    # Through the table and not the class: nothing of a posting is needed as an object again.
    session.connection().execute(insert(model.__table__), rows)


def store(session: Session, posting: Posting) -> Posted:
    """Insert the new batches and records, bring the balances up to date, and return what was made.

    Raises:
        RuleViolation: an allocated number is in use after all, because the enterprise gave it to another record.
    """
    # Those given by the enterprise were asked for before anything was worked out.
    keys = [state.key for _, state in posting.rows if state.key not in posting.given]
    if taken := numbers_in_use(session, keys):
        raise RuleViolation(f"记录编号 {min(taken)[1]} 已被占用，请自行填写编号", field="entry_no")
    # The ids come first, so that rows of one statement may follow one another in the order they were worked out.
    ids = reserve_ids(session, LedgerEntry, len(posting.rows))
    for (_, state), entry_id in zip(posting.rows, ids, strict=True):
        state.id = entry_id
    _insert_batches(session, posting)
    _insert(session, LedgerEntry, [_record_row(row, state) for row, state in posting.rows])
    _update_balances(session, posting)
    _name_wastes(session, posting)
    return Posted(ids, len(posting.new_batches), posting.warnings)


def over_capacity(session: Session, posting: Posting) -> list[Refusal]:
    """Return a warning for the last draft into each facility that would then hold more than its capacity."""
    last: dict[int, int] = {}
    change: dict[int, Decimal] = {}
    for place, (row, _) in zip(posting.places, posting.rows, strict=True):
        if row["facility_id"] is not None:
            change[row["facility_id"]] = change.get(row["facility_id"], ZERO) + row["stock_delta"]
            if row["stock_delta"] > 0:
                last[row["facility_id"]] = place
    there = _in_facilities(session, last)
    warnings = []
    for facility_id, place in last.items():
        version = posting.context.facility_on(facility_id, posting.hand.as_of)
        stock = there.get(facility_id, ZERO) + change[facility_id]
        if version is not None and version.capacity is not None and stock > version.capacity:
            code = posting.context.facilities[facility_id].code
            will, may = format_tonnes(stock), format_tonnes(version.capacity)
            message = f"贮存设施 {code} 的库存将为 {will} 吨，超过设计贮存能力 {may} 吨，请核对"
            warnings.append(Refusal(place, "facility_id", message))
    return warnings


def _in_facilities(session: Session, facility_ids: dict[int, int]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for chunk in chunked(sorted(facility_ids)):
        rows = session.execute(
            select(LedgerEntry.facility_id, total(LedgerEntry.stock_delta))
            .where(LedgerEntry.facility_id.in_(chunk))
            .group_by(LedgerEntry.facility_id)
        )
        found.update((facility_id, stock) for facility_id, stock in rows if facility_id is not None)
    return found


def _insert_batches(session: Session, posting: Posting) -> None:
    if not posting.new_batches:
        return
    ids = reserve_ids(session, StorageBatch, len(posting.new_batches))
    for batch, batch_id in zip(posting.new_batches, ids, strict=True):
        batch.id = batch_id
    book = limit_book(session)
    rows = [_batch_row(batch, posting, book) for batch in posting.new_batches]
    _insert(session, StorageBatch, rows)
    _index(session, posting, rows)


def _index(session: Session, posting: Posting, rows: Sequence[dict[str, Any]]) -> None:
    """Let the new batches be found in the search box."""
    versions = [posting.context.version_on(row["unit_id"], posting.hand.as_of) for row in rows]
    docs = [doc_of(StorageBatch(**row), version) for row, version in zip(rows, versions, strict=True) if version]
    search.index(session, docs)


def _batch_row(batch: BatchState, posting: Posting, book: LimitBook) -> dict[str, Any]:
    unit_id, number = batch.key
    limit = book.judge(
        unit=posting.context.version_on(unit_id, batch.entered_on),
        facility=posting.context.facility_on(batch.facility_id, batch.entered_on),
        waste_code=batch.waste_code,
        waste_name=batch.waste_name,
        entered_on=batch.entered_on,
        first_stored_on=batch.first_stored_on,
    )
    return {
        "id": batch.id,
        "public_id": new_public_id(),
        "batch_no": number,
        "unit_id": unit_id,
        "facility_id": batch.facility_id,
        "waste_code": batch.waste_code,
        "waste_name": batch.waste_name,
        "entered_on": batch.entered_on,
        "first_stored_on": batch.first_stored_on,
        "quantity": batch.row["quantity"],
        "remaining": batch.moved,
        "tag": batch.row["tag"],
        "origin_entry_id": batch.row["origin"].id if batch.row["origin"] else None,
        "recorded_at": posting.recorded_at,
        **limit._asdict(),
    }


def _record_row(row: dict[str, Any], state: Any) -> dict[str, Any]:
    return {
        **row,
        "id": state.id,
        "public_id": new_public_id(),
        "batch_id": state.batch.id if state.batch is not None and row["facility_id"] is not None else None,
        "predecessor_id": state.predecessor.id if state.predecessor else None,
    }


def _update_balances(session: Session, posting: Posting) -> None:
    new = {id(batch) for batch in posting.new_batches}
    moved = [
        {"batch": batch.id, "moved": batch.moved}
        for batch in posting.context.batches.values()
        if batch.moved and id(batch) not in new
    ]
    if moved:
        change_balances(session, moved)


def change_balances(session: Session, moved: Sequence[dict[str, Any]]) -> None:
    """Add `moved` tonnes to the balance of each `batch` (id)."""
    session.connection().execute(
        update(StorageBatch)
        .where(StorageBatch.id == bindparam("batch"))
        .values(remaining=StorageBatch.remaining + bindparam("moved", type_=StorageBatch.remaining.type)),
        moved,
    )
    changed = {row["batch"] for row in moved}
    for row in list(session.identity_map.values()):
        if isinstance(row, StorageBatch) and row.id in changed:
            session.expire(row, ["remaining"])


def _name_wastes(session: Session, posting: Posting) -> None:
    latest: dict[WasteKey, date] = {}
    for row, _ in posting.rows:
        if row["kind"] in NAMES_WASTE:
            key = (row["unit_id"], row["waste_code"], row["waste_name"])
            latest[key] = max(row["occurred_on"], latest.get(key, row["occurred_on"]))
    wastes = {key: (key[1], day) in posting.outside for key, day in latest.items()}
    keep_unit_wastes(session, wastes, recorded_at=posting.recorded_at)
