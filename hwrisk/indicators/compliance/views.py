"""Page of the compliance rate: both rates and the coverage, by office and district, the years, the units behind."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from hwrisk.assessment.models import Grade, Headline, Subject
from hwrisk.errors import NotFound
from hwrisk.indicators.blueprint import ROWS, bp
from hwrisk.indicators.compliance.computing import INDICATOR, TITLE
from hwrisk.indicators.compliance.explanation import Asked, Place, details, is_asked, value_page
from hwrisk.indicators.compliance.figures import coverage_figure, qualified_figure
from hwrisk.indicators.compliance.reading import ComplianceReading
from hwrisk.indicators.compliance.record import COMPLIANCE_RATE
from hwrisk.indicators.compliance.revisions import changes as changes_between
from hwrisk.indicators.compliance.words import NOTES
from hwrisk.indicators.figures import figure_of
from hwrisk.indicators.models import IndicatorValue, ValueStage
from hwrisk.indicators.pages import basis, link_of, shown_readings, tables_of
from hwrisk.indicators.pictures import pictures_of
from hwrisk.indicators.queries import as_uuid, get_value, kept_values, kept_years, last_run, past_values
from hwrisk.indicators.readings import combined
from hwrisk.indicators.showing import value_and_rows
from hwrisk.regions.queries import region_names
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    Filter,
    Filters,
    Page,
    current_session,
    current_user,
    page,
    page_or_partial,
    read_filters,
    requested_as_of,
    requires,
    whole_number,
)

MISSING_SHOWN = 20
FILTERS = (
    Filter("subject", "单位类别", "choice", choices=[(s.value, s.label) for s in Subject], all_label="产废和经营单位"),
    Filter("grade", "结论", "choice", choices=[(g.value, g.label) for g in Grade]),
    Filter("place", "评估情况", "choice", choices=[(p.value, p.label) for p in Place]),
)


@bp.get("/assessment-compliance-rate")
@requires(Permission.INDICATOR_READ)
def compliance() -> Response:
    """Show the compliance rate of a year: three figures, by subject, by office, by district, who is missing."""
    session, user = current_session(), current_user()
    as_of, is_past = requested_as_of(), bool(request.args.get("as_of"))
    years = kept_years(session, COMPLIANCE_RATE, user=user)
    year = _asked_year(years)
    readings = (
        shown_readings(COMPLIANCE_RATE, as_of, is_past=is_past)
        if year is None
        else kept_values(session, COMPLIANCE_RATE, user=user, year=year)
    )
    head = combined([r for r in readings if r.scope.kind is readings[0].scope.kind]) if readings else None
    past = past_values(session, COMPLIANCE_RATE, user=user, scope=readings[0].scope) if _is_kept(head) else []
    tables = tables_of(readings, as_of)
    shown = [reading for _, rows in tables for reading in rows]
    return page(
        "indicators/compliance.html",
        title=TITLE,
        as_of=head.as_of if head else as_of,
        is_past=is_past,
        year=year or as_of.year,
        years=sorted({as_of.year, *years}, reverse=True),
        head=head,
        figures=_figures(head, as_of),
        tables=tables,
        missing=_missing(head),
        missing_shown=MISSING_SHOWN,
        past=past,
        pictures=pictures_of(shown, [head], past, link=lambda reading: url_for(".value", ref=reading.ref))
        if head
        else None,
        headlines=tuple(Headline),
        last_run=last_run(session, COMPLIANCE_RATE),
        export_args={"as_of": as_of.isoformat()},
        export_params={"year": str(year)} if year else {},
        may_run=user.may(Permission.INDICATOR_RUN),
        notes=NOTES,
        **basis(INDICATOR, as_of),
    )


def value_of(ref: str) -> Response:
    """Show one value and the units behind it, narrowed as asked."""
    filters = read_filters(FILTERS, request.args)
    reading, rows = _page_of_value(ref, _asked(filters))
    return page_or_partial(
        "indicators/compliance_value.html",
        "indicators/_compliance_rows.html",
        title=TITLE,
        reading=reading,
        rows=rows,
        filters=filters,
        may_open=current_user().may(Permission.ASSESSMENT_READ),
        headlines=tuple(Headline),
        is_revised=reading.stage is ValueStage.REVISED,
        export_args={**filters.values, "value": ref, "as_of": reading.as_of.isoformat()},
        notes=NOTES,
        **basis(INDICATOR, reading.as_of),
    )


def changes_of(frozen: IndicatorValue, revised: IndicatorValue) -> Response:
    """Show why a revised value differs from the frozen one."""
    session = current_session()
    before, after = (ComplianceReading.of_row(v, region_names(session, as_of=v.as_of)) for v in (frozen, revised))
    found = changes_between(session, frozen, revised)
    return page(
        "indicators/compliance_changes.html",
        title=TITLE,
        frozen=before,
        revised=after,
        differences=found.differences,
        causes=found.causes,
        may_open=current_user().may(Permission.ASSESSMENT_READ),
    )


def _figures(head: ComplianceReading | None, as_of: date) -> list[tuple[str, Any, str]]:
    if head is None:
        return []
    rows = link_of(head, [head], ".compliance", as_of)
    return [
        (f"达标率（{head.headline.label}）", figure_of(head), rows),
        (f"合格率（{head.headline.label}）", qualified_figure(head), rows),
        ("覆盖率", coverage_figure(head), rows),
    ]


def _missing(head: ComplianceReading | None) -> list[Any]:
    """Return the first units still to be assessed; of a sum of several offices none, their pages list them."""
    if head is None or not head.unreported_units or not _has_rows(head):
        return []
    session, user = current_session(), current_user()
    asked = Asked(place=Place.MISSING)
    if head.public_id is not None:
        value = get_value(session, head.public_id, user=user)
        return list(value_page(session, value, asked, which=head.headline).rows)[:MISSING_SHOWN]
    _, rows = value_and_rows(session, head.ref, user=user)
    wanted = [row for row in rows if is_asked(row, asked, head.headline)][:MISSING_SHOWN]
    return details(session, wanted, day=head.period.last_day)


def _page_of_value(ref: str, asked: Asked) -> tuple[ComplianceReading, Page[Any]]:
    session, user = current_session(), current_user()
    public_id = as_uuid(ref)
    if public_id is not None:
        row = get_value(session, public_id, user=user)
        reading = ComplianceReading.of_row(row, region_names(session, as_of=row.as_of))
        cursor = request.args.get("cursor")
        return reading, value_page(session, row, asked, which=reading.headline, cursor=cursor)
    live, rows = value_and_rows(session, ref, user=user)
    if not isinstance(live, ComplianceReading):
        raise NotFound
    wanted = [row for row in rows if is_asked(row, asked, live.headline)]
    start = (whole_number(request.args.get("cursor")) or 1) - 1
    shown = details(session, wanted[start : start + ROWS], day=live.period.last_day)
    after = str(start + ROWS + 1) if start + ROWS < len(wanted) else None
    before = str(max(start - ROWS, 0) + 1) if start else None
    return live, Page(shown, after, before)


def _asked(filters: Filters) -> Asked:
    subject, grade, place = (filters.get(name) for name in ("subject", "grade", "place"))
    return Asked(
        Subject(subject) if subject else None, Grade(grade) if grade else None, Place(place) if place else None
    )


def _asked_year(years: list[int]) -> int | None:
    """Return the earlier year asked for, or None for the running one."""
    asked = whole_number(request.args.get("year"))
    return asked if asked in years else None


def _is_kept(head: ComplianceReading | None) -> bool:
    return head is not None and head.public_id is not None


def _has_rows(head: ComplianceReading) -> bool:
    return "、" not in head.scope_name
