"""Which tonnes of a batch are due, and what became of them: random histories against the piece-by-piece twin."""

from typing import Any

import independent
import pytest
from hypothesis import given, settings
from indicator_histories import BATCH, DAY, FIRST, Row, entry, histories, settings_of_a_batch

from hwrisk.db.types import TONNE_UNITS
from hwrisk.indicators.overdue.chain import EntryFact, Event, EventKind, events_by_batch
from hwrisk.indicators.overdue.rules import BatchTimeline, DisposalOfBatch, disposal_of
from hwrisk.ledger.storage.rules import Extension, overdue_days


def fact(row: dict[str, Any]) -> EntryFact:
    return EntryFact(**row)


@settings(max_examples=5 * settings().max_examples)
@given(rows=histories(), given=settings_of_a_batch())
def test_random_histories_agree_with_the_piece_by_piece_twin(rows: list[Row], given: dict[str, Any]) -> None:
    start, end, collectors_count = given["start"], given["end"], given["collectors_count"]
    batch = {
        "id": BATCH, "first_stored_on": FIRST, "entered_on": FIRST, "limit_key": "other",
        "last_lawful_on": given["since"] - DAY,
    }  # fmt: skip
    expected = independent.follow(batch, rows, given["approved"], (start, end), collectors_count=collectors_count)
    events = events_by_batch(fact(row) for row in rows).get(BATCH, [])
    overdue = overdue_days(given["since"], [Extension(*pair) for pair in given["approved"]])
    got = disposal_of(BatchTimeline.of(BATCH, overdue, events), start=start, end=end, collectors_count=collectors_count)
    assert as_units(got) == expected
    if got is not None:
        assert got.due == got.completed + got.in_transit + got.to_collector + got.lost + got.in_store
        assert start <= got.counted_on < end
        assert got.due > 0


def as_units(disposal: DisposalOfBatch | None) -> dict[str, Any] | None:
    if disposal is None:
        return None
    values = disposal._asdict()
    del values["batch_id"]
    return {k: v if k == "counted_on" else int(v.scaleb(4)) for k, v in values.items()}


def event(day: int, kind: EventKind, quantity: int, load: int = 0, order: int = 1) -> Event:
    return Event(FIRST + day * DAY, kind, order, quantity * TONNE_UNITS, load)


def told(*events: Event, overdue_from: int = 10, extended: tuple[int, int] | None = None, **period: Any) -> Any:
    approved = [] if extended is None else [Extension(FIRST + extended[0] * DAY, FIRST + extended[1] * DAY)]
    timeline = BatchTimeline.of(BATCH, overdue_days(FIRST + overdue_from * DAY, approved), sorted(events))
    start, end = period.get("start", 0), period.get("end", 100)
    return disposal_of(timeline, start=FIRST + start * DAY, end=FIRST + end * DAY)


class TestTheDayItCounts:
    def test_the_last_lawful_day_is_not_counted(self) -> None:
        assert told(event(0, EventKind.IN, 5), end=10) is None

    def test_the_day_after_is(self) -> None:
        found = told(event(0, EventKind.IN, 5), end=11)
        assert (found.counted_on, found.due, found.in_store) == (FIRST + 10 * DAY, 5, 5)

    def test_what_left_on_the_last_lawful_day_is_never_due(self) -> None:
        assert told(event(0, EventKind.IN, 5), event(9, EventKind.OUT, 5, 2)) is None

    def test_what_leaves_on_the_first_overdue_day_was_in_store_on_it(self) -> None:
        found = told(event(0, EventKind.IN, 5), event(10, EventKind.OUT, 5, 2), event(12, EventKind.COMPLETE, 5, 2))
        assert (found.due, found.completed) == (5, 5)

    def test_what_came_in_and_left_on_one_overdue_day_is_due(self) -> None:
        found = told(event(20, EventKind.IN, 5), event(20, EventKind.OUT, 5, 2))
        assert (found.counted_on, found.due, found.in_transit) == (FIRST + 20 * DAY, 5, 5)


