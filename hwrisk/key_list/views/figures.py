"""Yearly figures and documents of units, and working their class out anew."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.key_list import operations
from hwrisk.key_list.forms import DocumentForm, FigureForm
from hwrisk.key_list.operations.classes import compute_classes
from hwrisk.key_list.queries import figures
from hwrisk.key_list.queries.facts import judged_unit
from hwrisk.key_list.views.blueprint import bp, rights
from hwrisk.security.permissions import Permission
from hwrisk.units.queries import UnitRow, get_unit
from hwrisk.units.views.options import office_options
from hwrisk.web import (
    Filter,
    current_session,
    current_user,
    page,
    page_or_partial,
    read_filters,
    required,
    requires,
    saving,
    unit_of_work,
)
from hwrisk.web.listing import Choices
from hwrisk.web.queries import saved_filters


def _years() -> Choices:
    return [(str(year), f"{year}年") for year in figures.years_with_figures(current_session())]


FILTERS = (
    Filter("year", "年度", "choice", _years),
    Filter("office", "管辖单位", "choice", office_options),
    Filter("text", "单位名称 / 拼音 / 编号 / 来源"),
    Filter("pasted", "名单", "paste"),
)


@bp.get("/figures")
@requires(Permission.KEY_LIST_READ)
def figure_list() -> Response:
    """List the yearly figures that come from elsewhere than the ledger."""
    session, user = current_session(), current_user()
    filters = read_filters(FILTERS, request.args)
    asked = figures.conditions_from(filters.values)
    return page_or_partial(
        "key_list/figures.html",
        "key_list/_figure_rows.html",
        filters=filters,
        figures=figures.figures_page(session, user=user, as_of=today(), asked=asked, cursor=request.args.get("cursor")),
        total=figures.count_figures(session, user=user, as_of=today(), asked=asked),
        saved=saved_filters(session, user=user, endpoint="key_list.figure_list"),
        may=rights(),
    )


@bp.get("/units/<uuid:public_id>")
@requires(Permission.KEY_LIST_READ)
def unit_figures(public_id: UUID) -> Response:
    """Show what decides the class of one unit: figures by year, documents, and the verdict."""
    return _page(_unit(public_id))


@bp.post("/units/<uuid:public_id>/figure")
@requires(Permission.KEY_LIST_CONFIRM)
def add_figure(public_id: UUID) -> Response:
    """Record the tonnes of a year from another source than the ledger."""
    row, form = _unit(public_id), FigureForm()
    if form.validate_on_submit():
        with saving(form) as session:
            seen = get_unit(session, public_id, user=current_user(), as_of=today())
            operations.record_figure(
                session, seen.unit, year=required(form.year.data), tonnes=required(form.tonnes.data),
                source=(form.source.data or "").strip(), as_of=today(), actor=current_user(),
            )  # fmt: skip
        if form.is_saved:
            flash("年度产生量已保存", "success")
            return redirect(url_for(".unit_figures", public_id=public_id))
    return _page(row, figure_form=form)


@bp.post("/units/<uuid:public_id>/document")
@requires(Permission.KEY_LIST_CONFIRM)
def add_document(public_id: UUID) -> Response:
    """Record what documents say of a unit."""
    row, form = _unit(public_id), DocumentForm()
    if form.validate_on_submit():
        with saving(form) as session:
            seen = get_unit(session, public_id, user=current_user(), as_of=today())
            operations.record_document(
                session, seen.unit, from_day=required(form.from_day.data),
                approved_tonnes=form.approved_tonnes.data, has_own_treatment=bool(form.has_own_treatment.data),
                is_long_cycle=bool(form.is_long_cycle.data), document=form.document.data or "",
                actor=current_user(),
            )  # fmt: skip
        if form.is_saved:
            flash("文件核定情况已保存", "success")
            return redirect(url_for(".unit_figures", public_id=public_id))
    return _page(row, document_form=form)


@bp.post("/classes")
@requires(Permission.KEY_LIST_PUBLISH)
def recompute() -> Response:
    """Work out the computed class of every unit anew."""
    with unit_of_work() as session:
        counts = compute_classes(session, as_of=today(), actor=current_user())
    flash(
        f"已测算 {counts['judged']} 家，计算类别有变化 {counts['changed']} 家，缺少数据 {counts['unknown']} 家；"
        "部门核定的类别不受影响",
        "success",
    )
    return redirect(url_for("units.index", differs="1"))


def _unit(public_id: UUID) -> UnitRow:
    return get_unit(current_session(), public_id, user=current_user(), as_of=today())


def _page(
    row: UnitRow, *, figure_form: FigureForm | None = None, document_form: DocumentForm | None = None
) -> Response:
    session, refused = current_session(), figure_form or document_form
    return page(
        "key_list/unit.html",
        status=422 if refused is not None and (refused.errors or refused.form_errors) else None,
        unit=row.unit,
        version=row.version,
        verdict=judged_unit(session, row, on=today(), as_of=today()),
        ledger=figures.ledger_years(session, row.id, as_of=today()),
        recorded=figures.figures_of_unit(session, row.id),
        documents=figures.documents_of_unit(session, row.id),
        figure_form=figure_form or FigureForm(formdata=None, data={"year": today().year - 1}),
        document_form=document_form or DocumentForm(formdata=None, data={"from_day": today()}),
        may=rights(),
    )
