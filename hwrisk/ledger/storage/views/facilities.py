"""Pages of the storage facilities of a unit (贮存设施)."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.ledger.storage import operations, queries
from hwrisk.ledger.storage.forms import FacilityChangeForm, FacilityForm
from hwrisk.ledger.storage.models import FacilityKind
from hwrisk.ledger.storage.views.blueprint import bp
from hwrisk.security.permissions import Permission
from hwrisk.units.models import Unit
from hwrisk.units.queries import UnitRow, get_unit
from hwrisk.web import (
    current_session,
    current_user,
    page,
    requested_as_of,
    required,
    requires,
    saving,
    with_draft,
)


@bp.get("/units/<uuid:public_id>/facilities")
@requires(Permission.STORAGE_READ)
def facilities(public_id: UUID) -> Response:
    """Show the storage facilities of a unit on a day, with what lies in them."""
    user, day = current_user(), requested_as_of()
    unit = get_unit(current_session(), public_id, user=user, as_of=day)
    return page(
        "storage/facilities.html",
        unit=unit,
        as_of=day,
        facilities=queries.facilities_of(current_session(), unit.id, as_of=day),
        stock=queries.unit_stock(current_session(), unit.id, user=user, as_of=day),
        may_write=user.may(Permission.LEDGER_WRITE),
    )


@bp.route("/units/<uuid:public_id>/facilities/new", methods=["GET", "POST"])
@requires(Permission.LEDGER_WRITE)
def register_facility(public_id: UUID) -> Response:
    """Register a storage facility of a unit."""
    unit = get_unit(current_session(), public_id, user=current_user(), as_of=today())
    form = with_draft(FacilityForm, f"storage.facility.new.{public_id}", data={"valid_from": today()})
    if form.validate_on_submit():
        with saving(form) as session:
            operations.register_facility(
                session,
                unit_id=unit.id,
                code=(form.code.data or "").strip(),
                name=form.name.data or "",
                kind=FacilityKind(form.kind.data),
                spot_grade=form.spot_grade.data or "",
                capacity=form.capacity.data,
                valid_from=required(form.valid_from.data),
                actor=current_user(),
            )
        if form.is_saved:
            flash("贮存设施已登记", "success")
            return _back(unit)
    return page("storage/facility_form.html", form=form, unit=unit, heading="登记贮存设施", code=None)


@bp.route("/facilities/<uuid:public_id>/change", methods=["GET", "POST"])
@requires(Permission.LEDGER_WRITE)
def change_facility(public_id: UUID) -> Response:
    """Record another state of a storage facility from a day on."""
    user = current_user()
    row = queries.get_facility(current_session(), public_id, user=user, as_of=today())
    of_unit = required(current_session().get(Unit, row.facility.unit_id))
    unit = get_unit(current_session(), of_unit.public_id, user=user, as_of=today())
    form = with_draft(FacilityChangeForm, f"storage.facility.{public_id}", data=_present(row))
    if form.validate_on_submit():
        with saving(form) as session:
            changed = operations.change_facility(
                session,
                queries.get_facility(session, public_id, user=user, as_of=today()).facility,
                name=form.name.data or "",
                kind=FacilityKind(form.kind.data),
                spot_grade=form.spot_grade.data or "",
                capacity=form.capacity.data,
                valid_from=required(form.valid_from.data),
                actor=user,
            )
        if form.is_saved:
            flash(f"贮存设施已变更，{changed} 个批次的期限随之重算" if changed else "贮存设施已变更", "success")
            return _back(unit)
    return page("storage/facility_form.html", form=form, unit=unit, heading="变更贮存设施", code=row.facility.code)


def _present(row: queries.FacilityRow) -> dict[str, object]:
    version = row.version
    if version is None:
        return {"valid_from": today()}
    return {
        "name": version.name,
        "kind": version.kind.value,
        "spot_grade": version.spot_grade,
        "capacity": version.capacity,
        "valid_from": today(),
    }


def _back(unit: UnitRow) -> Response:
    return redirect(url_for(".facilities", public_id=unit.public_id))
