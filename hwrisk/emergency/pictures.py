"""Depots on the map, and the state of their lots as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.emergency.measures import shown
from hwrisk.emergency.models import Depot, LotState, MaterialKind, MaterialLot
from hwrisk.emergency.queries.depots import DepotConditions, DepotRow, depot_rows
from hwrisk.emergency.queries.states import state_of
from hwrisk.emergency.queries.supply import stock_at
from hwrisk.emergency.scope import visible_depots
from hwrisk.emergency.settings import stock_settings
from hwrisk.security.viewer import Viewer
from hwrisk.web.charts import Series, StackedBar
from hwrisk.web.maps import Map, Point
from hwrisk.web.records import State

MOST_NAMED = 6
"""Materials named at a point of the map; the rest is counted."""
MOST_BARS = 30
STATES = (LotState.NORMAL, LotState.EXPIRING, LotState.UNCONFIRMED, LotState.EXPIRED)


def depot_map(session: Session, *, user: Viewer, asked: DepotConditions, as_of: date) -> Map:
    """Return the depots in sight that have a place, each with what may be used of its materials."""
    rows = [row for row in depot_rows(session, user, asked) if row.depot.point and row.depot.is_active]
    settings = stock_settings(session, as_of=as_of)
    stock = stock_at(session, [row.depot.id for row in rows], settings=settings, as_of=as_of)
    kinds = {kind.id: kind for kind in session.scalars(select(MaterialKind))}
    points = []
    for row in rows:
        usable = [(kinds[kind_id], milli) for kind_id, milli in stock.get(row.depot.id, ()) if milli]
        texts = [f"{kind.name} {shown(milli)} {kind.unit}" for kind, milli in usable[:MOST_NAMED]]
        more = f" 等 {len(usable)} 种" if len(usable) > MOST_NAMED else ""
        state, label = _state(row, len(usable))
        points.append(
            Point(
                row.depot.name, float(row.depot.longitude or 0), float(row.depot.latitude or 0), row.depot.level.label,
                "、".join(texts) + more if texts else "没有可用库存", state, label,
                url_for("emergency.depot", public_id=row.depot.public_id),
            )
        )  # fmt: skip
    return Map(title="应急物资库分布", points=points)


def state_chart(session: Session, *, user: Viewer, as_of: date) -> StackedBar:
    """Return the number of lots in stock by state, for the depots in sight with the most lots."""
    state = state_of(stock_settings(session, as_of=as_of), as_of).label("state")
    counted = (
        select(MaterialLot.depot_id, state, func.count().label("lots"))
        .join(Depot, Depot.id == MaterialLot.depot_id)
        .where(visible_depots(user), MaterialLot.remaining_milli > 0)
        .group_by(MaterialLot.depot_id, state)
        .subquery()
    )
    rows = session.execute(
        select(Depot.name, Depot.public_id, counted.c.state, counted.c.lots).join(Depot, Depot.id == counted.c.depot_id)
    )
    found: dict[tuple[str, Any], dict[LotState, int]] = {}
    for name, public_id, of_state, lots in rows:
        found.setdefault((name, public_id), {})[of_state] = lots
    chosen = sorted(found, key=lambda key: (-sum(found[key].values()), key[0]))[:MOST_BARS]
    return StackedBar(
        title="各物资库的批次状态",
        categories=tuple(name for name, _ in chosen),
        category_label="物资库",
        unit="批",
        series=tuple(_series(state, [found[key].get(state, 0) for key in chosen]) for state in STATES),
        urls=tuple(url_for("emergency.depot", public_id=public_id) for _, public_id in chosen),
        is_horizontal=True,
        places=0,
    )


def _series(state: LotState, values: Sequence[int]) -> Series:
    return Series(state.label, tuple(values))


def _state(row: DepotRow, usable: int) -> tuple[State, str]:
    if not row.lots:
        return "note", "没有库存"
    return ("good", f"{usable} 种可用") if usable else ("bad", "都不可用")
