"""The ledger of an ordinary invented unit: seasons, growth, shipments, and what now and then goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from hwrisk.demo.branches import METHODS, Route, Stream
from hwrisk.demo.loads import Receiver, Traffic
from hwrisk.demo.plan import Site
from hwrisk.demo.routine import Numbers
from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.models import EntryKind, Removal

SEASON = (0.92, 0.62, 1.05, 1.04, 1.06, 1.05, 0.98, 0.95, 1.05, 1.06, 1.11, 1.11)
"""Quantity of each month against the year's mean: quiet over the Spring Festival, busy towards the end."""
GROWTH = 1.06
"""What a year has more than the one before."""
YEAR = 365
CYCLES = ((1000, 16, 24), (500, 24, 32), (100, 45, 50), (10, 85, 90), (1, 140, 145), (0, 185, 190))
"""From so many tonnes a year on: days between two entries, and days between two shipments."""
RETURNED, MOVED, COUNTED, DIFFERENT = 0.004, 0.02, 0.01, 0.04
"""How often a load comes back, a batch is moved, stock-taking differs, less or more arrives."""
DIRECT = {Route.MEDICAL}
"""Taken away the day it comes up, noted by the month or the quarter."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A registered unit: its ids, and the days its ledger covers."""

    unit_id: int
    facilities: tuple[int, ...]
    begins: date
    ends: date
    """Last day."""


class Batch(NamedTuple):
    """A batch in store."""

    number: str
    stream: Stream
    entered_on: date
    tonnes: Decimal
    facility_id: int | None
    """None: it was moved, and the ledger knows where it lies."""


