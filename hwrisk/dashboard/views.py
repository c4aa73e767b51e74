"""The dashboard (综合看板): figures, pictures and matters of all rooms, on the desk and on the big screen."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import now, today
from hwrisk.dashboard.queries import OfficeOverdue, RateNow, overdue_by_office, rates_now
from hwrisk.indicators.pictures import Pictures, pictures_of
from hwrisk.indicators.readings import Reading
from hwrisk.ledger.storage.queries import BatchRow, StorageConditions, overdue_batches
from hwrisk.security.permissions import Permission
from hwrisk.web import current_session, current_user, page, registry, requires
from hwrisk.web.charts import BarChart, Series
from hwrisk.web.desk import ShownTodo, shown_figures, shown_todos
from hwrisk.web.formats import tonnes

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")
REFRESH_SECONDS = 300
"""How often the big screen draws itself anew."""
URGENT = 8
"""Matters and batches in the list of what is most urgent."""
GRAVITY = {"bad": 0, "warn": 1, "good": 2, "note": 2}


class RoomPart(NamedTuple):
    """What waits in one room."""

    label: str
    todos: list[ShownTodo]


class RatePart(NamedTuple):
    """One indicator with its pictures."""

    rate: RateNow
    pictures: Pictures


@bp.get("/")
@requires(Permission.DASHBOARD_READ)
def index() -> Response:
    """Show what the person's part of the city looks like today; `?screen=1` for the wall."""
    as_of = today()
    rooms = _rooms(as_of)
    is_screen = request.args.get("screen") == "1"
    return page(
        "dashboard/screen.html" if is_screen else "dashboard/index.html",
        as_of=as_of,
        drawn_at=now(),
        refresh_seconds=REFRESH_SECONDS,
        figures=shown_figures(registry().figures, as_of=as_of),
        rooms=rooms,
        rates=_rates(as_of),
        overdue=_overdue_chart(as_of),
        urgent=_urgent(rooms),
        oldest=_oldest(as_of),
    )


def _rooms(as_of: date) -> list[RoomPart]:
    parts = [RoomPart(room.label, shown_todos(room.todos, as_of=as_of)) for room in registry().todo_rooms]
    return [part for part in parts if part.todos]


def _rates(as_of: date) -> list[RatePart]:
    user = current_user()
    if not user.may(Permission.INDICATOR_READ):
        return []
    found = rates_now(current_session(), user=user, as_of=as_of)
    return [RatePart(rate, pictures_of(rate.readings, rate.heads, rate.past, link=_rows_of)) for rate in found]


def _rows_of(reading: Reading) -> str:
    return url_for("indicators.value", ref=reading.ref)


def _overdue_chart(as_of: date) -> BarChart | None:
    user = current_user()
    if not user.may(Permission.STORAGE_READ):
        return None
    lines = overdue_by_office(current_session(), user=user, as_of=as_of)
    # One office beside itself compares nothing: the list of batches says it all.
    return overdue_chart(lines) if len(lines) > 1 else None


def overdue_chart(lines: list[OfficeOverdue]) -> BarChart:
    """Return the overdue stock by office as bars; each leads to its batches."""
    return BarChart(
        title="各管辖单位超期贮存量",
        category_label="管辖单位",
        unit="吨",
        categories=[line.name for line in lines],
        series=[
            Series(
                "超期贮存量",
                [line.tonnes for line in lines],
                [f"{tonnes(line.tonnes)}（{line.batches}批）" if line.batches else "无超期" for line in lines],
            )
        ],
        urls=[url_for("storage.overdue", office=line.code or "-") for line in lines],
        is_horizontal=True,
    )


def _urgent(rooms: list[RoomPart]) -> list[tuple[str, ShownTodo]]:
    """Return the gravest matters of all rooms, each with its room."""
    matters = [(part.label, item) for part in rooms for item in part.todos if item.todo.state in ("bad", "warn")]
    return sorted(matters, key=lambda matter: GRAVITY[matter[1].todo.state])[:URGENT]


def _oldest(as_of: date) -> list[BatchRow]:
    user: Any = current_user()
    if not user.may(Permission.STORAGE_READ):
        return []
    return list(overdue_batches(current_session(), user=user, as_of=as_of, asked=StorageConditions()).rows[:URGENT])
