"""The balance of a year, where entrusted waste went, and the runs that were kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.capacity import operations, queries, showing
from hwrisk.capacity.asked import NONE, Marks, stored_run, view_of, year_of
from hwrisk.capacity.jobs import COMPUTE
from hwrisk.capacity.models import CapacityRun, RunKind
from hwrisk.capacity.pictures import flow_map, load_chart, supply_chart
from hwrisk.capacity.queries.destinations import place_sums
from hwrisk.capacity.queries.runs import scenarios_of
from hwrisk.capacity.showing import CategoryRow, Level
from hwrisk.capacity.views.blueprint import bp
from hwrisk.catalogue.queries import treatment_methods
from hwrisk.clock import today
from hwrisk.errors import NotFound, RuleViolation
from hwrisk.jobs import enqueue
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import CITY_LEVEL, regions
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    Filter,
    current_session,
    current_user,
    page,
    page_or_partial,
    read_filters,
    requires,
    unit_of_work,
)
from hwrisk.web.listing import Choices
from hwrisk.web.queries import saved_filters

YEARS_BACK = 6
MOST_ROWS = 40
"""Rows of flows on the page; all of them are in the export."""


def _offices() -> Choices:
    user = current_user()
    rows = regions(current_session(), RegionKind.OFFICE, as_of=today())
    own = [(row.code, row.name) for row in rows if row.level != CITY_LEVEL]
    if not user.is_city_wide:
        return [option for option in own if option[0] in user.offices]
    return [*own, (NONE, "待定")]


def _methods() -> Choices:
    rows = treatment_methods(current_session())
    return [*((row.code, f"{row.code} {row.name}") for row in rows), (NONE, "未载方式")]


def _years() -> Choices:
    return [(str(year), f"{year} 年") for year in range(today().year, today().year - YEARS_BACK, -1)]


FILTERS = (
    Filter("year", "年度", "choice", _years, all_label="最近测算的年度"),
    Filter("level", "汇总", "choice", [(level.value, level.label) for level in Level], all_label="汇总层次"),
    Filter("category", "废物类别", "choice", [(f"HW{n:02d}", f"HW{n:02d}") for n in range(1, 51)]),
    Filter("method", "处置方式", "choice", _methods),
    Filter("office", "管辖单位", "choice", _offices),
)


@bp.get("/")
@requires(Permission.CAPACITY_READ)
def index() -> Response:
    """Show the balance of a year (处置能力平衡): generated, treated, entrusted, licensed, gap and surplus."""
    session, user = current_session(), current_user()
    filters = read_filters(FILTERS, request.args)
    run = stored_run(session, {**filters.values, "run": request.args.get("run", "")}, as_of=today())
    asked = view_of(filters.values, user)
    common: dict[str, Any] = {
        "filters": filters,
        "run": run,
        "asked": asked,
        "saved": saved_filters(session, user=user, endpoint="capacity.index"),
        "endpoint": "capacity.index",
        "may_run": user.may(Permission.CAPACITY_RUN),
        "may_export": user.may(Permission.EXPORT_RUN),
        "may_ledger": user.may(Permission.LEDGER_READ),
        "is_city_wide": user.is_city_wide,
        "has_offices": user.is_city_wide or bool(user.offices),
        "wanted_year": year_of(filters.values) or today().year,
        "levels": Level,
    }
    if run is None:
        nothing: dict[str, Any] = dict.fromkeys(("sums", "chart")) | dict.fromkeys(
            ("rows", "computed", "lines", "words"), ()
        )
        return page_or_partial("capacity/index.html", "capacity/_rows.html", **nothing, **common)
    rows = showing.balance_rows(run, asked)
    marks = Marks(session, as_of=run.as_of)
    return page_or_partial(
        "capacity/index.html",
        "capacity/_rows.html",
        rows=rows,
        totals=showing.balance_totals(rows, asked),
        computed=[row.computed for row in rows if row.computed],
        whole_sums=_sums(run, marks),
        sums=_sums(run, marks) if user.is_city_wide else None,
        marks=marks,
        words=showing.scenario_words(showing.scenario_of(run)),
        lines=[] if common["has_offices"] else showing.line_rows(run),
        chart=supply_chart(run, [row.computed for row in rows if row.computed]) if asked.is_whole else None,
        export_args={**filters.values, "run": str(run.public_id)},
        **common,
    )


def _sums(run: CapacityRun, marks: Marks) -> showing.Sums:
    return showing.sums_of(run, landfill_methods=marks.landfill_methods)


@bp.post("/compute")
@requires(Permission.CAPACITY_RUN)
def compute() -> Response:
    """Ask the worker to compute the balance of a year as it stands, and to keep it."""
    try:
        year = year_of({"year": request.form.get("year", "")}) or today().year
        operations.check_year(year, as_of=today())
    except RuleViolation as violation:
        flash(violation.message, "danger")
        return redirect(url_for(".index"))
    with unit_of_work() as session:
        params = {"year": year, "as_of": today().isoformat()}
        task = enqueue(session, COMPUTE, params, actor=current_user())
    return redirect(url_for("tasks.show", public_id=task.public_id))


@bp.get("/destinations")
@requires(Permission.CAPACITY_READ)
def destinations() -> Response:
    """List the receivers of entrusted waste as the ledger names them; unknown ones stand first (委外去向)."""
    session, user = current_session(), current_user()
    filters = read_filters((replace(FILTERS[0], all_label="本年"),), request.args)
    year = year_of(filters.values) or today().year
    rows = queries.destinations(session, user=user, year=year, as_of=today())
    return page_or_partial(
        "capacity/destinations.html",
        "capacity/_destination_rows.html",
        filters=filters,
        rows=rows,
        sums=list(place_sums(rows)),
        year=year,
        places=queries.Place,
        may_export=user.may(Permission.EXPORT_RUN),
        since=f"{year}-01-01",
        until=f"{year}-12-31",
        as_of=today(),
        may_ledger=user.may(Permission.LEDGER_READ),
    )


@bp.get("/runs")
@requires(Permission.CAPACITY_READ)
def runs() -> Response:
    """List the runs that were kept, the newest first (测算记录)."""
    return page(
        "capacity/runs.html",
        runs=queries.recent_runs(current_session()),
        may_run=current_user().may(Permission.CAPACITY_RUN),
        words=lambda run: showing.scenario_words(showing.scenario_of(run)),
    )


@bp.get("/runs/<uuid:public_id>")
@requires(Permission.CAPACITY_READ)
def run(public_id: UUID) -> Response:
    """Show one run: sums, gap of each category, load of each line, where the waste goes; a what-if beside its base."""
    session, user = current_session(), current_user()
    found = queries.get_run(session, public_id)
    base = session.get(CapacityRun, found.base_id) if found.base_id is not None else None
    marks = Marks(session, as_of=found.as_of)
    asked = view_of({}, user)
    flows, lines = showing.flow_rows(found, asked), showing.line_rows(found)
    flow_sums, unserved = showing.flow_sums(flows), showing.unserved_rows(found, asked)
    return page(
        "capacity/run.html",
        run=found,
        base=base,
        is_scenario=found.kind is RunKind.SCENARIO,
        words=showing.scenario_words(showing.scenario_of(found)),
        sums=_sums(found, marks),
        base_sums=_sums(base, marks) if base else None,
        categories=compared(found, base),
        lines=lines,
        base_lines={line.key: line for line in showing.line_rows(base)} if base else {},
        flows=flow_sums[:MOST_ROWS],
        flow_count=len(flow_sums),
        unserved=unserved[:MOST_ROWS],
        unserved_count=len(unserved),
        scenarios=[] if found.kind is RunKind.SCENARIO else scenarios_of(session, found),
        load_chart=load_chart(found, lines),
        flow_map=flow_map(found, flows, lines),
        export_args={"run": str(found.public_id)},
        may_run=user.may(Permission.CAPACITY_RUN),
        may_export=user.may(Permission.EXPORT_RUN),
        is_city_wide=user.is_city_wide,
    )


def compared(found: CapacityRun, base: CapacityRun | None) -> list[tuple[CategoryRow, CategoryRow | None]]:
    """Return the categories of a run, each beside the same of its base (None: there is none)."""
    before = {row.category: row for row in showing.category_rows(base)} if base else {}
    return [(row, before.get(row.category)) for row in showing.category_rows(found)]


def base_of(text: str) -> CapacityRun:
    """Return the base run an address names, or the latest one.

    Raises:
        NotFound: none was computed yet.
    """
    found = stored_run(current_session(), {"run": text} if text else {}, as_of=today())
    if found is not None and found.base_id is not None:
        found = current_session().get(CapacityRun, found.base_id)
    if found is None:
        raise NotFound("还没有现状测算，请先在“处置能力平衡”页测算")
    return found
