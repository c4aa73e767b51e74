"""Dispatches (调拨): request → allocation → out → returned or consumed; each step with person and instant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import local_day
from hwrisk.db.locks import hold_until_commit
from hwrisk.emergency import rules
from hwrisk.emergency.measures import COUNTED, SCALE, shown
from hwrisk.emergency.models import (
    Depot,
    DispatchAllocation,
    DispatchRequest,
    DispatchState,
    DispatchStep,
    LotState,
    MaterialKind,
    MaterialLot,
    MovementKind,
    StepKind,
)
from hwrisk.emergency.operations import lots
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries.depots import reserves_on
from hwrisk.emergency.queries.supply import depots_in_order
from hwrisk.emergency.scope import visible_depots
from hwrisk.emergency.settings import StockSettings, stock_settings
from hwrisk.errors import NotFound, RuleViolation
from hwrisk.regions.geodesy import Point

REQUEST = "dispatch_request"
NUMBER_LOCK = 0x6877_7269_736B_1260
"""Key of the lock under which numbers are given out."""


class Settlement(NamedTuple):
    """What of one allocation came back and what was used up, in thousandths."""

    allocation_id: int
    returned_milli: int
    consumed_milli: int


def request_dispatch(
    session: Session,
    kind: MaterialKind,
    *,
    incident: str,
    place: str,
    amount_milli: int,
    hand: Hand,
    point: Point | None = None,
    depot_id: int | None = None,
    needed_at: datetime | None = None,
    receiver: str = "",
    is_demo: bool = False,
) -> DispatchRequest:
    """Return a new request for an amount of one kind.

    Raises:
        RuleViolation: no incident or place, the kind is not in use, or the amount is not above zero.
    """
    for text, field, what in ((incident, "incident", "事由"), (place, "place", "使用地点")):
        if not text.strip():
            raise RuleViolation(f"请填写{what}", field=field)
    if amount_milli <= 0:
        raise RuleViolation("申请数量必须大于 0", field="quantity")
    if not kind.is_active:
        raise RuleViolation(f"“{kind.name}”已停用，请选择在用的物资", field="kind")
    user = hand.viewer
    request = DispatchRequest(
        number=_next_number(session, local_day(hand.instant).year),
        incident=incident.strip(),
        place=place.strip(),
        longitude=point.longitude if point else None,
        latitude=point.latitude if point else None,
        kind_id=kind.id,
        amount_milli=amount_milli,
        depot_id=depot_id,
        needed_at=needed_at,
        receiver=receiver.strip(),
        state=DispatchState.REQUESTED,
        requester_id=user.account_id,
        requester=user.label,
        office_code=None if user.is_city_wide else next(iter(sorted(user.offices)), None),
        park_id=None if user.is_city_wide else next(iter(sorted(user.parks)), None),
        is_demo=is_demo,
        recorded_at=hand.instant,
    )
    session.add(request)
    session.flush()
    _step(session, request, StepKind.REQUESTED, hand, amount_milli=amount_milli)
    return request


def allocate(session: Session, request: DispatchRequest, *, hand: Hand) -> list[DispatchAllocation]:
    """Promise lots to a request and return what was promised; less than asked where there is not more.

    Earliest expiry first, the depot asked for first and then the fewest near ones; only what is unexpired, confirmed
    and free of other promises, and of every depot its reserve stays. The lots are locked, so that no two requests get
    the same.

    Raises:
        RuleViolation: the request is not waiting, or nothing at all may be given.
    """
    request = _locked(session, request.id)
    if request.state is not DispatchState.REQUESTED:
        raise RuleViolation(f"该调拨{request.state.label}，不能再分配")
    settings = stock_settings(session, as_of=hand.as_of)
    order = depots_in_order(session, near=request.point, first=request.depot_id, settings=settings, user=hand.viewer)
    rows = session.scalars(
        select(MaterialLot)
        .where(MaterialLot.kind_id == request.kind_id, MaterialLot.remaining_milli > 0, MaterialLot.depot_id.in_(order))
        # One order for everybody: two dispatches that want the same lots never lock them crosswise.
        .order_by(MaterialLot.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    good = [row for row in rows if _state(row, settings, hand) in rules.USABLE]
    shares = rules.share_by_plan(
        [_free(row) for row in good],
        wanted_milli=request.amount_milli,
        order=order,
        reserves=reserves_on(session, kind_id=request.kind_id, as_of=hand.as_of),
        first=request.depot_id,
    )
    if _unit(session, request) in COUNTED:
        shares = [share._replace(amount_milli=share.amount_milli // SCALE * SCALE) for share in shares]
    shares = [share for share in shares if share.amount_milli]
    if not shares:
        raise RuleViolation("没有未过期、已确认且超出保底数量的库存可分配；请先核实未确认的批次，或调整数量和物资")
    by_id = {row.id: row for row in rows}
    made = []
    for share in shares:
        by_id[share.lot_id].allocated_milli += share.amount_milli
        made.append(DispatchAllocation(request_id=request.id, lot_id=share.lot_id, amount_milli=share.amount_milli))
    session.add_all(made)
    request.state = DispatchState.ALLOCATED
    session.flush()
    given = sum(share.amount_milli for share in shares)
    short = request.amount_milli - given
    note = f"不足 {shown(short)} {_unit(session, request)}" if short else ""
    _step(session, request, StepKind.ALLOCATED, hand, amount_milli=given, note=note)
    return made


def send_out(session: Session, request: DispatchRequest, *, hand: Hand, carrier: str = "") -> None:
    """Record that what was allocated left the depots.

    Raises:
        RuleViolation: nothing is allocated, a lot lies in somebody else's depot, or has expired since.
    """
    request = _locked(session, request.id)
    if request.state is not DispatchState.ALLOCATED:
        raise RuleViolation(f"该调拨{request.state.label}，不能办理出库")
    allocations = _held(session, request)
    _check_keeper(session, {allocation.lot_id for allocation in allocations}, hand)
    for allocation in allocations:
        lot = lots.locked(session, allocation.lot_id)
        if lot.expires_on is not None and lot.expires_on < hand.as_of:
            raise RuleViolation(f"批次 {lot.lot_no} 已于 {lot.expires_on} 到期，不能出库；请取消后重新申请")
        lot.allocated_milli -= allocation.amount_milli
        allocation.out_milli = allocation.amount_milli
        session.flush()
        lots.post(
            session, lot, MovementKind.OUT, delta_milli=-allocation.amount_milli, away_milli=allocation.amount_milli,
            on=hand.as_of, hand=hand, note=f"调拨单 {request.number}", allocation=allocation,
        )  # fmt: skip
    request.state = DispatchState.OUT
    session.flush()
    given = sum(allocation.amount_milli for allocation in allocations)
    _step(
        session,
        request,
        StepKind.OUT,
        hand,
        amount_milli=given,
        note=f"承运：{carrier.strip()}" if carrier.strip() else "",
    )


def settle(session: Session, request: DispatchRequest, settlements: Sequence[Settlement], *, hand: Hand) -> None:
    """Record what came back and what was used up; once nothing is out any more the dispatch is closed (办结).

    Raises:
        RuleViolation: nothing went out, nothing is stated, more than is still out, or of somebody else's depot.
    """
    request = _locked(session, request.id)
    if request.state is not DispatchState.OUT:
        raise RuleViolation(f"该调拨{request.state.label}，没有待归还或核销的物资")
    stated = [s for s in settlements if s.returned_milli or s.consumed_milli]
    if not stated:
        raise RuleViolation("请至少填写一项归还或消耗的数量")
    allocations = {row.id: row for row in _allocations(session, request)}
    unit = _unit(session, request)
    _check_keeper(
        session, {row.lot_id for row in allocations.values() if row.id in {s.allocation_id for s in stated}}, hand
    )
    for each in stated:
        allocation = allocations.get(each.allocation_id)
        if allocation is None:
            raise NotFound
        if min(each.returned_milli, each.consumed_milli) < 0:
            raise RuleViolation("归还和消耗数量不能是负数")
        if each.returned_milli + each.consumed_milli > allocation.away_milli:
            raise RuleViolation(
                f"归还与消耗合计 {shown(each.returned_milli + each.consumed_milli)} {unit}，"
                f"超过尚未核销的 {shown(allocation.away_milli)} {unit}"
            )
        _settle_one(session, request, allocation, each, hand)
    for kind, amount in (
        (StepKind.RETURNED, sum(s.returned_milli for s in stated)),
        (StepKind.CONSUMED, sum(s.consumed_milli for s in stated)),
    ):
        if amount:
            _step(session, request, kind, hand, amount_milli=amount)
    if not any(row.away_milli for row in allocations.values()):
        request.state = DispatchState.CLOSED
        session.flush()
        _step(session, request, StepKind.CLOSED, hand)


def cancel(session: Session, request: DispatchRequest, *, reason: str, hand: Hand) -> None:
    """Cancel a dispatch before it leaves, and give back what was promised.

    Raises:
        RuleViolation: no reason, or it has left or is over already.
    """
    if not reason.strip():
        raise RuleViolation("请填写取消原因", field="reason")
    request = _locked(session, request.id)
    if request.state not in {DispatchState.REQUESTED, DispatchState.ALLOCATED}:
        raise RuleViolation(f"该调拨{request.state.label}，不能取消；已出库的请办理归还")
    for allocation in _held(session, request):
        lots.locked(session, allocation.lot_id).allocated_milli -= allocation.amount_milli
        allocation.is_released = True
    request.state = DispatchState.CANCELLED
    session.flush()
    _step(session, request, StepKind.CANCELLED, hand, note=reason.strip())


def _settle_one(
    session: Session, request: DispatchRequest, allocation: DispatchAllocation, each: Settlement, hand: Hand
) -> None:
    lot = lots.locked(session, allocation.lot_id)
    note = f"调拨单 {request.number}"
    allocation.returned_milli += each.returned_milli
    allocation.consumed_milli += each.consumed_milli
    session.flush()
    if each.returned_milli:
        lots.post(
            session, lot, MovementKind.RETURNED, delta_milli=each.returned_milli, away_milli=-each.returned_milli,
            on=hand.as_of, hand=hand, note=note, allocation=allocation,
        )  # fmt: skip
    if each.consumed_milli:
        lots.post(
            session, lot, MovementKind.CONSUMED, delta_milli=0, away_milli=-each.consumed_milli,
            on=hand.as_of, hand=hand, note=note, allocation=allocation,
        )  # fmt: skip


def _check_keeper(session: Session, lot_ids: set[int], hand: Hand) -> None:
    """Check that the depots of lots are in sight of who handles them: nobody writes in another's book of materials."""
    # Not the negated predicate: a depot without office, park or unit makes it neither true nor false.
    own = select(Depot.id).where(visible_depots(hand.viewer))
    foreign = (
        select(Depot.name)
        .join(MaterialLot, MaterialLot.depot_id == Depot.id)
        .where(MaterialLot.id.in_(sorted(lot_ids)), Depot.id.not_in(own))
    )
    if session.scalar(foreign.limit(1)) is not None:
        raise RuleViolation("其中有其他单位物资库的物资，请由保管单位办理；涉及多个保管单位的，由市局或应急指挥办理")


