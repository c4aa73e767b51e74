"""Overdue storage of every kind, one invented unit each, so that each can be seen in the demonstration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hwrisk.demo.names import Waste
from hwrisk.demo.routine import Numbers, Seat, ship, treat
from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.models import EntryKind, ReceiverKind
from hwrisk.ledger.storage.models import BatchTag

SALT = Waste("261-084-45", "蒸发结晶盐", "")
RESIDUE = Waste("900-013-11", "精馏残渣", "")
KETTLE = Waste("271-001-02", "清釜残液", "")
ASH = Waste("772-003-18", "焚烧飞灰", "")
OIL = Waste("900-214-08", "废矿物油", "")


@dataclass
class Case:
    """Records of one case, and what is done about its batches after they are posted."""

    drafts: list[Draft] = field(default_factory=list)
    plans: list[tuple[str, str, date]] = field(default_factory=list)
    """Batch number, reason, planned day."""
    extensions: list[tuple[str, date, date | None, date | None]] = field(default_factory=list)
    """Batch number, applied on, approved on (None: pending), until."""
    merges: list[tuple[tuple[str, ...], date]] = field(default_factory=list)


Maker = Callable[[Seat, Numbers, date], Case]


def days(number: int) -> timedelta:
    """Return a span of whole days."""
    return timedelta(days=number)


def _stored(seat: Seat, numbers: Numbers, waste: Waste, tonnes: str, day: date, **more: Any) -> Draft:
    return Draft(
        kind=EntryKind.STORED_IN, unit_id=seat.unit_id, occurred_on=day, quantity=Decimal(tonnes),
        waste_code=waste.code, waste_name=waste.name, facility_id=seat.facility_id,
        entry_no=numbers.next("HWRK", day), **more
    )  # fmt: skip


def _opening(
    seat: Seat, numbers: Numbers, waste: Waste, tonnes: str, *, day: date, first: date | None, tag: BatchTag
) -> Draft:
    return Draft(
        kind=EntryKind.OPENING, unit_id=seat.unit_id, occurred_on=day, quantity=Decimal(tonnes),
        waste_code=waste.code, waste_name=waste.name, facility_id=seat.facility_id, entry_no=numbers.next("QC", day),
        first_stored_on=first, tag=tag,
    )  # fmt: skip


def salt_without_plan(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """废盐 with nowhere to go."""
    return Case([_stored(seat, numbers, SALT, "100", as_of - days(802))])


def partly_removed(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """Overdue, with a plan; part of it has been disposed of."""
    batch = _stored(seat, numbers, RESIDUE, "40", as_of - days(420))
    gone = ship(seat, numbers, batch, left_on=as_of - days(30), received_on=as_of - days(27), quantity=Decimal(15))
    return Case([batch, *gone], plans=[(batch.entry_no, "处置单位检修", as_of + days(12))])


def in_transit(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """Left while overdue and not yet received."""
    batch = _stored(seat, numbers, RESIDUE, "12", as_of - days(400))
    return Case([batch, *ship(seat, numbers, batch, left_on=as_of - days(3), received_on=None)])


def over_new_year(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """Left while overdue on 28 December and was received on 5 January."""
    new_year = date(as_of.year, 1, 1)
    batch = _stored(seat, numbers, RESIDUE, "18.5", new_year - days(395))
    return Case([batch, *ship(seat, numbers, batch, left_on=new_year - days(4), received_on=new_year + days(4))])


def returned(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """A load that came back."""
    batch = _stored(seat, numbers, RESIDUE, "9", as_of - days(410))
    out, load = ship(seat, numbers, batch, left_on=as_of - days(15), received_on=None)
    back = Draft(
        kind=EntryKind.RETURNED, unit_id=seat.unit_id, occurred_on=as_of - days(12), quantity=Decimal(9),
        predecessor_no=load.entry_no, remark="成分不符，接收单位退回",
    )  # fmt: skip
    return Case([batch, out, load, back])


def to_collector(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """Handed to a unit that only collects and stores."""
    batch = _stored(seat, numbers, RESIDUE, "5", as_of - days(405))
    return Case([
        batch,
        *ship(seat, numbers, batch, left_on=as_of - days(25), received_on=as_of - days(24),
              receiver="演示收集单位", receiver_kind=ReceiverKind.COLLECTION),
    ])  # fmt: skip


def unexplained(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """Less arrived than was sent, and nobody says why."""
    batch = _stored(seat, numbers, RESIDUE, "20", as_of - days(408))
    return Case([
        batch,
        *ship(seat, numbers, batch, left_on=as_of - days(40), received_on=as_of - days(38),
              received=Decimal("19.2")),
    ])  # fmt: skip


def closed_legacy(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """Left behind at a closed site; nobody knows since when."""
    batch = _opening(seat, numbers, KETTLE, "148", day=as_of - days(190), first=None, tag=BatchTag.LEGACY)
    return Case([batch], plans=[(batch.entry_no, "园区代处置", as_of + days(58))])


def seized(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """Seized as evidence."""
    first = as_of - days(760)
    batch = _opening(seat, numbers, RESIDUE, "6.2", day=as_of - days(415), first=first, tag=BatchTag.SEIZED)
    return Case([batch], plans=[(batch.entry_no, "涉案", as_of + days(90))])


def merged(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """A young batch mixed with one that is overdue."""
    old = _stored(seat, numbers, RESIDUE, "3", as_of - days(380))
    young = _stored(seat, numbers, RESIDUE, "2", as_of - days(60))
    return Case([old, young], merges=[((old.entry_no, young.entry_no), as_of - days(20))])


def settled(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """Overdue at New Year and disposed of in spring, as the plan of the year wanted."""
    new_year = date(as_of.year, 1, 1)
    batch = _stored(seat, numbers, KETTLE, "26.4", new_year - days(390))
    left = min(new_year + days(50), as_of - days(8))
    return Case([batch, *ship(seat, numbers, batch, left_on=left, received_on=left + days(2))])


def soon(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """Due within days."""
    batch = _stored(seat, numbers, KETTLE, "0.82", as_of - days(362))
    return Case([batch], plans=[(batch.entry_no, "已签合同", as_of + days(2))])


def unidentified(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """Waiting for identification."""
    batch = _stored(seat, numbers, RESIDUE, "1.5", as_of - days(371), tag=BatchTag.UNIDENTIFIED)
    return Case([batch])


def extended_in_time(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """An operator's extension, approved in time, has run out."""
    entered = as_of - days(643)
    batch = _stored(seat, numbers, ASH, "15.5", entered)
    return Case([batch], extensions=[(batch.entry_no, entered + days(320), entered + days(350), as_of - days(97))])


