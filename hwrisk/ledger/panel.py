"""The ledger in the menu, on the to-do page, and on the page of a unit."""

from __future__ import annotations

from datetime import date

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.db.types import ZERO, total
from hwrisk.imports.cells import format_tonnes
from hwrisk.ledger import queries
from hwrisk.ledger.models import LedgerEntry
from hwrisk.ledger.storage.models import StorageBatch
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.units.queries import units_by_id
from hwrisk.web.records import NavItem, Objection, Panel, Todo, TodoItem


def load_unit(session: Session, unit_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    """Return what the page of a unit shows of its ledger."""
    unit = units_by_id(session, [unit_id])[unit_id]
    if not unit.is_supervised:
        return None
    statements = queries.statements_of(session, unit_id)
    may_write = user.may(Permission.LEDGER_WRITE)
    return "ledger/_unit_panel.html", {
        "rows": queries.recent_entries(session, unit_id, user=user, as_of=as_of),
        "confirmed_until": max((row.covers_until for row in statements), default=None),
        "all_url": url_for("ledger.index", text=unit.unit_no),
        "new_url": url_for("ledger.choose_kind", public_id=unit.public_id) if may_write else "",
        "confirm_url": url_for("ledger.confirm", public_id=unit.public_id) if may_write else "",
    }


def _outside(session: Session, user: Viewer, as_of: date) -> Todo:
    count = queries.count_outside(session, user=user, as_of=as_of)
    return Todo(count, state="warn", state_label="待核", args={"outside": "1"})


def stock_left(session: Session, unit_id: int, on: date) -> str | None:
    """Return why a unit cannot be struck off or called cleared from the day `on`: waste is left in its stores."""
    of_unit = StorageBatch.unit_id == unit_id
    batches, now = session.execute(
        select(func.count(), total(StorageBatch.remaining)).where(of_unit, StorageBatch.remaining > ZERO)
    ).one()
    if batches:
        return f"该单位还有 {batches} 批 {format_tonnes(now)} 吨危险废物在库，处置完并登记出库后才能办理"
    then = select(total(LedgerEntry.stock_delta)).where(LedgerEntry.unit_id == unit_id, LedgerEntry.occurred_on <= on)
    tonnes = session.scalar(then) or ZERO
    return f"{on:%Y-%m-%d} 该单位还有 {format_tonnes(tonnes)} 吨危险废物在库，请把日期改到清空之后" if tonnes else None


STOCK_LEFT = Objection(owner="unit", act="clear", find=stock_left)
NAV = (
    NavItem("管理台账", "ledger.index", Permission.LEDGER_READ, "单位与台账"),
    NavItem("废物种类", "ledger.wastes", Permission.LEDGER_READ, "单位与台账"),
)
TODOS = (TodoItem("种废物的代码在名录外", _outside, "ledger.wastes", Permission.LEDGER_READ),)
PANELS = (
    Panel(owner="unit", key="ledger", label="管理台账", order=50, permission=Permission.LEDGER_READ, load=load_unit),
)
