"""Containment in the menu, on the to-do page, and as a head figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

from hwrisk.containment import queries
from hwrisk.containment.models import FilingState
from hwrisk.containment.queries import Attention
from hwrisk.containment.queries.conditions import FacilityConditions
from hwrisk.errors import NotFound
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.web.formats import rate_number
from hwrisk.web.records import Figure, HomeFigure, NavItem, State, Todo, TodoItem


def _facilities(what: Attention, state: State, word: str) -> Callable[[Session, Viewer, date], Todo]:
    def count(session: Session, user: Viewer, as_of: date) -> Todo:
        found = queries.count_facilities(session, user=user, as_of=as_of, asked=FacilityConditions(attention=what))
        return Todo(found, state=state, state_label=word, args={"need": what.value})

    return count


def _filings(state: FilingState, kind: State, word: str) -> Callable[[Session, Viewer, date], Todo]:
    def count(session: Session, user: Viewer, as_of: date) -> Todo:  # noqa: ARG001 - what waits, waits today
        found = queries.count_filings(session, user=user, states=(state,))
        return Todo(found, state=kind, state_label=word, args={"state": state.value})

    return count


def _returned(session: Session, user: Viewer, as_of: date) -> Todo:
    if user.role not in {Role.OPERATOR, Role.ENTERPRISE, Role.PARK}:
        return Todo(0)
    return _filings(FilingState.RETURNED, "bad", "退回")(session, user, as_of)


def waiting_filings(session: Session, user: Viewer, as_of: date) -> int:
    """Return how many filings wait for this person's decision."""
    del as_of
    if user.role is Role.PARK:
        return queries.count_filings(session, user=user, states=(FilingState.SUBMITTED,))
    if user.may(Permission.CONTAINMENT_ACCEPT):
        return queries.count_filings(session, user=user, states=(FilingState.CHECKED,))
    return 0


def _coverage(session: Session, user: Viewer, as_of: date) -> Figure | None:
    try:
        found = queries.coverage(session, user=user, as_of=as_of)
    except NotFound:
        return None
    if found.share is None:
        return None
    target = found.checklist.target
    return Figure(
        rate_number(found.share, target),
        "%",
        of=(
            f"{found.done} / {len(found.parks)} 个重点园区完成 · "
            f"目标 {found.checklist.target_until.year} 年底前 {target * 100} %"
        ),
        state="good" if found.is_met else "bad",
        share=found.share,
        target=target,
        unverified=any(item.trust is not Trust.VERIFIED for item in found.checklist.items),
    )


NAV = (
    NavItem("三级防控", "containment.index", Permission.CONTAINMENT_READ, "园区与应急"),
    NavItem("防控设施", "containment.facilities", Permission.CONTAINMENT_READ, "园区与应急"),
    NavItem("设施报送", "containment.filings", Permission.CONTAINMENT_READ, "园区与应急", count=waiting_filings),
    NavItem("运维台", "desk.index", Permission.CONTAINMENT_REPORT, "园区与应急"),
)
READ, REPORT = Permission.CONTAINMENT_READ, Permission.CONTAINMENT_REPORT
LIST, FILINGS = "containment.facilities", "containment.filings"
TODOS = (
    TodoItem("处应急池占用超过界限", _facilities(Attention.ALARM, "bad", "报警"), LIST, READ),
    TodoItem("处闸阀泵管故障或外排口开启", _facilities(Attention.FAILED, "bad", "处理"), LIST, READ),
    TodoItem("处设施未确认或确认过期", _facilities(Attention.UNCONFIRMED, "warn", "确认"), LIST, REPORT),
    TodoItem("处启闭试验到期", _facilities(Attention.TEST, "warn", "到期"), LIST, REPORT),
    TodoItem("处设施巡检到期", _facilities(Attention.INSPECTION, "warn", "到期"), LIST, REPORT),
    TodoItem(
        "份设施数据待园区核对",
        _filings(FilingState.SUBMITTED, "note", "待核对"),
        FILINGS,
        Permission.CONTAINMENT_CHECK,
    ),
    TodoItem(
        "份设施数据待接收", _filings(FilingState.CHECKED, "note", "待接收"), FILINGS, Permission.CONTAINMENT_ACCEPT
    ),
    TodoItem("份设施数据被退回", _returned, FILINGS, Permission.CONTAINMENT_EDIT),
)
FIGURES = (HomeFigure("重点园区三级防控覆盖率", _coverage, "containment.coverage", Permission.CONTAINMENT_READ),)
