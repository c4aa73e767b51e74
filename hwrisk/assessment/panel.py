"""Assessments on the page of a unit, in the menu, and on the to-do page."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.assessment import queries
from hwrisk.assessment.heads import LEVELS_OF
from hwrisk.assessment.models import AssessmentState, Level
from hwrisk.assessment.queries import SheetConditions, UnitState, YearConditions
from hwrisk.assessment.reminders import rechecks_due
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.units.queries import units_by_id
from hwrisk.web.records import NavItem, Panel, Todo, TodoItem

SHOWN = 5


def load_unit(session: Session, unit_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    """Return what the page of a unit shows of its assessments, or None where it is not supervised."""
    unit = units_by_id(session, [unit_id])[unit_id]
    if not unit.is_supervised:
        return None
    return "assessment/_unit_panel.html", {
        "sheets": queries.sheets_of_unit(session, unit_id, user=user, as_of=as_of, limit=SHOWN),
        "unit_public_id": unit.public_id,
        "may_write": user.may(Permission.ASSESSMENT_WRITE),
    }


def _open(session: Session, user: Viewer, as_of: date) -> Todo:
    if not user.may(Permission.ASSESSMENT_PLAN):
        return Todo(0)
    asked = YearConditions(year=as_of.year, state=UnitState.OPEN)
    count = queries.year_totals(session, user=user, as_of=as_of, asked=asked).open
    note = f"{as_of.year} 年，12 月 31 日前完成"
    return Todo(count, note=note, state="warn", state_label="未评估", args={"state": UnitState.OPEN.value})


def _drafts(session: Session, user: Viewer, as_of: date) -> Todo:
    return _of_state(session, user, as_of, AssessmentState.DRAFT, state_label="草稿")


def _vetoes(session: Session, user: Viewer, as_of: date) -> Todo:
    if not user.may(Permission.ASSESSMENT_CLOSE) or LEVELS_OF.get(user.role) == (Level.SELF,):
        return Todo(0)
    return _of_state(session, user, as_of, AssessmentState.WAITING, state_label="待复核")


def _of_state(session: Session, user: Viewer, as_of: date, state: AssessmentState, *, state_label: str) -> Todo:
    count = queries.count_sheets(session, user=user, as_of=as_of, asked=SheetConditions(state=state))
    return Todo(count, state="warn", state_label=state_label, args={"state": state.value})


def _rechecks(session: Session, user: Viewer, as_of: date) -> Todo:
    if not user.may(Permission.ASSESSMENT_PLAN):
        return Todo(0)
    due = rechecks_due(session, as_of=as_of, user=user)
    on = f"{as_of.year} 年 12 月 31 日前" if not due else f"{due[0].until:%Y-%m-%d} 前"
    args: dict[str, Any] = {"state": UnitState.RECHECK.value}
    return Todo(len(due), note=on, state="warn", state_label="待复查", args=args)


NAV = (NavItem("规范化评估", "assessment.index", Permission.ASSESSMENT_READ, "评估与整改"),)
TODOS = (
    TodoItem("家单位应评未评", _open, "assessment.index", Permission.ASSESSMENT_READ),
    TodoItem("件评估草稿未办结", _drafts, "assessment.sheets", Permission.ASSESSMENT_READ),
    TodoItem("件否决待另一人复核", _vetoes, "assessment.sheets", Permission.ASSESSMENT_READ),
    TodoItem("家单位不达标待复查", _rechecks, "assessment.index", Permission.ASSESSMENT_READ),
)
PANELS = (
    Panel(
        owner="unit",
        key="assessment",
        label="规范化评估",
        order=50,
        permission=Permission.ASSESSMENT_READ,
        load=load_unit,
    ),
)
