"""What the machine tries next: drafts of every kind, mostly sensible, sometimes not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st

from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.models import EntryKind, ReceiverKind
from tests.ledger.ledger_world import OIL, SALT
from tests.ledger.stateful_books import DAYS, TODAY, Batch, Books, Record

T = TypeVar("T")
TOMORROW = TODAY + timedelta(days=1)


class Choices(NamedTuple):
    """What hypothesis draws for one step; every kind of record uses of it what it needs."""

    pick: int
    day: date
    amount: Decimal
    slip: bool
    """Take the choices as they are, sensible or not."""
    flag: bool
    place: int | None
    """First or second facility, or not said."""
    later: date
    receiver: ReceiverKind


amounts = st.sampled_from([Decimal(text) for text in ("1", "2", "3", "5", "0.5", "0.0001")])
days = st.sampled_from(DAYS)
drawn = st.builds(
    Choices,
    pick=st.integers(0, 9),
    day=st.sampled_from([*DAYS, TOMORROW]),
    amount=amounts,
    slip=st.sampled_from([False, False, False, False, False, True]),
    flag=st.booleans(),
    place=st.sampled_from([None, 0, 1]),
    later=days,
    receiver=st.sampled_from([ReceiverKind.TREATMENT, ReceiverKind.COLLECTION, ReceiverKind.EXEMPT]),
)
choices = drawn.map(lambda c: c if c.slip else c._replace(day=min(c.day, TODAY)))


def chosen(items: Sequence[T], pick: int) -> T:
    """One of the items, the newest for 0."""
    return items[-1 - pick % len(items)]


class Drafts:
    """Makes the drafts; returns None where there is nothing yet to make one of."""

    def __init__(self, books: Books, number: Callable[[], str]) -> None:
        self.books = books
        self.number = number

    def of(self, kind: EntryKind, c: Choices) -> Draft | None:
        made: Draft | None = getattr(self, f"_{kind.value}")(c)
        return made

    def oldest(self, c: Choices) -> Draft | None:
        """Oldest first, mostly more than one batch has."""
        if (found := self._batch(c)) is None:
            return None
        batch, c = found
        alike = [b for b in self.books.batches if (b.unit_id, b.code) == (batch.unit_id, batch.code)]
        if not c.slip:
            c = c._replace(day=max([c.day, *(b.entered_on for b in alike)]))
            free = sum((self.books.free(b, f, c.day) for b in alike for f in self.books.holders(b)), Decimal(0))
            c = c._replace(amount=free if c.pick < 5 and free > 0 else c.amount, place=None if c.flag else c.place)
        facility_id = self._facility(batch.unit_id, c.place)
        return self._draft(EntryKind.STORED_OUT, c, batch.unit_id, waste_code=batch.code, facility_id=facility_id)

    def _draft(self, kind: EntryKind, c: Choices, unit_id: int, **values: object) -> Draft:
        values = {"occurred_on": c.day, "quantity": c.amount, **values}
        return Draft(kind=kind, unit_id=unit_id, entry_no=self.number(), **values)  # type: ignore[arg-type]

    def _facility(self, unit_id: int, place: int | None) -> int | None:
        return None if place is None else self.books.facilities[unit_id][place]

    def _generated(self, c: Choices) -> Draft:
        unit = chosen(list(self.books.facilities), c.pick)
        return self._draft(EntryKind.GENERATED, c, unit, waste_code=SALT if c.flag else OIL)

    def _stored_in(self, c: Choices) -> Draft:
        sources = [r for r in self.books.records if r.kind is EntryKind.GENERATED]
        if sources and c.place is None:
            source = chosen(sources, c.pick)
            code = OIL if c.slip else source.code
            facility = self._facility(source.unit_id, int(c.flag))
            return self._draft(
                EntryKind.STORED_IN, self._after(c, source), source.unit_id, waste_code=code, facility_id=facility,
                predecessor_no=source.number,
            )  # fmt: skip
        return self._into(EntryKind.STORED_IN, c)

    def _opening(self, c: Choices) -> Draft:
        return self._into(EntryKind.OPENING, c)

    def _into(self, kind: EntryKind, c: Choices) -> Draft:
        unit = chosen(list(self.books.facilities), c.pick)
        first = c.later if c.slip or (c.flag and c.later <= c.day) else None
        return self._draft(
            kind, c, unit, waste_code=OIL if c.pick > 7 else SALT, facility_id=self._facility(unit, c.place or 0),
            first_stored_on=first,
        )  # fmt: skip

    def _batch(self, c: Choices) -> tuple[Batch, Choices] | None:
        there = [b for b in self.books.batches if c.slip or self.books.remaining(b) > 0]
        if not there:
            return None
        batch = chosen(there, c.pick)
        return batch, c if c.slip else self._possible(c, batch)

    def _possible(self, c: Choices, batch: Batch) -> Choices:
        """The first day from the drawn one on, on which something may leave, and no more than that."""
        days = [day for day in DAYS if day >= max(c.day, batch.entered_on)]
        places = self.books.facilities[batch.unit_id]
        free = [(self.books.free(batch, f, day), day, places.index(f)) for day in days for f in places]
        most, day, place = next(found for found in free if found[0] > 0 or found is free[-1])
        return c._replace(day=day, amount=min(c.amount, most or c.amount), place=place if c.flag else None)

    def _on_batch(self, kind: EntryKind, c: Choices) -> Draft | None:
        if (found := self._batch(c)) is None:
            return None
        batch, c = found
        return self._draft(
            kind, c, batch.unit_id, batch_no=batch.number, facility_id=self._facility(batch.unit_id, c.place),
            to_facility_id=self._facility(batch.unit_id, c.pick % 2) if kind is EntryKind.MOVED_OUT else None,
            remark="年末盘点",
        )  # fmt: skip

    def _stored_out(self, c: Choices) -> Draft | None:
        return self._on_batch(EntryKind.STORED_OUT, c)

    def _moved_out(self, c: Choices) -> Draft | None:
        return self._on_batch(EntryKind.MOVED_OUT, c)

    def _stocktake_gain(self, c: Choices) -> Draft | None:
        return self._on_batch(EntryKind.STOCKTAKE_GAIN, c)

    def _stocktake_loss(self, c: Choices) -> Draft | None:
        return self._on_batch(EntryKind.STOCKTAKE_LOSS, c)

    def _behind(self, c: Choices, *kinds: EntryKind) -> tuple[Record, Choices] | None:
        found = [r for r in self.books.records if r.kind in kinds]
        if not c.slip:
            # A record is followed with its parts; a part by itself is a slip.
            found = [r for r in found if "-" not in r.number and not r.is_cancelled and self._whole(r) > 0]
        if not found:
            return None
        record = chosen(found, c.pick)
        return record, self._after(c, record)

    def _after(self, c: Choices, record: Record) -> Choices:
        return c if c.slip else c._replace(day=max(c.day, record.day))

    def _whole(self, record: Record) -> Decimal:
        """What is left of a record and its parts, which are followed together."""
        mine = (r for r in self.books.records if r.unit_id == record.unit_id and r.kind is record.kind)
        parts = [r for r in mine if r.number == record.number or r.number.startswith(f"{record.number}-")]
        return sum((max(self.books.left(r), Decimal(0)) for r in parts if not r.is_cancelled), Decimal(0))

    def _used(self, c: Choices, record: Record) -> Choices:
        left = self._whole(record)
        return c._replace(amount=left if c.flag or c.amount > left else c.amount) if left > 0 and not c.slip else c

    def _self_treated(self, c: Choices) -> Draft | None:
        if (found := self._behind(c, EntryKind.STORED_OUT, EntryKind.GENERATED)) is None:
            return None
        record, c = found
        done = c.later if c.slip or c.later >= c.day else None
        return self._draft(
            EntryKind.SELF_TREATED, self._used(c, record), record.unit_id, predecessor_no=record.number,
            method_code="D10", completed_on=done,
        )  # fmt: skip

    def _entrusted(self, c: Choices) -> Draft | None:
        if (found := self._behind(c, EntryKind.STORED_OUT, EntryKind.GENERATED)) is None:
            return None
        record, c = found
        return self._draft(
            EntryKind.ENTRUSTED, self._used(c, record), record.unit_id, predecessor_no=record.number,
            receiver_kind=c.receiver, receiver_name="演示接收单位甲",
        )  # fmt: skip

    def _received(self, c: Choices) -> Draft | None:
        """Equal (no facility drawn), or whatever the amount is beside what was sent: less or more."""
        if (found := self._behind(c, EntryKind.ENTRUSTED)) is None:
            return None
        load, c = found
        if c.place is None:
            c = c._replace(amount=self._whole(load) or c.amount)
        return self._draft(
            EntryKind.RECEIVED, c, load.unit_id, predecessor_no=load.number, difference_explained=c.flag
        )  # fmt: skip

    def _returned(self, c: Choices) -> Draft | None:
        if (found := self._behind(c, EntryKind.ENTRUSTED)) is None:
            return None
        load, c = found
        return self._draft(
            EntryKind.RETURNED, self._used(c, load), load.unit_id, predecessor_no=load.number,
            facility_id=self._facility(load.unit_id, c.place),
        )  # fmt: skip
