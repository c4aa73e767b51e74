"""Page of the disposal rate: headline, by office, by district, the closed periods, and the batches behind a value."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from hwrisk.errors import NotFound
from hwrisk.indicators.blueprint import ROWS, bp
from hwrisk.indicators.figures import figure_of
from hwrisk.indicators.models import IndicatorValue, PeriodKind, ValueStage
from hwrisk.indicators.overdue.computing import INDICATOR, TITLE
from hwrisk.indicators.overdue.explanation import groups, row_details, value_page
from hwrisk.indicators.overdue.exports import DEFINITION, DEFINITION_LIMIT, LABELS
from hwrisk.indicators.overdue.reading import TAGS, OverdueReading
from hwrisk.indicators.overdue.record import OVERDUE_RATE
from hwrisk.indicators.overdue.revisions import changes as changes_between
from hwrisk.indicators.pages import basis, link_of, shown_readings, tables_of
from hwrisk.indicators.pictures import pictures_of
from hwrisk.indicators.queries import as_uuid, get_value, last_run, past_values
from hwrisk.indicators.readings import combined
from hwrisk.indicators.showing import value_and_rows
from hwrisk.regions.queries import region_names
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    Page,
    current_session,
    current_user,
    page,
    page_or_partial,
    requested_as_of,
    requires,
    whole_number,
)

SHOWN = (PeriodKind.YEAR_TO_DATE, PeriodKind.MONTH, PeriodKind.QUARTER)
RUNNING = {PeriodKind.YEAR_TO_DATE: "本年累计", PeriodKind.MONTH: "本月", PeriodKind.QUARTER: "本季度"}
NOTES = (DEFINITION, DEFINITION_LIMIT)


@bp.get("/overdue-disposal-rate")
@requires(Permission.INDICATOR_READ)
def overdue() -> Response:
    """Show the disposal rate: headline, by office, by district, and the closed periods."""
    session = current_session()
    as_of, is_past = requested_as_of(), bool(request.args.get("as_of"))
    readings = shown_readings(OVERDUE_RATE, as_of, is_past=is_past)
    heads = _heads(readings)
    kind = _asked_kind()
    shown = [reading for reading in readings if reading.period.kind is kind]
    past, tables = _past(heads), tables_of(shown, as_of)
    in_tables = [reading for _, rows in tables for reading in rows]
    return page(
        "indicators/overdue.html",
        title=TITLE,
        as_of=readings[0].as_of if readings else as_of,
        known_at=readings[0].known_at if readings else None,
        is_past=is_past,
        kind=kind,
        kinds=SHOWN,
        running=RUNNING,
        figures=[
            (f"{RUNNING[r.period.kind]} {r.period.label}", figure_of(r), link_of(r, heads, ".overdue", as_of))
            for r in heads
        ],
        tables=tables,
        groups=_groups(shown),
        past=past,
        pictures=pictures_of(in_tables, heads, past, link=lambda reading: url_for(".value", ref=reading.ref)),
        tags=TAGS,
        tag_columns=[(f"其中{tag.label}（吨）", "num") for tag in TAGS],
        labels=LABELS,
        last_run=last_run(session, OVERDUE_RATE),
        export_args={"period": kind.value, "as_of": as_of.isoformat()},
        may_run=current_user().may(Permission.INDICATOR_RUN),
        job=INDICATOR,
        notes=NOTES,
        **basis(INDICATOR, as_of),
    )


def value_of(ref: str) -> Response:
    """Show one value and the batches behind it."""
    session, user = current_session(), current_user()
    public_id = as_uuid(ref)
    reading: OverdueReading
    if public_id is not None:
        row = get_value(session, public_id, user=user)
        reading = OverdueReading.of_row(row, region_names(session, as_of=row.as_of))
        rows = value_page(session, row, cursor=request.args.get("cursor"))
        grouped = groups(session, row)
    else:
        reading, rows = _live_page(ref)
        grouped = {}
    return page_or_partial(
        "indicators/overdue_value.html",
        "indicators/_overdue_rows.html",
        title=TITLE,
        reading=reading,
        rows=rows,
        groups=grouped,
        labels=LABELS,
        is_revised=reading.stage is ValueStage.REVISED,
        export_args={"value": ref, "as_of": reading.as_of.isoformat()},
        notes=NOTES,
    )


def changes_of(frozen: IndicatorValue, revised: IndicatorValue) -> Response:
    """Show why a revised value differs from the frozen one."""
    session = current_session()
    found = changes_between(session, frozen, revised)
    before, after = (OverdueReading.of_row(v, region_names(session, as_of=v.as_of)) for v in (frozen, revised))
    return page(
        "indicators/overdue_changes.html",
        title=TITLE,
        frozen=before,
        revised=after,
        differences=found.differences,
        causes=found.causes,
    )


def _heads(readings: list[OverdueReading]) -> list[OverdueReading]:
    """Return the headline of each period: the city, or everything the person sees."""
    heads = []
    for kind in SHOWN:
        of_kind = [reading for reading in readings if reading.period.kind is kind]
        if of_kind:
            heads.append(combined([r for r in of_kind if r.scope.kind is of_kind[0].scope.kind]))
    return heads


def _groups(readings: list[OverdueReading]) -> dict[str, Any]:
    if not readings or readings[0].public_id is None:
        return {}
    return groups(current_session(), get_value(current_session(), readings[0].public_id, user=current_user()))


def _past(heads: list[OverdueReading]) -> list[Any]:
    if not heads or heads[0].public_id is None:
        return []
    return past_values(current_session(), OVERDUE_RATE, user=current_user(), scope=heads[0].scope)


def _live_page(ref: str) -> tuple[OverdueReading, Page[Any]]:
    reading, rows = value_and_rows(current_session(), ref, user=current_user())
    if not isinstance(reading, OverdueReading):
        raise NotFound
    start = (whole_number(request.args.get("cursor")) or 1) - 1
    shown = row_details(current_session(), rows[start : start + ROWS])
    after = str(start + ROWS + 1) if start + ROWS < len(rows) else None
    before = str(max(start - ROWS, 0) + 1) if start else None
    return reading, Page(shown, after, before)


def _asked_kind() -> PeriodKind:
    asked = request.args.get("period", "")
    return next((kind for kind in SHOWN if kind.value == asked), PeriodKind.YEAR_TO_DATE)
