"""超期贮存危险废物处置率, the disposal rate of overdue storage: which tonnes are due, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from hwrisk.db.types import ZERO, from_units
from hwrisk.indicators.overdue.chain import Event, EventKind
from hwrisk.indicators.periods import ONE_DAY
from hwrisk.ledger.storage.rules import Overdue, is_overdue_on


class BatchTimeline(NamedTuple):
    """All that the rate needs of one batch: on which days it is overdue, and what happened to it, by day."""

    batch_id: int
    overdue: Sequence[Overdue]
    events: Sequence[Event]
    over_since: date | None = None
    """Day of the last event of a batch that is gone and finished, or None while something is in store or under way."""

    @classmethod
    def of(cls, batch_id: int, overdue: Sequence[Overdue], events: Sequence[Event]) -> BatchTimeline:
        """Return the timeline of a batch; whether it is over is worked out once, for any number of periods."""
        in_store = under_way = 0
        for event in events:
            in_store += _INTO_STORE[event.kind] * event.quantity
            under_way += _UNDER_WAY[event.kind] * event.quantity
        # A load that was completed and then came back would offset another that is still on its way.
        came_back = any(event.kind is EventKind.RETURN for event in events)
        is_over = bool(events) and not came_back and in_store == 0 and under_way == 0
        return cls(batch_id, overdue, events, events[-1].on if is_over else None)


_INTO_STORE = {
    EventKind.IN: 1, EventKind.GAIN: 1, EventKind.RETURN: 1, EventKind.OUT: -1, EventKind.LOSS: -1,
    EventKind.COMPLETE: 0, EventKind.COLLECT: 0,
}  # fmt: skip
_UNDER_WAY = {
    EventKind.OUT: 1, EventKind.RETURN: -1, EventKind.COMPLETE: -1, EventKind.COLLECT: -1,
    EventKind.IN: 0, EventKind.GAIN: 0, EventKind.LOSS: 0,
}  # fmt: skip


class DisposalOfBatch(NamedTuple):
    """What became of the overdue tonnes of one batch in a period; due is the sum of the five that follow it."""

    batch_id: int
    counted_on: date
    """First overdue day of the batch in the period, on which its office is taken."""
    due: Decimal
    completed: Decimal
    in_transit: Decimal
    """Left and not yet treated or received; of a receipt with an unexplained difference, what did not arrive."""
    to_collector: Decimal
    lost: Decimal
    in_store: Decimal
    returned: Decimal
    """Came back to store within the period; in store again, or wherever it went afterwards."""


def disposal_of(
    timeline: BatchTimeline, *, start: date, end: date, collectors_count: bool = False
) -> DisposalOfBatch | None:
    """Return what became of the batch's overdue tonnes in [start, end), or None when none were due.

    A tonne is due once in a period: when it was in store at any moment of an overdue day of the period, or when it had
    left on an overdue day before the period and was neither completed, handed over nor returned by its start. A load
    once handed to a collector is that holder's from then on, and not carried into later periods.
    `collectors_count` says whether a collecting licence completes.
    """
    if not timeline.overdue or timeline.overdue[0].since >= end or (timeline.over_since or start) < start:
        return None
    if all(event.kind is EventKind.IN and event.on < start for event in timeline.events):
        # Most overdue batches just lie there; they need no walk through the days.
        return _undisturbed(timeline, start, end) if timeline.events else None
    account = _Account(timeline.overdue, collectors_count=collectors_count)
    days = [(day, list(events)) for day, events in groupby(timeline.events, key=lambda event: event.on) if day < end]
    for day, events in days:
        if day < start:
            account.run_day(day, events)
    account.begin(start)
    seen = start
    for day, events in days:
        if day >= start:
            account.stand(seen, day)
            account.run_day(day, events)
            seen = day + ONE_DAY
    account.stand(seen, end - ONE_DAY)
    return account.result(timeline.batch_id)


@dataclass(slots=True)
class _Pool:
    """Units of 0.1 kg in one place: those due in the period, and the others."""

    due: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        return self.due + self.other

    def take(self, quantity: int) -> _Pool:
        """Take up to `quantity` out, what is due first: it has lain there, the rest came back later."""
        due = min(quantity, self.due)
        other = min(quantity - due, self.other)
        self.due -= due
        self.other -= other
        return _Pool(due, other)

    def put(self, pool: _Pool) -> None:
        self.due += pool.due
        self.other += pool.other


@dataclass(slots=True)
class _Load:
    """One out and where its tonnes are."""

    left_overdue: bool
    open: _Pool
    completed: _Pool = field(default_factory=_Pool)
    collected: _Pool = field(default_factory=_Pool)


class _Account:
    """Walks through the days of one batch and keeps where each tonne is; no tonne is ever made or lost on the way."""

    def __init__(self, overdue: Sequence[Overdue], *, collectors_count: bool) -> None:
        self.overdue = overdue
        self.collectors_count = collectors_count
        self.counting = False
        self.counted_on: date | None = None
        self.store = _Pool()
        self.loads: dict[int, _Load] = {}
        self.lost = 0
        self.returned = 0

    def begin(self, start: date) -> None:
        """Open the period: what left while overdue and is still on its way is due from the first day."""
        self.counting = True
        for load in self.loads.values():
            if load.left_overdue and load.open.other > 0:
                load.open = _Pool(due=load.open.total)
                self._count(start)

    def stand(self, first: date, last: date) -> None:
        """Let [first, last] pass: what is in store on an overdue day of it is due."""
        if self.counting and self.store.other > 0 and (day := _first_overdue(self.overdue, first, last)) is not None:
            self.store = _Pool(due=self.store.total)
            self._count(day)

    def run_day(self, day: date, events: Sequence[Event]) -> None:
        """Work off one day's events; within a day the ledger knows no order, so whatever is possible goes first."""
        is_overdue = is_overdue_on(day, self.overdue)
        for event in self._in_possible_order(events):
            _HANDLERS[event.kind](self, event, is_overdue)
            if is_overdue:
                self.stand(day, day)

    def result(self, batch_id: int) -> DisposalOfBatch | None:
        """Return the account at the end of the period."""
        if self.counted_on is None:
            return None
        loads = self.loads.values()
        completed = sum(load.completed.due for load in loads)
        in_transit = sum(load.open.due for load in loads)
        collected = sum(load.collected.due for load in loads)
        return DisposalOfBatch(
            batch_id=batch_id,
            counted_on=self.counted_on,
            due=_tonnes(completed + in_transit + collected + self.lost + self.store.due),
            completed=_tonnes(completed),
            in_transit=_tonnes(in_transit),
            to_collector=_tonnes(collected),
            lost=_tonnes(self.lost),
            in_store=_tonnes(self.store.due),
            returned=_tonnes(self.returned),
        )

    def _in_possible_order(self, events: Sequence[Event]) -> Iterator[Event]:
        waiting = list(events)
        while waiting:
            chosen = next((event for event in waiting if self._is_possible(event)), None)
            if chosen is None:
                # Records that contradict each other: an out takes what there is, and nothing is made from nothing.
                chosen = next((event for event in waiting if event.kind is EventKind.OUT), waiting[0])
            waiting.remove(chosen)
            yield chosen

    def _is_possible(self, event: Event) -> bool:
        if event.kind in (EventKind.OUT, EventKind.LOSS):
            return self.store.total >= event.quantity
        return event.load == 0 or event.load in self.loads

    def _count(self, day: date) -> None:
        if self.counted_on is None:
            self.counted_on = day

    def _came_in(self, event: Event, _is_overdue: bool) -> None:
        self.store.other += event.quantity

    def _found(self, event: Event, _is_overdue: bool) -> None:
        # What a stock-take missed and a later one finds is the same tonne.
        again = min(event.quantity, self.lost)
        self.lost -= again
        self.store.due += again
        self.store.other += event.quantity - again

    def _went_missing(self, event: Event, _is_overdue: bool) -> None:
        self.lost += self.store.take(event.quantity).due

    def _left(self, event: Event, is_overdue: bool) -> None:
        self.loads[event.load] = _Load(is_overdue, self.store.take(event.quantity))

    def _was_completed(self, event: Event, _is_overdue: bool) -> None:
        if (load := self.loads.get(event.load)) is not None:
            load.completed.put(load.open.take(event.quantity))

    def _was_collected(self, event: Event, is_overdue: bool) -> None:
        if self.collectors_count:
            self._was_completed(event, is_overdue)
        elif (load := self.loads.get(event.load)) is not None:
            load.collected.put(load.open.take(event.quantity))

    def _came_back(self, event: Event, _is_overdue: bool) -> None:
        load = self.loads.get(event.load)
        if load is None:
            self.store.other += event.quantity
            return
        left = event.quantity
        # A load reported as received and then sent back was not completed after all.
        for pool in (load.open, load.completed, load.collected):
            back = pool.take(left)
            left -= back.total
            self.returned += back.due
            self.store.put(back)
        self.store.other += left


_HANDLERS = {
    EventKind.IN: _Account._came_in,
    EventKind.GAIN: _Account._found,
    EventKind.LOSS: _Account._went_missing,
    EventKind.OUT: _Account._left,
    EventKind.COMPLETE: _Account._was_completed,
    EventKind.COLLECT: _Account._was_collected,
    EventKind.RETURN: _Account._came_back,
}


def _undisturbed(timeline: BatchTimeline, start: date, end: date) -> DisposalOfBatch | None:
    """Return the result for a batch that came in before the period and of which nothing ever left."""
    day = _first_overdue(timeline.overdue, start, end - ONE_DAY)
    if day is None:
        return None
    held = _tonnes(sum(event.quantity for event in timeline.events))
    return DisposalOfBatch(timeline.batch_id, day, held, ZERO, ZERO, ZERO, ZERO, held, ZERO)


def _tonnes(units: int) -> Decimal:
    return from_units(units) if units else ZERO


def _first_overdue(overdue: Sequence[Overdue], first: date, last: date) -> date | None:
    for since, until in overdue:
        day = max(first, since)
        if day <= last and (until is None or day <= until):
            return day
    return None
