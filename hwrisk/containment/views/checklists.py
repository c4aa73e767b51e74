"""The completion check list of a park (三级防控建设清单)."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.containment import operations, queries
from hwrisk.containment.forms import ItemForm
from hwrisk.containment.models import MarkState
from hwrisk.containment.settings import checklist_on
from hwrisk.containment.views.blueprint import bp, rights
from hwrisk.errors import NotFound
from hwrisk.security.permissions import Permission
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


@bp.get("/parks/<uuid:public_id>/checklist")
@requires(Permission.CONTAINMENT_READ)
def checklist(public_id: UUID) -> Response:
    """Show how far a park is with every item."""
    user, day, session = current_user(), requested_as_of(), current_session()
    park = queries.get_whole_park(session, public_id, user=user)
    return page(
        "containment/checklist.html",
        park=park,
        progress=queries.park_progress(session, park, as_of=day),
        checklist=checklist_on(session, day),
        as_of=day,
        may=rights(user),
    )


@bp.route("/parks/<uuid:public_id>/checklist/<key>", methods=["GET", "POST"])
@requires(Permission.CONTAINMENT_CHECK)
def checklist_item(public_id: UUID, key: str) -> Response:
    """Record how far a park is with one item."""
    user, session = current_user(), current_session()
    park = queries.get_whole_park(session, public_id, user=user)
    row = next((r for r in queries.park_progress(session, park, as_of=today()).items if r.item.key == key), None)
    if row is None:
        raise NotFound
    present = {"state": row.state.value, "valid_from": today()}
    if row.mark is not None:
        present |= {"document": row.mark.document, "remark": row.mark.remark}
    form = with_draft(ItemForm, f"containment.item.{public_id}.{key}", data=present)
    if form.validate_on_submit():
        with saving(form) as writing:
            operations.set_item(
                writing,
                queries.get_whole_park(writing, public_id, user=user),
                item_key=key,
                state=MarkState(form.state.data),
                document=form.document.data or "",
                remark=form.remark.data or "",
                valid_from=required(form.valid_from.data),
                actor=user,
            )
        if form.is_saved:
            flash("已记录", "success")
            return redirect(url_for(".checklist", public_id=public_id))
    history = queries.item_history(session, park.id, key)
    return page("containment/item_form.html", form=form, park=park, row=row, history=history)