def extended_late(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """An operator's extension that was approved after the limit had passed."""
    entered = as_of - days(430)
    batch = _stored(seat, numbers, ASH, "11", entered)
    return Case([batch], extensions=[(batch.entry_no, entered + days(360), entered + days(380), as_of + days(60))])


def pending(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """An operator waits for a decision; the clock does not."""
    entered = as_of - days(375)
    batch = _stored(seat, numbers, ASH, "7.3", entered)
    return Case([batch], extensions=[(batch.entry_no, entered + days(345), None, None)])


def operator_settled(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """An operator burnt its overdue stock."""
    batch = _stored(seat, numbers, ASH, "30", as_of - days(450))
    left = as_of - days(40)
    return Case([batch, *treat(seat, numbers, batch, left_on=left, completed_on=left + days(2))])


def oil_collector(seat: Seat, numbers: Numbers, as_of: date) -> Case:
    """Collected oil kept longer than 90 working days."""
    return Case([_stored(seat, numbers, OIL, "8.4", as_of - days(170))])


CASES: dict[int, Maker] = {
    0: salt_without_plan, 1: partly_removed, 2: in_transit, 3: over_new_year, 4: returned, 5: to_collector,
    6: unexplained, 7: closed_legacy, 8: seized, 9: merged, 10: settled, 11: settled, 12: closed_legacy,
    13: soon, 14: settled, 15: unidentified, 48: extended_in_time, 49: extended_late, 50: pending,
    51: operator_settled, 53: oil_collector,
}  # fmt: skip
"""Case of each unit, by its place in the list of units."""