def _state(lot: MaterialLot, settings: StockSettings, hand: Hand) -> LotState:
    return rules.lot_state(
        settings,
        remaining_milli=lot.remaining_milli,
        expires_on=lot.expires_on,
        last_confirmed_on=lot.last_confirmed_on,
        as_of=hand.as_of,
    )


def _free(lot: MaterialLot) -> rules.GoodLot:
    return rules.GoodLot(lot.id, lot.depot_id, lot.expires_on, lot.remaining_milli - lot.allocated_milli)


def _locked(session: Session, request_id: int) -> DispatchRequest:
    return session.scalars(
        select(DispatchRequest)
        .where(DispatchRequest.id == request_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _allocations(session: Session, request: DispatchRequest) -> Sequence[DispatchAllocation]:
    return session.scalars(
        select(DispatchAllocation)
        .where(DispatchAllocation.request_id == request.id)
        .order_by(DispatchAllocation.lot_id)
        .execution_options(populate_existing=True)
    ).all()


def _held(session: Session, request: DispatchRequest) -> list[DispatchAllocation]:
    return [row for row in _allocations(session, request) if row.held_milli]


def _step(
    session: Session,
    request: DispatchRequest,
    kind: StepKind,
    hand: Hand,
    *,
    amount_milli: int | None = None,
    note: str = "",
) -> None:
    session.add(
        DispatchStep(
            request_id=request.id,
            kind=kind,
            person_id=hand.viewer.account_id,
            person=hand.viewer.label,
            amount_milli=amount_milli,
            note=note,
            recorded_at=hand.instant,
        )
    )
    session.flush()
    summary = {"调拨单": request.number, "环节": kind.label, "数量": shown(amount_milli)}
    audit.record(session, hand.viewer, f"dispatch.{kind.value}", REQUEST, request.id, summary=summary)


def _unit(session: Session, request: DispatchRequest) -> str:
    return session.get_one(MaterialKind, request.kind_id).unit


def _next_number(session: Session, year: int) -> str:
    hold_until_commit(session, NUMBER_LOCK)
    stem = f"DB-{year}-"
    last = session.scalar(select(func.max(DispatchRequest.number)).where(DispatchRequest.number.startswith(stem)))
    return f"{stem}{int(last[len(stem) :]) + 1 if last else 1:04d}"
