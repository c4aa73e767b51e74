"""Materials in the menu, on the to-do page and at its head, and what people are reminded of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.emergency import measures
from hwrisk.emergency.models import Depot, DispatchState, LotState, MaterialKind, MaterialLot
from hwrisk.emergency.queries.dispatch import DispatchConditions, count_dispatches
from hwrisk.emergency.queries.lots import LotConditions, lot_totals
from hwrisk.emergency.rules import USABLE
from hwrisk.emergency.settings import stock_settings
from hwrisk.notices.records import Due, ReminderSource
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.web.records import Figure, HomeFigure, NavItem, Todo, TodoItem

GROUP = "园区与应急"
KEEPERS = frozenset({Role.CITY, Role.COUNTY, Role.PARK, Role.ENTERPRISE, Role.COMMAND})
"""Roles that look after lots; whoever only reads is not bothered."""


def _of_state(session: Session, user: Viewer, as_of: date, state: LotState) -> int:
    if user.role not in KEEPERS:
        return 0
    return lot_totals(session, user, LotConditions(state=state), as_of=as_of).lots


def _expired(session: Session, user: Viewer, as_of: date) -> Todo:
    count = _of_state(session, user, as_of, LotState.EXPIRED)
    return Todo(count, note="不可调拨，请报废", state="bad", state_label="过期", args={"state": LotState.EXPIRED.value})


def _expiring(session: Session, user: Viewer, as_of: date) -> Todo:
    count = _of_state(session, user, as_of, LotState.EXPIRING)
    days = stock_settings(session, as_of=as_of).expiring_days
    args = {"state": LotState.EXPIRING.value}
    return Todo(count, note=f"{days} 日内到期", state="warn", state_label="临期", args=args)


def _unconfirmed(session: Session, user: Viewer, as_of: date) -> Todo:
    count = _of_state(session, user, as_of, LotState.UNCONFIRMED)
    days = stock_settings(session, as_of=as_of).confirm_days
    args = {"state": LotState.UNCONFIRMED.value}
    return Todo(count, note=f"超过 {days} 日未盘点或核实", state="warn", state_label="未确认", args=args)


def _requested(session: Session, user: Viewer, as_of: date) -> Todo:  # noqa: ARG001 - waits until it is decided
    count = count_dispatches(session, user, DispatchConditions(state=DispatchState.REQUESTED))
    args = {"state": DispatchState.REQUESTED.value}
    return Todo(count, state="bad", state_label="待分配", args=args)


def _to_send(session: Session, user: Viewer, as_of: date) -> Todo:  # noqa: ARG001 - waits until it is done
    count = count_dispatches(session, user, DispatchConditions(state=DispatchState.ALLOCATED))
    args = {"state": DispatchState.ALLOCATED.value}
    return Todo(count, state="warn", state_label="待出库", args=args)


def _to_settle(session: Session, user: Viewer, as_of: date) -> Todo:  # noqa: ARG001 - waits until it is done
    count = count_dispatches(session, user, DispatchConditions(state=DispatchState.OUT))
    return Todo(count, state="note", state_label="待核销", args={"state": DispatchState.OUT.value})


def _waiting(session: Session, user: Viewer, as_of: date) -> int:
    return _requested(session, user, as_of).count if user.may(Permission.DISPATCH_DECIDE) else 0


def _ready_share(session: Session, user: Viewer, as_of: date) -> Figure | None:
    """Return how many lots in stock are unexpired and confirmed, for command and duty post."""
    if user.role not in {Role.COMMAND, Role.DUTY}:
        return None
    totals = lot_totals(session, user, LotConditions(), as_of=as_of)
    if not totals.lots:
        return None
    ready = sum(totals.by_state[state] for state in USABLE)
    return Figure(
        f"{ready:,}",
        unit="批",
        of=f"在库 {totals.lots:,} 批中未过期且已确认；过期 {totals.by_state[LotState.EXPIRED]:,} 批，"
        f"未确认 {totals.by_state[LotState.UNCONFIRMED]:,} 批",
        state="good" if ready == totals.lots else "warn",
        share=Fraction(ready, totals.lots),
        unverified=stock_settings(session, as_of=as_of).is_unverified,
    )


def due_lots(session: Session, *, as_of: date) -> Iterable[Due]:
    """Yield the lots in stock that are expired, or expire within the longest lead, for whoever keeps the depot."""
    settings = stock_settings(session, as_of=as_of)
    horizon = as_of + timedelta(days=max(settings.reminder_leads, default=0))
    rows = session.execute(
        select(MaterialLot, Depot, MaterialKind)
        .join(Depot, Depot.id == MaterialLot.depot_id)
        .join(MaterialKind, MaterialKind.id == MaterialLot.kind_id)
        .where(MaterialLot.remaining_milli > 0, MaterialLot.expires_on.is_not(None), MaterialLot.expires_on <= horizon)
        .order_by(MaterialLot.expires_on, MaterialLot.id)
    )
    for lot, depot, kind in rows:
        if lot.expires_on is None:
            continue
        amount = f"{measures.shown(lot.remaining_milli)} {kind.unit}"
        yield Due(
            key=f"{lot.public_id}:{lot.expires_on}",
            on=lot.expires_on,
            title=f"{depot.name} {kind.name} {amount} 有效期至 {lot.expires_on}",
            body=f"批次 {lot.lot_no}；到期后不可调拨，请更新或报废",
            link=f"/emergency/lots/{lot.public_id}",
            to_unit=depot.unit_id,
            to_park=None if depot.unit_id else depot.park_id,
            to_office=None if depot.unit_id or depot.park_id else depot.office_code,
            to_role=None if depot.unit_id or depot.park_id or depot.office_code else Role.COMMAND,
        )


def _leads(session: Session, as_of: date) -> tuple[int, ...]:
    return stock_settings(session, as_of=as_of).reminder_leads


NAV = (
    NavItem("应急查询", "emergency.lookup", Permission.MATERIAL_READ, GROUP, question="q"),
    NavItem("应急物资", "emergency.stock", Permission.MATERIAL_READ, GROUP),
    NavItem("物资调拨", "emergency.dispatches", Permission.MATERIAL_READ, GROUP, count=_waiting),
)
TODOS = (
    TodoItem("单调拨待分配", _requested, "emergency.dispatches", Permission.DISPATCH_DECIDE),
    TodoItem("单调拨待出库", _to_send, "emergency.dispatches", Permission.DISPATCH_HANDLE),
    TodoItem("单调拨待归还或核销", _to_settle, "emergency.dispatches", Permission.DISPATCH_HANDLE),
    TodoItem("批物资已过期", _expired, "emergency.lots", Permission.MATERIAL_EDIT),
    TodoItem("批物资临期", _expiring, "emergency.lots", Permission.MATERIAL_EDIT),
    TodoItem("批物资未确认", _unconfirmed, "emergency.lots", Permission.MATERIAL_EDIT),
)
FIGURES = (HomeFigure("可用应急物资", _ready_share, "emergency.lots", Permission.MATERIAL_READ),)
REMINDERS = (
    ReminderSource(kind="material-expiry", label="应急物资到期", leads=_leads, due=due_lots, has_own_todos=True),
)
