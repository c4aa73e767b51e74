"""Which materials are candidates for which substance, and their review (适用性审核)."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from hwrisk.emergency.forms import ReviewForm
from hwrisk.emergency.models import Compatibility, ReviewState, SubstanceMaterial
from hwrisk.emergency.operations import kinds as operations
from hwrisk.emergency.queries import kinds as queries
from hwrisk.emergency.views.blueprint import bp, hand
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    Filter,
    Page,
    SortKey,
    current_session,
    current_user,
    page,
    page_of,
    page_or_partial,
    read_filters,
    requires,
    saving,
    with_draft,
)

FILTERS = (
    Filter("text", "物质名称、俗名、CAS 或物资"),
    Filter("review", "审核状态", "choice", [(item.value, item.label) for item in ReviewState]),
)
BY_REF = (SortKey(SubstanceMaterial.ref, lambda row: row[0].ref),)


@bp.get("/candidates")
@requires(Permission.MATERIAL_READ)
def candidates() -> Response:
    """List the candidates with their review state."""
    session = current_session()
    filters = read_filters(FILTERS, request.args)
    review = ReviewState.of(filters.get("review"))
    found = queries.candidates_matching(text=filters.get("text"), review=review)
    rows = page_of(session, found, keys=BY_REF, cursor=request.args.get("cursor"), scalars=False)
    return page_or_partial(
        "emergency/candidates.html",
        "emergency/_candidate_rows.html",
        filters=filters,
        candidates=Page([queries.CandidateRow(*row) for row in rows.rows], rows.next_cursor, rows.previous_cursor),
        total=session.scalar(
            select(func.count()).select_from(found.with_only_columns(SubstanceMaterial.id).subquery())
        ),
        may_review=current_user().may(Permission.MATERIAL_REVIEW),
    )


@bp.route("/candidates/<uuid:public_id>/review", methods=["GET", "POST"])
@requires(Permission.MATERIAL_REVIEW)
def review(public_id: UUID) -> Response:
    """Record what a person decides about a candidate."""
    found = queries.get_candidate(current_session(), public_id)
    # The row is read anew after saving, then without its substance.
    substance = found.substance.name
    data = {"review": found.review.value, "compatibility": found.compatibility.value, "basis": found.basis}
    form = with_draft(ReviewForm, f"emergency.review.{public_id}", data=data)
    if form.validate_on_submit():
        with saving(form) as session:
            operations.review_candidate(
                session,
                queries.get_candidate(session, public_id),
                review=ReviewState(form.review.data),
                compatibility=Compatibility(form.compatibility.data),
                basis=form.basis.data or "",
                hand=hand(),
            )
        if form.is_saved:
            flash("审核结果已保存", "success")
            return redirect(url_for(".candidates", text=substance))
    return page(
        "emergency/plain_form.html",
        form=form,
        heading=f"审核：{substance} — {found.method}",
        crumb="物资适用性",
        back=url_for(".candidates"),
        note="审核通过的才参与应急查询的物资推荐；来源没有写明相容的，不得当作相容。",
    )
