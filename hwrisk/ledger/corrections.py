"""Corrections of posted records: 撤销批次 and 调整批次; nothing is edited or deleted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.db.types import ZERO, total
from hwrisk.errors import RuleViolation
from hwrisk.imports.cells import format_tonnes
from hwrisk.ledger.closing import is_closed
from hwrisk.ledger.drafts import INTO_STORE, Hand
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.numbering import Numbering
from hwrisk.ledger.posting.store import change_balances
from hwrisk.ledger.rules import CORRECTIONS, Decision, StockBook, cancellation_decision, correction_decision
from hwrisk.ledger.storage.models import LotMember, StorageBatch
from hwrisk.ledger.storage.recomputing import recompute_limits
from hwrisk.rulepacks.queries import PackHistory
from hwrisk.security.roles import Role

ADJUSTABLE = {EntryKind.STORED_IN, EntryKind.OPENING, EntryKind.STORED_OUT}
PAIRED = {EntryKind.MOVED_OUT, EntryKind.MOVED_IN}
ITSELF = {EntryKind.CANCELLED, EntryKind.ADJUSTED}
CITY = "city"
MAX_REASON = 1000


def cancel(session: Session, entry: LedgerEntry, *, reason: str, hand: Hand) -> LedgerEntry:
    """Cancel a record: a second one takes its effect back on its own day; return that one.

    Both records of a move are cancelled together.

    Raises:
        RuleViolation: no reason, for the city to decide, cancelled already, later records rest on it, or a later day's
            stock would be negative.
    """
    _require_reason(reason)
    _require_standing(session, entry)
    _require_decider(decision_to_cancel(session, entry), hand)
    pair = [entry] if entry.kind not in PAIRED else _pair(session, entry)
    for one in pair:
        if followers := [row.entry_no for row in _followers(session, one) if row.kind not in PAIRED]:
            raise RuleViolation(f"后续记录 {'、'.join(followers)} 以本记录为依据，请先撤销它们")
    effects = {one.id: one.stock_delta + adjusted_by(session, one) for one in pair}
    # What comes back to store goes first, so that the other half of a move is never short of it; when that half is
    # refused nevertheless, the first must not stand alone in the caller's transaction.
    with session.begin_nested():
        for one in sorted(pair, key=lambda row: effects[row.id]):
            done = _post(
                session, one, EntryKind.CANCELLED, delta=-effects[one.id], quantity=one.quantity, reason=reason,
                hand=hand,
            )  # fmt: skip
            if one.id == entry.id:
                taken_back = done
    if entry.kind in INTO_STORE:
        _leave_lot(session, entry)
    audit.record(
        session, hand.viewer, "ledger.cancel", "ledger_entry", entry.id,
        summary={"编号": entry.entry_no, "原因": reason},
    )  # fmt: skip
    return taken_back


def adjust(session: Session, entry: LedgerEntry, *, quantity: Decimal, reason: str, hand: Hand) -> LedgerEntry:
    """Correct the quantity of an in or an out to `quantity` on its own day; return the adjusting record.

    Raises:
        RuleViolation: no reason, for the city to decide, another kind of record, no change, less than what already
            followed, or negative stock.
    """
    _require_reason(reason)
    if entry.kind not in ADJUSTABLE:
        raise RuleViolation(f"{entry.kind.label}记录不能调整数量，请撤销后重新登记")
    _require_standing(session, entry)
    if quantity <= 0:
        raise RuleViolation("调整后的数量必须大于 0 吨；全部作废请用撤销", field="quantity")
    present = effective_quantity(session, entry)
    if quantity == present:
        raise RuleViolation(f"调整后的数量与现数量 {format_tonnes(present)} 吨相同，无需调整", field="quantity")
    _require_decider(decision_to_adjust(session, entry, quantity=quantity), hand)
    is_out = entry.kind is EntryKind.STORED_OUT
    if is_out and quantity < (used := _used(session, entry)):
        raise RuleViolation(
            f"已登记去向 {format_tonnes(used)} 吨，出库量不能调整为更小的 {format_tonnes(quantity)} 吨",
            field="quantity",
        )
    delta = present - quantity if is_out else quantity - present
    adjusting = _post(session, entry, EntryKind.ADJUSTED, delta=delta, quantity=abs(delta), reason=reason, hand=hand)
    audit.record(
        session, hand.viewer, "ledger.adjust", "ledger_entry", entry.id,
        summary={"编号": entry.entry_no, "原数量": str(present), "新数量": str(quantity), "原因": reason},
    )  # fmt: skip
    return adjusting


def decision_to_cancel(session: Session, entry: LedgerEntry) -> Decision:
    """Return who decides that `entry` is cancelled, by the rule pack in force on its day."""
    return cancellation_decision(
        _pack(session, entry),
        quantity=effective_quantity(session, entry),
        is_frozen=is_closed(session, entry.occurred_on),
    )


def decision_to_adjust(session: Session, entry: LedgerEntry, *, quantity: Decimal) -> Decision:
    """Return who decides that `entry` becomes `quantity` tonnes; measured against the quantity first posted."""
    return correction_decision(
        _pack(session, entry),
        original=entry.quantity,
        change=quantity - entry.quantity,
        is_frozen=is_closed(session, entry.occurred_on),
    )


def adjusted_by(session: Session, entry: LedgerEntry) -> Decimal:
    """Return the tonnes of stock by which adjustments changed the effect of `entry` (signed)."""
    return session.scalar(select(total(LedgerEntry.stock_delta)).where(LedgerEntry.adjusts_id == entry.id)) or ZERO


def effective_quantity(session: Session, entry: LedgerEntry) -> Decimal:
    """Return the quantity of a record with its adjustments."""
    change = adjusted_by(session, entry)
    return entry.quantity - change if entry.kind is EntryKind.STORED_OUT else entry.quantity + change


def _pack(session: Session, entry: LedgerEntry) -> dict[str, Any]:
    return PackHistory(session, CORRECTIONS).on(entry.occurred_on).parameters


def _require_decider(decision: Decision, hand: Hand) -> None:
    if decision.decided_by == CITY and hand.viewer.role is not Role.CITY:
        why = "幅度较大" if decision.is_large else "所在期间已结账"
        raise RuleViolation(f"该更正{why}，由市局固废科决定；请报市局办理")


def _require_standing(session: Session, entry: LedgerEntry) -> None:
    # The lock lets nobody follow the record meanwhile.
    session.scalars(select(LedgerEntry.id).where(LedgerEntry.id == entry.id).with_for_update()).one()
    if entry.kind in ITSELF:
        raise RuleViolation(f"{entry.kind.label}记录本身不能再更正；需要时请更正原记录")
    if session.scalar(select(LedgerEntry.id).where(LedgerEntry.cancels_id == entry.id)) is not None:
        raise RuleViolation(f"记录 {entry.entry_no} 已经撤销，不能再更正")


def _pair(session: Session, entry: LedgerEntry) -> list[LedgerEntry]:
    partner = LedgerEntry.id == entry.predecessor_id
    if entry.kind is EntryKind.MOVED_OUT:
        partner = LedgerEntry.predecessor_id == entry.id
    return [entry, session.scalars(select(LedgerEntry).where(partner, LedgerEntry.kind.in_(PAIRED))).one()]


def _leave_lot(session: Session, entry: LedgerEntry) -> None:
    """A batch that never was cannot lend its age to the others of its lot."""
    mates = aliased(LotMember)
    ids = session.scalars(
        select(mates.batch_id)
        .join(LotMember, LotMember.lot_id == mates.lot_id)
        .where(LotMember.batch_id == entry.batch_id)
    ).all()
    if ids:
        recompute_limits(session, ids)


def _post(
    session: Session, entry: LedgerEntry, kind: EntryKind, *, delta: Decimal, quantity: Decimal, reason: str, hand: Hand
) -> LedgerEntry:
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
        recorded_at=hand.recorded_at or now(),
    )
    session.add(record)
    session.flush()
    return record


def _change_stock(session: Session, entry: LedgerEntry, delta: Decimal) -> None:
    session.scalars(select(StorageBatch.id).where(StorageBatch.id == entry.batch_id).with_for_update()).one()
    rows = session.execute(
        select(LedgerEntry.facility_id, LedgerEntry.occurred_on, LedgerEntry.stock_delta).where(
            LedgerEntry.batch_id == entry.batch_id
        )
    )
    book = StockBook(((entry.batch_id, facility), day, change) for facility, day, change in rows)
    lowest = book.lowest((entry.batch_id, entry.facility_id), entry.occurred_on)
    if lowest.stock + delta < 0:
        raise RuleViolation(
            f"更正后 {lowest.on:%Y-%m-%d} 的库存将为负（{format_tonnes(lowest.stock + delta)} 吨），"
            "因为该批次后来有出库或移库；请先更正后来的记录",
            field="quantity",
        )
    change_balances(session, [{"batch": entry.batch_id, "moved": delta}])


def _used(session: Session, entry: LedgerEntry) -> Decimal:
    return sum((row.quantity for row in _followers(session, entry)), ZERO)


def _followers(session: Session, entry: LedgerEntry) -> list[LedgerEntry]:
    """Return the records that follow `entry` and were not cancelled."""
    rows = session.scalars(select(LedgerEntry).where(LedgerEntry.predecessor_id == entry.id)).all()
    gone = set(session.scalars(select(LedgerEntry.cancels_id).where(LedgerEntry.cancels_id.in_([r.id for r in rows]))))
    return [row for row in rows if row.id not in gone]


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise RuleViolation("请填写更正原因", field="reason")
    if len(reason) > MAX_REASON:
        raise RuleViolation(f"更正原因最多 {MAX_REASON} 个字", field="reason")
