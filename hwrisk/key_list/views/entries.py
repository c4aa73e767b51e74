"""One line of a version: its figures, what was said of it, the forms about it; and many lines agreed to at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.errors import RuleViolation
from hwrisk.key_list import operations
from hwrisk.key_list.forms import AGREE, INCLUDE, DecisionForm, ReviewForm
from hwrisk.key_list.queries import entries, lists
from hwrisk.key_list.queries.entries import UnitEntry
from hwrisk.key_list.views.blueprint import bp, rights
from hwrisk.key_list.views.lists import FILTERS
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.units.queries import units_by_id
from hwrisk.web import current_session, current_user, page, read_filters, requires, saving, unit_of_work

MOST_AT_ONCE = 2000


@bp.get("/entries/<uuid:public_id>")
@requires(Permission.KEY_LIST_READ)
def entry(public_id: UUID) -> Response:
    """Show one line with its figures and everything that was said of it."""
    return _page(_found(public_id))


@bp.post("/entries/<uuid:public_id>/review")
@requires(Permission.KEY_LIST_CONFIRM)
def review(public_id: UUID) -> Response:
    """Record what an office says of a line."""
    found, form = _found(public_id), ReviewForm()
    if form.validate_on_submit():
        with saving(form) as session:
            seen = entries.get_entry(session, public_id, user=current_user(), as_of=today())
            operations.review(
                session, seen.key_list, [seen.entry], agrees=form.verdict.data == AGREE, as_of=today(),
                actor=current_user(), reason=form.reason.data or "", own_tonnes=form.own_tonnes.data,
            )  # fmt: skip
        if form.is_saved:
            flash("核对意见已保存", "success")
            return redirect(url_for(".entry", public_id=public_id))
    return _page(found, review_form=form)


@bp.post("/entries/<uuid:public_id>/decision")
@requires(Permission.KEY_LIST_PUBLISH)
def decide(public_id: UUID) -> Response:
    """Decide for the city whether a unit is listed."""
    found, form = _found(public_id), DecisionForm()
    if form.validate_on_submit():
        with saving(form) as session:
            seen = entries.get_entry(session, public_id, user=current_user(), as_of=today())
            operations.decide(
                session, seen.key_list, seen.entry, listed=form.decision.data == INCLUDE,
                reason=form.reason.data or "", as_of=today(), actor=current_user(),
            )  # fmt: skip
        if form.is_saved:
            flash("市局决定已保存", "success")
            return redirect(url_for(".entry", public_id=public_id))
    return _page(found, decision_form=form)


@bp.post("/<uuid:public_id>/agree")
@requires(Permission.KEY_LIST_CONFIRM)
def agree(public_id: UUID) -> Response:
    """Agree to the chosen lines, or to all that fit the conditions of the list."""
    user = current_user()
    lists.get_list(current_session(), public_id, user=user)
    filters = read_filters(FILTERS, request.form)
    takes_all = "all" in request.form
    try:
        with unit_of_work() as session:
            key_list = lists.get_list(session, public_id, user=user)
            if takes_all:
                asked = entries.conditions_from({"review": "pending", **filters.values})
                rows = entries.stream_entries(session, key_list, user=user, as_of=today(), asked=asked)
                chosen = [row.entry for row in rows]
            else:
                chosen = list(entries.entries_among(session, key_list, _chosen_ids(), user=user, as_of=today()))
            done = operations.review(session, key_list, chosen, agrees=True, as_of=today(), actor=user)
    except RuleViolation as violation:
        flash(violation.message, "warning")
    else:
        flash(f"已同意 {done} 家", "success")
    kept: dict[str, Any] = dict(filters.values)
    return redirect(url_for(".show", public_id=public_id, **kept))


def _chosen_ids() -> list[UUID]:
    found = []
    for text in request.form.getlist("entry")[:MOST_AT_ONCE]:
        try:
            found.append(UUID(text))
        except ValueError as failure:
            raise RuleViolation("所选条目的编号不对，请刷新页面后重新选择") from failure
    if not found:
        raise RuleViolation("还没有选择单位，请在名单左侧勾选")
    return found


def _found(public_id: UUID) -> UnitEntry:
    return entries.get_entry(current_session(), public_id, user=current_user(), as_of=today())


def _page(
    found: UnitEntry, *, review_form: ReviewForm | None = None, decision_form: DecisionForm | None = None
) -> Response:
    session, user = current_session(), current_user()
    may = rights(found.key_list)
    refused = review_form or decision_form
    return page(
        "key_list/entry.html",
        status=422 if refused is not None and (refused.errors or refused.form_errors) else None,
        key_list=found.key_list,
        entry=found.entry,
        unit=units_by_id(session, [found.entry.unit_id])[found.entry.unit_id],
        reviews=entries.reviews_of(session, found.entry.id),
        review_form=review_form or ReviewForm(formdata=None),
        decision_form=decision_form or DecisionForm(formdata=None),
        may={**may, "decide": may["publish"] and user.role is Role.CITY},
    )
