"""Lists of stock and lots, and the page of one lot."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.emergency.models import Depot, MaterialKind, MaterialLot
from hwrisk.emergency.queries import lots as queries
from hwrisk.emergency.settings import stock_settings
from hwrisk.emergency.views.blueprint import FUNCTIONS, STATES, as_of_of, bp, office_options, scope_label
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
)
from hwrisk.web.queries import saved_filters

STOCK_FILTERS = (
    Filter("text", "物资、别名、拼音或物资库"),
    Filter("function", "功能类别", "choice", FUNCTIONS),
    Filter("office", "管辖单位", "choice", office_options),
    Filter("depot", "物资库编号"),
    Filter("as_of", "状态截至", "day"),
)
LOT_FILTERS = (
    Filter("text", "物资、批次号或物资库"),
    Filter("state", "状态", "choice", STATES),
    Filter("function", "功能类别", "choice", FUNCTIONS),
    Filter("office", "管辖单位", "choice", office_options),
    Filter("depot", "物资库编号"),
    Filter("kind", "物资编码"),
    Filter("attention", "只看过期、临期和未确认", "flag"),
    Filter("with_empty", "含已无库存的批次", "flag"),
)
BY_DEPOT_AND_KIND = (
    SortKey(Depot.code, lambda row: row[0].code),
    SortKey(MaterialKind.code, lambda row: row[1].code),
)
NEWEST_FIRST = (SortKey(MaterialLot.id, lambda row: row[0].id, descending=True),)


@bp.get("/")
@requires(Permission.MATERIAL_READ)
def index() -> Response:
    """Lead to the stock."""
    return redirect(url_for(".stock"))


@bp.get("/stock")
@requires(Permission.MATERIAL_READ)
def stock() -> Response:
    """List the stock in sight by depot and kind."""
    session, user = current_session(), current_user()
    filters = read_filters(STOCK_FILTERS, request.args)
    as_of, asked = as_of_of(filters), queries.conditions_of(filters.values)
    settings = stock_settings(session, as_of=as_of)
    found = page_of(
        session, queries.stock_matching(user, asked, settings=settings, as_of=as_of), keys=BY_DEPOT_AND_KIND,
        cursor=request.args.get("cursor"), scalars=False,
    )  # fmt: skip
    return page_or_partial(
        "emergency/stock.html",
        "emergency/_stock_rows.html",
        filters=filters,
        saved=saved_filters(session, user=user, endpoint="emergency.stock"),
        endpoint="emergency.stock",
        stock=Page([queries.stock_row(row) for row in found.rows], found.next_cursor, found.previous_cursor),
        total=queries.count_stock(session, user, asked, as_of=as_of),
        as_of=as_of,
        settings=settings,
        scope=scope_label(),
        may_export=user.may(Permission.EXPORT_RUN),
    )


@bp.get("/lots")
@requires(Permission.MATERIAL_READ)
def lots() -> Response:
    """List the lots in sight with their state."""
    session, user, as_of = current_session(), current_user(), today()
    filters = read_filters(LOT_FILTERS, request.args)
    asked, settings = queries.conditions_of(filters.values), stock_settings(session, as_of=as_of)
    found = page_of(
        session, queries.lots_matching(user, asked, settings=settings, as_of=as_of), keys=NEWEST_FIRST,
        cursor=request.args.get("cursor"), scalars=False,
    )  # fmt: skip
    return page_or_partial(
        "emergency/lots.html",
        "emergency/_lot_rows.html",
        filters=filters,
        saved=saved_filters(session, user=user, endpoint="emergency.lots"),
        endpoint="emergency.lots",
        lots=Page([queries.LotRow(*row) for row in found.rows], found.next_cursor, found.previous_cursor),
        totals=queries.lot_totals(session, user, asked, as_of=as_of),
        as_of=as_of,
        settings=settings,
        scope=scope_label(),
        may_export=user.may(Permission.EXPORT_RUN),
        may_import=user.may(Permission.IMPORT_RUN) and user.may(Permission.MATERIAL_EDIT),
    )


@bp.get("/lots/<uuid:public_id>")
@requires(Permission.MATERIAL_READ)
def lot(public_id: UUID) -> Response:
    """Show one lot with all its movements."""
    session, user, as_of = current_session(), current_user(), today()
    row = queries.get_lot(session, public_id, user=user, as_of=as_of)
    return page(
        "emergency/lot.html",
        row=row,
        movements=queries.movements_of(session, row.lot.id),
        settings=stock_settings(session, as_of=as_of),
        as_of=as_of,
        may_edit=user.may(Permission.MATERIAL_EDIT),
    )
