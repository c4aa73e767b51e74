"""Stock by day against a twin that recounts every day from the first."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwrisk.errors import RuleViolation
from hwrisk.ledger.rules import StockBook, receipt_completes

START = date(2024, 2, 25)
DAYS = [START + timedelta(days=n) for n in range(12)]
PLACE = ("batch", "facility")
steps = st.lists(
    st.tuples(
        st.sampled_from(["A", "B"]), st.sampled_from(["F1", "F2"]), st.sampled_from(DAYS),
        st.integers(-60, 60).filter(bool).map(lambda n: Decimal(n) / 10),
    ),
    max_size=25,
)  # fmt: skip


class Twin:
    """A list of what was accepted; every question goes through all of it."""

    def __init__(self):
        self.accepted = []

    def stock(self, place, day):
        return sum((d for p, at, d in self.accepted if p == place and at <= day), Decimal(0))

    def lowest(self, place, day):
        return min(self.stock(place, later) for later in DAYS if later >= day)

    def post(self, place, day, delta):
        may = delta > 0 or self.lowest(place, day) + delta >= 0
        if may:
            self.accepted.append((place, day, delta))
        return may


@given(steps)
def test_the_book_accepts_and_knows_what_the_twin_does(taken):
    book, twin = StockBook(), Twin()
    for batch, facility, day, delta in taken:
        place = (batch, facility)
        assert book.available(place, day) == twin.lowest(place, day)
        try:
            book.post(place, day, delta)
            accepted = True
        except RuleViolation:
            accepted = False
        assert accepted == twin.post(place, day, delta)
        for later in DAYS:
            assert book.on(place, later) == twin.stock(place, later) >= 0


@given(steps)
def test_a_book_loaded_at_once_is_the_book_posted_step_by_step(taken):
    book = StockBook()
    accepted = []
    for batch, facility, day, delta in taken:
        try:
            book.post((batch, facility), day, delta)
        except RuleViolation:
            continue
        accepted.append(((batch, facility), day, delta))
    loaded = StockBook(accepted)
    for place in {place for place, _, _ in accepted}:
        assert [loaded.lowest(place, day) for day in DAYS] == [book.lowest(place, day) for day in DAYS]


class TestRefusals:
    def book(self):
        return StockBook([(PLACE, DAYS[1], Decimal(10)), (PLACE, DAYS[4], Decimal(-7))])

    def test_more_than_is_there(self):
        with pytest.raises(RuleViolation, match="数量 11 吨大于该批次 2024-02-26 的在库量 10 吨，请核对数量或批次"):
            self.book().post(PLACE, DAYS[1], Decimal(-11))

    def test_back_dated_and_negative_later(self):
        with pytest.raises(RuleViolation) as refused:
            self.book().post(PLACE, DAYS[2], Decimal(-5))
        assert refused.value.message == (
            "补记 2024-02-27 出库 5 吨后，2024-02-29 的库存将为负（-2 吨），最多可补记 3 吨；请核对后来的出库记录"
        )
        assert refused.value.field == "quantity"

    def test_exactly_what_is_left(self):
        book = self.book()
        book.post(PLACE, DAYS[2], Decimal(-3))
        assert book.on(PLACE, DAYS[-1]) == 0

    def test_before_it_came(self):
        with pytest.raises(RuleViolation, match="在库量 0 吨"):
            self.book().post(PLACE, DAYS[0], Decimal(-1))

    def test_a_move_and_its_way_back_on_one_day(self):
        book = self.book()
        book.post(PLACE, DAYS[4], Decimal(7))
        book.post(PLACE, DAYS[4], Decimal(-10))
        assert book.available(PLACE, DAYS[4]) == 0

    def test_facilities_in_the_order_they_were_reached(self):
        book = self.book()
        book.post(("batch", "second"), DAYS[5], Decimal(1))
        assert book.facilities("batch") == ["facility", "second"]
        assert book.facilities("unknown") == []


@pytest.mark.parametrize(
    ("sent", "received", "explained", "completes"),
    [("10", "10", False, "10"), ("10", "9.5", False, "9.5"), ("10", "9.5", True, "10"), ("10", "10.4", False, "10"),
     ("10", "10.4", True, "10")],
)  # fmt: skip
def test_what_a_receipt_completes(sent, received, explained, completes):
    assert receipt_completes(Decimal(sent), Decimal(received), explained=explained) == Decimal(completes)