@dataclass
class Journal:
    """The ledger of one unit while it is made up."""

    place: Place
    traffic: Traffic
    random: Random
    """The unit's own chances."""
    numbers: Numbers = field(default_factory=Numbers)
    drafts: list[Draft] = field(default_factory=list)
    waiting: list[Batch] = field(default_factory=list)
    _contracts: dict[Route, Receiver] = field(default_factory=dict)

    def add(self, kind: EntryKind, day: date, stream: Stream, tonnes: Decimal, **more: Any) -> None:
        """Write a record down."""
        self.drafts.append(
            Draft(
                kind=kind, unit_id=self.place.unit_id, occurred_on=day, quantity=tonnes, waste_code=stream.code,
                waste_name=stream.name, **more,
            )
        )  # fmt: skip

    def in_order(self) -> list[Draft]:
        """Return the records by their days, those of one day in the order they were written down."""
        return sorted(self.drafts, key=lambda draft: draft.occurred_on)

    def open(self, stream: Stream, tonnes: Decimal, day: date, first: date) -> None:
        """Carry stock over from before the ledger (期初结转)."""
        number, facility_id = self.numbers.next("QC", day), self.place.facilities[0]
        self.add(
            EntryKind.OPENING, day, stream, tonnes, entry_no=number, facility_id=facility_id, first_stored_on=first
        )
        self.waiting.append(Batch(number, stream, day, tonnes, facility_id))

    def enter(self, stream: Stream, tonnes: Decimal, day: date) -> None:
        """Generate waste and put it into store."""
        generated, number = self.numbers.next("HWCS", day), self.numbers.next("HWRK", day)
        # Liquids that are treated on the spot lie in the second facility, where there is one.
        facility_id = self.place.facilities[-1 if stream.route is Route.OWN else 0]
        self.add(EntryKind.GENERATED, day, stream, tonnes, entry_no=generated)
        self.add(
            EntryKind.STORED_IN, day, stream, tonnes, entry_no=number, predecessor_no=generated, facility_id=facility_id
        )
        self.waiting.append(self._disturbed(Batch(number, stream, day, tonnes, facility_id)))

    def ship(self, day: date) -> None:
        """Send away or treat what lies in store since at least a few days."""
        ready = [batch for batch in self.waiting if batch.entered_on <= day - timedelta(days=3)]
        manifests: dict[str, str] = {}
        for batch in ready:
            self.waiting.remove(batch)
            if batch.stream.route is Route.OWN:
                self._treat(batch, day)
            else:
                self._send(batch, day, manifests)

    def remove(self, number: str, stream: Stream, tonnes: Decimal, day: date) -> None:
        """Treat a batch that lies in store, or send it on, by its route."""
        batch = Batch(number, stream, day, tonnes, self.place.facilities[0])
        if stream.route is Route.OWN:
            self._treat(batch, day)
        else:
            out = self._out(batch, day, Removal.ENTRUST)
            self._entrust(stream, tonnes, day, out, {})

    def enter_and_send(self, stream: Stream, tonnes: Decimal, day: date) -> None:
        """Generate and store waste, and send it away the next day."""
        generated, number = self.numbers.next("HWCS", day), self.numbers.next("HWRK", day)
        facility_id = self.place.facilities[-1]
        self.add(EntryKind.GENERATED, day, stream, tonnes, entry_no=generated)
        self.add(
            EntryKind.STORED_IN, day, stream, tonnes, entry_no=number, predecessor_no=generated, facility_id=facility_id
        )
        leaves = day + timedelta(days=1)
        batch = Batch(number, stream, day, tonnes, facility_id)
        self._entrust(stream, tonnes, leaves, self._out(batch, leaves, Removal.ENTRUST), {})

    def send_received(self, number: str, stream: Stream, tonnes: Decimal, day: date, received_on: date) -> None:
        """Send part of a batch away, and have it received whole."""
        load = self.send_unreceived(number, stream, tonnes, day)
        self.add(EntryKind.RECEIVED, received_on, stream, tonnes, predecessor_no=load)
        self.traffic.arrive(self._contract(stream.route), stream.code, stream.name, tonnes, received_on)

    def send_unreceived(self, number: str, stream: Stream, tonnes: Decimal, day: date) -> str:
        """Send part of a batch away and return the number of the load, which nobody has received yet (在途)."""
        batch = Batch(number, stream, day, tonnes, self.place.facilities[0])
        return self._load(stream, tonnes, day, self._out(batch, day, Removal.ENTRUST), {})

    def hand_over(self, stream: Stream, tonnes: Decimal, day: date) -> None:
        """Generate waste that is taken away at once, without store (日产日清)."""
        generated = self.numbers.next("HWCS", day)
        self.add(EntryKind.GENERATED, day, stream, tonnes, entry_no=generated, remark="按月（季）汇总登记，日产日清")
        self._entrust(stream, tonnes, day, generated, {})

    def _disturbed(self, batch: Batch) -> Batch:
        day = batch.entered_on + timedelta(days=1)
        if day > self.place.ends:
            return batch
        chance = self.random.random()
        if chance < MOVED and len(self.place.facilities) > 1 and batch.stream.route is not Route.OWN:
            self.add(
                EntryKind.MOVED_OUT, day, batch.stream, batch.tonnes, batch_no=batch.number,
                facility_id=batch.facility_id, to_facility_id=self.place.facilities[1],
            )  # fmt: skip
            return batch._replace(facility_id=None)
        if chance > 1 - COUNTED and batch.tonnes > 1:
            gain = self.random.random() < 0.3
            change = (batch.tonnes / 100).quantize(Decimal("0.01"))
            kind = EntryKind.STOCKTAKE_GAIN if gain else EntryKind.STOCKTAKE_LOSS
            self.add(
                kind, day, batch.stream, change, batch_no=batch.number, facility_id=batch.facility_id,
                remark="盘点差异（演示）：含水率变化、计量误差",
            )  # fmt: skip
            return batch._replace(tonnes=batch.tonnes + (change if gain else -change))
        return batch

    def _out(self, batch: Batch, day: date, removal: Removal) -> str:
        number = self.numbers.next("HWCK", day)
        self.add(
            EntryKind.STORED_OUT, day, batch.stream, batch.tonnes, entry_no=number, batch_no=batch.number,
            facility_id=batch.facility_id, removal=removal,
        )  # fmt: skip
        return number

    def _treat(self, batch: Batch, day: date) -> None:
        done = min(day + timedelta(days=self.random.randint(0, 2)), self.place.ends)
        self.add(
            EntryKind.SELF_TREATED, day, batch.stream, batch.tonnes, predecessor_no=self._out(batch, day, Removal.SELF),
            completed_on=done, method_code=batch.stream.method, removal=Removal.SELF,
        )  # fmt: skip

    def _send(self, batch: Batch, day: date, manifests: dict[str, str]) -> None:
        out = self._out(batch, day, Removal.ENTRUST)
        back = day + timedelta(days=3)
        if self.random.random() < RETURNED and back <= self.place.ends:
            load = self._load(batch.stream, batch.tonnes, day, out, manifests)
            self.add(
                EntryKind.RETURNED, back, batch.stream, batch.tonnes, predecessor_no=load,
                remark="成分与合同不符，接收单位退回（演示）",
            )  # fmt: skip
            self.waiting.append(batch._replace(entered_on=back))
            return
        self._entrust(batch.stream, batch.tonnes, day, out, manifests)

    def _entrust(self, stream: Stream, tonnes: Decimal, day: date, before: str, manifests: dict[str, str]) -> None:
        load = self._load(stream, tonnes, day, before, manifests)
        arrives = day + timedelta(days=self.random.choice((0, 1, 1, 2)))
        if arrives > self.place.ends:
            return
        received, explained = tonnes, None
        if self.random.random() < DIFFERENT and tonnes > 1:
            received, explained = tonnes - (tonnes / 400).quantize(Decimal("0.001")), True
        self.add(
            EntryKind.RECEIVED, arrives, stream, received, predecessor_no=load, difference_explained=explained,
            remark="过磅误差，双方已确认" if explained else "",
        )  # fmt: skip
        self.traffic.arrive(self._contract(stream.route), stream.code, stream.name, received, arrives)

    def _load(self, stream: Stream, tonnes: Decimal, day: date, before: str, manifests: dict[str, str]) -> str:
        receiver, method = self._contract(stream.route), stream.method or METHODS[stream.route]
        number = self.numbers.next("HWWWLY" if method.startswith("R") else "HWWWCZ", day)
        # One vehicle, one manifest: wastes of one day to one receiver travel together.
        manifest = manifests.get(receiver.name) or manifests.setdefault(receiver.name, self.traffic.manifest(day))
        self.add(
            EntryKind.ENTRUSTED, day, stream, tonnes, entry_no=number, predecessor_no=before, removal=Removal.ENTRUST,
            method_code=method, receiver_kind=receiver.kind,
            receiver_name=receiver.name, receiver_licence_no=receiver.licence_no, national_no=manifest,
        )  # fmt: skip
        return number

    def _contract(self, route: Route) -> Receiver:
        if route not in self._contracts:
            self._contracts[route] = self.traffic.receiver(route, self.random)
        return self._contracts[route]


