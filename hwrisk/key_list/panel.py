"""The key list in the menu, on the to-do page, and on the page of a unit."""

from __future__ import annotations

from datetime import date

from flask import url_for
from sqlalchemy.orm import Session

from hwrisk.db.once import once
from hwrisk.key_list.models import KeyList
from hwrisk.key_list.queries import entries, lists
from hwrisk.key_list.queries.entries import EntryConditions, EntryTotals
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.queries import units_by_id
from hwrisk.web.records import NavItem, Panel, Todo, TodoItem

ORDER = 30


def load_unit(session: Session, unit_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    """Return what the page of a unit shows of the key list."""
    unit = units_by_id(session, [unit_id])[unit_id]
    if not unit.is_supervised:
        return None
    return "key_list/_unit_panel.html", {
        "rows": entries.entries_of_unit(session, unit_id, as_of=as_of, user=user),
        "in_force": lists.list_in_force(session, as_of=as_of),
        "figures_url": url_for("key_list.unit_figures", public_id=unit.public_id),
    }


def _to_confirm(session: Session, user: Viewer, as_of: date) -> Todo:
    draft = _draft(session)
    if draft is None or not user.may(Permission.KEY_LIST_CONFIRM):
        return Todo(0)
    totals = _totals(session, user, as_of)
    note = f"{draft.label}清单，{totals.objected} 家有异议" if totals.objected else f"{draft.label}清单"
    return Todo(totals.pending, note=note, state="warn", state_label="待核对", args=_rows(draft, "pending"))


def _rows(draft: KeyList, review: str = "") -> dict[str, str]:
    """Return what opens the page of `draft` with the rows that wait."""
    return {"public_id": str(draft.public_id)} | ({"review": review} if review else {})


def _to_publish(session: Session, user: Viewer, as_of: date) -> Todo:
    """Count 1 when everything is settled and the city can publish."""
    draft = _draft(session)
    if draft is None or user.role is not Role.CITY:
        return Todo(0)
    totals = _totals(session, user, as_of)
    is_ready = not totals.pending and not totals.objected and totals.listed > 0
    note = f"{draft.label}清单，列入 {totals.listed} 家"
    return Todo(1 if is_ready else 0, note=note, state="note", state_label="待公布", args=_rows(draft))


def _objections(session: Session, user: Viewer, as_of: date) -> Todo:
    draft = _draft(session)
    if draft is None or user.role is not Role.CITY:
        return Todo(0)
    objected = _totals(session, user, as_of).objected
    return Todo(objected, state="bad", state_label="待决定", args=_rows(draft, "objected"))


def _totals(session: Session, user: Viewer, as_of: date) -> EntryTotals:
    draft = _draft(session)
    if draft is None:
        raise LookupError("asked for a draft that is not there")
    return once(
        session,
        ("key list totals", draft.id, user, as_of),
        lambda: entries.entry_totals(session, draft, user=user, as_of=as_of, asked=EntryConditions()),
    )


def _draft(session: Session) -> KeyList | None:
    return once(session, "open key list", lambda: lists.open_draft(session))


def _waiting(session: Session, user: Viewer, as_of: date) -> int:
    return _to_confirm(session, user, as_of).count


NAV = (
    NavItem("重点监管单位清单", "key_list.index", Permission.KEY_LIST_READ, "单位与台账", count=_waiting),
)  # fmt: skip
TODOS = (
    TodoItem("家单位待核对是否列入重点监管清单", _to_confirm, "key_list.show", Permission.KEY_LIST_CONFIRM),
    TodoItem("家单位的清单异议待市局决定", _objections, "key_list.show", Permission.KEY_LIST_PUBLISH),
    TodoItem("份重点监管单位清单可以公布", _to_publish, "key_list.show", Permission.KEY_LIST_PUBLISH),
)
PANELS = (
    Panel(
        owner="unit", key="key-list", label="重点监管单位清单", order=ORDER, permission=Permission.KEY_LIST_READ,
        load=load_unit,
    ),
)  # fmt: skip
