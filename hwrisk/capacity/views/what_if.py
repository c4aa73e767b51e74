"""The what-if: plants off, projects on, more or less waste (情景测算)."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.capacity import operations, showing
from hwrisk.capacity.forms import WhatIfForm, field_name, percents, what_if_form
from hwrisk.capacity.inputs import AddedPlant, Scenario
from hwrisk.capacity.jobs import WHAT_IF
from hwrisk.capacity.views.blueprint import bp
from hwrisk.capacity.views.pages import base_of
from hwrisk.clock import today
from hwrisk.db.types import to_units
from hwrisk.errors import RuleViolation
from hwrisk.jobs import enqueue
from hwrisk.permits.models import ProjectState
from hwrisk.permits.queries import ProjectRow, project_rows
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    choices,
    current_session,
    current_user,
    drop_draft,
    page,
    requires,
    unit_of_work,
    with_draft,
)

TO_COME = frozenset({ProjectState.PLANNED, ProjectState.BUILDING})


@bp.route("/what-if", methods=["GET", "POST"])
@requires(Permission.CAPACITY_RUN)
def what_if() -> Response:
    """Assume something otherwise than it is; the worker computes it, keeps it and leads to it beside its base."""
    base = base_of(request.args.get("base", ""))
    projects = [
        row
        for row in project_rows(current_session(), as_of=today())
        if row.version.state in TO_COME and row.version.method_code
    ]
    form_class = what_if_form((row.project.ref, row.project.name) for row in projects)
    shown = {field_name(row.project.ref): None for row in projects}
    form = with_draft(form_class, f"capacity.what-if.{base.public_id}", data=shown)
    form.off.choices = choices(
        (line.key, f"{line.holder} {line.key}（{line.methods}，折算能力 {line.cap:,} 吨）")
        for line in showing.line_rows(base)
    )
    if form.validate_on_submit():
        try:
            scenario = _scenario(form, projects)
            operations.check_scenario(base, scenario, name=form.name.data or "")
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            params = {"base": str(base.public_id), "scenario": scenario.pack(), "name": form.name.data}
            with unit_of_work() as session:
                task = enqueue(session, WHAT_IF, params, actor=current_user())
                drop_draft(session, user=current_user(), form_key=form.draft_key or "")
            return redirect(url_for("tasks.show", public_id=task.public_id))
    return page(
        "capacity/what_if.html",
        form=form,
        base=base,
        projects=[(row, form[field_name(row.project.ref)]) for row in projects],
    )


def _scenario(form: WhatIfForm, projects: list[ProjectRow]) -> Scenario:
    """Return what the form assumes.

    Raises:
        RuleViolation: a percentage or category is malformed.
    """
    added = [
        AddedPlant(
            ref=row.project.ref, name=row.project.name, office=row.version.office_code or "",
            method=row.version.method_code or "",
            categories=tuple(category for category in row.version.categories.split(";") if category),
            capacity=to_units(form[field_name(row.project.ref)].data),
        )
        for row in projects
        if form[field_name(row.project.ref)].data is not None
    ]  # fmt: skip
    return Scenario(
        off=tuple(sorted(form.off.data or ())),
        projects=tuple(added),
        percent=percents(form.percent.data or "", form.by_category.data or ""),
    )
