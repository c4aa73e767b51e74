"""The batches a rate may speak of, with everything that happened to them; a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    String,
    and_,
    exists,
    func,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from hwrisk.db.chunks import chunked
from hwrisk.indicators.overdue.chain import EntryFact, events_by_batch
from hwrisk.indicators.overdue.rules import BatchTimeline
from hwrisk.ledger.models import EntryKind, LedgerEntry, UnitWaste
from hwrisk.ledger.storage.models import BatchTag, ExtensionState, LotMember, StorageBatch, StorageExtension
from hwrisk.ledger.storage.rules import Extension, first_overdue_day, overdue_days

FACT_COLUMNS = (
    "id", "kind", "occurred_on", "quantity", "stock_delta", "batch_id", "predecessor_id", "cancels_id", "adjusts_id",
    "completed_on", "receiver_kind", "difference_explained",
)  # fmt: skip
AS_STORED: dict[str, Any] = {
    "kind": String, "receiver_kind": String, "quantity": BigInteger, "stock_delta": BigInteger,
}  # fmt: skip

EXTENSION_KNOWN_AT = func.coalesce(StorageExtension.decided_at, StorageExtension.recorded_at)
"""Instant from which a decision on an extension was known."""


class BatchFacts(NamedTuple):
    """A batch and its history, as the rate needs it."""

    batch_id: int
    unit_id: int
    tag: BatchTag
    stream: str
    """Stream a person confirmed for this waste of the unit (废物流), or empty."""
    timeline: BatchTimeline


def overdue_timelines(
    session: Session,
    *,
    start: date,
    end: date,
    known_at: datetime | None = None,
    of: ColumnElement[bool] | None = None,
) -> list[BatchFacts]:
    """Return every batch that may have tonnes due in [start, end) or any part of it, by id.

    `known_at` restricts to what was recorded by that instant (None: now); `of` narrows by columns of `StorageBatch`.
    Batches that do not count in the rate (`counts_in_rate`) are left out.
    """
    batches = _candidates(start, end, known_at, true() if of is None else of).cte("candidate")
    rows = session.execute(
        select(batches, UnitWaste.tag_confirmed)
        .outerjoin(
            UnitWaste,
            and_(
                UnitWaste.unit_id == batches.c.unit_id,
                UnitWaste.waste_code == batches.c.waste_code,
                UnitWaste.waste_name == batches.c.waste_name,
            ),
        )
        .order_by(batches.c.id)
    ).all()
    events = events_by_batch(EntryFact(*row) for row in session.execute(_chain(batches, known_at)))
    extensions = _extensions(session, known_at)
    earlier = {} if known_at is None else _overdue_before_later_merging(session, batches, known_at)
    return [
        BatchFacts(
            row.id,
            row.unit_id,
            row.tag,
            row.tag_confirmed or "",
            BatchTimeline.of(
                row.id,
                overdue_days(earlier.get(row.id, row.overdue_from), extensions.get(row.id, [])),
                events.get(row.id, []),
            ),
        )
        for row in rows
    ]


def chain_by_batch(session: Session, batch_ids: Iterable[int]) -> dict[int, list[int]]:
    """Return the ids of the records on each batch and of what followed its outs, corrections included."""
    found: dict[int, list[int]] = {}
    for chunk in chunked(sorted(set(batch_ids))):
        batches = select(StorageBatch.id).where(StorageBatch.id.in_(chunk)).cte("candidate")
        facts = {fact.id: fact for fact in (EntryFact(*row) for row in session.execute(_chain(batches, None)))}
        found.update({batch_id: [] for batch_id in chunk})
        for fact in facts.values():
            found[_batch_behind(fact, facts, set(chunk))].append(fact.id)
    return found


def _batch_behind(fact: EntryFact, facts: Mapping[int, EntryFact], wanted: set[int]) -> int:
    """Return the batch a record of a chain speaks of: a receipt leads back to its out, a cancellation to its record."""
    if fact.batch_id in wanted:
        return fact.batch_id
    return _batch_behind(facts[fact.cancels_id or fact.predecessor_id or 0], facts, wanted)


def _candidates(start: date, end: date, known_at: datetime | None, of: ColumnElement[bool]) -> Any:
    """Select the batches that may have tonnes due: still in store, moved since `start`, or left and not yet finished.

    It may select too many, never too few; the rules decide.
    """
    entry = aliased(LedgerEntry)
    moved_since = exists().where(entry.batch_id == StorageBatch.id, entry.occurred_on >= start)
    possible = [StorageBatch.remaining > 0, moved_since, _has_unfinished_out(start, known_at)]
    recorded: ColumnElement[bool] = true()
    if known_at is not None:
        later = aliased(LedgerEntry)
        # The balance of today knows what was recorded since.
        possible.append(exists().where(later.batch_id == StorageBatch.id, later.recorded_at > known_at))
        recorded = StorageBatch.recorded_at <= known_at
    return select(
        StorageBatch.id, StorageBatch.unit_id, StorageBatch.waste_code, StorageBatch.waste_name, StorageBatch.tag,
        StorageBatch.overdue_from,
    ).where(StorageBatch.counts_in_rate, StorageBatch.overdue_from < end, recorded, of, or_(*possible))  # fmt: skip


def _has_unfinished_out(start: date, known_at: datetime | None) -> ColumnElement[bool]:
    """Tell in SQL whether something left while overdue before `start` without a follower that surely finished it."""
    out, adjustment = aliased(LedgerEntry), aliased(LedgerEntry)
    return exists().where(
        out.batch_id == StorageBatch.id,
        out.kind == EntryKind.STORED_OUT,
        out.occurred_on >= StorageBatch.overdue_from,
        out.occurred_on < start,
        or_(
            ~_finished(out, start, known_at),
            exists().where(adjustment.batch_id == out.batch_id, adjustment.kind == EntryKind.ADJUSTED),
        ),
    )


def _finished(out: Any, start: date, known_at: datetime | None) -> ColumnElement[bool]:
    follower, receipt = aliased(LedgerEntry), aliased(LedgerEntry)
    received = exists().where(
        receipt.predecessor_id == follower.id,
        receipt.kind == EntryKind.RECEIVED,
        receipt.completed_on < start,
        or_(receipt.difference_explained.is_(True), receipt.quantity >= follower.quantity),
        _stands(receipt, known_at),
    )
    treated = and_(follower.kind == EntryKind.SELF_TREATED, follower.completed_on < start)
    return exists().where(
        follower.predecessor_id == out.id,
        follower.quantity >= out.quantity,
        _stands(follower, known_at),
        or_(treated, and_(follower.kind == EntryKind.ENTRUSTED, received)),
    )


def _stands(entry: Any, known_at: datetime | None) -> ColumnElement[bool]:
    cancelling = aliased(LedgerEntry)
    recorded = true() if known_at is None else entry.recorded_at <= known_at
    # A cancellation recorded later still selects the batch: too many is fine.
    return and_(recorded, ~exists().where(cancelling.cancels_id == entry.id))


def _chain(batches: CTE, known_at: datetime | None) -> Any:
    """Select the records on the batches, what follows their outs by up to two steps, and cancellations of these."""
    first, second = aliased(LedgerEntry), aliased(LedgerEntry)
    out, first_again = aliased(LedgerEntry), aliased(LedgerEntry)
    parts = []
    own = aliased(LedgerEntry)
    parts.append((own, select(*_facts(own)).join(batches, own.batch_id == batches.c.id)))

    def behind_outs(follower: Any) -> Any:
        return (
            select(*_facts(follower))
            .join(out, and_(follower.predecessor_id == out.id, out.kind == EntryKind.STORED_OUT))
            .join(batches, out.batch_id == batches.c.id)
        )

    def two_behind(follower: Any) -> Any:
        return (
            select(*_facts(follower))
            .join(first_again, follower.predecessor_id == first_again.id)
            .join(out, and_(first_again.predecessor_id == out.id, out.kind == EntryKind.STORED_OUT))
            .join(batches, out.batch_id == batches.c.id)
        )

    parts += [(first, behind_outs(first)), (second, two_behind(second))]
    # Cancellations are joined to what they cancel, not looked up in a list: the list made SQLite read the whole ledger.
    cancelled, cancelled_later = aliased(LedgerEntry), aliased(LedgerEntry)
    cancelling, cancelling_later = aliased(LedgerEntry), aliased(LedgerEntry)
    for target, correction, selected in (
        (cancelled, cancelling, behind_outs(cancelled)),
        (cancelled_later, cancelling_later, two_behind(cancelled_later)),
    ):
        statement = selected.join(correction, correction.cancels_id == target.id)
        parts.append((correction, statement.with_only_columns(*_facts(correction))))
    if known_at is not None:
        return union_all(*(statement.where(entry.recorded_at <= known_at) for entry, statement in parts))
    return union_all(*(statement for _entry, statement in parts))


def _facts(entry: Any) -> list[Any]:
    """Return the columns of a fact as the driver gives them: kinds as text, weights as integers."""
    return [
        type_coerce(getattr(entry, name), AS_STORED[name]) if name in AS_STORED else getattr(entry, name)
        for name in FACT_COLUMNS
    ]


def _extensions(session: Session, known_at: datetime | None) -> dict[int, list[Extension]]:
    """Return all approved extensions by batch; they are few, and choosing the batches again would cost more."""
    found: dict[int, list[Extension]] = defaultdict(list)
    rows = session.execute(
        select(StorageExtension.batch_id, StorageExtension.approved_on, StorageExtension.until).where(
            StorageExtension.state == ExtensionState.APPROVED,
            true() if known_at is None else known_at >= EXTENSION_KNOWN_AT,
        )
    )
    for batch_id, approved_on, until in rows:
        if approved_on is not None and until is not None:
            found[batch_id].append(Extension(approved_on, until))
    return found


def _overdue_before_later_merging(session: Session, batches: CTE, known_at: datetime) -> dict[int, date]:
    """Return the first overdue day as it was known at `known_at`, of batches whose lot changed since."""
    later, this = aliased(LotMember), aliased(LotMember)
    changed = select(later.lot_id).where(later.recorded_at > known_at)
    rows = session.execute(
        select(
            this.lot_id, this.batch_id, this.joined_on, this.recorded_at,
            StorageBatch.last_lawful_on, StorageBatch.entered_on, StorageBatch.limit_key,
        )
        .join(StorageBatch, StorageBatch.id == this.batch_id)
        .where(this.lot_id.in_(changed))
    ).all()  # fmt: skip
    own = {r.batch_id: first_overdue_day(r.last_lawful_on, r.entered_on) if r.limit_key else None for r in rows}
    found: dict[int, date] = {}
    for row in rows:
        mates = [own[r.batch_id] for r in rows if r.lot_id == row.lot_id and r.recorded_at <= known_at]
        lot = (row.joined_on, mates) if row.recorded_at <= known_at else None
        if own[row.batch_id] is not None:
            found[row.batch_id] = first_overdue_day(row.last_lawful_on, row.entered_on, lot=lot)
    wanted = set(session.scalars(select(batches.c.id))) if found else set()
    return {batch_id: day for batch_id, day in found.items() if batch_id in wanted}
