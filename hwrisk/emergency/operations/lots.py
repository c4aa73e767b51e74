"""Lots and their movements: every change of stock is a row, and no stock is ever negative."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.db.locks import hold_until_commit
from hwrisk.emergency import rules
from hwrisk.emergency.measures import shown
from hwrisk.emergency.models import Depot, DispatchAllocation, MaterialKind, MaterialLot, MaterialMovement, MovementKind
from hwrisk.emergency.operations.hand import Hand, check_not_ahead
from hwrisk.errors import NotFound, RuleViolation

LOT = "material_lot"
NUMBER_LOCK = 0x6877_7269_736B_1261
"""Key of the lock under which numbers are given out."""


def add_lot(
    session: Session,
    depot: Depot,
    kind: MaterialKind,
    *,
    quantity_milli: int,
    received_on: date,
    hand: Hand,
    produced_on: date | None = None,
    expires_on: date | None = None,
    confirmed_on: date | None = None,
    batch_label: str = "",
    location: str = "",
    note: str = "",
    lot_no: str = "",
    is_demo: bool = False,
) -> MaterialLot:
    """Return a new lot that came in on a day; counting it in confirms it unless `confirmed_on` says otherwise.

    Raises:
        RuleViolation: not above zero, a day ahead, an expiry before production, made after it came in, a closed depot.
    """
    if quantity_milli <= 0:
        raise RuleViolation("入库数量必须大于 0", field="quantity")
    if not depot.is_active:
        raise RuleViolation(f"物资库“{depot.name}”已停用，不能入库", field="depot")
    rules.check_days(produced_on, expires_on)
    check_not_ahead(received_on, hand, field="received_on")
    if confirmed_on is not None:
        check_not_ahead(confirmed_on, hand, field="confirmed_on")
    if produced_on is not None and produced_on > received_on:
        raise RuleViolation(f"生产日期 {produced_on} 晚于入库日期 {received_on}，请核对", field="produced_on")
    lot = MaterialLot(
        lot_no=lot_no or next_lot_numbers(session, received_on.year, 1)[0],
        depot_id=depot.id,
        kind_id=kind.id,
        batch_label=batch_label.strip(),
        produced_on=produced_on,
        expires_on=expires_on,
        last_confirmed_on=confirmed_on or received_on,
        remaining_milli=quantity_milli,
        allocated_milli=0,
        location=location.strip(),
        note=note.strip(),
        is_demo=is_demo,
        recorded_at=hand.instant,
    )
    session.add(lot)
    session.flush()
    _write(session, lot, MovementKind.IN, quantity_milli, received_on, hand=hand, note=note)
    session.flush()
    summary = {"库": depot.name, "物资": kind.name, "数量": f"{shown(quantity_milli)} {kind.unit}"}
    audit.record(session, hand.viewer, "material.in", LOT, lot.id, summary=summary)
    return lot


def move(session: Session, lot: MaterialLot, target: Depot, *, amount_milli: int, on: date, hand: Hand) -> MaterialLot:
    """Move some of a lot to another depot and return the lot there: two movements that cancel out.

    Production, expiry and confirmation go with it.

    Raises:
        RuleViolation: the same depot, a closed one, or see `take_out`.
    """
    if target.id == lot.depot_id:
        raise RuleViolation("调入的物资库与原库相同，请选择另一个物资库", field="target")
    if not target.is_active:
        raise RuleViolation(f"物资库“{target.name}”已停用，不能调入", field="target")
    lot = locked(session, lot.id)
    left = take_out(session, lot, MovementKind.MOVE_OUT, amount_milli=amount_milli, on=on, hand=hand)
    moved = MaterialLot(
        lot_no=next_lot_numbers(session, on.year, 1)[0], depot_id=target.id, kind_id=lot.kind_id,
        batch_label=lot.batch_label, produced_on=lot.produced_on, expires_on=lot.expires_on,
        last_confirmed_on=lot.last_confirmed_on, remaining_milli=amount_milli, allocated_milli=0, note=lot.note,
        is_demo=lot.is_demo, recorded_at=hand.instant,
    )  # fmt: skip
    session.add(moved)
    session.flush()
    _write(
        session, moved, MovementKind.MOVE_IN, amount_milli, on, hand=hand, pair_id=left.id, note=f"由 {lot.lot_no} 调入"
    )
    session.flush()
    return moved


def take_out(
    session: Session,
    lot: MaterialLot,
    kind: MovementKind,
    *,
    amount_milli: int,
    on: date,
    hand: Hand,
    note: str = "",
) -> MaterialMovement:
    """Take some of a lot out of stock for good: used up here, scrapped, or moved; return the movement.

    Raises:
        RuleViolation: not above zero, more than is free of promises, or more than lay there on some day since.
    """
    if amount_milli <= 0:
        raise RuleViolation("数量必须大于 0", field="quantity")
    lot = locked(session, lot.id)
    unit = _unit_of(session, lot)
    free = lot.remaining_milli - lot.allocated_milli
    if amount_milli > free:
        promised = f"（另有 {shown(lot.allocated_milli)} {unit} 已分配给调拨）" if lot.allocated_milli else ""
        raise RuleViolation(
            f"该批次可动用 {shown(free)} {unit}{promised}，不够 {shown(amount_milli)} {unit}", field="quantity"
        )
    return post(session, lot, kind, delta_milli=-amount_milli, on=on, hand=hand, note=note)


def count_stock(session: Session, lot: MaterialLot, *, counted_milli: int, on: date, hand: Hand, note: str = "") -> int:
    """Record what was counted of a lot on a day (盘点), and return the difference in thousandths.

    The counting confirms the lot also where nothing differs.

    Raises:
        RuleViolation: negative, a day ahead or before the last movement, or less than is promised to dispatches.
    """
    if counted_milli < 0:
        raise RuleViolation("盘点数量不能是负数", field="quantity")
    lot = locked(session, lot.id)
    last = session.scalar(select(func.max(MaterialMovement.occurred_on)).where(MaterialMovement.lot_id == lot.id))
    if last is not None and on < last:
        raise RuleViolation(f"{last} 还有收发记录，盘点日期不得早于该日", field="on")
    if counted_milli < lot.allocated_milli:
        unit = _unit_of(session, lot)
        raise RuleViolation(
            f"该批次有 {shown(lot.allocated_milli)} {unit} 已分配给调拨，盘点少于此数时请先取消或改派调拨",
            field="quantity",
        )
    delta = counted_milli - lot.remaining_milli
    post(session, lot, MovementKind.STOCKTAKE, delta_milli=delta, on=on, hand=hand, note=note, confirms=True)
    return delta


def confirm_lot(session: Session, lot: MaterialLot, *, on: date, hand: Hand, note: str = "") -> None:
    """Record that somebody confirmed that a lot is there and in order (核实确认), by telephone or on the spot.

    Raises:
        RuleViolation: a day ahead, or nothing is left to be confirmed.
    """
    lot = locked(session, lot.id)
    if lot.remaining_milli <= 0:
        raise RuleViolation("该批次已无库存，不需要确认", field="on")
    post(session, lot, MovementKind.CONFIRMED, delta_milli=0, on=on, hand=hand, note=note, confirms=True)


def post(
    session: Session,
    lot: MaterialLot,
    kind: MovementKind,
    *,
    delta_milli: int,
    on: date,
    hand: Hand,
    note: str = "",
    away_milli: int = 0,
    allocation: DispatchAllocation | None = None,
    confirms: bool = False,
) -> MaterialMovement:
    """Write one movement of a locked lot and bring its stock up; return it.

    Raises:
        RuleViolation: a day ahead or before the lot came in, or the stock would have been negative on some day.
    """
    check_not_ahead(on, hand, field="on")
    if delta_milli < 0:
        _check_every_day(session, lot, delta_milli, on)
    lot.remaining_milli += delta_milli
    if confirms and (lot.last_confirmed_on is None or lot.last_confirmed_on < on):
        lot.last_confirmed_on = on
    written = _write(
        session, lot, kind, delta_milli, on, hand=hand, note=note, away_milli=away_milli,
        allocation_id=allocation.id if allocation else None,
    )  # fmt: skip
    session.flush()
    summary = {"批次": lot.lot_no, "类型": kind.label, "变动": shown(delta_milli), "日期": str(on)}
    audit.record(session, hand.viewer, f"material.{kind.value}", LOT, lot.id, summary=summary)
    return written


def locked(session: Session, lot_id: int) -> MaterialLot:
    """Return the lot as it stands now, locked till the end of the transaction.

    Raises:
        NotFound: there is no such lot.
    """
    found = session.scalars(
        select(MaterialLot).where(MaterialLot.id == lot_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def next_lot_numbers(session: Session, year: int, count: int) -> list[str]:
    """Return the next `count` free numbers of our own for lots of a year, WZ-yyyy-nnnnnn."""
    hold_until_commit(session, NUMBER_LOCK)
    stem = f"WZ-{year}-"
    last = session.scalar(select(func.max(MaterialLot.lot_no)).where(MaterialLot.lot_no.startswith(stem)))
    first = int(last[len(stem) :]) + 1 if last else 1
    return [f"{stem}{number:06d}" for number in range(first, first + count)]


def _check_every_day(session: Session, lot: MaterialLot, delta_milli: int, on: date) -> None:
    rows = session.execute(
        select(MaterialMovement.occurred_on, func.sum(MaterialMovement.delta_milli))
        .where(MaterialMovement.lot_id == lot.id)
        .group_by(MaterialMovement.occurred_on)
        .order_by(MaterialMovement.occurred_on)
    ).all()
    stock = sum(int(moved) for day, moved in rows if day <= on)
    lowest = stock
    for day, moved in rows:
        if day > on:
            stock += int(moved)
            lowest = min(lowest, stock)
    if lowest + delta_milli < 0:
        unit = _unit_of(session, lot)
        raise RuleViolation(
            f"自 {on} 起该批次最少时只有 {shown(lowest)} {unit}，不够 {shown(-delta_milli)} {unit}；请核对日期和数量",
            field="quantity",
        )


def _write(
    session: Session,
    lot: MaterialLot,
    kind: MovementKind,
    delta_milli: int,
    on: date,
    *,
    hand: Hand,
    note: str = "",
    away_milli: int = 0,
    allocation_id: int | None = None,
    pair_id: int | None = None,
) -> MaterialMovement:
    movement = MaterialMovement(
        lot_id=lot.id, kind=kind, occurred_on=on, delta_milli=delta_milli, away_milli=away_milli,
        allocation_id=allocation_id, pair_id=pair_id, person=hand.viewer.label, note=note, recorded_at=hand.instant,
    )  # fmt: skip
    session.add(movement)
    session.flush()
    return movement


def _unit_of(session: Session, lot: MaterialLot) -> str:
    return session.get_one(MaterialKind, lot.kind_id).unit
