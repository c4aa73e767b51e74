"""Pages of the indicators (考核指标): the rate with its scopes, the batches behind it, what changed since closing."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk import audit
from hwrisk.clock import today
from hwrisk.errors import NotFound
from hwrisk.indicators.computing import INDICATOR, TITLE, load_targets
from hwrisk.indicators.explanation import groups, row_details, value_page
from hwrisk.indicators.exports import DEFINITION, DEFINITION_LIMIT, LABELS
from hwrisk.indicators.figures import figure_of
from hwrisk.indicators.jobs import RECOMPUTE
from hwrisk.indicators.models import IndicatorValue, PeriodKind, ScopeKind, ValueStage, ValueState
from hwrisk.indicators.periods import running_periods
from hwrisk.indicators.queries import (
    frozen_beside,
    get_value,
    last_run,
    live_readings,
    past_values,
    reads_stored_values,
    running_values,
)
from hwrisk.indicators.readings import TAGS, Reading, combined, reading_of_row
from hwrisk.indicators.revisions import changes as changes_between
from hwrisk.indicators.showing import as_uuid, value_and_rows
from hwrisk.jobs import enqueue
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import CITY_LEVEL, region_names, regions
from hwrisk.rulepacks.queries import citation
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    NavItem,
    Page,
    current_session,
    current_user,
    page,
    page_or_partial,
    requested_as_of,
    requires,
    unit_of_work,
    whole_number,
)

bp = Blueprint("indicators", __name__, url_prefix="/indicators")
NAV = (NavItem("考核指标", "indicators.index", Permission.INDICATOR_READ),)
SHOWN = (PeriodKind.YEAR_TO_DATE, PeriodKind.MONTH, PeriodKind.QUARTER)
RUNNING = {PeriodKind.YEAR_TO_DATE: "本年累计", PeriodKind.MONTH: "本月", PeriodKind.QUARTER: "本季度"}
ROWS = 50


@bp.get("/")
@requires(Permission.INDICATOR_READ)
def index() -> Response:
    """Show the disposal rate: headline, by office, by district, and the closed periods."""
    as_of, is_past = requested_as_of(), bool(request.args.get("as_of"))
    readings = _readings(as_of, is_past=is_past)
    heads = _heads(readings)
    kind = _asked_kind()
    shown = [reading for reading in readings if reading.period.kind is kind]
    return page(
        "indicators/index.html",
        title=TITLE,
        as_of=readings[0].as_of if readings else as_of,
        known_at=readings[0].known_at if readings else None,
        is_past=is_past,
        kind=kind,
        kinds=SHOWN,
        running=RUNNING,
        figures=[(f"{RUNNING[r.period.kind]} {r.period.label}", figure_of(r), _link(r, heads, as_of)) for r in heads],
        tables=_tables(shown, as_of),
        groups=_groups(shown),
        past=_past(heads),
        tags=TAGS,
        tag_columns=[(f"其中{tag.label}（吨）", "num") for tag in TAGS],
        labels=LABELS,
        last_run=last_run(current_session()),
        export_args={"period": kind.value, "as_of": as_of.isoformat()},
        may_run=current_user().may(Permission.INDICATOR_RUN),
        job=INDICATOR,
        **_basis(as_of),
    )


@bp.get("/values/<ref>")
@requires(Permission.INDICATOR_READ)
def value(ref: str) -> Response:
    """Show one value and the batches behind it."""
    session, user = current_session(), current_user()
    public_id = as_uuid(ref)
    if public_id is not None:
        row = get_value(session, public_id, user=user)
        reading = reading_of_row(row, region_names(session, as_of=row.as_of))
        rows = value_page(session, row, cursor=request.args.get("cursor"))
        grouped = groups(session, row)
    else:
        reading, rows = _live_page(ref)
        grouped = {}
    return page_or_partial(
        "indicators/value.html",
        "indicators/_value_rows.html",
        title=TITLE,
        reading=reading,
        rows=rows,
        groups=grouped,
        labels=LABELS,
        is_revised=reading.stage is ValueStage.REVISED,
        export_args={"value": ref, "as_of": reading.as_of.isoformat()},
        notes=(DEFINITION, DEFINITION_LIMIT),
    )


@bp.get("/values/<uuid:public_id>/changes")
@requires(Permission.INDICATOR_READ)
def changes(public_id: UUID) -> Response:
    """Show why a revised value differs from the frozen one."""
    session = current_session()
    revised = get_value(session, public_id, user=current_user())
    frozen = frozen_beside(session, revised)
    found = changes_between(session, frozen, revised)
    return page(
        "indicators/changes.html",
        title=TITLE,
        frozen=_reading(frozen),
        revised=_reading(revised),
        differences=found.differences,
        causes=found.causes,
    )


@bp.post("/recompute")
@requires(Permission.INDICATOR_RUN)
def recompute() -> Response:
    """Ask the worker to bring the values up to date for today."""
    with unit_of_work() as session:
        task = enqueue(session, RECOMPUTE, {"as_of": today().isoformat()}, actor=current_user())
        audit.record(session, current_user(), "indicator.recompute", "task", task.id)
    flash("已提交重新核算，完成后指标自动更新", "success")
    return redirect(url_for("tasks.show", public_id=task.public_id))


def _readings(as_of: date, *, is_past: bool) -> list[Reading]:
    session, user = current_session(), current_user()
    if is_past or not reads_stored_values(user):
        return live_readings(session, as_of=as_of, user=user)
    periods = running_periods(as_of)
    return [r for p in periods for r in running_values(session, user=user, as_of=as_of, kind=p.kind)]


def _heads(readings: list[Reading]) -> list[Reading]:
    """Return the headline of each period: the city, or everything the person sees."""
    heads = []
    for kind in SHOWN:
        of_kind = [reading for reading in readings if reading.period.kind is kind]
        if of_kind:
            heads.append(combined([r for r in of_kind if r.scope.kind is of_kind[0].scope.kind]))
    return heads


def _tables(readings: list[Reading], as_of: date) -> list[tuple[str, list[Reading]]]:
    kinds = (ScopeKind.OFFICE, ScopeKind.ADMIN)
    offices = regions(current_session(), RegionKind.OFFICE, as_of=as_of)
    bureaus = {region.code for region in offices if region.level == CITY_LEVEL}
    tables = []
    for kind in kinds:
        rows = [r for r in readings if r.scope.kind is kind and (r.scope.code not in {"", *bureaus} or _has_units(r))]
        if rows:
            tables.append((f"按{kind.label}", rows))
    return tables


def _has_units(reading: Reading) -> bool:
    """Tell whether 待定, or the bureau's own office, has a unit at all; else its line says nothing."""
    return reading.state is not ValueState.NOT_APPLICABLE


