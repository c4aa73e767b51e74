"""Disposal projects and public facilities (处置利用项目)."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.errors import NotFound
from hwrisk.permits import operations, queries
from hwrisk.permits.forms import ProjectForm
from hwrisk.permits.models import ProjectState
from hwrisk.permits.queries import ProjectRow
from hwrisk.permits.views.blueprint import bp
from hwrisk.permits.views.pages import DAY, head
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    Filter,
    current_session,
    current_user,
    page,
    page_or_partial,
    read_filters,
    requested_as_of,
    required,
    requires,
    saving,
    with_draft,
)

FILTERS = (Filter("project_state", "建设状态", "choice", [(state.value, state.label) for state in ProjectState]), DAY)


@bp.get("/projects")
@requires(Permission.PERMIT_READ)
def projects() -> Response:
    """List the disposal projects of the plan and the public facilities, with every published figure."""
    day, filters = requested_as_of(), read_filters(FILTERS, request.args)
    state = filters.get("project_state")
    return page_or_partial(
        "permits/projects.html",
        "permits/_project_rows.html",
        filters=filters,
        projects=queries.project_rows(current_session(), as_of=day, state=ProjectState(state) if state else None),
        trust=Trust,
        **head(day, filters, "permits.projects"),
    )


@bp.get("/projects/<uuid:public_id>")
@requires(Permission.PERMIT_READ)
def project(public_id: UUID) -> Response:
    """Show one project with its published figures side by side and its history."""
    day = requested_as_of()
    found = queries.get_project(current_session(), public_id)
    return page(
        "permits/project.html",
        row=_row(public_id),
        history=queries.project_history(current_session(), found),
        trust=Trust,
        as_of=day,
        may_edit=current_user().is_city_wide and current_user().may(Permission.PERMIT_EDIT),
    )


@bp.route("/projects/<uuid:public_id>/change", methods=["GET", "POST"])
@requires(Permission.PERMIT_EDIT)
def change_project(public_id: UUID) -> Response:
    """Record another state of a project from a day on; the city's matter."""
    user = current_user()
    row = _row(public_id)
    if not user.is_city_wide:
        flash("处置利用项目由市局维护，请把依据报市局固废科", "warning")
        return redirect(url_for(".project", public_id=public_id))
    shown = {
        "from_day": today(), "state": row.version.state.value, "capacity": row.version.capacity,
        "note": row.version.note,
    }  # fmt: skip
    form = with_draft(ProjectForm, f"permits.project.{public_id}", data=shown)
    if form.validate_on_submit():
        with saving(form) as session:
            operations.change_project(
                session, queries.get_project(session, public_id), from_day=required(form.from_day.data),
                state=ProjectState(form.state.data), capacity=form.capacity.data, source=form.source.data or "",
                note=form.note.data or "", actor=user, as_of=today(),
            )  # fmt: skip
        if form.is_saved:
            flash("项目情况已登记", "success")
            return redirect(url_for(".project", public_id=public_id))
    return page("permits/project_form.html", form=form, row=row)


def _row(public_id: UUID) -> ProjectRow:
    found = queries.project_rows(current_session(), as_of=today())
    row = next((row for row in found if row.project.public_id == public_id), None)
    if row is None:
        raise NotFound
    return row
