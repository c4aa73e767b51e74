"""Confirming levels and states, and recording tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from functools import partial
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import LOCAL_ZONE, now, today
from hwrisk.containment import operations, queries
from hwrisk.containment.forms import LevelForm, StateForm, TestForm
from hwrisk.containment.models import TestKind, TestResult, ValveState
from hwrisk.containment.operations.readings import STATES
from hwrisk.containment.states import FacilityStatus
from hwrisk.containment.views.blueprint import bp
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    choices,
    current_session,
    current_user,
    page,
    required,
    requires,
    safe_next,
    saving,
    send_once,
    with_draft,
)

END_OF_DAY = time(23, 59, 59)


@bp.route("/facilities/<uuid:public_id>/level", methods=["GET", "POST"])
@requires(Permission.CONTAINMENT_REPORT)
def level(public_id: UUID) -> Response:
    """Confirm how much of a basin is taken up; it counts at once."""
    status = _status(public_id)
    form = with_draft(LevelForm, f"containment.level.{public_id}", data={"confirmed_on": today()})
    if form.validate_on_submit():
        _confirm(form, public_id, partial(operations.confirm_level, occupied=required(form.occupied.data)))
        if form.is_saved:
            flash("现存量已确认，立即生效", "success")
            return _back(public_id)
    return page("containment/level.html", form=form, item=status, next_url=_next(public_id))


@bp.route("/facilities/<uuid:public_id>/state", methods=["GET", "POST"])
@requires(Permission.CONTAINMENT_REPORT)
def state(public_id: UUID) -> Response:
    """Confirm the state of a valve, gate, pump or pipe; it counts at once."""
    status = _status(public_id)
    form = with_draft(StateForm, f"containment.state.{public_id}", data={"confirmed_on": today()})
    form.state.choices = choices((item.value, item.label) for item in STATES[status.kind.nature])
    if form.validate_on_submit():
        _confirm(form, public_id, partial(operations.confirm_state, state=ValveState(form.state.data)))
        if form.is_saved:
            flash("状态已确认，立即生效", "success")
            return _back(public_id)
    return page("containment/state.html", form=form, item=status, next_url=_next(public_id))


@bp.route("/facilities/<uuid:public_id>/test", methods=["GET", "POST"])
@requires(Permission.CONTAINMENT_REPORT)
def test(public_id: UUID) -> Response:
    """Record a valve test or an inspection."""
    status = _status(public_id)
    kind = _asked_kind(status)
    form = with_draft(TestForm, f"containment.{kind.value}.{public_id}", data={"done_on": today(), "kind": kind.value})
    if status.is_volume:
        form.kind.choices = choices([(TestKind.INSPECTION.value, TestKind.INSPECTION.label)])
    if form.validate_on_submit():
        with saving(form) as session:
            send_once(session, form)
            operations.record_test(
                session,
                queries.facility_status(session, public_id, user=current_user(), as_of=today()),
                kind=TestKind(form.kind.data),
                done_on=required(form.done_on.data),
                result=TestResult(form.result.data),
                findings=form.findings.data or "",
                person=form.person.data or "",
                actor=current_user(),
            )
        if form.is_saved:
            flash("已登记", "success")
            return _back(public_id)
    return page("containment/test.html", form=form, item=status, next_url=_next(public_id))


def _asked_kind(status: FacilityStatus) -> TestKind:
    """Return what the button said: an inspection never opens as a valve test, else it would be recorded as one."""
    if status.is_volume or request.args.get("kind") == TestKind.INSPECTION.value:
        return TestKind.INSPECTION
    return TestKind.VALVE_TEST


def _status(public_id: UUID) -> FacilityStatus:
    return queries.facility_status(current_session(), public_id, user=current_user(), as_of=today())


def _confirm(form: LevelForm | StateForm, public_id: UUID, confirm: Callable[..., object]) -> None:
    """Let `confirm` record what the form states of a facility."""
    with saving(form) as session:
        confirm(
            session,
            queries.facility_status(session, public_id, user=current_user(), as_of=today()),
            confirmed_at=_instant(form),
            person=form.person.data or "",
            note=form.note.data or "",
            actor=current_user(),
        )


def _instant(form: LevelForm | StateForm) -> datetime:
    """Return the instant of a confirmation: as typed; without a time, now for today and the end of an earlier day."""
    day = required(form.confirmed_on.data)
    clock = form.confirmed_time.data
    if clock is None and day >= today():
        return now()
    return datetime.combine(day, clock or END_OF_DAY, LOCAL_ZONE)


def _next(public_id: UUID) -> str:
    return safe_next(request.args.get("next")) or url_for(".facility", public_id=public_id)


def _back(public_id: UUID) -> Response:
    return redirect(_next(public_id))
