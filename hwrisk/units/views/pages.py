"""The list of units, their number by region, and the page of one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import CITY_LEVEL, regions
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units import listing, queries
from hwrisk.units.chapter import masked_phone
from hwrisk.units.models import ManagementClass, Unit, UnitRole, UnitStatus
from hwrisk.units.queries import RegionCount, UnitRow
from hwrisk.units.views.blueprint import bp
from hwrisk.units.views.options import admin_options, office_options, park_options
from hwrisk.web import (
    Filter,
    Filters,
    ListColumn,
    Page,
    SortKey,
    chosen_columns,
    current_session,
    current_user,
    page,
    page_of,
    page_or_partial,
    panels_for,
    read_filters,
    requested_as_of,
    requires,
)
from hwrisk.web.queries import saved_filters

FILTERS = (
    Filter("text", "名称 / 拼音 / 编号 / 信用代码"),
    Filter("office", "管辖单位", "choice", office_options),
    Filter("admin", "行政区划", "choice", admin_options),
    Filter("park", "化工园区", "choice", park_options),
    Filter("status", "状态", "choice", listing.labels(UnitStatus)),
    Filter("role", "单位类型", "choice", listing.labels(UnitRole)),
    Filter("class", "管理类别", "choice", listing.labels(ManagementClass)),
    Filter("supervised", "监管名录", "choice", list(listing.WHETHER.items())),
    Filter("differs", "核定与计算不一致", "flag"),
    Filter("as_of", "截至", "day"),
    Filter("pasted", "名单", "paste"),
)
COLUMNS = (
    ListColumn("unit_no", "单位编号", is_fixed=True),
    ListColumn("name", "单位名称", is_fixed=True),
    ListColumn("office", "管辖单位"),
    ListColumn("admin", "行政区划"),
    ListColumn("role", "单位类型"),
    ListColumn("status", "状态"),
    ListColumn("class", "管理类别"),
    ListColumn("park", "化工园区"),
    ListColumn("identity", "身份标识"),
    ListColumn("address", "地址"),
    ListColumn("licence", "经营许可证"),
    ListColumn("started", "投运日期"),
)
USUAL = frozenset({"office", "admin", "role", "status", "class", "park"})
"""Columns that stand when nobody has chosen any."""
_REGISTER_FIRST = (
    SortKey(queries.REGISTER_ORDER, lambda row: 0 if row[0].is_supervised else 1),
    SortKey(Unit.unit_no, lambda row: row[0].unit_no),
)


@bp.get("/")
@requires(Permission.UNIT_READ)
def index() -> Response:
    """List the units in sight."""
    filters = read_filters(FILTERS, request.args)
    as_of, user, session = _as_of(filters), current_user(), current_session()
    conditions = listing.conditions_of(filters.values)
    found = page_of(
        session,
        queries.units_matching(user, conditions, as_of=as_of),
        keys=_REGISTER_FIRST,
        cursor=request.args.get("cursor"),
        scalars=False,
    )
    names = listing.names_on(session, as_of)
    return page_or_partial(
        "units/index.html",
        "units/_rows.html",
        filters=filters,
        saved=saved_filters(session, user=user, endpoint="units.index"),
        units=Page([names.line(UnitRow(*row)) for row in found.rows], found.next_cursor, found.previous_cursor),
        total=queries.count_units(session, user, conditions, as_of=as_of),
        columns=_columns(),
        all_columns=COLUMNS,
        as_of=as_of,
        may=_rights(user),
        has_conditions=bool(set(filters.values) - {"as_of"}),
    )


@bp.get("/by-region")
@requires(Permission.UNIT_READ)
def by_region() -> Response:
    """Count the units in sight by both partitions of the city, each beside the other."""
    filters = read_filters(FILTERS, request.args)
    as_of, user, session = _as_of(filters), current_user(), current_session()
    conditions = listing.conditions_of(filters.values)
    names = listing.names_on(session, as_of)
    parts = []
    for kind, name in ((RegionKind.OFFICE, "office"), (RegionKind.ADMIN, "admin")):
        counts = queries.counts_by_region(session, user, conditions, kind=kind, as_of=as_of)
        parts.append((kind, name, _in_official_order(counts, kind, user, as_of)))
    return page(
        "units/by_region.html", filters=filters, parts=parts, names=names, as_of=as_of, undecided=queries.UNDECIDED
    )


@bp.get("/<uuid:public_id>")
@requires(Permission.UNIT_READ)
def show(public_id: UUID) -> Response:
    """Show one unit: what it is on the day, what upper rooms have of it, its history and published sources."""
    session, user, as_of = current_session(), current_user(), requested_as_of()
    row = queries.get_unit(session, public_id, user=user, as_of=as_of)
    names = listing.names_on(session, as_of)
    return page(
        "units/show.html",
        line=names.line(row),
        unit=row.unit,
        version=row.version,
        phone=masked_phone(row.version.contact_phone, role=user.role),
        names=names,
        panels=panels_for("unit", row.id, as_of=as_of),
        history=queries.history(session, row.id),
        sources=queries.sources_of(session, row.id),
        trust=Trust,
        as_of=as_of,
        is_past=as_of != today(),
        may=_rights(user),
    )


def _as_of(filters: Filters) -> date:
    asked = filters.day("as_of")
    return min(asked, today()) if asked else today()


def _columns() -> tuple[ListColumn, ...]:
    if request.args.getlist("cols"):
        return chosen_columns(COLUMNS, request.args)
    return tuple(column for column in COLUMNS if column.is_fixed or column.key in USUAL)


def _in_official_order(counts: Sequence[RegionCount], kind: RegionKind, user: Viewer, as_of: date) -> list[RegionCount]:
    """Return the counts as regions are listed officially, for the whole city also the regions without any unit."""
    by_code = {count.code: count for count in counts}
    below_city = [r.code for r in regions(current_session(), kind, as_of=as_of) if r.level != CITY_LEVEL]
    codes = [code for code in below_city if code in by_code or user.is_city_wide]
    rest = [code for code in by_code if code not in codes]
    return [by_code.get(code, RegionCount(code, 0)) for code in (*codes, *rest)]


def _rights(user: Viewer) -> Mapping[str, bool]:
    """Return what the buttons of these pages ask: who may change, register, import, export."""
    is_authority = user.role in {Role.CITY, Role.COUNTY} and user.may(Permission.UNIT_EDIT)
    return {
        "edit": user.may(Permission.UNIT_EDIT),
        "keep": is_authority,
        "import": is_authority and user.may(Permission.IMPORT_RUN),
        "export": user.may(Permission.EXPORT_RUN),
    }