def ordinary(journal: Journal, site: Site) -> None:
    """Write the ordinary records of a unit into its journal."""
    place = journal.place
    direct = any(stream.route in DIRECT for stream in site.branch.streams)
    cycle, shipping = rhythm(site.tonnes, direct=direct)
    ends = min(place.ends, site.stops_on or place.ends)
    if not direct and site.tonnes >= 10 and site.started_on < place.begins:
        _carry_over(journal, site, cycle)
    ships_on = place.begins + timedelta(days=journal.random.randrange(shipping // 2, shipping))
    for turn, day in enumerate(_days(journal.random, place.begins, ends, cycle)):
        while ships_on <= day:
            journal.ship(ships_on)
            ships_on += timedelta(days=shipping)
        stream = site.branch.streams[turn % len(site.branch.streams)]
        tonnes = _tonnes(site.tonnes * stream.share * len(site.branch.streams) * cycle / YEAR, day, place, journal)
        if stream.route in DIRECT:
            journal.hand_over(stream, tonnes, day)
        else:
            journal.enter(stream, tonnes, day)
    while ships_on <= ends:
        journal.ship(ships_on)
        ships_on += timedelta(days=shipping)
    if site.stops_on is not None:
        # Whoever stops clears its store first.
        journal.ship(min(ends + timedelta(days=4), place.ends))


def rhythm(tonnes: float, *, direct: bool) -> tuple[int, int]:
    """Return the days between two entries and between two shipments of a unit with `tonnes` a year."""
    if direct:
        return (15 if tonnes >= 10 else 90), 120
    return next((cycle, shipping) for least, cycle, shipping in CYCLES if tonnes >= least)


def _days(random: Random, begins: date, ends: date, cycle: int) -> Iterator[date]:
    day = begins + timedelta(days=random.randrange(cycle))
    while day <= ends:
        yield day
        day += timedelta(days=max(1, cycle + random.randint(-cycle // 5, cycle // 5)))


def _tonnes(usual: float, day: date, place: Place, journal: Journal) -> Decimal:
    growth = GROWTH ** (day.year - place.begins.year)
    kilos = usual * SEASON[day.month - 1] * growth * journal.random.uniform(0.75, 1.25) * 1000
    return Decimal(max(1, round(kilos))).scaleb(-3)


def _carry_over(journal: Journal, site: Site, cycle: int) -> None:
    stream, begins = site.branch.streams[0], journal.place.begins
    first = begins - timedelta(days=journal.random.randint(10, 60))
    tonnes = Decimal(max(1, round(site.tonnes * stream.share * cycle / YEAR * 1000))).scaleb(-3)
    journal.open(stream, tonnes, begins, first)
