"""The units of the special cases: the first of the invented city, the same at every scale."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.demo.bulk import confirm_ledgers, post_all
from hwrisk.demo.names import OFFICES, STATUS_OF_PLACE, TRADES, Trade, invented_uscc, numeral
from hwrisk.demo.plan import FIRST_DAY, SEED
from hwrisk.demo.routine import Numbers, Seat, routine
from hwrisk.demo.special import CASES, Case
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.storage.models import FacilityKind, StorageBatch
from hwrisk.ledger.storage.operations import (
    apply_extension,
    decide_extension,
    merge,
    plan_disposal,
    register_facility,
)
from hwrisk.parks.models import Park
from hwrisk.security import Viewer
from hwrisk.units.models import IdentityKind, Unit, UnitRole, UnitStatus
from hwrisk.units.operations import UnitChange, record_state, register_unit

CLOSED_BEFORE = timedelta(days=200)
SILENT_PLACES = frozenset({24, 33})
"""Units that have not confirmed their ledger, so that incomplete data can be seen."""
MOVED_PLACE = 16


def build_cases(session: Session, *, hand: Hand) -> int:
    """Make the units of the special cases with their ledgers, and return how many records they have."""
    parks = {park.code: park.id for park in session.scalars(select(Park))}
    at = hand.recorded_at or now()
    seats = list(_seats(session, parks, as_of=hand.as_of, at=at))
    cases, ledgers = [], []
    for seat in seats:
        random, numbers = Random(SEED + seat.place), Numbers()  # noqa: S311 - made-up data, the same every time
        case = CASES[seat.place](seat, numbers, hand.as_of) if seat.place in CASES else Case()
        drafts = [*case.drafts, *routine(seat, numbers, random, hand.as_of)]
        ledgers.append(sorted(drafts, key=lambda draft: draft.occurred_on))
        cases.append(case)
    records = post_all(session, ledgers, hand=hand)
    for seat, case in zip(seats, cases, strict=True):
        _after(session, seat, case, hand)
    said = [(seat.unit_id, FIRST_DAY) for seat in seats if seat.place not in SILENT_PLACES]
    confirm_ledgers(session, said, hand=hand)
    _move_office(session, seats, as_of=hand.as_of, at=at)
    return records


def _trades() -> Iterator[Trade]:
    for trade in TRADES:
        for _ in range(trade.count):
            yield trade


def _seats(session: Session, parks: dict[str, int], *, as_of: date, at: datetime) -> Iterator[Seat]:
    numbers: dict[str, int] = {}
    actor = Viewer.system()
    for place, trade in enumerate(_trades()):
        numbers[trade.suffix] = numbers.get(trade.suffix, 0) + 1
        office, admin, park = OFFICES[place % len(OFFICES)]
        in_park = trade.suffix in {"化工有限公司", "医药化工有限公司"} and park is not None
        unit = register_unit(
            session,
            identity_kind=IdentityKind.USCC,
            identity_no=invented_uscc(place + 1),
            valid_from=FIRST_DAY,
            state=UnitChange(
                name=f"连云港演示{numeral(numbers[trade.suffix])}{trade.suffix}",
                address="演示地址（虚构）",
                status=UnitStatus.OPERATING,
                role=trade.role,
                admin_code=admin,
                office_code=office,
                park_id=parks[park] if in_park and park else None,
                class_computed=trade.management_class,
                licence_no=f"演示证-{place:04d}" if trade.role is UnitRole.OPERATOR else "",
                contact="演示-联系人",
                contact_phone=f"000-0000-{place:04d}",
            ),
            started_on=FIRST_DAY,
            is_demo=True,
            source="演示数据（虚构）",
            actor=actor,
            recorded_at=at,
        )
        closed_on = _change_status(session, unit, place, as_of=as_of, at=at)
        facility = register_facility(
            session, unit_id=unit.id, code="TS001", name="危险废物贮存库", kind=FacilityKind.WAREHOUSE,
            capacity=Decimal(400), valid_from=FIRST_DAY, actor=actor,
        )  # fmt: skip
        spot = register_facility(
            session, unit_id=unit.id, code="TS002", name="贮存点", kind=FacilityKind.SPOT,
            capacity=Decimal(3), valid_from=FIRST_DAY, actor=actor,
        )  # fmt: skip
        yield Seat(
            place=place, unit_id=unit.id, trade=trade, facility_id=facility.id, spot_id=spot.id, closed_on=closed_on
        )


def _change_status(session: Session, unit: Unit, place: int, *, as_of: date, at: datetime) -> date | None:
    status = STATUS_OF_PLACE.get(place)
    if status is None:
        return None
    day = as_of - CLOSED_BEFORE
    party = "园区管理机构（演示）" if status is UnitStatus.CLOSED_UNCLEARED else ""
    record_state(
        session, unit, from_day=day, changes=UnitChange(status=status, responsible_party=party),
        actor=Viewer.system(), reason="演示：状态变更", recorded_at=at,
    )  # fmt: skip
    return day


def _move_office(session: Session, seats: list[Seat], *, as_of: date, at: datetime) -> None:
    unit = session.get_one(Unit, seats[MOVED_PLACE].unit_id)
    record_state(
        session, unit, from_day=date(as_of.year, 7, 1) if as_of.month > 7 else date(as_of.year - 1, 7, 1),
        changes=UnitChange(office_code="LYG-KFQ"), actor=Viewer.system(), reason="演示：管辖调整", recorded_at=at,
    )  # fmt: skip


def _after(session: Session, seat: Seat, case: Case, hand: Hand) -> None:
    batches = {
        batch.batch_no: batch
        for batch in session.scalars(select(StorageBatch).where(StorageBatch.unit_id == seat.unit_id))
    }
    for batch_no, reason, planned_on in case.plans:
        plan_disposal(
            session, batches[batch_no], reason=reason, planned_on=planned_on, receiver="演示接收单位丙",
            contract_no="演示合同", person="演示-联系人", hand=hand,
        )  # fmt: skip
    for batch_no, applied_on, approved_on, until in case.extensions:
        extension = apply_extension(session, batches[batch_no], applied_on=applied_on, hand=hand)
        if approved_on is not None:
            decide_extension(
                session, extension, approved=True, decided_on=approved_on, until=until,
                document_no=f"演示批复〔{approved_on.year}〕1号", authority="演示发证机关", hand=hand,
            )  # fmt: skip
    for numbers, merged_on in case.merges:
        merge(session, [batches[number] for number in numbers], merged_on=merged_on, hand=hand)
