"""The dispatch order on one page (应急物资调拨单)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import local
from hwrisk.db.marks import PLACE, mark
from hwrisk.emergency.measures import shown
from hwrisk.emergency.models import DispatchRequest
from hwrisk.emergency.queries.dispatch import DispatchFile, dispatch_file, in_sight
from hwrisk.errors import NotFound
from hwrisk.reporting.document import render_report_page
from hwrisk.reporting.pdf.qr import qr_data_uri
from hwrisk.reporting.report import Making, ReportRequest, Written

FOLDER = "emergency/order"
MIN_LINES = 4
"""Rows of the table at least, so that a short order does not look torn."""


def write_order(session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
    """Write the order that `params["order"]` names.

    Raises:
        NotFound: there is none of that number in sight.
    """
    file = _file(session, request)
    ask, unit = file.row.request, file.row.kind.unit
    rows = [
        {
            "depot": row.depot.name,
            "lot": row.lot.lot_no,
            "expires": f"{row.lot.expires_on:%Y-%m-%d}" if row.lot.expires_on else "—",
            "amount": shown(row.allocation.amount_milli),
            "out": shown(row.allocation.out_milli) if row.allocation.out_milli else "",
            "back": shown(row.allocation.returned_milli) if row.allocation.returned_milli else "",
            "used": shown(row.allocation.consumed_milli) if row.allocation.consumed_milli else "",
        }
        for row in file.allocations
        if not row.allocation.is_released
    ]
    place = mark(session, PLACE) or "连云港市"
    made = render_report_page(
        FOLDER,
        path,
        title="应急物资调拨单",
        place=place,
        number=ask.number,
        state=ask.state.label,
        is_demo=ask.is_demo,
        incident=ask.incident,
        where=ask.place,
        kind=f"{file.row.kind.name}（{file.row.kind.code}）",
        amount=f"{shown(ask.amount_milli)} {unit}",
        given=f"{shown(file.row.allocated_milli)} {unit}",
        unit=unit,
        needed=f"{local(ask.needed_at):%Y-%m-%d %H:%M}" if ask.needed_at else "尽快",
        receiver=ask.receiver or "—",
        requester=ask.requester,
        rows=rows,
        blanks=range(max(MIN_LINES - len(rows), 0)),
        steps=[
            {
                "at": f"{local(step.recorded_at):%Y-%m-%d %H:%M}", "kind": step.kind.label, "person": step.person,
                "amount": f"{shown(step.amount_milli)} {unit}" if step.amount_milli is not None else "",
                "note": step.note,
            }
            for step in file.steps
        ],
        day=f"{local(making.made_at).year}年{local(making.made_at).month}月{local(making.made_at).day}日",
        made_by=making.made_by,
        code=making.stamp.spaced_code,
        export=str(making.stamp.export_id),
        keywords=making.stamp.text,
        qr=qr_data_uri(making.stamp.text),
    )  # fmt: skip
    return Written(order_count(session, request), made.warnings)


def order_count(session: Session, request: ReportRequest) -> int:
    """Return how many lots the order names."""
    return len([row for row in _file(session, request).allocations if not row.allocation.is_released])


def order_title(_session: Session, request: ReportRequest) -> str:
    """Return the title with the number of the order."""
    return f"应急物资调拨单 {request.params['order']}"


def _file(session: Session, request: ReportRequest) -> DispatchFile:
    number = str(request.params["order"])
    found = session.scalar(
        select(DispatchRequest.public_id).where(DispatchRequest.number == number, in_sight(request.user))
    )
    if found is None:
        raise NotFound
    return dispatch_file(session, found, user=request.user)