class TestOverTheEndOfThePeriod:
    IN_TRANSIT = (event(0, EventKind.IN, 5), event(12, EventKind.OUT, 5, 2), event(22, EventKind.COMPLETE, 5, 2))

    def test_in_transit_at_the_end_is_not_completed(self) -> None:
        found = told(*self.IN_TRANSIT, end=20)
        assert (found.due, found.completed, found.in_transit) == (5, 0, 5)

    def test_it_is_due_again_from_the_first_day_of_the_next_and_completed_there(self) -> None:
        found = told(*self.IN_TRANSIT, start=20, end=30)
        assert (found.counted_on, found.due, found.completed) == (FIRST + 20 * DAY, 5, 5)

    def test_once_completed_it_is_over(self) -> None:
        assert told(*self.IN_TRANSIT, start=23, end=30) is None

    def test_completed_on_the_day_after_the_period_is_too_late(self) -> None:
        assert told(*self.IN_TRANSIT, end=22).completed == 0
        assert told(*self.IN_TRANSIT, end=23).completed == 5

    def test_what_came_back_after_its_receipt_does_not_stand_for_another_load(self) -> None:
        found = told(
            event(0, EventKind.IN, 10), event(12, EventKind.OUT, 5, 2), event(13, EventKind.COMPLETE, 5, 2),
            event(14, EventKind.RETURN, 5, 2), event(15, EventKind.OUT, 10, 3), event(16, EventKind.COMPLETE, 5, 3),
            start=20,
        )  # fmt: skip
        assert (found.due, found.in_transit) == (5, 5)

    def test_handed_to_a_collector_is_over_with_the_period(self) -> None:
        events = (event(0, EventKind.IN, 5), event(12, EventKind.OUT, 5, 2), event(13, EventKind.COLLECT, 5, 2))
        assert told(*events, end=20).to_collector == 5
        assert told(*events, start=20, end=30) is None

    def test_left_in_time_is_not_due_even_when_it_is_still_under_way(self) -> None:
        assert told(event(0, EventKind.IN, 5), event(9, EventKind.OUT, 5, 2), start=20, end=30) is None


class TestExtensions:
    def test_approved_in_time_moves_the_limit(self) -> None:
        assert told(event(0, EventKind.IN, 5), extended=(5, 19), end=20) is None
        assert told(event(0, EventKind.IN, 5), extended=(5, 19), end=21).counted_on == FIRST + 20 * DAY

    def test_approved_late_leaves_the_days_before_overdue(self) -> None:
        found = told(event(0, EventKind.IN, 5), extended=(12, 40), end=30)
        assert (found.counted_on, found.due) == (FIRST + 10 * DAY, 5)
        assert told(event(0, EventKind.IN, 5), extended=(12, 40), start=15, end=30) is None

    def test_what_leaves_lawfully_after_it_was_counted_still_has_to_be_completed(self) -> None:
        found = told(event(0, EventKind.IN, 5), event(14, EventKind.OUT, 5, 2), extended=(12, 40), end=30)
        assert (found.due, found.in_transit) == (5, 5)

    def test_carried_loads_count_from_the_first_day_whatever_was_approved_since(self) -> None:
        events = (event(0, EventKind.IN, 8), event(11, EventKind.OUT, 5, 2), event(25, EventKind.COMPLETE, 5, 2))
        found = told(*events, extended=(15, 40), start=20, end=30)
        assert (found.counted_on, found.due, found.completed) == (FIRST + 20 * DAY, 5, 5)


