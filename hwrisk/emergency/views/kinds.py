"""Pages of the kinds of materials (物资品种)."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.emergency.forms import KindForm
from hwrisk.emergency.models import MaterialFunction, MaterialKind
from hwrisk.emergency.operations import kinds as operations
from hwrisk.emergency.queries import kinds as queries
from hwrisk.emergency.queries.lots import LotConditions, stock_rows
from hwrisk.emergency.views.blueprint import FUNCTIONS, bp, hand
from hwrisk.errors import EditConflict, RuleViolation
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    Filter,
    SortKey,
    conflict_page,
    current_session,
    current_user,
    drop_draft,
    page,
    page_of,
    page_or_partial,
    read_filters,
    requires,
    saving,
    unit_of_work,
    with_draft,
)

FILTERS = (Filter("text", "名称、别名、拼音或编码"), Filter("function", "功能类别", "choice", FUNCTIONS))
BY_CODE = (SortKey(MaterialKind.code, lambda row: row.code),)


@bp.get("/kinds")
@requires(Permission.MATERIAL_READ)
def kinds() -> Response:
    """List the kinds of materials."""
    session, user = current_session(), current_user()
    filters = read_filters(FILTERS, request.args)
    function = MaterialFunction.of(filters.get("function"))
    found = queries.kinds_matching(text=filters.get("text"), function=function)
    return page_or_partial(
        "emergency/kinds.html",
        "emergency/_kind_rows.html",
        filters=filters,
        kinds=page_of(session, found, keys=BY_CODE, cursor=request.args.get("cursor")),
        total=session.scalar(select(func.count()).select_from(found.subquery())),
        may_keep=_may_keep(),
        may_import=_may_keep() and user.may(Permission.IMPORT_RUN),
    )


@bp.get("/kinds/<uuid:public_id>")
@requires(Permission.MATERIAL_READ)
def kind(public_id: UUID) -> Response:
    """Show one kind and who has it in stock."""
    session, user, as_of = current_session(), current_user(), today()
    found = queries.get_kind(session, public_id)
    return page(
        "emergency/kind.html",
        kind=found,
        stock=stock_rows(session, user, LotConditions(kind=found.code), as_of=as_of),
        trust=Trust(found.trust),
        as_of=as_of,
        may_keep=_may_keep(),
    )


@bp.route("/kinds/new", methods=["GET", "POST"])
@requires(Permission.MATERIAL_REVIEW)
def new_kind() -> Response:
    """Register a kind."""
    form = with_draft(KindForm, "emergency.kind.new")
    if form.validate_on_submit():
        with saving(form) as session:
            made = operations.register_kind(session, operations.facts_from(form.data), hand=hand())
        if form.is_saved:
            flash("物资品种已登记", "success")
            return redirect(url_for(".kind", public_id=made.public_id))
    return page(
        "emergency/plain_form.html", form=form, heading="登记物资品种", crumb="物资品种", back=url_for(".kinds")
    )


@bp.route("/kinds/<uuid:public_id>/edit", methods=["GET", "POST"])
@requires(Permission.MATERIAL_REVIEW)
def edit_kind(public_id: UUID) -> Response:
    """Change what is entered of a kind."""
    found = queries.get_kind(current_session(), public_id)
    present = {
        "name": found.name, "function": found.function.value, "category": found.category, "unit": found.unit,
        "is_consumable": found.is_consumable, "aliases": found.aliases, "is_active": found.is_active,
    }  # fmt: skip
    form = with_draft(KindForm, f"emergency.kind.{public_id}", data=present | {"version": found.version})
    back = url_for(".kind", public_id=public_id)
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                row = queries.get_kind(session, public_id)
                session.refresh(row, with_for_update=True)
                if form.version_seen() != row.version:
                    raise EditConflict("这个物资品种已被他人修改")
                operations.change_kind(
                    session, row, operations.facts_from(form.data), is_active=bool(form.is_active.data), hand=hand()
                )
                drop_draft(session, user=current_user(), form_key=form.draft_key or "")
        except RuleViolation as violation:
            form.refuse(violation)
        except EditConflict as conflict:
            theirs = {
                name: "是" if value is True else "否" if value is False else str(value)
                for name, value in present.items()
            }
            return conflict_page(form, error=conflict, version=found.version, theirs=theirs, reload_url=back)
        else:
            flash("物资品种已保存", "success")
            return redirect(back)
    return page("emergency/plain_form.html", form=form, heading=f"修改 {found.name}", crumb=found.name, back=back)


def _may_keep() -> bool:
    """Tell whether this person keeps the list of kinds, which is one for the whole city."""
    return current_user().may(Permission.MATERIAL_REVIEW)
