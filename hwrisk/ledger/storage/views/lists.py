"""Lists of stored waste: 超期贮存, 库存, 产生未入库."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from hwrisk.catalogue.queries import stream_tags
from hwrisk.clock import today
from hwrisk.ledger.storage import queries
from hwrisk.ledger.storage.models import BatchTag
from hwrisk.ledger.storage.queries import StorageState, conditions_from
from hwrisk.ledger.storage.queries.conditions import UNDECIDED
from hwrisk.ledger.storage.views.blueprint import bp, scope_label
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import CITY_LEVEL, regions
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    Filter,
    Filters,
    current_session,
    current_user,
    page_or_partial,
    read_filters,
    requested_as_of,
    requires,
)
from hwrisk.web.listing import Choices
from hwrisk.web.queries import saved_filters

DISTRICTS = ("county", "district")


def _offices() -> Choices:
    rows = regions(current_session(), RegionKind.OFFICE, as_of=_day())
    return [*((row.code, row.name) for row in rows if row.level != CITY_LEVEL), (UNDECIDED, "待定")]


def _districts() -> Choices:
    rows = regions(current_session(), RegionKind.ADMIN, as_of=_day())
    return [*((row.code, row.name) for row in rows if row.level in DISTRICTS), (UNDECIDED, "待定")]


def _streams() -> Choices:
    return [(tag.tag, tag.label) for tag in stream_tags(current_session())]


def _reasons() -> Choices:
    return [(reason, reason) for reason in queries.reasons_given(current_session(), user=current_user(), as_of=_day())]


def _day() -> date:
    # Choices are those of the day asked about; what is wrong with that day the view says.
    return requested_as_of()


OFFICE = Filter("office", "管辖单位", "choice", _offices)
ADMIN = Filter("admin", "行政区划", "choice", _districts)
STREAM = Filter("stream", "废物流", "choice", _streams)
TEXT = Filter("text", "单位名称 / 拼音 / 编号 / 废物")
DAY = Filter("as_of", "截至", "day")
OVERDUE_FILTERS = (
    OFFICE,
    ADMIN,
    Filter(
        "state",
        "状态",
        "choice",
        [(state.value, state.label) for state in StorageState if state is not StorageState.OVERDUE],
        all_label="已超期（含到期待批）",
    ),
    STREAM,
    Filter(
        "tag",
        "特殊情形",
        "choice",
        [(tag.value, tag.label) for tag in BatchTag if tag is not BatchTag.NONE],
        all_label="全部情形",
    ),
    Filter("reason", "原因", "choice", _reasons),
    Filter("no_plan", "无处置计划", "flag"),
    TEXT,
    Filter("numbers", "批次号", "paste"),
    DAY,
)
STOCK_FILTERS = (OFFICE, ADMIN, STREAM, TEXT, DAY)
WAITING_FILTERS = (OFFICE, ADMIN, TEXT, DAY)


@bp.get("/overdue")
@requires(Permission.STORAGE_READ)
def overdue() -> Response:
    """List overdue storage (超期贮存) on a day, or what is soon due, or waits for a decision."""
    day, filters = _asked(OVERDUE_FILTERS)
    given: dict[str, Any] = {"user": current_user(), "as_of": day, "asked": conditions_from(filters.values)}
    return page_or_partial(
        "storage/overdue.html",
        "storage/_overdue_rows.html",
        filters=filters,
        batches=queries.overdue_batches(current_session(), cursor=request.args.get("cursor"), **given),
        totals=queries.overdue_totals(current_session(), **given),
        bases=queries.limit_bases(current_session(), as_of=day),
        lead_days=queries.warning_lead_days(current_session(), as_of=day),
        **_head(day, filters, "storage.overdue"),
    )


@bp.get("/stock")
@requires(Permission.STORAGE_READ)
def stock() -> Response:
    """List what lies in store at the end of a day (库存), by unit, facility and waste."""
    day, filters = _asked(STOCK_FILTERS)
    given: dict[str, Any] = {"user": current_user(), "as_of": day, "asked": conditions_from(filters.values)}
    return page_or_partial(
        "storage/stock.html",
        "storage/_stock_rows.html",
        filters=filters,
        stock=queries.stock_page(current_session(), cursor=request.args.get("cursor"), **given),
        totals=queries.stock_totals(current_session(), **given),
        **_head(day, filters, "storage.stock"),
    )


@bp.get("/waiting")
@requires(Permission.STORAGE_READ)
def waiting() -> Response:
    """List what was generated and is not yet in store after the days the bureau allows (产生未入库)."""
    day, filters = _asked(WAITING_FILTERS)
    given: dict[str, Any] = {"user": current_user(), "as_of": day, "asked": conditions_from(filters.values)}
    return page_or_partial(
        "storage/waiting.html",
        "storage/_waiting_rows.html",
        filters=filters,
        waiting=queries.waiting_page(current_session(), cursor=request.args.get("cursor"), **given),
        count=queries.count_waiting(current_session(), **given),
        limit_days=queries.days_to_store(current_session(), as_of=day),
        **_head(day, filters, "storage.waiting"),
    )


def _asked(declared: tuple[Filter, ...]) -> tuple[date, Filters]:
    day = requested_as_of()
    return day, read_filters(declared, request.args)


def _head(day: date, filters: Filters, endpoint: str) -> dict[str, Any]:
    return {
        "as_of": day,
        "scope": scope_label(),
        "endpoint": endpoint,
        "saved": saved_filters(current_session(), user=current_user(), endpoint=endpoint),
        "day_args": {} if day == today() else {"as_of": day.isoformat()},
        "export_args": {**filters.values, "as_of": day.isoformat()},
        "may_export": current_user().may(Permission.EXPORT_RUN),
    }
