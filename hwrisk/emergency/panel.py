"""Materials on the pages and in the files of units and parks."""

from __future__ import annotations

from datetime import date
from typing import Literal

from flask import url_for
from sqlalchemy.orm import Session

from hwrisk.emergency import exports
from hwrisk.emergency.models import LotState
from hwrisk.emergency.queries.depots import DepotConditions, depot_rows
from hwrisk.emergency.queries.lots import LotConditions, lot_totals, stock_rows
from hwrisk.emergency.settings import stock_settings
from hwrisk.reporting.dossier import Alert, Chapter, DossierTable, Fact, FileChapter
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.records import Panel

MOST = 30
"""Rows of a chapter's table; the rest is said."""
Of = Literal["unit", "park"]


def _asked(of: Of, owner_id: int) -> tuple[DepotConditions, LotConditions]:
    if of == "unit":
        return DepotConditions(unit_id=owner_id), LotConditions(unit_id=owner_id)
    return DepotConditions(park_id=owner_id), LotConditions(park_id=owner_id)


def _panel(of: Of, session: Session, owner_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    of_depots, of_lots = _asked(of, owner_id)
    depots = depot_rows(session, user, of_depots)
    if not depots:
        return None
    return "emergency/_panel.html", {
        "depots": [(row.depot, url_for("emergency.depot", public_id=row.depot.public_id)) for row in depots],
        "rows": stock_rows(session, user, of_lots, as_of=as_of),
        "caption": "应急物资库存，按物资库和品种",
    }


def _load_unit(session: Session, owner_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    return _panel("unit", session, owner_id, as_of, user)


def _load_park(session: Session, owner_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    return _panel("park", session, owner_id, as_of, user)


def _chapter(of: Of, session: Session, owner_id: int, as_of: date, user: Viewer) -> Chapter | None:
    of_depots, of_lots = _asked(of, owner_id)
    depots = depot_rows(session, user, of_depots)
    if not depots:
        return None
    stock = stock_rows(session, user, of_lots, as_of=as_of)
    totals = lot_totals(session, user, of_lots, as_of=as_of)
    expired, unconfirmed = totals.by_state[LotState.EXPIRED], totals.by_state[LotState.UNCONFIRMED]
    alerts = [
        Alert(text=f"应急物资 {count} 批{word}", state="bad" if word == "已过期" else "warn")
        for count, word in ((expired, "已过期"), (unconfirmed, "未确认"))
        if count
    ]
    unverified = stock_settings(session, as_of=as_of).is_unverified
    cut = f"只列前 {MOST} 项，共 {len(stock)} 项" if len(stock) > MOST else ""
    return Chapter(
        alerts=tuple(alerts),
        facts=(
            Fact(label="物资库", value="、".join(row.depot.name for row in depots)),
            Fact(label="在库批次", value=f"{totals.lots} 批"),
            Fact(
                label="未过期且已确认",
                value=f"{totals.by_state[LotState.NORMAL] + totals.by_state[LotState.EXPIRING]} 批",
                unverified=unverified,
            ),
        ),
        tables=(DossierTable(title="应急物资库存", columns=exports.STOCK_COLUMNS, rows=stock[:MOST], note=cut),),
    )


def _unit_chapter(session: Session, owner_id: int, as_of: date, user: Viewer) -> Chapter | None:
    return _chapter("unit", session, owner_id, as_of, user)


def _park_chapter(session: Session, owner_id: int, as_of: date, user: Viewer) -> Chapter | None:
    return _chapter("park", session, owner_id, as_of, user)


READ = Permission.MATERIAL_READ
PANELS = (
    Panel(owner="unit", key="emergency", label="应急物资", order=80, permission=READ, load=_load_unit),
    Panel(owner="park", key="emergency", label="应急物资", order=60, permission=READ, load=_load_park),
)
CHAPTERS = (
    FileChapter(owner="unit", key="emergency", label="应急物资", order=80, permission=READ, load=_unit_chapter),
    FileChapter(owner="park", key="emergency", label="应急物资", order=60, permission=READ, load=_park_chapter),
)
