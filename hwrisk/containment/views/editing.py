"""Registering and changing facilities: the authority records at once, everybody else files for acceptance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.containment import operations, queries
from hwrisk.containment.data import (
    FIELDS,
    LABELS,
    NO_PHONE,
    FacilityData,
    data_of,
    masked_phone,
    phone_from,
    shown,
)
from hwrisk.containment.forms import FacilityForm
from hwrisk.containment.models import Facility, ServiceState
from hwrisk.containment.operations.filings import latest_version
from hwrisk.containment.states import FacilityStatus
from hwrisk.containment.views.blueprint import AUTHORITY, bp, kind_options, unit_options
from hwrisk.errors import EditConflict, NotFound, RuleViolation
from hwrisk.parks.models import Park
from hwrisk.parks.scope import visible_parks
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import get_unit
from hwrisk.units.scope import visible_units
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
    send_once,
    unit_of_work,
    with_draft,
)

NO_UNIT = ("", "不属于企业（园区或周边水体）")
TEXTS = (
    "name", "kind_code", "control_mode", "owner_name", "operator_name", "ordering_post", "acting_post", "duty_phone",
    "place", "steps", "source", "note",
)  # fmt: skip


@bp.route("/parks/<uuid:public_id>/facilities/new", methods=["GET", "POST"])
@requires(Permission.CONTAINMENT_EDIT)
def register(public_id: UUID) -> Response:
    """Register a facility of a park, or file it for acceptance."""
    user, park = current_user(), park_to_file(public_id, current_user())
    key = f"containment.facility.new.{public_id}"
    fresh = {"valid_from": today(), "service": ServiceState.IN_USE.value, "trust": Trust.SECOND_HAND.value}
    form = with_draft(FacilityForm, key, data=fresh)
    offer(form, park, user)
    if form.validate_on_submit():
        with saving(form) as session:
            send_once(session, form)
            address = _write_new(session, form, park, user)
        if form.is_saved:
            _tell(user)
            return redirect(address)
    return page(
        "containment/facility_form.html",
        form=form,
        park=park,
        item=None,
        files=user.role not in AUTHORITY,
        reasons={},
    )


@bp.route("/facilities/<uuid:public_id>/change", methods=["GET", "POST"])
@requires(Permission.CONTAINMENT_EDIT)
def change(public_id: UUID) -> Response:
    """Record another state of a facility from a day on, or file it for acceptance."""
    user, session = current_user(), current_session()
    status = queries.facility_status(session, public_id, user=user, as_of=today())
    park = session.get_one(Park, status.facility.park_id)
    key = f"containment.facility.{public_id}"
    form = with_draft(FacilityForm, key, data=present(status) | {"version": latest_version(session, status.facility)})
    offer(form, park, user, status.facility)
    hide_phone(form, status.version.duty_phone)
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                address = _write_change(writing, form, public_id, user)
                drop_draft(writing, user=user, form_key=key)
        except EditConflict as conflict:
            return _conflict(form, public_id, conflict)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            _tell(user)
            return redirect(address)
    return page(
        "containment/facility_form.html",
        form=form,
        park=park,
        item=status,
        files=user.role not in AUTHORITY,
        reasons={},
    )


def park_to_file(public_id: UUID, user: Viewer) -> Park:
    """Return a park for which the person may file: one in sight, or the park of an enterprise of theirs.

    Raises:
        NotFound: there is none, or it is out of sight.
    """
    of_units = select(UnitVersion.park_id).where(
        visible_units(user, as_of=today()), UnitVersion.unit_id.in_(user.units)
    )
    in_sight = visible_parks(user) if user.role is not Role.ENTERPRISE else Park.id.in_(of_units)
    park = current_session().scalars(select(Park).where(Park.public_id == public_id, in_sight)).one_or_none()
    if park is None:
        raise NotFound
    return park


def offer(form: FacilityForm, park: Park, user: Viewer, facility: Facility | None = None) -> None:
    """Give the form its choices: what a person may not file is not there."""
    form.kind_code.choices = choices([("", "请选择"), *kind_options()])
    if facility is not None:
        # Number and owner say which facility it is.
        del form.facility_no
        del form.unit
        return
    units = unit_options(park, user)
    own = [] if user.role is Role.ENTERPRISE else [NO_UNIT]
    form.unit.choices = choices([*own, *units])


def hide_phone(form: FacilityForm, phone: str) -> None:
    """Say in the form how the number ends that is kept unless another is typed; the whole one is on no page."""
    if phone:
        form.duty_phone.description = f"现为 {masked_phone(phone)}；不改的不填，取消的填“{NO_PHONE}”"


def typed(form: FacilityForm, *, phone: str = "") -> FacilityData:
    """Return what the form says of the facility; a number that is not typed anew stays `phone`."""
    data: Any = {name: (getattr(form, name).data or "").strip() for name in TEXTS}
    data["duty_phone"] = phone_from(form.duty_phone.data, kept=phone)
    data["service"], data["trust"] = ServiceState(form.service.data), Trust(form.trust.data)
    data["effective_volume"] = form.effective_volume.data
    for name in ("longitude", "latitude"):
        degrees = getattr(form, name).data
        data[name] = float(degrees) if degrees else None
    ordered: Any = {name: data[name] for name in FIELDS}
    found: FacilityData = ordered
    return found


def form_values(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a facility as the form shows them."""
    values = {name: data[name] for name in FIELDS}
    values |= {"service": str(data["service"]), "trust": str(data["trust"]), "duty_phone": ""}
    for name in ("longitude", "latitude"):
        values[name] = None if data[name] is None else f"{data[name]:.6f}"
    return values


