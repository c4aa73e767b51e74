"""The ordinary ledger of an invented unit: generated, stored, shipped, received, again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hwrisk.demo.names import Trade, Waste
from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.models import EntryKind, ReceiverKind, Removal
from hwrisk.units.models import UnitRole

SHIP_EVERY_DAYS = 45
SHIP_AFTER_DAYS = 20
RECEIVERS = ("演示接收单位甲", "演示接收单位乙", "演示接收单位丙")
STEP = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class Seat:
    """An invented unit as the makers of its ledger see it."""

    place: int
    unit_id: int
    trade: Trade
    facility_id: int
    spot_id: int
    closed_on: date | None
    """Day the site closed, after which nothing ordinary is recorded."""


class Numbers:
    """Numbers of one unit's records, day by day, as an enterprise would give them."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def next(self, prefix: str, day: date) -> str:
        """Return the next number for the kind and the day."""
        stem = f"{prefix}{day:%Y%m%d}"
        self._used[stem] = self._used.get(stem, 0) + 1
        return f"{stem}{self._used[stem]:03d}"


def routine(seat: Seat, numbers: Numbers, random: Random, as_of: date) -> list[Draft]:
    """Return the ordinary records of a unit up to `as_of`, in the order of their days."""
    end = min(as_of, seat.closed_on) if seat.closed_on else as_of
    drafts = list(_entries(seat, numbers, random, date(as_of.year - 1, 1, 1), end))
    entered = [draft for draft in drafts if draft.kind is EntryKind.STORED_IN]
    drafts.extend(_shipments(seat, numbers, random, entered, end))
    return sorted(drafts, key=lambda draft: draft.occurred_on)


def ship(
    seat: Seat,
    numbers: Numbers,
    batch: Draft,
    *,
    left_on: date,
    received_on: date | None,
    quantity: Decimal | None = None,
    received: Decimal | None = None,
    receiver: str = RECEIVERS[0],
    receiver_kind: ReceiverKind = ReceiverKind.TREATMENT,
    is_explained: bool = False,
) -> list[Draft]:
    """Return the records of a batch that leaves: out, entrusted and, when `received_on` is given, the receipt."""
    tonnes = batch.quantity if quantity is None else quantity
    out_no, load_no = numbers.next("HWCK", left_on), numbers.next("HWWWCZ", left_on)
    common: dict[str, Any] = {"unit_id": seat.unit_id, "waste_code": batch.waste_code, "waste_name": batch.waste_name}
    drafts = [
        Draft(
            kind=EntryKind.STORED_OUT, entry_no=out_no, batch_no=batch.entry_no, occurred_on=left_on,
            quantity=tonnes, removal=Removal.ENTRUST, facility_id=batch.facility_id, **common,
        ),
        Draft(
            kind=EntryKind.ENTRUSTED, entry_no=load_no, predecessor_no=out_no, occurred_on=left_on, quantity=tonnes,
            removal=Removal.ENTRUST, method_code="D10", receiver_kind=receiver_kind, receiver_name=receiver, **common,
        ),
    ]  # fmt: skip
    if received_on is not None:
        drafts.append(
            Draft(
                kind=EntryKind.RECEIVED, predecessor_no=load_no, occurred_on=received_on,
                quantity=tonnes if received is None else received, difference_explained=is_explained, **common,
            )
        )  # fmt: skip
    return drafts


def treat(seat: Seat, numbers: Numbers, batch: Draft, *, left_on: date, completed_on: date) -> list[Draft]:
    """Return the records of a batch that the unit treats itself."""
    out_no = numbers.next("HWCK", left_on)
    common: dict[str, Any] = {
        "unit_id": seat.unit_id, "waste_code": batch.waste_code, "waste_name": batch.waste_name,
        "quantity": batch.quantity, "removal": Removal.SELF,
    }  # fmt: skip
    return [
        Draft(kind=EntryKind.STORED_OUT, entry_no=out_no, batch_no=batch.entry_no, occurred_on=left_on,
              facility_id=batch.facility_id, **common),
        Draft(kind=EntryKind.SELF_TREATED, predecessor_no=out_no, occurred_on=left_on, completed_on=completed_on,
              method_code="D10", **common),
    ]  # fmt: skip


def _entries(seat: Seat, numbers: Numbers, random: Random, start: date, end: date) -> Iterator[Draft]:
    day = start + timedelta(days=random.randrange(seat.trade.cycle_days))
    turn = 0
    while day + timedelta(days=1) <= end:
        waste = seat.trade.wastes[turn % len(seat.trade.wastes)]
        yield from _one_entry(seat, numbers, waste, _tonnes(waste, random), day)
        turn += 1
        day += timedelta(days=max(1, seat.trade.cycle_days + random.randint(-2, 2)))


def _one_entry(seat: Seat, numbers: Numbers, waste: Waste, tonnes: Decimal, day: date) -> Iterator[Draft]:
    generated_no, stored_on = numbers.next("HWCS", day), day + timedelta(days=1)
    common: dict[str, Any] = {
        "unit_id": seat.unit_id,
        "waste_code": waste.code,
        "waste_name": waste.name,
        "quantity": tonnes,
    }
    yield Draft(kind=EntryKind.GENERATED, entry_no=generated_no, occurred_on=day, **common)
    yield Draft(
        kind=EntryKind.STORED_IN, entry_no=numbers.next("HWRK", stored_on), occurred_on=stored_on,
        predecessor_no=generated_no, facility_id=seat.facility_id, **common,
    )  # fmt: skip


def _shipments(seat: Seat, numbers: Numbers, random: Random, entered: list[Draft], end: date) -> Iterator[Draft]:
    if not entered:
        return
    waiting = sorted(entered, key=lambda draft: draft.occurred_on)
    day = waiting[0].occurred_on + timedelta(days=SHIP_EVERY_DAYS + random.randrange(10))
    while day + timedelta(days=5) <= end:
        ready = [draft for draft in waiting if draft.occurred_on <= day - timedelta(days=SHIP_AFTER_DAYS)]
        for batch in ready:
            waiting.remove(batch)
            if seat.trade.role is UnitRole.OPERATOR:
                yield from treat(seat, numbers, batch, left_on=day, completed_on=day + timedelta(days=1))
            else:
                yield from ship(
                    seat, numbers, batch, left_on=day, received_on=day + timedelta(days=random.randint(1, 4)),
                    receiver=random.choice(RECEIVERS),
                )  # fmt: skip
        day += timedelta(days=SHIP_EVERY_DAYS)


def _tonnes(waste: Waste, random: Random) -> Decimal:
    usual = Decimal(waste.tonnes)
    return (usual * random.randint(60, 140) / 100).quantize(STEP)
