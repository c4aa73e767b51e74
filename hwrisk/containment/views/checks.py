"""Volume checks of scenarios (容积校核)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.containment import operations, queries
from hwrisk.containment.forms import LINES, PLACES, ScenarioFields, ScenarioForm
from hwrisk.containment.methods import METHODS
from hwrisk.containment.settings import plain
from hwrisk.containment.showing import show_check
from hwrisk.containment.views.blueprint import bp, rights, unit_options
from hwrisk.errors import RuleViolation
from hwrisk.parks.models import Park
from hwrisk.rulepacks import Trust
from hwrisk.rulepacks.queries import parameters
from hwrisk.security.permissions import Permission
from hwrisk.units.queries import get_unit
from hwrisk.web import (
    choices,
    current_session,
    current_user,
    page,
    requires,
    saving,
    unit_of_work,
    with_draft,
)


@bp.get("/parks/<uuid:public_id>/checks")
@requires(Permission.CONTAINMENT_READ)
def checks(public_id: UUID) -> Response:
    """List the stored checks of a park."""
    user, session = current_user(), current_session()
    park = queries.get_whole_park(session, public_id, user=user)
    found = queries.volume_checks(session, user=user, park_id=park.id, cursor=request.args.get("cursor"))
    return page("containment/checks.html", park=park, checks=found, methods=_methods(), may=rights(user))


@bp.route("/parks/<uuid:public_id>/checks/new", methods=["GET", "POST"])
@requires(Permission.CONTAINMENT_VOLUME)
def new_check(public_id: UUID) -> Response:
    """Work a scenario out by the facilities as they stand today, and keep it."""
    user, session = current_user(), current_session()
    park = queries.get_whole_park(session, public_id, user=user)
    key = f"containment.check.{public_id}"
    form: ScenarioFields = with_draft(ScenarioForm, key)
    units = unit_options(park, user)
    form.unit.choices = choices([("", "请选择"), *units])
    form.method.choices = choices((row["key"], f"{row['title']}：{row['formula']}") for row in _pack()["method"])
    if form.validate_on_submit():
        with saving(form) as writing:
            unit = get_unit(writing, UUID(form.unit.data), user=user, as_of=today())
            check = operations.store_check(
                writing,
                park_id=park.id,
                unit_id=unit.id,
                name=form.name.data or "",
                inputs=inputs_of(form),
                as_of=today(),
                actor=user,
            )
        if form.is_saved:
            return redirect(url_for(".check", public_id=check.public_id))
    terms = {row["key"]: (row, Trust(row["trust"])) for row in _pack()["term"]}
    return page(
        "containment/check_form.html", form=form, park=park, places=range(1, PLACES + 1), lines=range(1, LINES + 1),
        terms=terms, has_units=bool(units),
    )  # fmt: skip


@bp.get("/checks/<uuid:public_id>")
@requires(Permission.CONTAINMENT_READ)
def check(public_id: UUID) -> Response:
    """Show a stored check with every term, every tier and every assumption."""
    user, session = current_user(), current_session()
    row = queries.get_check(session, public_id, user=user)
    return page(
        "containment/check.html",
        row=row,
        park=session.get_one(Park, row.check.park_id),
        shown=show_check(session, row),
        may=rights(user),
    )


@bp.post("/checks/<uuid:public_id>/again")
@requires(Permission.CONTAINMENT_VOLUME)
def check_again(public_id: UUID) -> Response:
    """Work the same scenario out by the facilities of today; the old result stays."""
    user = current_user()
    queries.get_check(current_session(), public_id, user=user)
    with unit_of_work() as session:
        old = queries.get_check(session, public_id, user=user).check
        new = operations.work_out_again(session, old, as_of=today(), actor=user)
    flash("已按今天的设施重新校核，原来的结果保留", "success")
    return redirect(url_for(".check", public_id=new.public_id))


def inputs_of(form: ScenarioFields) -> dict[str, Any]:
    """Return the scenario a form states, as plain data; a group without any figure is left out.

    Raises:
        RuleViolation: fire water has a flow without hours, or hours without a flow.
    """
    units = [row for number in range(1, PLACES + 1) if (row := _source(form, number)) is not None]
    return {
        "method": form.method.data or "", "units": units, "v4": _text(form.v4.data), "qa": _text(form.qa.data),
        "n": _text(form.n.data), "f": _text(form.area.data), "rain_source": (form.rain_source.data or "").strip(),
    }  # fmt: skip


def _source(form: ScenarioFields, number: int) -> dict[str, Any] | None:
    def typed(name: str) -> Any:
        return form._fields[f"source_{number}_{name}"].data

    fire = []
    for line in range(1, LINES + 1):
        flow, hours = typed(f"flow{line}"), typed(f"hours{line}")
        if (flow is None) != (hours is None):
            missing = "hours" if hours is None else "flow"
            raise RuleViolation("消防流量和历时要一起填写", field=f"source_{number}_{missing}{line}")
        if flow is not None:
            fire.append({"flow": _text(flow), "hours": _text(hours)})
    values = {name: typed(name) for name in ("v1", "v3", "vr")}
    if not fire and all(value is None for value in values.values()):
        return None
    row = {name: _text(value) for name, value in values.items()}
    return {"name": (typed("name") or "").strip() or f"第 {number} 处", "fire": fire, **row}


def _text(value: Decimal | None) -> str:
    return "0" if value is None else plain(value)


def _pack() -> dict[str, Any]:
    return parameters(current_session(), METHODS, on=today()).parameters


def _methods() -> dict[str, str]:
    return {row["key"]: row["title"] for row in _pack()["method"]}
