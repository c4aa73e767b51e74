"""Storing what a posting worked out: set-based, in as few statements as the chain of records allows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from hwrisk.db.base import new_public_id
from hwrisk.db.chunks import chunked
from hwrisk.ledger.drafts import INTO_STORE, Posted
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.posting_context import BatchState
from hwrisk.ledger.storage.limits import LimitBook, limit_book
from hwrisk.ledger.storage.models import StorageBatch
from hwrisk.ledger.wastes import keep_unit_wastes

if TYPE_CHECKING:
    from hwrisk.ledger.posting import Posting


def store(session: Session, posting: Posting) -> Posted:
    """Insert the new batches and records, bring the balances up to date, and return what was made."""
    _insert_batches(session, posting)
    ids = _insert_records(session, posting)
    _update_balances(session, posting)
    _name_wastes(session, posting)
    return Posted(ids, len(posting.new_batches), posting.warnings)


def _insert_batches(session: Session, posting: Posting) -> None:
    if not posting.new_batches:
        return
    book = limit_book(session)
    rows = [_batch_row(batch, posting, book) for batch in posting.new_batches]
    session.execute(insert(StorageBatch), rows)
    ids = _ids(session, StorageBatch, (row["public_id"] for row in rows))
    for batch, row in zip(posting.new_batches, rows, strict=True):
        batch.id = ids[row["public_id"]]


def _batch_row(batch: BatchState, posting: Posting, book: LimitBook) -> dict[str, Any]:
    unit_id, number = batch.key
    version = posting.context.version_on(unit_id, batch.entered_on)
    facility = posting.context.facility_on(batch.facility_id, batch.entered_on)
    limit = book.judge(
        role=version.role.value if version else "generator",
        facility_kind=facility.kind.value if facility else "storage_facility",
        spot_grade=facility.spot_grade if facility else "",
        waste_code=batch.waste_code,
        waste_name=batch.waste_name,
        entered_on=batch.entered_on,
        first_stored_on=batch.first_stored_on,
    )
    return {
        "public_id": new_public_id(),
        "batch_no": number,
        "unit_id": unit_id,
        "facility_id": batch.facility_id,
        "waste_code": batch.waste_code,
        "waste_name": batch.waste_name,
        "entered_on": batch.entered_on,
        "first_stored_on": batch.first_stored_on,
        "quantity": batch.row["quantity"],
        # The balance is brought up to date once, after all records are in.
        "remaining": batch.moved,
        "tag": batch.row["tag"],
        "origin_entry_id": batch.row["origin"].id if batch.row["origin"] else None,
        "recorded_at": posting.recorded_at,
        **limit._asdict(),
    }


def _insert_records(session: Session, posting: Posting) -> list[int]:
    """Insert in waves: a record after the one it follows, since it needs its id."""
    waiting = posting.rows
    for row in waiting:
        row["public_id"] = new_public_id()
    while waiting:
        ready = [r for r in waiting if r["_state"].predecessor is None or r["_state"].predecessor.id is not None]
        later = [r for r in waiting if r["_state"].predecessor is not None and r["_state"].predecessor.id is None]
        session.execute(insert(LedgerEntry), [_record_row(row) for row in ready])
        ids = _ids(session, LedgerEntry, (row["public_id"] for row in ready))
        for row in ready:
            row["_state"].id = ids[row["public_id"]]
        waiting = later
    return [row["_state"].id for row in posting.rows]


def _record_row(row: dict[str, Any]) -> dict[str, Any]:
    state = row["_state"]
    stored = {key: value for key, value in row.items() if key != "_state"}
    stored["batch_id"] = state.batch.id if state.batch is not None and row["facility_id"] is not None else None
    stored["predecessor_id"] = state.predecessor.id if state.predecessor else None
    return stored


def _ids(session: Session, model: Any, public_ids: Iterable[Any]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for chunk in chunked(public_ids):
        found.update(session.execute(select(model.public_id, model.id).where(model.public_id.in_(chunk))).tuples())
    return found


def _update_balances(session: Session, posting: Posting) -> None:
    new = {id(batch) for batch in posting.new_batches}
    moved = [
        {"batch": batch.id, "moved": batch.moved}
        for batch in posting.context.batches.values()
        if batch.moved and id(batch) not in new
    ]
    if moved:
        session.connection().execute(
            update(StorageBatch)
            .where(StorageBatch.id == bindparam("batch"))
            .values(remaining=StorageBatch.remaining + bindparam("moved", type_=StorageBatch.remaining.type)),
            moved,
        )
        session.expire_all()


def _name_wastes(session: Session, posting: Posting) -> None:
    named = INTO_STORE | {EntryKind.GENERATED}
    wastes: dict[tuple[int, str, str], Any] = {}
    for row in posting.rows:
        if row["kind"] in named:
            key = (row["unit_id"], row["waste_code"], row["waste_name"])
            wastes[key] = max(row["occurred_on"], wastes.get(key, row["occurred_on"]))
    outside = keep_unit_wastes(session, wastes, recorded_at=posting.recorded_at)
    for row_place, row in enumerate(posting.rows):
        if row["kind"] in named and (row["unit_id"], row["waste_code"], row["waste_name"]) in outside:
            posting.warn(row_place, "waste_code", f"{row['waste_code']} 为名录外代码（待核），已收录，请确认")
