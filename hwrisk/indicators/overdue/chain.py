"""What ledger records mean for one batch: corrections worked in, and every out followed to where it ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from hwrisk.ledger.models import EntryKind, ReceiverKind
from hwrisk.ledger.rules import receipt_completes

MAX_STEPS = 8
"""A record stands at most a few steps behind its out; more would be a circle."""
BETWEEN_OWN_FACILITIES = frozenset({EntryKind.MOVED_OUT, EntryKind.MOVED_IN})


class EntryFact(NamedTuple):
    """What the rate needs of one ledger record, as cheap as it can be read: weights in units of 0.1 kg, kinds as text.

    A big city's ledger has a million records; making Decimals and enum members of them took most of the time.
    """

    id: int
    kind: str
    """Value of an `EntryKind`, which compares equal to its text."""
    occurred_on: date
    quantity: int
    stock_delta: int
    batch_id: int | None
    predecessor_id: int | None
    cancels_id: int | None
    adjusts_id: int | None
    completed_on: date | None
    receiver_kind: str | None
    difference_explained: bool | None


class EventKind(IntEnum):
    """What happens to tonnes of a batch; the order is the one in which a day's events are tried."""

    IN = 0
    RETURN = 1
    COMPLETE = 2
    COLLECT = 3
    OUT = 4
    LOSS = 5
    GAIN = 6


class Event(NamedTuple):
    """`quantity` units of 0.1 kg move on a day; `load` is the id of the out they belong to, 0 for none."""

    on: date
    kind: EventKind
    order: int
    """Id of the record behind it."""
    quantity: int
    load: int


_STOCKTAKE: dict[str, EventKind] = {EntryKind.STOCKTAKE_LOSS: EventKind.LOSS, EntryKind.STOCKTAKE_GAIN: EventKind.GAIN}


def events_by_batch(facts: Iterable[EntryFact]) -> dict[int, list[Event]]:
    """Return the events of every batch, by day; cancelled records are gone, adjustments stand on the original's day.

    Moves between the unit's own facilities are no events: the batch stays in store.
    """
    facts = list(facts)
    gone = {fact.cancels_id for fact in facts if fact.kind == EntryKind.CANCELLED}
    standing = {f.id: f for f in facts if f.kind != EntryKind.CANCELLED and f.id not in gone}
    adjusted = _adjusted(standing)
    events: dict[int, list[Event]] = defaultdict(list)
    for entrusted_id, followers in _receipts(adjusted).items():
        _follow(events, adjusted, entrusted_id, followers)
    for fact in adjusted.values():
        for batch_id, event in _own_events(fact, adjusted):
            events[batch_id].append(event)
    events.pop(0, None)
    return {batch_id: sorted(found) for batch_id, found in events.items()}


def _adjusted(standing: Mapping[int, EntryFact]) -> dict[int, EntryFact]:
    """Fold every adjustment into the record it adjusts; one that adjusts nothing known stays a record of its own."""
    facts = {i: f for i, f in standing.items() if f.kind != EntryKind.ADJUSTED}
    for adjustment in sorted(f for f in standing.values() if f.kind == EntryKind.ADJUSTED):
        original = facts.get(adjustment.adjusts_id or 0)
        if original is None:
            continue
        delta = original.stock_delta + adjustment.stock_delta
        facts[original.id] = original._replace(stock_delta=delta, quantity=abs(delta))
    return facts


def _receipts(facts: Mapping[int, EntryFact]) -> dict[int, list[EntryFact]]:
    found: dict[int, list[EntryFact]] = defaultdict(list)
    for fact in facts.values():
        sent_id = fact.predecessor_id or 0
        if fact.kind == EntryKind.RECEIVED and sent_id in facts and fact.completed_on is not None:
            found[sent_id].append(fact)
    return found


def _follow(
    events: dict[int, list[Event]], facts: Mapping[int, EntryFact], entrusted_id: int, receipts: Sequence[EntryFact]
) -> None:
    """Add what the receipts of one load complete, never more in all than was sent."""
    sent = facts[entrusted_id]
    load = _load_of(sent, facts)
    if load is None:
        return
    left = sent.quantity
    for receipt in sorted(receipts, key=lambda r: (r.completed_on or r.occurred_on, r.id)):
        explained = bool(receipt.difference_explained)
        completes = receipt_completes(Decimal(sent.quantity), Decimal(receipt.quantity), explained=explained)
        quantity = min(left, int(completes))
        left -= quantity
        if quantity <= 0:
            continue
        collected = (receipt.receiver_kind or sent.receiver_kind) == ReceiverKind.COLLECTION
        kind = EventKind.COLLECT if collected else EventKind.COMPLETE
        on = max(receipt.completed_on or receipt.occurred_on, load.occurred_on)
        events[load.batch_id or 0].append(Event(on, kind, receipt.id, quantity, load.id))


def _own_events(fact: EntryFact, facts: Mapping[int, EntryFact]) -> list[tuple[int, Event]]:
    """Return the batch and the event a record makes by itself; records that follow an out lead back to its batch."""
    if fact.kind == EntryKind.SELF_TREATED:
        load = _load_of(fact, facts)
        if load is None or fact.completed_on is None:
            return []
        on = max(fact.completed_on, load.occurred_on)
        return [(load.batch_id or 0, Event(on, EventKind.COMPLETE, fact.id, fact.quantity, load.id))]
    if fact.stock_delta == 0 or fact.kind in BETWEEN_OWN_FACILITIES or fact.batch_id is None:
        return []
    kind, load_id = _stock_kind(fact, facts)
    return [(fact.batch_id, Event(fact.occurred_on, kind, fact.id, abs(fact.stock_delta), load_id))]


def _stock_kind(fact: EntryFact, facts: Mapping[int, EntryFact]) -> tuple[EventKind, int]:
    """Return what a record does to the store, and the load it belongs to."""
    if fact.kind == EntryKind.STORED_OUT:
        return EventKind.OUT, fact.id
    if fact.kind == EntryKind.RETURNED:
        load = _load_of(fact, facts)
        # Where nothing is known of the load it came from, what stands in store is what counts.
        return (EventKind.RETURN, load.id) if load and load.batch_id == fact.batch_id else (EventKind.IN, 0)
    return _STOCKTAKE.get(fact.kind, EventKind.IN), 0


def _load_of(fact: EntryFact, facts: Mapping[int, EntryFact]) -> EntryFact | None:
    """Return the out that a treatment, receipt or return goes back to, or None when it goes back to none."""
    current: EntryFact | None = fact
    for _ in range(MAX_STEPS):
        if current is None or current.kind == EntryKind.STORED_OUT:
            return current
        current = facts.get(current.predecessor_id or 0)
    return None
