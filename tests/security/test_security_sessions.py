"""The touch of a sign-in, on databases with real commits and locks."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from hwrisk.clock import now
from hwrisk.db.locks import try_at_once
from hwrisk.security.models import Account, WebSession
from hwrisk.security.operations import disable_account, forget_old, open_session, sign_in, touch_session
from hwrisk.security.operations import sessions as sessions_module
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from tests.security.conftest import PASSWORD, People

LATER = timedelta(minutes=2)


@pytest.fixture
def own_people(own_database):
    return People(own_database)


@pytest.fixture(autouse=True)
def _forgetful_process():
    sessions_module._touched.clear()


def opened(database, account):
    with database.unit_of_work() as session:
        return open_session(session, account, at=now())


def stored(database):
    with database.session() as session:
        return session.scalars(select(WebSession)).one()


class TestTouchSession:
    def test_use_is_noted_and_moves_the_end_on(self, own_database, own_people):
        token = opened(own_database, own_people())
        assert touch_session(own_database, token, at=now() + LATER)
        noted = stored(own_database)
        assert noted.last_seen_at == now() + LATER
        assert noted.expires_at == now() + LATER + timedelta(hours=12)

    def test_at_most_once_a_minute(self, own_database, own_people, monkeypatch):
        token = opened(own_database, own_people())
        assert not touch_session(own_database, token, at=now() + timedelta(seconds=59))
        assert touch_session(own_database, token, at=now() + timedelta(seconds=60))
        # Within the next minute the process does not even ask the database.
        monkeypatch.setattr(type(own_database), "session", None)
        assert not touch_session(own_database, token, at=now() + timedelta(seconds=119))

    def test_an_ended_or_foreign_token_notes_nothing(self, own_database, own_people):
        account = own_people()
        token = opened(own_database, account)
        with own_database.unit_of_work() as session:
            disable_account(session, session.get_one(Account, account.id), actor=Viewer.system(), at=now())
        assert not touch_session(own_database, token, at=now() + LATER)
        assert not touch_session(own_database, "nothing", at=now() + LATER)

    def test_it_never_waits_for_a_writer(self, own_database, own_people):
        account = own_people()
        token = opened(own_database, account)
        with own_database.unit_of_work() as writing:
            # PostgreSQL locks rows, so the row itself is taken.
            writing.execute(update(WebSession).values(address="busy"))
            writing.flush()
            result = {}

            def touch():
                begun = time.perf_counter()
                result["done"] = touch_session(own_database, token, at=now() + LATER)
                result["seconds"] = time.perf_counter() - begun

            thread = threading.Thread(target=touch)
            thread.start()
            thread.join(timeout=10)
        assert result["done"] is False
        assert result["seconds"] < 1
        assert touch_session(own_database, token, at=now() + LATER)

    def test_it_does_not_wait_for_a_foreign_writer_without_the_file_lock(self, own_database, own_people):
        token = opened(own_database, own_people())
        if own_database.dialect != "sqlite":
            # Only SQLite has one lock for all writers; on PostgreSQL nobody else's row is in the way.
            assert touch_session(own_database, token, at=now() + LATER)
            return
        with own_database.engine.execution_options(hwrisk_write=True).connect() as foreign:
            foreign.execute(text("SELECT 1"))
            begun = time.perf_counter()
            assert not touch_session(own_database, token, at=now() + LATER)
            assert time.perf_counter() - begun < 1
        with own_database.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert own_database.dialect != "sqlite" or driver.execute("PRAGMA busy_timeout").fetchone() == (5000,)

    def test_a_statement_the_database_refuses_is_no_error(self, own_database, own_people):
        opened(own_database, own_people())
        assert not try_at_once(own_database, update(WebSession).values(account_id=-1))
        assert stored(own_database).account_id > 0

    def test_the_memory_of_the_process_is_bounded(self, own_database, own_people, monkeypatch):
        monkeypatch.setattr(sessions_module, "_REMEMBERED", 2)
        account = own_people()
        for _ in range(4):
            touch_session(own_database, opened(own_database, account), at=now() + LATER)
        assert len(sessions_module._touched) == 2


class TestManyAtOnce:
    def test_guesses_at_the_same_time_are_all_counted(self, own_database, own_people):
        account = own_people()
        start = threading.Barrier(8)

        def guess():
            start.wait()
            with pytest.raises(Exception, match="密码"):
                sign_in(own_database, account.username, "wrong", address="10.0.0.8", at=now())

        threads = [threading.Thread(target=guess) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with own_database.session() as session:
            account = session.get_one(Account, account.id)
        assert account.locked_until == now() + timedelta(minutes=30)
        with pytest.raises(Exception, match="锁定"):
            sign_in(own_database, account.username, PASSWORD, address="10.0.0.9", at=now())


class TestForgetOld:
    def test_what_ended_long_ago_goes_and_the_rest_stays(self, own_database, own_people):
        account, post = own_people(), own_people(Role.DUTY)
        sign_in(own_database, account.username, PASSWORD, address="a", at=now() - timedelta(days=182))
        sign_in(own_database, account.username, PASSWORD, address="a", at=now() - timedelta(days=179))
        sign_in(own_database, post.username, PASSWORD, address="a", at=now())
        today = now().date()
        with own_database.unit_of_work() as session:
            assert forget_old(session, as_of=today) == {"sessions": 1, "attempts": 1}
        with own_database.unit_of_work() as session:
            assert forget_old(session, as_of=today) == {"sessions": 0, "attempts": 0}
            assert len(session.scalars(select(WebSession)).all()) == 2
