"""Registering a unit, and recording that it is otherwise from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from flask import flash, redirect, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.errors import EditConflict, RuleViolation
from hwrisk.parks.models import Park
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units import queries
from hwrisk.units.forms import ChangeForm, ContactForm, NewUnitForm, StateFields
from hwrisk.units.models import IdentityKind, ManagementClass, UnitRole, UnitStatus, UnitVersion
from hwrisk.units.operations import UnitChange, record_state, register_unit
from hwrisk.units.queries import UnitRow
from hwrisk.units.rules import WITHOUT_STOCK
from hwrisk.units.views.blueprint import bp
from hwrisk.units.views.options import NONE, assignable_admins, assignable_offices, park_options
from hwrisk.web import (
    choices,
    conflict_page,
    current_session,
    current_user,
    drop_draft,
    page,
    required,
    requires,
    saving,
    unit_of_work,
    with_draft,
)
from hwrisk.web.objections import objections_to

NEW_KEY = "units.new"
CLEAR = "clear"
"""The act of saying that nothing is left; upper rooms object to it while something is."""
TEXTS = (
    "name", "short_name", "address", "responsible_party", "clearance_document", "licence_no", "contact",
    "contact_phone",
)  # fmt: skip
FILED_BY_UNIT = "单位自行更新联系方式"


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT)
def create() -> Response:
    """Register a unit."""
    user = current_user()
    if not is_authority(user):
        flash("新单位由市局或驻县（区）局登记，请联系您的管辖单位", "warning")
        return redirect(url_for(".index"))
    form = with_draft(NewUnitForm, NEW_KEY, data={"valid_from": today(), "reason": "新登记"})
    _offer(form, user)
    if form.validate_on_submit():
        with saving(form) as session:
            unit = register_unit(
                session,
                identity_kind=IdentityKind(form.identity_kind.data),
                identity_no=form.identity_no.data or None,
                identity_reason=form.identity_reason.data or "",
                state=_typed(session, form, user),
                valid_from=required(form.valid_from.data),
                reason=form.reason.data or "",
                industry_code=(form.industry_code.data or "").strip(),
                started_on=form.started_on.data,
                source="本系统登记",
                actor=user,
            )
        if form.is_saved:
            flash(f"已登记，单位编号 {unit.unit_no}", "success")
            return redirect(url_for(".show", public_id=unit.public_id))
    return page("units/new.html", form=form, is_city=user.is_city_wide)


@bp.route("/<uuid:public_id>/edit", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT)
def edit(public_id: UUID) -> Response:
    """Record what is otherwise from a day on; an enterprise keeps up its contact alone."""
    user = current_user()
    row = queries.get_unit(current_session(), public_id, user=user, as_of=today())
    return _change(row, user) if is_authority(user) else _contact(row, user)


def _change(row: UnitRow, user: Viewer) -> Response:
    shown = _shown(current_session(), row.version)
    key = f"units.edit.{row.public_id}"
    form = with_draft(ChangeForm, key, data={**shown, "from_day": today(), "version": _stamp(current_session(), row)})
    _offer(form, user, row.version)
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                seen = queries.get_unit(session, row.public_id, user=user, as_of=today())
                _refuse_stale(session, seen, form.version_seen())
                changed = _record(session, seen, form, user)
                drop_draft(session, user=user, form_key=key)
        except EditConflict as conflict:
            return _conflict(row, form, conflict)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            flash("已保存，原来的情形留在沿革中" if changed else "内容没有变化", "success" if changed else "info")
            return redirect(url_for(".show", public_id=row.public_id))
    return page("units/edit.html", form=form, unit=row.unit, version=row.version, is_city=user.is_city_wide)


def _contact(row: UnitRow, user: Viewer) -> Response:
    shown = {name: getattr(row.version, name) for name in ("contact", "contact_phone")}
    form = ContactForm(data={**shown, "version": _stamp(current_session(), row)})
    if form.validate_on_submit():
        changes = UnitChange(contact=form.contact.data or "", contact_phone=form.contact_phone.data or "")
        try:
            with unit_of_work() as session:
                seen = queries.get_unit(session, row.public_id, user=user, as_of=today())
                _refuse_stale(session, seen, form.version_seen())
                record_state(session, seen.unit, from_day=today(), changes=changes, actor=user, reason=FILED_BY_UNIT)
        except EditConflict as conflict:
            return _conflict(row, form, conflict)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            flash("联系方式已保存", "success")
            return redirect(url_for(".show", public_id=row.public_id))
    return page("units/contact.html", form=form, unit=row.unit, version=row.version)


def _record(session: Session, seen: UnitRow, form: ChangeForm, user: Viewer) -> bool:
    typed = _typed(session, form, user)
    changes = {name: value for name, value in typed.items() if getattr(seen.version, name) != value}
    from_day = required(form.from_day.data)
    clears = changes.get("status") in WITHOUT_STOCK
    reasons = objections_to(session, CLEAR, "unit", seen.id, on=from_day) if clears else []
    if reasons:
        raise RuleViolation("；".join(reasons), field="status")
    return record_state(
        session,
        seen.unit,
        from_day=from_day,
        until=form.until.data,
        changes=cast(UnitChange, changes),
        actor=user,
        reason=form.reason.data or "",
    )


def _typed(session: Session, form: StateFields, user: Viewer) -> UnitChange:
    """Return what the form says; the class is for the city section alone to set."""
    state: dict[str, Any] = {name: (getattr(form, name).data or "").strip() for name in TEXTS}
    state |= {
        "role": UnitRole(form.role.data),
        "status": UnitStatus(form.status.data),
        "office_code": form.office_code.data or None,
        "admin_code": form.admin_code.data or None,
        "park_id": session.scalar(select(Park.id).where(Park.code == form.park.data)) if form.park.data else None,
    }
    for name in ("longitude", "latitude"):
        degrees = getattr(form, name).data
        state[name] = float(degrees) if degrees else None
    if user.is_city_wide:
        state["class_set"] = ManagementClass(form.class_set.data) if form.class_set.data else None
        state["class_reason"] = (form.class_reason.data or "").strip()
    return cast(UnitChange, state)


def _shown(session: Session, version: UnitVersion) -> dict[str, Any]:
    """Return a state as the form shows it."""
    fields: dict[str, Any] = {name: getattr(version, name) for name in TEXTS}
    park = session.scalar(select(Park.code).where(Park.id == version.park_id)) if version.park_id else ""
    return fields | {
        "office_code": version.office_code or "",
        "admin_code": version.admin_code or "",
        "park": park or "",
        "role": str(version.role),
        "status": str(version.status),
        "class_set": str(version.class_set or ""),
        "class_reason": version.class_reason,
        "longitude": None if version.longitude is None else f"{version.longitude:.6f}",
        "latitude": None if version.latitude is None else f"{version.latitude:.6f}",
    }


def _offer(form: NewUnitForm | ChangeForm, user: Viewer, version: UnitVersion | None = None) -> None:
    """Give the form its choices; what a county branch may not decide is not there."""
    offices = assignable_offices(user)
    if version is None:
        offices = [("", "请选择"), *(option for option in offices if option[0])]
    elif (version.office_code or "") not in dict(offices):
        # A unit seen through a single grant keeps the office it has.
        offices = [(version.office_code or "", "现管辖单位（不变）"), *offices]
    form.office_code.choices = choices(offices)
    form.admin_code.choices = choices(assignable_admins())
    form.park.choices = choices([(NONE[0], "不在化工园区内"), *park_options()])
    if not user.is_city_wide:
        del form.class_set
        del form.class_reason


def _conflict(row: UnitRow, form: ChangeForm | ContactForm, conflict: EditConflict) -> Response:
    session = current_session()
    present = queries.get_unit(session, row.public_id, user=current_user(), as_of=today())
    labels = _labels(form, _shown(session, present.version))
    return conflict_page(
        form,
        error=conflict,
        version=_stamp(session, present),
        theirs=labels,
        reload_url=url_for(".edit", public_id=row.public_id),
    )


def _labels(form: ChangeForm | ContactForm, shown: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value or "") for name, value in shown.items() if name in form._fields}


def _stamp(session: Session, row: UnitRow) -> int:
    """Return a number that grows with every record of the unit, for telling that somebody else was quicker."""
    return session.scalar(select(func.max(UnitVersion.id)).where(UnitVersion.unit_id == row.id)) or 0


def _refuse_stale(session: Session, row: UnitRow, seen: int) -> None:
    if _stamp(session, row) != seen:
        raise EditConflict("您打开这一页之后，别人已登记了新的情形")


def is_authority(user: Viewer) -> bool:
    """Tell whether `user` keeps the register: the city section and the county branches."""
    return user.role in {Role.CITY, Role.COUNTY}
