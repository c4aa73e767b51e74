"""What is recorded after the ledgers: disposal plans, corrections, and what became of some units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from hwrisk.db.chunks import chunked
from hwrisk.db.types import PLACES
from hwrisk.demo.arrears import KILO
from hwrisk.demo.flow import Place
from hwrisk.demo.overdue import Planned
from hwrisk.demo.plan import Site
from hwrisk.ledger.corrections import adjust, cancel
from hwrisk.ledger.drafts import Draft, Hand
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.posting import post
from hwrisk.ledger.storage.models import StorageBatch
from hwrisk.ledger.storage.operations import plan_disposal
from hwrisk.units.models import Unit, UnitStatus
from hwrisk.units.operations import StateRecord, UnitChange, record_states

NEIGHBOURS = {"LYG-LY": "LYG-KFQ", "LYG-HZ": "LYG-GXQ", "LYG-GYX": "LYG-XW"}
"""Whose area an office gave units to."""
Sites = Sequence[tuple[Site, Place]]


def record_plans(session: Session, plans: Iterable[tuple[int, Planned]], *, hand: Hand) -> None:
    """Record the disposal plans of batches, named by unit and number."""
    for unit_id, plan in plans:
        batch = session.scalars(
            select(StorageBatch).where(StorageBatch.unit_id == unit_id, StorageBatch.batch_no == plan.batch_no)
        ).one()
        plan_disposal(
            session, batch, reason=plan.reason, planned_on=plan.planned_on, receiver="演示接收单位丙",
            contract_no="演示合同", person="演示-联系人", hand=hand,
        )  # fmt: skip


def correct_some(session: Session, sites: Sites, *, hand: Hand) -> int:
    """Have a few units correct their ledgers, and return how many records that made."""
    made = 0
    for place in (place for site, place in sites if site.is_corrected):
        made += _lower(session, place.unit_id, hand) + _receive_again(session, place.unit_id, hand)
    return made


def _lower(session: Session, unit_id: int, hand: Hand) -> int:
    entry = _first(session, unit_id, EntryKind.STORED_IN, is_last=True)
    less = max(PLACES, (entry.quantity / 200).quantize(KILO)) if entry is not None else PLACES
    if entry is None or less >= entry.quantity:
        return 0
    adjust(session, entry, quantity=entry.quantity - less, reason="过磅单录入有误（演示）", hand=hand)
    return 1


def _receive_again(session: Session, unit_id: int, hand: Hand) -> int:
    entry = _first(session, unit_id, EntryKind.RECEIVED)
    if entry is None:
        return 0
    load = session.get_one(LedgerEntry, entry.predecessor_id)
    cancel(session, entry, reason="接收日期录错，重新登记（演示）", hand=hand)
    again = Draft(
        kind=EntryKind.RECEIVED, unit_id=unit_id, occurred_on=load.occurred_on, quantity=load.quantity,
        predecessor_no=load.entry_no,
    )  # fmt: skip
    post(session, again, hand)
    return 2


def _first(session: Session, unit_id: int, kind: EntryKind, *, is_last: bool = False) -> LedgerEntry | None:
    """Return the first record of a kind, or the last that still lies whole in store."""
    statement = select(LedgerEntry).where(LedgerEntry.unit_id == unit_id, LedgerEntry.kind == kind)
    if is_last:
        later = aliased(LedgerEntry)
        touched = select(later.id).where(later.batch_id == LedgerEntry.batch_id, later.id != LedgerEntry.id).exists()
        statement = statement.where(~touched)
    order = LedgerEntry.id.desc() if is_last else LedgerEntry.id
    return session.scalars(statement.order_by(order).limit(1)).first()


def record_changes(session: Session, sites: Sites, *, hand: Hand) -> None:
    """Record who stopped, who came under another office, and which closed sites are cleared."""
    ids = [place.unit_id for _, place in sites]
    units = {}
    for chunk in chunked(ids):
        units.update({unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(chunk)))})
    records = [
        record
        for site, place in sites
        if (record := _change(site, place, units[place.unit_id], hand.as_of)) is not None
    ]
    if records:
        record_states(session, records, actor=hand.viewer, recorded_at=hand.recorded_at)


def _change(site: Site, place: Place, unit: Unit, as_of: date) -> StateRecord | None:
    changes, day, why = UnitChange(), as_of, ""
    if site.stops_on is not None:
        changes, day, why = UnitChange(status=UnitStatus.SUSPENDED), site.stops_on + timedelta(days=5), "演示：停产"
    elif site.arrears is not None and site.arrears.is_closed and site.arrears.done == site.arrears.tonnes:
        paper = f"演示清零确认书〔{as_of.year}〕{site.number}号"
        changes, why = UnitChange(status=UnitStatus.CLOSED_CLEARED, clearance_document=paper), "演示：存量清零"
    elif site.moves and site.office in NEIGHBOURS:
        changes, why = UnitChange(office_code=NEIGHBOURS[site.office]), "演示：管辖调整"
        day = date(as_of.year, 7, 1) if as_of.month > 7 else date(as_of.year - 1, 7, 1)
    if not changes or not max(place.begins, site.started_on) < day <= as_of:
        return None
    return StateRecord(unit=unit, from_day=day, changes=changes, reason=why)
