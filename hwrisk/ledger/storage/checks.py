"""What must always hold of stored waste (自检)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from hwrisk.db.checks import Check
from hwrisk.db.types import ZERO, total
from hwrisk.ledger.models import LedgerEntry
from hwrisk.ledger.storage.models import Lot, LotMember, StorageBatch, StorageFacility
from hwrisk.ledger.storage.recomputing import judged
from hwrisk.units.models import Unit

MOST = 200
"""Problems named at once; a broken database has thousands of the same kind."""


def negative_stock(session: Session) -> list[str]:
    """Return a sentence for each batch and facility with less than nothing in store on some day."""
    by_day = (
        select(
            LedgerEntry.batch_id, LedgerEntry.facility_id, LedgerEntry.occurred_on,
            total(LedgerEntry.stock_delta).label("delta"),
        )
        .where(LedgerEntry.batch_id.is_not(None))
        .group_by(LedgerEntry.batch_id, LedgerEntry.facility_id, LedgerEntry.occurred_on)
        .subquery()
    )  # fmt: skip
    running = func.sum(by_day.c.delta).over(
        partition_by=(by_day.c.batch_id, by_day.c.facility_id), order_by=by_day.c.occurred_on
    )
    stock = select(by_day, running.label("stock")).subquery()
    rows = session.execute(
        select(StorageBatch.batch_no, StorageFacility.code, func.min(stock.c.occurred_on), func.min(stock.c.stock))
        .join(StorageBatch, StorageBatch.id == stock.c.batch_id)
        .join(StorageFacility, StorageFacility.id == stock.c.facility_id)
        .where(stock.c.stock < ZERO)
        .group_by(StorageBatch.id, StorageBatch.batch_no, StorageFacility.code)
        .order_by(StorageBatch.id)
        .limit(MOST)
    )
    return [f"批次 {no} 在设施 {code} 自 {day} 起库存为负（最低 {low} 吨）" for no, code, day, low in rows]


def wrong_balances(session: Session) -> list[str]:
    """Return a sentence for each batch whose remaining stock is not the sum of its records."""
    moved = (
        select(LedgerEntry.batch_id, total(LedgerEntry.stock_delta).label("balance"))
        .where(LedgerEntry.batch_id.is_not(None))
        .group_by(LedgerEntry.batch_id)
        .subquery()
    )
    balance = func.coalesce(moved.c.balance, ZERO)
    rows: Any = session.execute(
        select(StorageBatch.batch_no, StorageBatch.remaining, moved.c.balance)
        .outerjoin(moved, moved.c.batch_id == StorageBatch.id)
        .where(or_(moved.c.balance.is_(None), StorageBatch.remaining != balance))
        .order_by(StorageBatch.id)
        .limit(MOST)
    )
    return [f"批次 {no} 记的余量 {kept} 吨，按台账记录应为 {_or_none(real)}" for no, kept, real in rows]


def foreign_entries(session: Session) -> list[str]:
    """Return a sentence for each record whose batch or facility belongs to another unit."""
    rows = session.execute(
        select(LedgerEntry.entry_no, Unit.unit_no)
        .join(Unit, Unit.id == LedgerEntry.unit_id)
        .join(StorageBatch, StorageBatch.id == LedgerEntry.batch_id)
        .join(StorageFacility, StorageFacility.id == LedgerEntry.facility_id)
        .where(or_(StorageBatch.unit_id != LedgerEntry.unit_id, StorageFacility.unit_id != LedgerEntry.unit_id))
        .order_by(LedgerEntry.id)
        .limit(MOST)
    )
    return [f"单位 {unit_no} 的记录 {number} 指向别的单位的批次或设施" for number, unit_no in rows]


def stale_limits(session: Session) -> list[str]:
    """Return a sentence for each batch whose limit, worked out anew, is not the one it carries."""
    problems = []
    for each in judged(session):
        if each.is_changed:
            now = each.limit.overdue_from
            problems.append(
                f"批次 {each.batch.batch_no} 记的超期起日 {each.batch.overdue_from or '无'}，重算为 {now or '无'}"
                f"（期限 {each.limit.limit_key or '不适用'}）"
            )
            if len(problems) >= MOST:
                break
    return problems


def broken_lots(session: Session) -> list[str]:
    """Return a sentence for each lot with fewer than two members, or of several units or wastes."""
    rows = session.execute(
        select(
            Lot.lot_no,
            func.count(LotMember.id),
            func.count(func.distinct(StorageBatch.unit_id)),
            func.count(func.distinct(StorageBatch.waste_code)),
        )
        .outerjoin(LotMember, LotMember.lot_id == Lot.id)
        .outerjoin(StorageBatch, StorageBatch.id == LotMember.batch_id)
        .group_by(Lot.id, Lot.lot_no)
        .having(
            or_(
                func.count(LotMember.id) < 2,
                func.count(func.distinct(StorageBatch.unit_id)) > 1,
                func.count(func.distinct(StorageBatch.waste_code)) > 1,
            )
        )
        .order_by(Lot.id)
        .limit(MOST)
    )
    return [f"合并批 {no} 有 {members} 个批次、{units} 家单位、{wastes} 种废物" for no, members, units, wastes in rows]


def _or_none(tonnes: Decimal | None) -> str:
    return "没有记录" if tonnes is None else f"{tonnes} 吨"


CHECKS = (
    Check("storage.stock", "每个批次在每处设施每天的库存不为负", negative_stock),
    Check("storage.balance", "批次余量等于台账记录之和", wrong_balances),
    Check("storage.owners", "台账记录与批次、设施属于同一单位", foreign_entries),
    Check("storage.limits", "批次期限与重新计算的一致", stale_limits),
    Check("storage.lots", "合并批由同一单位、同一废物的多个批次组成", broken_lots),
)
