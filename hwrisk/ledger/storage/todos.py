"""What storage puts into the menu and on the to-do page."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from hwrisk.ledger.storage import queries
from hwrisk.ledger.storage.queries import StorageConditions, StorageState, StorageTotals
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.formats import tonnes
from hwrisk.web.records import NavItem, Todo, TodoItem


def _overdue(session: Session, user: Viewer, as_of: date) -> Todo:
    sums = _sums(session, user, as_of, StorageState.OVERDUE)
    return Todo(sums.batches, note=f"{tonnes(sums.tonnes)} 吨", state="bad", state_label="超期")


def _due_soon(session: Session, user: Viewer, as_of: date) -> Todo:
    sums = _sums(session, user, as_of, StorageState.DUE_SOON)
    lead_days = queries.warning_lead_days(session, as_of=as_of)
    note = f"{lead_days} 日内，{tonnes(sums.tonnes)} 吨"
    return Todo(
        sums.batches, note=note, state="warn", state_label="将到期", args={"state": StorageState.DUE_SOON.value}
    )


def _pending(session: Session, user: Viewer, as_of: date) -> Todo:
    sums = _sums(session, user, as_of, StorageState.PENDING)
    args = {"state": StorageState.PENDING.value}
    return Todo(sums.batches, note=f"{tonnes(sums.tonnes)} 吨", state="bad", state_label="待批", args=args)


def _waiting(session: Session, user: Viewer, as_of: date) -> Todo:
    return Todo(queries.count_waiting(session, user=user, as_of=as_of), state="warn", state_label="核对")


def _sums(session: Session, user: Viewer, as_of: date, state: StorageState) -> StorageTotals:
    return queries.overdue_totals(session, user=user, as_of=as_of, asked=StorageConditions(state=state))


def _count(session: Session, user: Viewer, as_of: date) -> int:
    return queries.overdue_count(session, user=user, as_of=as_of)


NAV = (
    NavItem("超期贮存", "storage.overdue", Permission.STORAGE_READ, "单位与台账", count=_count),
    NavItem("库存", "storage.stock", Permission.STORAGE_READ, "单位与台账"),
    NavItem("产生未入库", "storage.waiting", Permission.STORAGE_READ, "单位与台账"),
)
TODOS = (
    TodoItem("批次已超期", _overdue, "storage.overdue", Permission.STORAGE_READ),
    TodoItem("批次将到期", _due_soon, "storage.overdue", Permission.STORAGE_READ),
    TodoItem("批次到期待批", _pending, "storage.overdue", Permission.STORAGE_READ),
    TodoItem("条产生未入库", _waiting, "storage.waiting", Permission.STORAGE_READ),
)
