"""A plain model of the ledger: what must be accepted or refused, and the stock of every batch in every facility.

It keeps the records that stand and recounts everything from them at every question; it shares no code with posting,
corrections or the book of stock, and knows days only as keys of a dict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.models import EntryKind

TODAY = date(2026, 11, 23)
DAYS = [
    date(2025, 6, 1), date(2025, 6, 2), date(2025, 6, 3), date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 31),
    date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3), date(2026, 9, 1), date(2026, 11, 22), TODAY,
]  # fmt: skip
"""The days on which things happen; limits of a year end among them."""
NOTHING = Decimal(0)
LEAST = Decimal("0.0001")
MOVES = {EntryKind.MOVED_OUT, EntryKind.MOVED_IN}
CAME = {EntryKind.STORED_IN, EntryKind.OPENING}
ADJUSTABLE = {*CAME, EntryKind.STORED_OUT}


class No(Exception):
    """What was asked for has to be refused."""


def need(condition: object) -> None:
    if not condition:
        raise No


@dataclass(eq=False)
class Batch:
    number: str
    unit_id: int
    facility_id: int
    code: str
    entered_on: date
    first_on: date | None
    lot: tuple[int, date] | None = None
    """Number of its lot and the day it joined."""


@dataclass(eq=False)
class Record:
    number: str
    unit_id: int
    kind: EntryKind
    day: date
    quantity: Decimal
    """As it stands now, adjustments included."""
    code: str
    batch: Batch | None = None
    facility_id: int = 0
    sign: int = 0
    follows: Record | None = None
    explained: bool = False
    is_cancelled: bool = False
    partner: Record | None = None
    """The other half of a move."""


@dataclass(eq=False)
class Extension:
    batch: Batch
    applied_on: date
    is_pending: bool = True


class Books:
    """Everything that was accepted."""

    def __init__(self, facilities: dict[int, tuple[int, int]], operators: Collection[int]) -> None:
        self.facilities = facilities
        """The two facilities of every unit."""
        self.operators = operators
        self.records: list[Record] = []
        self.batches: list[Batch] = []
        self.extensions: list[Extension] = []
        self.lots = 0

    # --- stock

    def stock(self, batch: Batch, facility_id: int) -> dict[date, Decimal]:
        """Tonnes in store at the end of every day."""
        change: dict[date, Decimal] = defaultdict(Decimal)
        for record in self.records:
            if record.batch is batch and record.facility_id == facility_id and not record.is_cancelled:
                change[record.day] += record.sign * record.quantity
        return {day: sum((change[d] for d in DAYS if d <= day), NOTHING) for day in DAYS}

    def free(self, batch: Batch, facility_id: int, day: date) -> Decimal:
        """What may leave on `day`: no more than lies there then and on every later day."""
        return min(there for d, there in self.stock(batch, facility_id).items() if d >= day)

    def remaining(self, batch: Batch) -> Decimal:
        return sum((self.stock(batch, f)[TODAY] for f in self.facilities[batch.unit_id]), NOTHING)

    def holders(self, batch: Batch) -> list[int]:
        """The facilities of the unit, the one it entered first."""
        return sorted(self.facilities[batch.unit_id], key=lambda f: f != batch.facility_id)

    def whence(self, batch: Batch, day: date, quantity: Decimal) -> int:
        """Where it is taken from when nobody says: where the whole lies, else where the most does."""
        there = {f: self.stock(batch, f)[day] for f in self.holders(batch)}
        return next((f for f in there if there[f] >= quantity), max(there, key=lambda f: there[f]))

    # --- what follows what

    def followers(self, record: Record, *kinds: EntryKind) -> list[Record]:
        return [
            r for r in self.records if r.follows is record and not r.is_cancelled and r.kind in (kinds or EntryKind)
        ]

    def completed(self, load: Record) -> Decimal:
        """Tonnes of a load that its receipt completes; what came back was not received."""
        here = load.quantity - self.back(load)
        for receipt in self.followers(load, EntryKind.RECEIVED):
            return here if receipt.explained else min(here, receipt.quantity)
        return NOTHING

    def back(self, load: Record) -> Decimal:
        return sum((r.quantity for r in self.followers(load, EntryKind.RETURNED)), NOTHING)

    def left(self, record: Record) -> Decimal:
        """Tonnes of a record that nothing following it has taken up."""
        if record.kind is EntryKind.ENTRUSTED:
            return record.quantity - self.back(record) - self.completed(record)
        return record.quantity - sum((r.quantity for r in self.followers(record)), NOTHING)

    def preceding(self, draft: Draft, *kinds: EntryKind) -> list[Record]:
        """The record a draft follows and the parts of it that stand."""
        mine = {r.number: r for r in self.records if r.unit_id == draft.unit_id}
        first = mine.get(draft.predecessor_no)
        need(first and first.kind in kinds and not first.is_cancelled and first.day <= draft.occurred_on)
        parts = [mine.get(f"{draft.predecessor_no}-{place}") for place in range(2, len(mine) + 2)]
        return [r for r in [first, *parts] if r and not r.is_cancelled]

    # --- posting

    def post(self, draft: Draft) -> bool:
        """Tell whether a draft is accepted, and keep it if so."""
        named = (draft.occurred_on, draft.completed_on, draft.first_stored_on)
        try:
            need(all(day <= TODAY for day in named if day))
            getattr(self, f"_{draft.kind.value}")(draft)
        except No:
            return False
        return True

    def _write(self, draft: Draft, quantity: Decimal, place: int = 0, **values: object) -> Record:
        number = draft.entry_no if place == 0 else f"{draft.entry_no}-{place + 1}"
        values = {"code": draft.waste_code, "kind": draft.kind, **values}
        record = Record(number=number, unit_id=draft.unit_id, day=draft.occurred_on, quantity=quantity, **values)  # type: ignore[arg-type]
        self.records.append(record)
        return record

    def _generated(self, draft: Draft) -> None:
        self._write(draft, draft.quantity)

    def _stored_in(self, draft: Draft) -> None:
        self._came(draft, draft.first_stored_on or draft.occurred_on)

    def _opening(self, draft: Draft) -> None:
        self._came(draft, draft.first_stored_on)

    def _came(self, draft: Draft, first: date | None) -> None:
        need(first is None or first <= draft.occurred_on)
        source = self.preceding(draft, EntryKind.GENERATED)[0] if draft.predecessor_no else None
        need(source is None or source.code == draft.waste_code)
        batch = Batch(draft.entry_no, draft.unit_id, draft.facility_id or 0, draft.waste_code, draft.occurred_on, first)
        self.batches.append(batch)
        self._write(draft, draft.quantity, batch=batch, facility_id=batch.facility_id, sign=1, follows=source)

    def _named(self, draft: Draft) -> tuple[Batch, int]:
        batch = next((b for b in self.batches if (b.unit_id, b.number) == (draft.unit_id, draft.batch_no)), None)
        if batch is None or draft.occurred_on < batch.entered_on:
            raise No
        return batch, draft.facility_id or self.whence(batch, draft.occurred_on, draft.quantity)

    def _take(self, draft: Draft, batch: Batch, facility_id: int, quantity: Decimal, place: int = 0) -> Record:
        need(self.free(batch, facility_id, draft.occurred_on) >= quantity)
        return self._write(
            draft, quantity, place, batch=batch, facility_id=facility_id, sign=-1, code=batch.code
        )  # fmt: skip

    def _stored_out(self, draft: Draft) -> None:
        if draft.batch_no:
            self._take(draft, *self._named(draft), draft.quantity)
            return
        found, wanted = [], draft.quantity
        for batch in sorted(self._alike(draft), key=age):
            for facility_id in self.holders(batch):
                share = min(wanted, self.free(batch, facility_id, draft.occurred_on))
                if share > 0 and draft.facility_id in (None, facility_id):
                    found.append((batch, facility_id, share))
                    wanted -= share
        need(not wanted)
        for place, (batch, facility_id, share) in enumerate(found):
            self._take(draft, batch, facility_id, share, place)

    def _alike(self, draft: Draft) -> Iterable[Batch]:
        return (b for b in self.batches if (b.unit_id, b.code) == (draft.unit_id, draft.waste_code))

    def _stocktake_loss(self, draft: Draft) -> None:
        self._take(draft, *self._named(draft), draft.quantity)

    def _stocktake_gain(self, draft: Draft) -> None:
        batch, facility_id = self._named(draft)
        self._write(draft, draft.quantity, batch=batch, facility_id=facility_id, sign=1, code=batch.code)

    def _moved_out(self, draft: Draft) -> None:
        batch, facility_id = self._named(draft)
        need(draft.to_facility_id not in (None, facility_id))
        out = self._take(draft, batch, facility_id, draft.quantity)
        out.partner = self._write(
            draft, draft.quantity, batch=batch, facility_id=draft.to_facility_id, sign=1, code=batch.code,
            kind=EntryKind.MOVED_IN, follows=out, partner=out,
        )  # fmt: skip
        out.partner.number = f"{out.number} in"

    def _self_treated(self, draft: Draft) -> None:
        need(draft.completed_on is None or draft.completed_on >= draft.occurred_on)
        self._follow(draft, self.preceding(draft, EntryKind.STORED_OUT, EntryKind.GENERATED))

    def _entrusted(self, draft: Draft) -> None:
        self._follow(draft, self.preceding(draft, EntryKind.STORED_OUT, EntryKind.GENERATED))

    def _follow(self, draft: Draft, before: Sequence[Record]) -> None:
        shares = self._shares(draft.quantity, before)
        need(sum(share for _, share in shares) == draft.quantity)
        for place, (record, share) in enumerate(shares):
            self._write(draft, share, place, follows=record, code=record.code)

    def _shares(self, quantity: Decimal, records: Sequence[Record]) -> list[tuple[Record, Decimal]]:
        shares = []
        for record in records:
            if (share := min(quantity, self.left(record))) > 0:
                shares.append((record, share))
                quantity -= share
        return shares

    def _received(self, draft: Draft) -> None:
        loads = self.preceding(draft, EntryKind.ENTRUSTED)
        need(not any(self.followers(load, EntryKind.RECEIVED) for load in loads))
        sent, back = sum(load.quantity for load in loads), sum(self.back(load) for load in loads)
        need(not back or draft.quantity + back <= sent)
        open_loads = [load for load in loads if self.left(load) > 0] or loads[-1:]
        rest = draft.quantity
        for place, load in enumerate(open_loads):
            behind = len(open_loads) - place - 1
            # What is explained completes every part of the load, so every part has to have its receipt.
            kept = behind * LEAST if draft.difference_explained else 0
            share = min(max(rest - kept, min(rest, LEAST)), self.left(load)) if behind else rest
            if share > 0:
                explained = bool(draft.difference_explained)
                self._write(draft, share, place, follows=load, explained=explained, code=load.code)
                rest -= share

    def _returned(self, draft: Draft) -> None:
        shares = self._shares(draft.quantity, self.preceding(draft, EntryKind.ENTRUSTED))
        need(sum(share for _, share in shares) == draft.quantity)
        outs = [load.follows for load, _ in shares]
        need(all(out and out.batch for out in outs))
        for place, ((load, share), out) in enumerate(zip(shares, outs, strict=True)):
            assert out is not None
            self._write(
                draft, share, place, batch=out.batch, facility_id=draft.facility_id or out.facility_id, sign=1,
                follows=load, code=load.code,
            )  # fmt: skip


def age(batch: Batch) -> tuple[bool, date, date, str]:
    """Oldest first; an unknown day is the oldest."""
    return batch.first_on is not None, batch.first_on or batch.entered_on, batch.entered_on, batch.number


def last_lawful(batch: Batch, *, is_operator: bool) -> date | None:
    if batch.first_on is None:
        return None
    if is_operator:
        return batch.first_on.replace(year=batch.first_on.year + 1)
    return batch.first_on + timedelta(days=365)
