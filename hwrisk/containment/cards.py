"""Cards of posts (岗位应急处置卡): who orders, which valve, which steps; one page for one facility."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from hwrisk.clock import local
from hwrisk.containment.counting import Link
from hwrisk.containment.data import masked_phone
from hwrisk.containment.measures import cubic_metres
from hwrisk.containment.pictures import situation
from hwrisk.containment.queries import connections, facilities
from hwrisk.containment.queries.conditions import FacilityConditions
from hwrisk.containment.states import FacilityStatus
from hwrisk.errors import NotFound
from hwrisk.reporting import Making, ReportRequest, Written
from hwrisk.reporting.document import render_report_page
from hwrisk.reporting.pdf.qr import qr_data_uri
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

FOLDER = "containment/card"
NO_STEPS = (
    "接到下令岗位的指令后，复述指令并记下时间。",
    "到位操作，确认到位后向下令岗位回报。",
    "在系统中确认状态，写明时间和现场确认人。",
)
"""Printed, and said to be general, where nothing was registered."""


class Card(NamedTuple):
    """What stands on a card; texts ready to show."""

    facility_no: str
    name: str
    kind: str
    tier: str
    park: str
    owner: str
    operator: str
    ordering_post: str
    acting_post: str
    phone: str
    has_whole_phone: bool
    """Whether `phone` is a number as it is dialled: such a file says so in the register of exports."""
    place: str
    control: str
    situation: str
    confirmed: str
    state: str
    state_word: str
    steps: tuple[str, ...]
    is_general: bool
    leads: tuple[str, ...]
    """Ways in and out, each in one line."""
    is_demo: bool


def card_of(session: Session, public_id: UUID, *, user: Viewer, as_of: date, is_printed: bool = False) -> Card:
    """Return the card of one facility; the phone is whole on paper alone, for whoever keeps facility or filings.

    A card on the wall with a masked number helps nobody. A file is registered with who made it, a page is not: who saw
    a whole number stays on record. The account of a duty post tells no person.

    Raises:
        NotFound: there is none, or it is out of sight.
    """
    status = facilities.facility_status(session, public_id, user=user, as_of=as_of)
    version = status.version
    reading = status.level or status.state
    is_whole = is_printed and prints_whole_phone(user)
    steps = tuple(line.strip() for line in version.steps.splitlines() if line.strip())
    return Card(
        facility_no=status.facility.facility_no, name=version.name, kind=status.kind.label, tier=status.tier_label,
        park=status.park_name, owner=status.owner_label, operator=version.operator_name,
        ordering_post=version.ordering_post, acting_post=version.acting_post,
        phone=version.duty_phone if is_whole else masked_phone(version.duty_phone),
        has_whole_phone=is_whole and bool(version.duty_phone),
        place=version.place, control=version.control_mode, situation=situation(status),
        confirmed=f"{local(reading.confirmed_at):%Y-%m-%d %H:%M} {reading.confirmed_by}" if reading else "从未确认",
        state=status.sign.kind, state_word=status.sign.word, steps=steps or NO_STEPS, is_general=not steps,
        leads=_leads(session, status, user=user, as_of=as_of), is_demo=status.facility.is_demo,
    )  # fmt: skip


def write_card(session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
    """Write the card of the facility that the request names, as one A4 page."""
    card = card_of(session, facility_id(request), user=request.user, as_of=request.as_of, is_printed=True)
    document = render_report_page(
        FOLDER, path, card=card._asdict(), title=making.title, code=making.stamp.spaced_code,
        keywords=making.stamp.text, author=making.made_by, made_at=f"{local(making.made_at):%Y-%m-%d %H:%M}",
        as_of=f"{request.as_of:%Y-%m-%d}", qr=qr_data_uri(making.stamp.text),
    )  # fmt: skip
    return Written(1, document.warnings)


def facility_id(request: ReportRequest) -> UUID:
    """Return the public id of the facility that a request names.

    Raises:
        NotFound: what stands there is none.
    """
    try:
        return UUID(str(request.params["facility"]))
    except ValueError as failure:
        raise NotFound("没有这处设施，请从设施页面导出处置卡") from failure


def prints_whole_phone(user: Viewer) -> bool:
    """Tell whether a facility in sight shows this person its number on paper: who files or checks it typed it in."""
    keeps = user.may(Permission.CONTAINMENT_EDIT) or user.may(Permission.MATERIAL_PHONE)
    return keeps and user.role is not Role.DUTY


def _leads(session: Session, status: FacilityStatus, *, user: Viewer, as_of: date) -> tuple[str, ...]:
    links = [link for link in connections.links_of(session, status.facility.park_id, as_of=as_of) if _at(link, status)]
    if not links:
        return ()
    asked = FacilityConditions(park_id=status.facility.park_id)
    names = {s.facility.id: s.name for s in facilities.statuses(session, user=user, as_of=as_of, asked=asked)}
    # An operator does not see the enterprises' facilities: ways that read alike are said once.
    return tuple(dict.fromkeys(_said(link, names) for link in links))


def _at(link: Link, status: FacilityStatus) -> bool:
    return status.facility.id in (link.connection.from_id, link.connection.to_id, link.version.through_id)


def _said(link: Link, names: dict[int, Any]) -> str:
    start, end = (names.get(i, "其他单位的设施") for i in (link.connection.from_id, link.connection.to_id))
    through = f"，经 {names.get(link.version.through_id, '其他设备')}" if link.version.through_id else ""
    return f"{start} → {end}{through}，{link.version.means.label}，{cubic_metres(link.version.flow)} m³/h"
