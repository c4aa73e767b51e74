"""The dispatch order on one page (应急物资调拨单)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import local
from hwrisk.db.marks import PLACE, mark
from hwrisk.emergency.measures import shown
from hwrisk.emergency.models import Depot, DispatchRequest
from hwrisk.emergency.queries.dispatch import AllocationRow, DispatchFile, dispatch_file, in_sight
from hwrisk.emergency.rules import masked_phone
from hwrisk.errors import NotFound
from hwrisk.reporting.document import render_report_page
from hwrisk.reporting.pdf.qr import qr_data_uri
from hwrisk.reporting.report import Making, ReportRequest, Written
from hwrisk.security.models import Account
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

FOLDER = "emergency/order"
MIN_LINES = 3
"""Rows of the table at least, so that a short order does not look torn."""


def write_order(session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
    """Write the order that `params["order"]` names, with where its depots are and whom to ring there.

    Raises:
        NotFound: there is none of that number in sight.
    """
    file = _file(session, request)
    is_whole = prints_whole_phones(request.user)
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
        for row in _held(file)
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
        point=_coordinates(ask),
        kind=f"{file.row.kind.name}（{file.row.kind.code}）",
        amount=f"{shown(ask.amount_milli)} {unit}",
        given=f"{shown(file.row.allocated_milli)} {unit}",
        unit=unit,
        needed=f"{local(ask.needed_at):%Y-%m-%d %H:%M}" if ask.needed_at else "尽快",
        receiver=ask.receiver or "—",
        requester=ask.requester,
        requester_phone=_shown_phone(_phone_of_asker(session, ask), is_whole=is_whole),
        is_whole=is_whole,
        depots=[_depot(depot, is_whole=is_whole) for depot in _depots(file)],
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
    return len(_held(_file(session, request)))


def order_title(session: Session, request: ReportRequest) -> str:
    """Return the title with the number of the order, and whether telephone numbers stand in it whole."""
    title = f"应急物资调拨单 {request.params['order']}"
    return f"{title}（含完整电话）" if _has_whole_phones(session, request) else title


def prints_whole_phones(user: Viewer) -> bool:
    """Tell whether an order in sight shows this person its numbers: who asks for materials or hands them out.

    The account of a duty post tells no person, so a file of its is no record of who has the numbers.
    """
    rights = (Permission.MATERIAL_PHONE, Permission.DISPATCH_REQUEST, Permission.DISPATCH_HANDLE)
    return user.role is not Role.DUTY and any(map(user.may, rights))


def _has_whole_phones(session: Session, request: ReportRequest) -> bool:
    if not prints_whole_phones(request.user):
        return False
    file = _file(session, request)
    return any(depot.duty_phone for depot in _depots(file)) or bool(_phone_of_asker(session, file.row.request))


def _held(file: DispatchFile) -> list[AllocationRow]:
    return [row for row in file.allocations if not row.allocation.is_released]


def _depots(file: DispatchFile) -> list[Depot]:
    """Return the depots that the order takes from, each once, in the order of its lines."""
    return list({row.depot.id: row.depot for row in _held(file)}.values())


def _depot(depot: Depot, *, is_whole: bool) -> dict[str, str]:
    return {
        "name": depot.name,
        "address": depot.address or "未登记地址",
        "point": _coordinates(depot),
        "keeper": depot.keeper or "—",
        "phone": _shown_phone(depot.duty_phone, is_whole=is_whole) or "未登记",
    }


def _coordinates(place: Depot | DispatchRequest) -> str:
    return f"{place.longitude:.6f}, {place.latitude:.6f}" if place.point else ""


def _phone_of_asker(session: Session, ask: DispatchRequest) -> str:
    return session.scalar(select(Account.phone).where(Account.id == ask.requester_id)) or ""


def _shown_phone(phone: str, *, is_whole: bool) -> str:
    return phone if is_whole or not phone else masked_phone(phone)


def _file(session: Session, request: ReportRequest) -> DispatchFile:
    number = str(request.params["order"])
    found = session.scalar(
        select(DispatchRequest.public_id).where(DispatchRequest.number == number, in_sight(request.user))
    )
    if found is None:
        raise NotFound
    return dispatch_file(session, found, user=request.user)
