"""What must always hold of materials (自检)."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from hwrisk.db.checks import Check
from hwrisk.emergency.measures import shown
from hwrisk.emergency.models import DispatchAllocation, DispatchRequest, DispatchState, MaterialLot, MaterialMovement

MOST = 200
"""Problems named at once; a broken database has thousands of the same kind."""


def wrong_stock(session: Session) -> list[str]:
    """Return a sentence for each lot whose stock is not the sum of its movements."""
    moved = (
        select(MaterialMovement.lot_id, func.sum(MaterialMovement.delta_milli).label("stock"))
        .group_by(MaterialMovement.lot_id)
        .subquery()
    )
    rows = session.execute(
        select(MaterialLot.lot_no, MaterialLot.remaining_milli, moved.c.stock)
        .outerjoin(moved, moved.c.lot_id == MaterialLot.id)
        .where(or_(moved.c.stock.is_(None), moved.c.stock != MaterialLot.remaining_milli))
        .order_by(MaterialLot.id)
        .limit(MOST)
    )
    return [
        f"物资批次 {no} 记的库存 {shown(kept)}，按收发记录应为 {shown(None if real is None else int(real))}"
        for no, kept, real in rows
    ]


def negative_stock(session: Session) -> list[str]:
    """Return a sentence for each lot with less than nothing in stock on some day."""
    by_day = (
        select(
            MaterialMovement.lot_id, MaterialMovement.occurred_on, func.sum(MaterialMovement.delta_milli).label("delta")
        )
        .group_by(MaterialMovement.lot_id, MaterialMovement.occurred_on)
        .subquery()
    )
    running = func.sum(by_day.c.delta).over(partition_by=by_day.c.lot_id, order_by=by_day.c.occurred_on)
    stock = select(by_day.c.lot_id, by_day.c.occurred_on, running.label("stock")).subquery()
    rows = session.execute(
        select(MaterialLot.lot_no, func.min(stock.c.occurred_on))
        .join(MaterialLot, MaterialLot.id == stock.c.lot_id)
        .where(stock.c.stock < 0)
        .group_by(MaterialLot.id, MaterialLot.lot_no)
        .order_by(MaterialLot.id)
        .limit(MOST)
    )
    return [f"物资批次 {no} 自 {day} 起库存为负" for no, day in rows]


def wrong_promises(session: Session) -> list[str]:
    """Return a sentence for each lot whose promised amount is not the sum of what open dispatches hold of it."""
    held = (
        select(DispatchAllocation.lot_id, func.sum(DispatchAllocation.amount_milli).label("held"))
        .where(DispatchAllocation.is_released.is_(False), DispatchAllocation.out_milli == 0)
        .group_by(DispatchAllocation.lot_id)
        .subquery()
    )
    rows = session.execute(
        select(MaterialLot.lot_no, MaterialLot.allocated_milli, held.c.held)
        .outerjoin(held, held.c.lot_id == MaterialLot.id)
        .where(func.coalesce(held.c.held, 0) != MaterialLot.allocated_milli)
        .order_by(MaterialLot.id)
        .limit(MOST)
    )
    return [f"物资批次 {no} 记的已分配 {shown(kept)}，按调拨单应为 {shown(int(real or 0))}" for no, kept, real in rows]


def unsettled(session: Session) -> list[str]:
    """Return a sentence for each allocation that does not balance: against its movements, or closed with a rest."""
    away = (
        select(MaterialMovement.allocation_id, func.sum(MaterialMovement.away_milli).label("away"))
        .where(MaterialMovement.allocation_id.is_not(None))
        .group_by(MaterialMovement.allocation_id)
        .subquery()
    )
    rest = DispatchAllocation.out_milli - DispatchAllocation.returned_milli - DispatchAllocation.consumed_milli
    rows = session.execute(
        select(DispatchRequest.number, MaterialLot.lot_no)
        .join(DispatchAllocation, DispatchAllocation.request_id == DispatchRequest.id)
        .join(MaterialLot, MaterialLot.id == DispatchAllocation.lot_id)
        .outerjoin(away, away.c.allocation_id == DispatchAllocation.id)
        .where(
            or_(
                func.coalesce(away.c.away, 0) != rest,
                (DispatchRequest.state == DispatchState.CLOSED) & (rest != 0),
            )
        )
        .order_by(DispatchRequest.id)
        .limit(MOST)
    )
    return [f"调拨单 {number} 中批次 {no} 的出库、归还和消耗对不上" for number, no in rows]


CHECKS = (
    Check("emergency.stock", "物资批次库存等于收发记录之和", wrong_stock),
    Check("emergency.days", "物资批次每天的库存不为负", negative_stock),
    Check("emergency.promises", "物资已分配数量等于未出库的调拨之和", wrong_promises),
    Check("emergency.dispatches", "调拨的出库等于归还、消耗与尚未核销之和", unsettled),
)
