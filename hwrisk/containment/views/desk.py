"""The operator's desk (运维台): what is due today, with big buttons for a phone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.containment import queries
from hwrisk.containment.models import FilingState, TestKind
from hwrisk.containment.settings import settings_on
from hwrisk.containment.states import FacilityStatus
from hwrisk.containment.views.blueprint import desk_bp, rights
from hwrisk.parks.models import Park
from hwrisk.parks.scope import visible_parks
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.units.models import UnitVersion
from hwrisk.units.scope import visible_units
from hwrisk.web import current_session, current_user, page, requires
from hwrisk.web.records import State

_URGENCY: dict[State, int] = {"bad": 0, "warn": 1, "note": 2, "good": 3}
"""What is overdue comes before what was never done, and that before what falls due soon."""


class DueThing(NamedTuple):
    """One thing to do at one facility."""

    status: FacilityStatus
    endpoint: str
    params: dict[str, str]
    label: str
    when: str
    state: State
    due_on: date | None


@desk_bp.get("/")
@requires(Permission.CONTAINMENT_REPORT)
def index() -> Response:
    """Show what is due today and soon: levels and states to confirm, tests, inspections, returned filings."""
    user, day, session = current_user(), today(), current_session()
    found = queries.statuses(session, user=user, as_of=day)
    soon = day + timedelta(days=settings_on(session, day).lead_days)
    things = sorted(
        (t for s in found for t in _due(s, soon)),
        key=lambda t: (_URGENCY[t.state], t.due_on or date.min, t.status.name),
    )
    returned = queries.filing_rows(session, user=user, as_of=day, states=(FilingState.RETURNED,))
    waiting = queries.filing_rows(session, user=user, as_of=day, states=(FilingState.SUBMITTED, FilingState.CHECKED))
    return page(
        "containment/desk.html",
        things=things,
        alarms=[status for status in found if status.is_alarm or status.sign.kind == "bad"],
        facilities=found,
        returned=returned.rows,
        waiting=waiting.rows,
        parks=_parks(),
        as_of=day,
        may=rights(user),
    )


def _parks() -> list[Park]:
    user = current_user()
    if user.role is Role.ENTERPRISE:
        of_units = select(UnitVersion.park_id).where(
            visible_units(user, as_of=today()), UnitVersion.unit_id.in_(sorted(user.units))
        )
        return list(current_session().scalars(select(Park).where(Park.id.in_(of_units)).order_by(Park.code)))
    return list(current_session().scalars(select(Park).where(visible_parks(user)).order_by(Park.code)))


def _due(status: FacilityStatus, soon: date) -> list[DueThing]:
    found = []
    if status.asks_confirmation:
        due = status.confirm_due_on
        if status.is_unconfirmed or due is None or due <= soon:
            endpoint = "containment.level" if status.is_volume else "containment.state"
            label = "确认现存量" if status.is_volume else "确认状态"
            found.append(_thing(status, endpoint, label, due))
    if status.test_due_on is not None and status.test_due_on <= soon:
        due = status.test_due_on if status.valve_test else None
        found.append(_thing(status, "containment.test", TestKind.VALVE_TEST.label, due, TestKind.VALVE_TEST))
    if status.inspection_due_on is not None and status.inspection_due_on <= soon:
        due = status.inspection_due_on if status.inspection else None
        found.append(_thing(status, "containment.test", TestKind.INSPECTION.label, due, TestKind.INSPECTION))
    return found


def _thing(
    status: FacilityStatus, endpoint: str, label: str, due: date | None, kind: TestKind | None = None
) -> DueThing:
    params = {"kind": kind.value} if kind else {}
    if due is None:
        return DueThing(status, endpoint, params, label, "从未做过", "warn", None)
    if due < status.as_of:
        return DueThing(status, endpoint, params, label, f"{due} 已到期", "bad", due)
    return DueThing(status, endpoint, params, label, f"{due} 前", "warn" if due == status.as_of else "note", due)
