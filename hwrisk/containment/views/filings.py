"""Filings of facility data: who waits for what, one filing with the reasons on its fields, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.containment import operations, queries
from hwrisk.containment.data import FIELDS, LABELS, data_of, from_plain, shown
from hwrisk.containment.forms import ActForm, FacilityForm
from hwrisk.containment.models import Facility, Filing, FilingState
from hwrisk.containment.operations.filings import latest_version
from hwrisk.containment.views.blueprint import AUTHORITY, bp, rights
from hwrisk.containment.views.editing import form_values, hide_phone, offer, typed
from hwrisk.errors import EditConflict, NotFound, RuleViolation
from hwrisk.parks.models import Park
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit
from hwrisk.units.queries import version_on
from hwrisk.web import (
    Filter,
    current_session,
    current_user,
    drop_draft,
    page,
    page_or_partial,
    read_filters,
    required,
    requires,
    unit_of_work,
    with_draft,
)

FILTERS = (Filter("state", "办理状态", "choice", [(state.value, state.label) for state in FilingState]),)
_REASON = "reason."
_WHOLE = "whole"


@bp.get("/filings")
@requires(Permission.CONTAINMENT_READ)
def filings() -> Response:
    """List the filings in sight."""
    filters = read_filters(FILTERS, request.args)
    state = filters.get("state")
    return page_or_partial(
        "containment/filings.html",
        "containment/_filing_rows.html",
        filters=filters,
        filings=queries.filing_rows(
            current_session(),
            user=current_user(),
            as_of=today(),
            states=(FilingState(state),) if state else (),
            cursor=request.args.get("cursor"),
        ),
    )


@bp.get("/filings/<uuid:public_id>")
@requires(Permission.CONTAINMENT_READ)
def filing(public_id: UUID) -> Response:
    """Show a filing beside what holds now, with the reasons of a return on their fields."""
    return _shown(queries.get_filing(current_session(), public_id, user=current_user()))


@bp.route("/filings/<uuid:public_id>/edit", methods=["GET", "POST"])
@requires(Permission.CONTAINMENT_EDIT)
def edit_filing(public_id: UUID) -> Response:
    """Put a returned filing right and file it again; the reason stands beside its field."""
    user, session = current_user(), current_session()
    row = queries.get_filing(session, public_id, user=user)
    park = session.get_one(Park, row.park_id)
    key = f"containment.filing.{public_id}.{row.version}"
    given = form_values(from_plain(row.values)) | {"version": row.version, "reason": row.values.get("reason", "")}
    given |= {"facility_no": row.values["facility_no"], "valid_from": _day(row)}
    form = with_draft(FacilityForm, key, data=given)
    offer(form, park, user, session.get(Facility, row.facility_id) if row.facility_id else None)
    hide_phone(form, row.values.get("duty_phone", ""))
    if row.facility_id is None:
        del form.unit
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                number = form.facility_no.data if "facility_no" in form else row.values["facility_no"]
                operations.resubmit(
                    writing,
                    queries.get_filing(writing, public_id, user=user),
                    data=typed(form, phone=row.values.get("duty_phone", "")),
                    facility_no=number or "",
                    valid_from=required(form.valid_from.data),
                    reason=form.reason.data or "",
                    seen=form.version_seen(),
                    actor=user,
                )
                drop_draft(writing, user=user, form_key=key)
        except (EditConflict, RuleViolation) as problem:
            form.refuse(problem if isinstance(problem, RuleViolation) else RuleViolation(problem.message))
        else:
            flash("已改正并重新提交", "success")
            return redirect(url_for(".filing", public_id=public_id))
    return page("containment/filing_edit.html", form=form, filing=row, park=park, reasons=row.reasons)


@bp.post("/filings/<uuid:public_id>/approve")
@requires(Permission.CONTAINMENT_CHECK)
def approve_filing(public_id: UUID) -> Response:
    """Note that the park has checked it."""
    return _act(
        public_id,
        lambda session, row, form: operations.approve(session, row, seen=form.seen(), actor=current_user()),
        "已核对，等县（区）局接收",
    )


@bp.post("/filings/<uuid:public_id>/return")
@requires(Permission.CONTAINMENT_CHECK)
def return_filing(public_id: UUID) -> Response:
    """Return it with reasons on the fields."""
    reasons = _typed_reasons()
    whole = reasons.pop(_WHOLE, "")
    return _act(
        public_id,
        lambda session, row, form: operations.return_filing(
            session, row, reasons={**reasons, "": whole}, seen=form.seen(), actor=current_user()
        ),
        "已退回，报送人会在运维台看到理由",
    )


@bp.post("/filings/<uuid:public_id>/accept")
@requires(Permission.CONTAINMENT_ACCEPT)
def accept_filing(public_id: UUID) -> Response:
    """Accept it: now its data hold."""
    return _act(
        public_id,
        lambda session, row, form: operations.accept(
            session, row, seen=form.seen(), base_seen=form.base_seen() or None, actor=current_user()
        ),
        "已接收，设施数据从所填日期起生效",
    )


@bp.post("/filings/<uuid:public_id>/withdraw")
@requires(Permission.CONTAINMENT_EDIT)
def withdraw_filing(public_id: UUID) -> Response:
    """Take it back."""
    return _act(
        public_id,
        lambda session, row, form: operations.withdraw(session, row, seen=form.seen(), actor=current_user()),
        "已撤回",
    )


def _typed_reasons() -> dict[str, str]:
    return {n.removeprefix(_REASON): v.replace("\x00", "") for n, v in request.form.items() if n.startswith(_REASON)}


def _act(public_id: UUID, act: Callable[[Session, Filing, ActForm], Any], done: str) -> Response:
    form = ActForm()
    row = queries.get_filing(current_session(), public_id, user=current_user())
    try:
        with unit_of_work() as session:
            act(session, queries.get_filing(session, public_id, user=current_user()), form)
    except EditConflict as conflict:
        return _shown(queries.get_filing(current_session(), public_id, user=current_user()), conflict.message, 409)
    except RuleViolation as violation:
        return _shown(row, violation.message, 422)
    flash(done, "success")
    return redirect(url_for(".filing", public_id=public_id))


def _shown(row: Filing, problem: str = "", status: int = 200) -> Response:
    session, user = current_session(), current_user()
    kinds = {kind.code: kind.label for kind in queries.kinds(session)}
    filed, held, base, held_data = shown(from_plain(row.values), kinds), {}, 0, None
    if row.facility_id is not None:
        held_data = _held(session, row, user)
        facility = session.get_one(Facility, row.facility_id)
        base = latest_version(session, facility)
        held = shown(held_data, kinds) if held_data is not None else {}
    # Masked numbers may look alike: that another one was filed is said.
    if held_data is not None and held_data["duty_phone"] != row.values.get("duty_phone", ""):
        filed["duty_phone"] = f"{filed['duty_phone'] or '没有'}（与现有的不同）"
    return page(
        "containment/filing.html",
        status=status,
        filing=row,
        park=session.get_one(Park, row.park_id),
        unit_name=_unit_name(session, row),
        fields=[(name, LABELS[name], filed[name], held.get(name, "")) for name in FIELDS],
        has_base=held_data is not None,
        moved_on=row.base_version_id not in (None, base) and row.state in (FilingState.CHECKED, FilingState.SUBMITTED),
        base=base,
        steps=queries.steps_of(session, row.id),
        labels=LABELS | {"": "总的理由", _WHOLE: "总的理由"},
        # Whoever was refused finds again what they wrote.
        typed={name: text for name, text in _typed_reasons().items() if text.strip()},
        problem=problem,
        acts=_acts(row, user),
        may=rights(user),
    )


def _held(session: Session, row: Filing, user: Viewer) -> Any:
    facility = session.get_one(Facility, row.facility_id)
    try:
        status = queries.facility_status(session, facility.public_id, user=user, as_of=today())
    except NotFound:
        return None
    return data_of(status.version)


def _acts(row: Filing, user: Viewer) -> dict[str, bool]:
    """Return what this person may do with the filing as it stands."""
    submitted, checked = row.state is FilingState.SUBMITTED, row.state is FilingState.CHECKED
    is_park = user.role is Role.PARK
    return {
        "approve": submitted and user.may(Permission.CONTAINMENT_CHECK),
        "return": user.may(Permission.CONTAINMENT_CHECK) and (submitted or (checked and not is_park)),
        "accept": checked and user.may(Permission.CONTAINMENT_ACCEPT),
        "edit": row.state is FilingState.RETURNED
        and user.may(Permission.CONTAINMENT_EDIT)
        and user.role not in AUTHORITY,
        "withdraw": row.filed_by_id == user.account_id
        and row.state in (FilingState.SUBMITTED, FilingState.CHECKED, FilingState.RETURNED),
    }


def _unit_name(session: Session, row: Filing) -> str:
    if row.unit_id is None:
        return ""
    return version_on(session, session.get_one(Unit, row.unit_id).id, as_of=today()).name


def _day(row: Filing) -> Any:
    from_text = str(row.values.get("valid_from", ""))
    return today() if not from_text else today().fromisoformat(from_text)
