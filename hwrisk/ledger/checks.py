"""What must always hold of ledger records (自检): nothing is taken twice, what is cancelled leaves nothing behind."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from hwrisk.db.checks import Check
from hwrisk.db.types import ZERO, TonnesType, total
from hwrisk.imports.cells import format_tonnes
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.units.models import Unit

MOST = 200
"""Problems named at once; a broken database has thousands of the same kind."""
TAKERS = (EntryKind.SELF_TREATED, EntryKind.ENTRUSTED, EntryKind.RETURNED)


def overused_records(session: Session) -> list[str]:
    """Return a sentence for each out or load that later records take more of than there was."""
    follower, adjustment = aliased(LedgerEntry), aliased(LedgerEntry)
    taken = (
        select(follower.predecessor_id.label("id"), total(follower.quantity).label("tonnes"))
        .where(follower.kind.in_(TAKERS), _stands(follower))
        .group_by(follower.predecessor_id)
        .subquery()
    )
    adjusted = (
        select(adjustment.adjusts_id.label("id"), total(adjustment.stock_delta).label("tonnes"))
        .where(adjustment.adjusts_id.is_not(None))
        .group_by(adjustment.adjusts_id)
        .subquery()
    )
    is_out = LedgerEntry.kind == EntryKind.STORED_OUT
    change: Any = func.coalesce(adjusted.c.tonnes, literal(ZERO, TonnesType()))
    there: Any = LedgerEntry.quantity - case((is_out, change), else_=literal(ZERO, TonnesType()))
    rows = session.execute(
        select(Unit.unit_no, LedgerEntry.entry_no, there, taken.c.tonnes)
        .join(taken, taken.c.id == LedgerEntry.id)
        .join(Unit, Unit.id == LedgerEntry.unit_id)
        .outerjoin(adjusted, adjusted.c.id == LedgerEntry.id)
        .where(taken.c.tonnes > there)
        .order_by(LedgerEntry.id)
        .limit(MOST)
    )
    return [
        f"单位 {unit_no} 的记录 {number} 只有 {format_tonnes(was)} 吨，后续记录用了 {format_tonnes(used)} 吨"
        for unit_no, number, was, used in rows
    ]


def half_cancelled_records(session: Session) -> list[str]:
    """Return a sentence for each cancelled record whose effect on the stock was not wholly taken back."""
    cancelling, adjustment = aliased(LedgerEntry), aliased(LedgerEntry)
    adjusted = (
        select(adjustment.adjusts_id.label("id"), total(adjustment.stock_delta).label("tonnes"))
        .where(adjustment.adjusts_id.is_not(None))
        .group_by(adjustment.adjusts_id)
        .subquery()
    )
    left: Any = (
        LedgerEntry.stock_delta + cancelling.stock_delta + func.coalesce(adjusted.c.tonnes, literal(ZERO, TonnesType()))
    )
    rows = session.execute(
        select(Unit.unit_no, LedgerEntry.entry_no, left)
        .join(cancelling, cancelling.cancels_id == LedgerEntry.id)
        .join(Unit, Unit.id == LedgerEntry.unit_id)
        .outerjoin(adjusted, adjusted.c.id == LedgerEntry.id)
        .where(or_(left != ZERO, cancelling.occurred_on != LedgerEntry.occurred_on))
        .order_by(LedgerEntry.id)
        .limit(MOST)
    )
    return [
        f"单位 {unit_no} 的记录 {number} 已撤销，但库存上还留有 {format_tonnes(tonnes)} 吨或日期不同"
        for unit_no, number, tonnes in rows
    ]


def misplaced_followers(session: Session) -> list[str]:
    """Return a sentence for each record that stands before the one it follows, or follows one of another unit."""
    before = aliased(LedgerEntry)
    rows = session.execute(
        select(Unit.unit_no, LedgerEntry.entry_no, before.entry_no)
        .join(before, before.id == LedgerEntry.predecessor_id)
        .join(Unit, Unit.id == LedgerEntry.unit_id)
        .where(or_(before.occurred_on > LedgerEntry.occurred_on, before.unit_id != LedgerEntry.unit_id))
        .order_by(LedgerEntry.id)
        .limit(MOST)
    )
    return [
        f"单位 {unit_no} 的记录 {number} 早于所依据的 {earlier}，或依据了别的单位的记录"
        for unit_no, number, earlier in rows
    ]


def _stands(entry: Any) -> ColumnElement[bool]:
    cancelling = aliased(LedgerEntry)
    return ~select(cancelling.id).where(cancelling.cancels_id == entry.id).exists()


CHECKS = (
    Check("ledger.uses", "后续环节的数量不超过所依据记录的数量", overused_records),
    Check("ledger.cancelled", "撤销的记录在库存上不留余量", half_cancelled_records),
    Check("ledger.order", "后续记录不早于所依据的记录，且属于同一单位", misplaced_followers),
)
