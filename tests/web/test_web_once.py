"""A page that adds to something takes effect once, however often it is sent."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hwrisk.clock import now
from hwrisk.db.session import Database
from hwrisk.errors import RuleViolation
from hwrisk.security import Role, Viewer
from hwrisk.web.models import SENT_KEPT, SentForm
from hwrisk.web.operations import drop_old_sent, note_sent
from tests.own_databases import own_database, own_postgres, own_url  # noqa: F401 - fixtures

NUMBER = "0" * 32


def person(account_id: int) -> Viewer:
    """Somebody."""
    return Viewer(account_id=account_id, label="演示-张三", role=Role.COUNTY)


@pytest.mark.db
class TestNoteSent:
    def test_the_same_page_does_not_take_effect_twice(self, session) -> None:
        note_sent(session, user=person(1), number=NUMBER, at=now())
        with pytest.raises(RuleViolation, match="没有重复登记"):
            note_sent(session, user=person(1), number=NUMBER, at=now())
        assert session.scalar(select(func.count()).select_from(SentForm)) == 1

    def test_pages_and_people_do_not_disturb_each_other(self, session) -> None:
        for who, number in ((1, NUMBER), (2, NUMBER), (1, "长" * 5000), (1, "")):
            note_sent(session, user=person(who), number=number, at=now())
        assert session.scalar(select(func.count()).select_from(SentForm)) == 4

    def test_what_was_refused_may_be_sent_again(self, database: Database) -> None:
        with pytest.raises(RuleViolation, match="数量"), database.unit_of_work() as session:
            note_sent(session, user=person(1), number=NUMBER, at=now())
            raise RuleViolation("数量不对")
        with database.unit_of_work() as session:
            note_sent(session, user=person(1), number=NUMBER, at=now())

    def test_old_marks_go(self, session) -> None:
        note_sent(session, user=person(1), number=NUMBER, at=now() - SENT_KEPT - timedelta(days=1))
        note_sent(session, user=person(2), number=NUMBER, at=now())
        assert drop_old_sent(session, at=now()) == 1
        note_sent(session, user=person(1), number=NUMBER, at=now())


@pytest.mark.db
def test_of_many_at_once_one_takes_effect(own_database: Database) -> None:  # noqa: F811 - the fixture imported above
    done: list[bool] = []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        try:
            with own_database.unit_of_work(lock_timeout_s=30) as session:
                note_sent(session, user=person(1), number=NUMBER, at=now())
        except RuleViolation:
            done.append(False)
        else:
            done.append(True)

    hands = [threading.Thread(target=send) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(done) == [False, False, False, True]
