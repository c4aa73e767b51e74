"""Instants, enums and history rows: what goes in comes out, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from hwrisk.db.history import Period, in_force, known
from hwrisk.db.types import EnumValue, Labelled, UtcDateTime

SHANGHAI = timezone(timedelta(hours=8))
EARLIEST, LATEST = datetime(1900, 1, 2), datetime(2200, 1, 1)  # noqa: DTZ001 - the zones are drawn
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)


class Colour(Labelled):
    RED = "red", "红"
    GREEN = "green", "绿"


class Sample(DeclarativeBase):
    """Tables of these tests alone."""


class Fact(Period, Sample):
    __tablename__ = "fact"
    __table_args__ = {"prefixes": ["TEMPORARY"]}  # noqa: RUF012 - SQLAlchemy's way of saying it

    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str]


THING = Table(
    "thing", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime()),
    Column("colour", EnumValue(Colour)), prefixes=["TEMPORARY"],
)  # fmt: skip


@pytest.fixture
def things(session: Session) -> Any:
    THING.create(session.connection())
    yield session
    THING.drop(session.connection())


def put(session: Session, **values: Any) -> Any:
    session.execute(THING.delete())
    session.execute(THING.insert().values(id=1, **values))
    return session.execute(select(THING.c.at, THING.c.colour)).one()


@pytest.mark.db
def test_an_instant_comes_back_in_utc(things: Session) -> None:
    assert put(things, at=NOON).at == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    assert put(things, at=NOON).at.tzinfo is UTC
    assert put(things, at=None).at is None


@pytest.mark.db
@given(st.datetimes(EARLIEST, LATEST, timezones=st.timezones()))
def test_every_instant_stays_the_same_instant(things: Session, at: datetime) -> None:
    assert put(things, at=at).at == at.astimezone(UTC)


@pytest.mark.db
def test_a_naive_instant_is_refused(things: Session) -> None:
    with things.begin_nested(), pytest.raises(StatementError, match="time zone"):
        put(things, at=datetime(2026, 11, 23))  # noqa: DTZ001 - that is the point


@pytest.mark.db
def test_an_enum_is_stored_by_value(things: Session) -> None:
    assert put(things, colour=Colour.GREEN).colour is Colour.GREEN
    assert things.scalar(text("SELECT colour FROM thing")) == "green"
    assert put(things, colour="red").colour is Colour.RED
    assert things.scalar(select(THING.c.id).where(THING.c.colour == Colour.RED)) == 1
    with things.begin_nested(), pytest.raises(StatementError, match="blue"):
        put(things, colour="blue")


def test_labels_are_chinese_and_values_plain() -> None:
    assert (Colour.RED, Colour.RED.label, str(Colour.RED), f"{Colour.RED}") == ("red", "红", "red", "red")
    assert Colour("green") is Colour.GREEN


class TestHistory:
    MONDAY, TUESDAY = datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC)

    @pytest.fixture
    def facts(self, session: Session) -> Any:
        Sample.metadata.create_all(session.connection())
        session.add_all([
            # On Tuesday it became known that the fact of Monday had ended in June already.
            Fact(note="as first told", valid_from=date(2026, 1, 1), valid_until=None,
                 recorded_at=self.MONDAY, superseded_at=self.TUESDAY),
            Fact(note="until June", valid_from=date(2026, 1, 1), valid_until=date(2026, 7, 1),
                 recorded_at=self.TUESDAY),
            Fact(note="from July", valid_from=date(2026, 7, 1), valid_until=None, recorded_at=self.TUESDAY),
        ])  # fmt: skip
        session.flush()
        yield session
        session.expunge_all()
        Sample.metadata.drop_all(session.connection())

    @pytest.mark.db
    @pytest.mark.parametrize(
        ("as_of", "known_at", "notes"),
        [
            (date(2025, 12, 31), None, []),
            (date(2026, 1, 1), None, ["until June"]),
            (date(2026, 6, 30), None, ["until June"]),
            (date(2026, 7, 1), None, ["from July"]),
            (date(2026, 7, 1), MONDAY - timedelta(seconds=1), []),
            (date(2026, 7, 1), MONDAY, ["as first told"]),
            (date(2026, 7, 1), TUESDAY - timedelta(microseconds=1), ["as first told"]),
            (date(2026, 7, 1), TUESDAY, ["from July"]),
        ],
    )
    def test_the_state_of_a_day_as_known_at_an_instant(
        self, facts: Session, as_of: date, known_at: datetime | None, notes: list[str]
    ) -> None:
        assert facts.scalars(select(Fact.note).where(in_force(Fact, as_of, known_at))).all() == notes

    @pytest.mark.db
    def test_what_is_known_now_is_what_nothing_superseded(self, facts: Session) -> None:
        notes = facts.scalars(select(Fact.note).where(known(Fact)).order_by(Fact.id)).all()
        assert notes == ["until June", "from July"]
