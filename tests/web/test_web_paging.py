"""Keyset paging over tables of its own: forward, back, ties, and cursors somebody wrote by hand."""

import base64
import json
from datetime import date

import pytest
from sqlalchemy import MetaData, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from hwrisk.web.paging import SortKey, page_of, whole_number


class Own(DeclarativeBase):
    metadata = MetaData()


class Thing(Own):
    __tablename__ = "thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    name: Mapped[str] = mapped_column(String(20))


KEYS = (SortKey(Thing.day, lambda t: t.day, descending=True), SortKey(Thing.id, lambda t: t.id))


@pytest.fixture
def session():
    engine = create_engine("sqlite://")
    Own.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Thing(id=n, day=date(2026, 1, 1 + n % 3), name=f"n{n}") for n in range(1, 24))
        session.flush()
        yield session
    engine.dispose()


def ids(page):
    return [thing.id for thing in page.rows]


def test_walking_forward_and_back_shows_every_row_once(session):
    whole = list(session.scalars(select(Thing.id).order_by(Thing.day.desc(), Thing.id)))
    pages = [page_of(session, select(Thing), keys=KEYS, size=5)]
    while pages[-1].next_cursor:
        pages.append(page_of(session, select(Thing), keys=KEYS, size=5, cursor=pages[-1].next_cursor))
    assert [n for page in pages for n in ids(page)] == whole
    assert pages[0].previous_cursor is None
    back = [pages[-1]]
    while back[-1].previous_cursor:
        back.append(page_of(session, select(Thing), keys=KEYS, size=5, cursor=back[-1].previous_cursor))
    assert [n for page in reversed(back) for n in ids(page)] == whole


def test_the_empty_list_has_no_neighbours(session):
    page = page_of(session, select(Thing).where(Thing.id < 0), keys=KEYS, size=5)
    assert (list(page.rows), page.next_cursor, page.previous_cursor) == ([], None, None)


def test_a_full_last_page_has_no_next(session):
    page = page_of(session, select(Thing).where(Thing.id <= 5), keys=KEYS, size=5)
    assert page.next_cursor is None


def cursor(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "forged",
    [
        "", "x", "é", "=" * 10, "A" * 5000, cursor(), cursor(0, "2026-01-01"), cursor(2, "2026-01-01", 1),
        cursor(0, "nonsense", 1), cursor(0, 5, 1), cursor(0, "2026-01-01", "1"), cursor(0, "2026-01-01", 2**63),
        cursor(0, "2026-01-01", None), cursor(0, None, 1), cursor(0, ["2026-01-01"], 1), cursor(0, "2026-13-01", 1),
        base64.urlsafe_b64encode(b"[" * 590).decode(), base64.urlsafe_b64encode(b"{}").decode(),
        cursor(0, "2026-01-01", 1.5),
    ],
)  # fmt: skip
def test_a_forged_cursor_is_page_one(session, forged):
    assert ids(page_of(session, select(Thing), keys=KEYS, size=3, cursor=forged)) == [2, 5, 8]


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("9223372036854775807", 2**63 - 1), ("9223372036854775808", None), ("0", None), ("-1", None), ("", None),
     ("٣", None), ("1e3", None), (None, None), ("9" * 400, None)],
)  # fmt: skip
def test_numbers_of_rows(text, number):
    assert whole_number(text) == number
