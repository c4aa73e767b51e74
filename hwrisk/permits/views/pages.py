"""The list of licences, the page of one, and their load."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.permits import queries
from hwrisk.permits.contents import grants_label
from hwrisk.permits.exports import compared_words
from hwrisk.permits.models import HolderPlace, LicenceKind
from hwrisk.permits.queries import RenewalState
from hwrisk.permits.views.blueprint import bp, scope_label
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import CITY_LEVEL, regions
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    Filter,
    Filters,
    current_session,
    current_user,
    page,
    page_or_partial,
    read_filters,
    requested_as_of,
    requires,
)
from hwrisk.web.listing import Choices
from hwrisk.web.queries import saved_filters


def _offices() -> Choices:
    rows = regions(current_session(), RegionKind.OFFICE, as_of=requested_as_of())
    return [(row.code, row.name) for row in rows if row.level != CITY_LEVEL]


def _alarms() -> Choices:
    alarms = queries.permit_settings(current_session(), as_of=requested_as_of()).alarms
    return [(str(alarm), f"达到 {alarm} % 及以上") for alarm in alarms]


OFFICE = Filter("office", "管辖单位", "choice", _offices)
PLACE = Filter("place", "所在地", "choice", [(place.value, place.label) for place in HolderPlace])
KIND = Filter("kind", "许可证类别", "choice", [(kind.value, kind.label) for kind in LicenceKind])
STATE = Filter("state", "证照状态", "choice", [(state.value, state.label) for state in RenewalState])
TEXT = Filter("text", "证号 / 单位 / 拼音")
DAY = Filter("as_of", "截至", "day")
FILTERS = (OFFICE, PLACE, KIND, STATE, TEXT, DAY)
LOAD_FILTERS = (Filter("alarm", "经营规模预警", "choice", _alarms), OFFICE, PLACE, KIND, TEXT, DAY)


@bp.get("/")
@requires(Permission.PERMIT_READ)
def index() -> Response:
    """List the licences in sight (经营许可证), the one that expires first in front."""
    session, user = current_session(), current_user()
    day, filters = requested_as_of(), read_filters(FILTERS, request.args)
    asked = queries.conditions_from(filters.values)
    return page_or_partial(
        "permits/index.html",
        "permits/_rows.html",
        filters=filters,
        licences=queries.licences_page(session, user=user, as_of=day, asked=asked, cursor=request.args.get("cursor")),
        count=queries.count_licences(session, user=user, as_of=day, asked=asked),
        settings=queries.permit_settings(session, as_of=day),
        may_edit=user.may(Permission.PERMIT_EDIT),
        may_import=user.may(Permission.PERMIT_EDIT) and user.may(Permission.IMPORT_RUN),
        **head(day, filters, "permits.index"),
    )


@bp.get("/loads")
@requires(Permission.PERMIT_READ)
def loads() -> Response:
    """List what licences took this year against what they are licensed for (经营规模与预警)."""
    session, user = current_session(), current_user()
    day, filters = requested_as_of(), read_filters(LOAD_FILTERS, request.args)
    return page_or_partial(
        "permits/loads.html",
        "permits/_load_rows.html",
        filters=filters,
        loads=queries.line_loads(session, user=user, as_of=day, asked=queries.load_conditions(filters.values)),
        settings=queries.permit_settings(session, as_of=day),
        compared_words=compared_words(day),
        may_import=user.may(Permission.PERMIT_REPORT) and user.may(Permission.IMPORT_RUN),
        **head(day, filters, "permits.loads"),
    )


@bp.get("/<uuid:public_id>")
@requires(Permission.PERMIT_READ)
def show(public_id: UUID) -> Response:
    """Show one licence on a day: what it says, its load, and everything recorded of it."""
    session, user, day = current_session(), current_user(), requested_as_of()
    file = queries.licence_file(session, public_id, user=user, as_of=day)
    own = queries.LoadConditions(licences=queries.LicenceConditions(text=file.row.licence_no))
    loads = queries.line_loads(session, user=user, as_of=day, asked=own)
    return page(
        "permits/show.html",
        file=file,
        loads={load.line_no: load for load in loads if load.licence.id == file.row.id},
        compared=next((load.compared for load in loads if load.licence.id == file.row.id and load.is_whole), None),
        compared_words=compared_words(day),
        quantities=queries.quantities_of(session, file.licence, year=day.year, terms=file.terms)[:12],
        settings=queries.permit_settings(session, as_of=day),
        grants_label=grants_label,
        as_of=day,
        may_edit=user.may(Permission.PERMIT_EDIT),
        may_report=user.may(Permission.PERMIT_REPORT) and queries.is_in_hand(session, file.licence, user=user),
    )


def head(day: date, filters: Filters, endpoint: str) -> dict[str, Any]:
    """Return what the head of every list of this room shows."""
    return {
        "as_of": day,
        "scope": scope_label(),
        "endpoint": endpoint,
        "saved": saved_filters(current_session(), user=current_user(), endpoint=endpoint),
        "day_args": {} if day == today() else {"as_of": day.isoformat()},
        "export_args": {**filters.values, "as_of": day.isoformat()},
        "may_export": current_user().may(Permission.EXPORT_RUN),
    }
