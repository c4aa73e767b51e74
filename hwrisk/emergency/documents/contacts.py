"""The contact list of the depots on paper (应急物资库联系卡), for when the server is gone."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from hwrisk.clock import local
from hwrisk.db.marks import PLACE, mark
from hwrisk.emergency.measures import shown
from hwrisk.emergency.models import StorageMode
from hwrisk.emergency.queries.depots import conditions_of, depot_rows
from hwrisk.emergency.queries.lots import LotConditions, StockRow, stock_rows
from hwrisk.emergency.settings import stock_settings
from hwrisk.errors import RuleViolation
from hwrisk.reporting.document import render_report_page
from hwrisk.reporting.pdf.qr import qr_data_uri
from hwrisk.reporting.report import Making, ReportRequest, Written
from hwrisk.security.roles import Role

FOLDER = "emergency/contacts"
MOST_KINDS = 14
"""Materials named on one card; the rest is counted."""


def write_contacts(session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
    """Write one card for each depot in sight: whole telephone number, place, and what may be taken from it.

    Only those who may see whole numbers get this report, and each file stands in the register of exports.

    Raises:
        RuleViolation: a duty post asks, whose account tells no person.
    """
    if request.user.role is Role.DUTY:
        raise RuleViolation(
            "值班岗账号由多人共用，联系卡有完整电话，请用个人账号导出；急用的号码在物资库的“电话”页核对值班口令后查看"
        )
    asked = conditions_of(request.filters)
    rows = depot_rows(session, request.user, asked)
    stock: dict[int, list[StockRow]] = {}
    for each in stock_rows(session, request.user, LotConditions(office=asked.office), as_of=request.as_of):
        stock.setdefault(each.depot.id, []).append(each)
    settings = stock_settings(session, as_of=request.as_of)
    cards = [
        {
            "code": row.depot.code,
            "name": row.depot.name,
            "level": row.depot.level.label,
            "mode": row.depot.mode.label,
            "is_stock": row.depot.mode is not StorageMode.CAPACITY,
            "keeper": row.depot.keeper or "—",
            "address": row.depot.address or "—",
            "point": f"{row.depot.longitude:.6f}, {row.depot.latitude:.6f}" if row.depot.point else "未登记",
            "phone": row.depot.duty_phone or "未登记",
            "is_shared": row.depot.is_shared,
            **_materials(stock.get(row.depot.id, [])),
        }
        for row in rows
    ]
    made = render_report_page(
        FOLDER,
        path,
        title=making.title,
        place=mark(session, PLACE) or "连云港市",
        cards=cards,
        at=f"{local(making.cutoff_at):%Y-%m-%d %H:%M}",
        made_by=making.made_by,
        confirm_days=settings.confirm_days,
        code=making.stamp.spaced_code,
        export=str(making.stamp.export_id),
        keywords=making.stamp.text,
        qr=qr_data_uri(making.stamp.text),
    )
    return Written(len(rows), made.warnings)


def _materials(rows: list[StockRow]) -> dict[str, object]:
    usable = [row for row in rows if row.free_milli]
    texts = [f"{row.kind.name} {shown(row.free_milli)} {row.kind.unit}" for row in usable[:MOST_KINDS]]
    return {"materials": texts, "more": max(len(usable) - MOST_KINDS, 0), "rest": len(rows) - len(usable)}