def _groups(readings: list[Reading]) -> dict[str, Any]:
    if not readings or readings[0].public_id is None:
        return {}
    return groups(current_session(), get_value(current_session(), readings[0].public_id, user=current_user()))


def _past(heads: list[Reading]) -> list[Any]:
    if not heads or heads[0].public_id is None:
        return []
    return past_values(current_session(), user=current_user(), scope=heads[0].scope)


def _link(reading: Reading, heads: list[Reading], as_of: date) -> str:
    is_sum = reading.public_id is None and heads[0].public_id is None and "、" in reading.scope_name
    if is_sum:
        return url_for(".index", period=reading.period.kind.value, as_of=as_of.isoformat())
    return url_for(".value", ref=reading.ref)


def _live_page(ref: str) -> tuple[Reading, Page[Any]]:
    reading, rows = value_and_rows(current_session(), ref, user=current_user())
    start = (whole_number(request.args.get("cursor")) or 1) - 1
    shown = row_details(current_session(), rows[start : start + ROWS])
    after = str(start + ROWS + 1) if start + ROWS < len(rows) else None
    before = str(max(start - ROWS, 0) + 1) if start else None
    return reading, Page(shown, after, before)


def _reading(row: IndicatorValue) -> Reading:
    return reading_of_row(row, region_names(current_session(), as_of=row.as_of))


def _asked_kind() -> PeriodKind:
    asked = request.args.get("period", "")
    return next((kind for kind in SHOWN if kind.value == asked), PeriodKind.YEAR_TO_DATE)


def _basis(as_of: date) -> dict[str, Any]:
    """Return what the target rests on, and how the rate is defined."""
    try:
        target = load_targets(current_session(), on=as_of).targets[INDICATOR]
        basis = citation(current_session(), target.law_subject, on=as_of).shown
    except NotFound:
        return {"basis": "", "target_note": "", "notes": (DEFINITION, DEFINITION_LIMIT)}
    return {"basis": basis, "target_note": target.note, "notes": (DEFINITION, DEFINITION_LIMIT)}
