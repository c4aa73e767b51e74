"""What is stated under one licence, month by month (经营量)."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.permits import operations, queries
from hwrisk.permits.contents import first_day
from hwrisk.permits.forms import QuantityForm
from hwrisk.permits.operations import Stated
from hwrisk.permits.views.blueprint import bp
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    choices,
    current_session,
    current_user,
    page,
    required,
    requires,
    saving,
    whole_number,
    with_draft,
)


@bp.route("/<uuid:public_id>/quantities", methods=["GET", "POST"])
@requires(Permission.PERMIT_REPORT)
def state(public_id: UUID) -> Response:
    """Show what is stated for a year, and state one month of one waste."""
    session, user = current_session(), current_user()
    queries.licence_in_hand(session, public_id, user=user)
    file = queries.licence_file(session, public_id, user=user, as_of=today())
    form = with_draft(QuantityForm, f"permits.quantity.{public_id}", data={"month": f"{today():%Y-%m}"})
    lines = {line.line_no: line.name for term in file.terms for line in term.lines}
    form.line_no.choices = choices((number, f"{number} {name}") for number, name in lines.items())
    if form.validate_on_submit():
        month = first_day(form.month.data or "")
        stated = Stated(
            form.line_no.data, form.waste_code.data or "", month, required(form.received.data),
            required(form.treated.data),
        )  # fmt: skip
        with saving(form) as writing:
            licence = queries.licence_in_hand(writing, public_id, user=user)
            changed = operations.state_quantities(writing, licence, [stated], as_of=today(), actor=user)
        if form.is_saved:
            flash("经营量已保存" if changed else "与已填报的相同，没有变化", "success")
            if doubtful := operations.doubt(file.terms, stated):
                flash(doubtful[1], "warning")
            return redirect(url_for(".state", public_id=public_id, year=month.year))
    year = whole_number(request.args.get("year")) or today().year
    year = year if 1990 <= year <= today().year else today().year
    return page(
        "permits/quantities.html",
        form=form,
        file=file,
        year=year,
        quantities=queries.quantities_of(session, file.licence, year=year, terms=file.terms),
        this_year=today().year,
    )
