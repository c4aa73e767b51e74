"""Tonnes: exact on both engines, and never unscaled without an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, case, func, literal, null, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from hwrisk.db.types import TonnesType, from_units, ratio, scaled, to_units, total

HEAP = Table(
    "heap", MetaData(),
    Column("id", Integer, primary_key=True), Column("q", TonnesType()), Column("cap", TonnesType()),
    Column("bags", Integer), prefixes=["TEMPORARY"],
)  # fmt: skip
Q, CAP, BAGS = HEAP.c.q, HEAP.c.cap, HEAP.c.bags
ROWS = [
    {"id": 1, "q": Decimal("0.1"), "cap": Decimal("3.5"), "bags": 2},
    {"id": 2, "q": Decimal("1.0001"), "cap": Decimal(1), "bags": 1},
    {"id": 3, "q": None, "cap": Decimal(2), "bags": 4},
]
tonnes = st.integers(-(10**14), 10**14).map(lambda units: Decimal(units).scaleb(-4))


@pytest.fixture
def heap(session: Session) -> Iterator[Session]:
    HEAP.create(session.connection())
    session.execute(HEAP.insert(), ROWS)
    yield session
    HEAP.drop(session.connection())


def column(session: Session, expression: Any) -> list[Any]:
    return list(session.scalars(select(expression).select_from(HEAP).order_by(HEAP.c.id)))


def one(session: Session, expression: Any) -> Any:
    return session.scalar(select(expression).select_from(HEAP))


def D(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.db
@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (Q + CAP, ["3.6000", "2.0001", None]),
        (Q - CAP, ["-3.4000", "0.0001", None]),
        (-Q, ["-0.1000", "-1.0001", None]),
        (Q + 1, ["1.1000", "2.0001", None]),
        (1 - Q, ["0.9000", "-0.0001", None]),
        (D("1.5") - Q, ["1.4000", "0.4999", None]),
        (func.coalesce(Q, 5), ["0.1000", "1.0001", "5.0000"]),
        (func.coalesce(Q, D("0.5")), ["0.1000", "1.0001", "0.5000"]),
        (func.coalesce(Q, CAP), ["0.1000", "1.0001", "2.0000"]),
        (func.nullif(Q, D("0.1")), [None, "1.0001", None]),
        (func.abs(Q - CAP), ["3.4000", "0.0001", None]),
        (case((BAGS == 1, Q), else_=literal(D("9"), TonnesType())), ["9.0000", "1.0001", "9.0000"]),
        (func.lag(CAP).over(order_by=HEAP.c.id), [None, "3.5000", "1.0000"]),
        (func.lag(CAP, 2).over(order_by=HEAP.c.id), [None, None, "3.5000"]),
        (func.sum(CAP).over(order_by=HEAP.c.id), ["3.5000", "4.5000", "6.5000"]),
        (Q.label("quantity") + null(), [None, None, None]),
    ],
    ids=str,
)
def test_a_row_keeps_its_scale(heap: Session, expression: Any, wanted: list[str | None]) -> None:
    assert [None if value is None else str(value) for value in column(heap, expression)] == wanted


@pytest.mark.db
@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (func.sum(Q), "1.1001"),
        (func.sum(Q - CAP), "-3.3999"),
        (func.sum(Q) + 1, "2.1001"),
        (func.min(Q), "0.1000"),
        (func.max(Q + CAP), "3.6000"),
        (func.coalesce(func.sum(Q), 0), "1.1001"),
        (func.sum(Q).filter(BAGS > 9), "None"),
        (total(Q), "1.1001"),
        (total(Q.label("q")), "1.1001"),
    ],
    ids=str,
)
def test_an_aggregate_keeps_its_scale(heap: Session, expression: Any, wanted: str) -> None:
    assert str(one(heap, expression)) == wanted


@pytest.mark.db
def test_comparisons_speak_of_tonnes(heap: Session) -> None:
    def ids(condition: Any) -> list[int]:
        return list(heap.scalars(select(HEAP.c.id).where(condition).order_by(HEAP.c.id)))

    assert ids(Q > 1) == [2]
    assert ids(D("0.1000") == Q) == [1]
    assert ids(Q < CAP) == [1]
    assert ids(Q.between(0, 1)) == [1]
    assert ids(Q.in_([D("0.1"), 2])) == [1]
    assert ids(Q.is_(None)) == [3]
    assert ids(CAP > 1) == [1, 3]
    other = HEAP.alias()
    assert ids(select(func.max(other.c.q)).scalar_subquery() > 1) == [1, 2, 3]


@pytest.mark.db
def test_the_sum_of_nothing_is_zero_tonnes(heap: Session) -> None:
    assert str(heap.scalar(select(total(Q)).where(HEAP.c.id > 9))) == "0.0000"


@pytest.mark.db
def test_ten_tenths_are_one(heap: Session) -> None:
    heap.execute(HEAP.delete())
    heap.execute(HEAP.insert(), [{"id": n, "q": D("0.1")} for n in range(10)])
    assert one(heap, func.sum(Q)) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: Q * 2, lambda: 2 * Q, lambda: Q / 2, lambda: 2 / Q, lambda: Q // 3, lambda: Q % 3,
        lambda: Q * CAP, lambda: func.sum(Q) * 2, lambda: Q.op("*")(2), lambda: Q.concat("x"), lambda: Q.like("1%"),
        lambda: func.avg(Q), lambda: func.avg(Q - CAP), lambda: func.round(Q), lambda: func.total(Q),
        lambda: Q + BAGS, lambda: Q > BAGS, lambda: Q + literal(2), lambda: func.coalesce(Q, BAGS),
    ],
)  # fmt: skip
def test_what_would_lose_the_scale_is_an_error(make: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="tonnes"):
        make()


@pytest.mark.parametrize("bad", [0.1, "1", True, None])
def test_only_exact_numbers_are_tonnes(bad: Any) -> None:
    with pytest.raises(TypeError):
        to_units(bad)


@pytest.mark.parametrize("bad", ["0.00001", "NaN", "sNaN", "Infinity", "-Infinity", "1e400", "1e12"])
def test_what_does_not_fit_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="tonnes"):
        to_units(D(bad))


@pytest.mark.db
@pytest.mark.parametrize("bad", [0.5, D("0.00001"), D("NaN"), "1.5"])
def test_the_database_gets_no_inexact_number(heap: Session, bad: Any) -> None:
    with heap.begin_nested(), pytest.raises(StatementError):
        heap.execute(HEAP.insert().values(id=9, q=bad))


@pytest.mark.db
@given(value=tonnes, other=tonnes)
def test_every_quantity_comes_back_as_it_went(heap: Session, value: Decimal, other: Decimal) -> None:
    heap.execute(HEAP.update().where(HEAP.c.id == 1).values(q=value, cap=other))
    row = heap.execute(select(Q, Q + CAP, Q - CAP, -Q).where(HEAP.c.id == 1)).one()
    assert list(row) == [value, value + other, value - other, -value]
    assert all(isinstance(number, Decimal) and number.as_tuple().exponent == -4 for number in row)


@given(value=tonnes)
def test_units_and_back(value: Decimal) -> None:
    assert from_units(to_units(value)) == value


def test_ratio_and_scaled_are_exact() -> None:
    assert ratio(D("1"), D("3")) == Fraction(1, 3)
    assert ratio(D("1"), D("0")) is None
    assert scaled(D("0.0001"), Fraction(1, 3)) == Fraction(1, 30000)