def present(status: FacilityStatus) -> dict[str, Any]:
    """Return the present state of a facility as the form shows it."""
    return form_values(data_of(status.version)) | {"valid_from": today()}


def _write_new(session: Session, form: FacilityForm, park: Park, user: Viewer) -> str:
    unit = _unit(session, form, user)
    given: dict[str, Any] = {
        "park_id": park.id, "unit_id": unit.id if unit else None, "facility_no": form.facility_no.data or "",
        "data": typed(form), "valid_from": required(form.valid_from.data), "reason": form.reason.data or "新登记",
        "actor": user,
    }  # fmt: skip
    if user.role in AUTHORITY:
        return url_for(".facility", public_id=operations.register_facility(session, **given).public_id)
    return url_for(".filing", public_id=operations.submit(session, facility=None, **given).public_id)


def _write_change(session: Session, form: FacilityForm, public_id: UUID, user: Viewer) -> str:
    status = queries.facility_status(session, public_id, user=user, as_of=today())
    facility, data = status.facility, typed(form, phone=status.version.duty_phone)
    if latest_version(session, facility) != form.version_seen():
        raise EditConflict("您打开这一页之后，别人已变更了这个设施")
    valid_from, reason = required(form.valid_from.data), form.reason.data or ""
    if user.role in AUTHORITY:
        operations.change_facility(session, facility, data=data, valid_from=valid_from, actor=user, reason=reason)
        return url_for(".facility", public_id=public_id)
    filing = operations.submit(
        session, park_id=facility.park_id, unit_id=facility.unit_id, facility=facility,
        facility_no=facility.facility_no, data=data, valid_from=valid_from, reason=reason, actor=user,
    )  # fmt: skip
    return url_for(".filing", public_id=filing.public_id)


def _unit(session: Session, form: FacilityForm, user: Viewer) -> Unit | None:
    if not form.unit.data:
        return None
    return get_unit(session, UUID(form.unit.data), user=user, as_of=today()).unit


def _conflict(form: FacilityForm, public_id: UUID, conflict: EditConflict) -> Response:
    session = current_session()
    status = queries.facility_status(session, public_id, user=current_user(), as_of=today())
    kinds = {kind.code: kind.label for kind in queries.kinds(session)}
    theirs = shown(data_of(status.version), kinds) | {"kind_code": status.version.kind_code}
    if form.effective_volume.data == status.version.effective_volume:
        # 1200 and 1,200 are the same volume.
        theirs["effective_volume"] = (request.form.get("effective_volume") or "").strip()
    if not form.duty_phone.data:
        # Left empty it stays as it is.
        del theirs["duty_phone"]
    return conflict_page(
        form,
        error=conflict,
        version=latest_version(session, status.facility),
        theirs={name: theirs[name] for name in LABELS if name in theirs},
        reload_url=url_for(".change", public_id=public_id),
    )


def _tell(user: Viewer) -> None:
    if user.role in AUTHORITY:
        flash("已保存，原来的情形留在沿革中", "success")
    elif user.role is Role.PARK:
        flash("已提交，等县（区）局接收；接收以前原有数据不变", "success")
    else:
        flash("已提交，等园区核对、县（区）局接收；接收以前原有数据不变", "success")
