"""Corrections of posted records: 撤销批次 and 调整批次; nothing is edited or deleted."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.db.types import ZERO, total
from hwrisk.errors import RuleViolation
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.numbering import Numbering
from hwrisk.ledger.rules import StockBook
from hwrisk.ledger.storage.models import StorageBatch

ADJUSTABLE = {EntryKind.STORED_IN, EntryKind.OPENING, EntryKind.STORED_OUT}
PAIRED = {EntryKind.MOVED_OUT, EntryKind.MOVED_IN}


def cancel(session: Session, entry: LedgerEntry, *, reason: str, hand: Hand) -> LedgerEntry:
    """Cancel a record: a second one takes its effect back on its own day; return that one.

    Raises:
        RuleViolation: no reason, cancelled already, later records rest on it, or a later day's stock would be negative.
    """
    _require_reason(reason)
    if entry.kind in {EntryKind.CANCELLED, *PAIRED}:
        raise RuleViolation("撤销记录和移库记录不能撤销；移错的请再移库一次")
    if followers := _followers(session, entry):
        raise RuleViolation(f"后续记录 {'、'.join(followers)} 以本记录为依据，请先撤销它们")
    if session.scalar(select(LedgerEntry.id).where(LedgerEntry.cancels_id == entry.id)) is not None:
        raise RuleViolation(f"记录 {entry.entry_no} 已经撤销，不能重复撤销")
    effect = entry.stock_delta + adjusted_by(session, entry)
    taken_back = _post(
        session, entry, kind=EntryKind.CANCELLED, delta=-effect, quantity=entry.quantity, reason=reason, hand=hand
    )
    audit.record(
        session,
        hand.viewer,
        "ledger.cancel",
        "ledger_entry",
        entry.id,
        summary={"编号": entry.entry_no, "原因": reason},
    )
    return taken_back


def adjust(session: Session, entry: LedgerEntry, *, quantity: Decimal, reason: str, hand: Hand) -> LedgerEntry:
    """Correct the quantity of an in or an out to `quantity` on its own day; return the adjusting record.

    Raises:
        RuleViolation: no reason, another kind of record, no change, less than what already followed, or negative stock.
    """
    _require_reason(reason)
    if entry.kind not in ADJUSTABLE:
        raise RuleViolation(f"{entry.kind.label}记录不能调整数量，请撤销后重新登记")
    if session.scalar(select(LedgerEntry.id).where(LedgerEntry.cancels_id == entry.id)) is not None:
        raise RuleViolation(f"记录 {entry.entry_no} 已经撤销，不能调整")
    if quantity <= 0:
        raise RuleViolation("调整后的数量必须大于 0 吨；全部作废请用撤销", field="quantity")
    present = effective_quantity(session, entry)
    if quantity == present:
        raise RuleViolation(f"调整后的数量与现数量 {present} 吨相同，无需调整", field="quantity")
    is_out = entry.kind is EntryKind.STORED_OUT
    if is_out and quantity < (used := _used(session, entry)):
        raise RuleViolation(f"已登记去向 {used} 吨，出库量不能调整为更小的 {quantity} 吨", field="quantity")
    delta = present - quantity if is_out else quantity - present
    adjusting = _post(
        session, entry, kind=EntryKind.ADJUSTED, delta=delta, quantity=abs(delta), reason=reason, hand=hand
    )
    audit.record(
        session, hand.viewer, "ledger.adjust", "ledger_entry", entry.id,
        summary={"编号": entry.entry_no, "原数量": str(present), "新数量": str(quantity), "原因": reason},
    )  # fmt: skip
    return adjusting


def adjusted_by(session: Session, entry: LedgerEntry) -> Decimal:
    """Return the tonnes of stock by which adjustments changed the effect of `entry` (signed)."""
    return session.scalar(select(total(LedgerEntry.stock_delta)).where(LedgerEntry.adjusts_id == entry.id)) or ZERO


def effective_quantity(session: Session, entry: LedgerEntry) -> Decimal:
    """Return the quantity of a record with its adjustments."""
    change = adjusted_by(session, entry)
    return entry.quantity - change if entry.kind is EntryKind.STORED_OUT else entry.quantity + change


def _post(
    session: Session, entry: LedgerEntry, *, kind: EntryKind, delta: Decimal, quantity: Decimal, reason: str, hand: Hand
) -> LedgerEntry:
    recorded_at: datetime = hand.recorded_at or now()
    if entry.batch_id is not None:
        _change_stock(session, entry, delta)
    numbers = Numbering(session, [(entry.unit_id, entry.occurred_on)])
    record = LedgerEntry(
        entry_no=numbers.allocate(entry.unit_id, kind, entry.occurred_on),
        unit_id=entry.unit_id,
        office_code=entry.office_code,
        kind=kind,
        occurred_on=entry.occurred_on,
        waste_code=entry.waste_code,
        waste_name=entry.waste_name,
        quantity=quantity,
        stock_delta=delta if entry.batch_id is not None else ZERO,
        batch_id=entry.batch_id,
        facility_id=entry.facility_id,
        cancels_id=entry.id if kind is EntryKind.CANCELLED else None,
        adjusts_id=entry.id if kind is EntryKind.ADJUSTED else None,
        remark=reason,
        recorded_by=hand.viewer.label,
        recorded_at=recorded_at,
    )
    session.add(record)
    session.flush()
    return record


def _change_stock(session: Session, entry: LedgerEntry, delta: Decimal) -> None:
    batch = session.scalars(select(StorageBatch).where(StorageBatch.id == entry.batch_id).with_for_update()).one()
    rows = session.execute(
        select(LedgerEntry.facility_id, LedgerEntry.occurred_on, LedgerEntry.stock_delta).where(
            LedgerEntry.batch_id == batch.id
        )
    )
    book = StockBook(((batch.id, facility), day, change) for facility, day, change in rows)
    book.post((batch.id, entry.facility_id), entry.occurred_on, delta)
    batch.remaining = batch.remaining + delta


def _followers(session: Session, entry: LedgerEntry) -> list[str]:
    return [row.entry_no for row in _standing_followers(session, entry)]


def _used(session: Session, entry: LedgerEntry) -> Decimal:
    return sum((row.quantity for row in _standing_followers(session, entry)), ZERO)


def _standing_followers(session: Session, entry: LedgerEntry) -> list[LedgerEntry]:
    """Return the records that follow `entry` and were not cancelled."""
    rows = session.scalars(select(LedgerEntry).where(LedgerEntry.predecessor_id == entry.id)).all()
    gone = set(session.scalars(select(LedgerEntry.cancels_id).where(LedgerEntry.cancels_id.in_([r.id for r in rows]))))
    return [row for row in rows if row.id not in gone]


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise RuleViolation("请填写更正原因", field="reason")