class TestComingBack:
    def test_a_returned_load_is_due_once(self) -> None:
        found = told(event(0, EventKind.IN, 5), event(12, EventKind.OUT, 5, 2), event(14, EventKind.RETURN, 5, 2))
        assert (found.due, found.in_store, found.returned) == (5, 5, 5)

    def test_a_load_that_left_in_time_and_comes_back_late_is_due_from_then(self) -> None:
        found = told(event(0, EventKind.IN, 5), event(5, EventKind.OUT, 5, 2), event(14, EventKind.RETURN, 3, 2))
        assert (found.counted_on, found.due, found.in_store, found.returned) == (FIRST + 14 * DAY, 3, 3, 0)

    def test_a_load_received_and_then_sent_back_was_not_completed(self) -> None:
        found = told(
            event(0, EventKind.IN, 5), event(12, EventKind.OUT, 5, 2), event(13, EventKind.COMPLETE, 5, 2),
            event(14, EventKind.RETURN, 2, 2),
        )  # fmt: skip
        assert (found.due, found.completed, found.in_store) == (5, 3, 2)

    def test_a_return_makes_the_out_of_the_same_day_possible(self) -> None:
        found = told(
            event(0, EventKind.IN, 5), event(12, EventKind.OUT, 5, 2), event(14, EventKind.RETURN, 5, 2),
            event(14, EventKind.OUT, 5, 3), event(15, EventKind.COMPLETE, 5, 3),
        )  # fmt: skip
        assert (found.due, found.completed, found.returned) == (5, 5, 5)

    def test_found_again_is_the_tonne_that_was_missed(self) -> None:
        found = told(event(0, EventKind.IN, 5), event(12, EventKind.LOSS, 2), event(14, EventKind.GAIN, 3))
        assert (found.due, found.lost, found.in_store) == (6, 0, 6)

    def test_what_is_missing_is_not_completed(self) -> None:
        found = told(event(0, EventKind.IN, 5), event(12, EventKind.LOSS, 2))
        assert (found.due, found.lost, found.in_store, found.completed) == (5, 2, 3, 0)


class TestContradictoryRecords:
    def test_an_out_never_takes_more_than_there_is(self) -> None:
        found = told(event(0, EventKind.IN, 5), event(12, EventKind.OUT, 9, 2), event(13, EventKind.COMPLETE, 9, 2))
        assert (found.due, found.completed) == (5, 5)

    def test_a_completion_without_its_out_is_ignored(self) -> None:
        assert told(event(0, EventKind.IN, 5), event(13, EventKind.COMPLETE, 9, 2)).completed == 0

    def test_a_return_without_its_out_is_in_store(self) -> None:
        assert told(event(0, EventKind.IN, 5), event(13, EventKind.RETURN, 2, 2)).due == 7


@pytest.mark.parametrize(
    ("sent", "received", "explained", "completed"),
    [(10, 10, False, 10), (10, 9, True, 10), (10, 9, False, 9), (10, 11, True, 10), (10, 11, False, 10)],
)
def test_a_receipt_completes_what_was_sent_or_the_smaller(
    sent: int, received: int, explained: bool, completed: int
) -> None:
    rows = [
        entry(1, "stored_in", 0, sent, sent),
        entry(2, "stored_out", 1, sent, -sent),
        entry(3, "entrusted", 1, sent, predecessor_id=2, receiver_kind="treatment"),
        entry(
            4, "received", 2, received, predecessor_id=3, completed_on=FIRST + 2 * DAY, difference_explained=explained
        ),
    ]
    found = [e for e in events_by_batch(map(fact, rows))[BATCH] if e.kind is EventKind.COMPLETE]
    assert [e.quantity for e in found] == [completed]


def test_moves_between_own_facilities_are_no_events() -> None:
    rows = [entry(1, "stored_in", 0, 5, 5), entry(2, "moved_out", 3, 5, -5), entry(3, "moved_in", 3, 5, 5)]
    assert [e.kind for e in events_by_batch(map(fact, rows))[BATCH]] == [EventKind.IN]


def test_a_circle_of_records_ends() -> None:
    rows = [
        entry(1, "stored_in", 0, 5, 5),
        entry(2, "entrusted", 1, 5, predecessor_id=3),
        entry(3, "received", 1, 5, predecessor_id=2, completed_on=FIRST),
    ]
    assert [e.kind for e in events_by_batch(map(fact, rows))[BATCH]] == [EventKind.IN]
