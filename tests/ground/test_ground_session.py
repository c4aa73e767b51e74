"""Units of work: whole or not at all, one writer after the other, readers never held up, trouble as DatabaseBusy."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, ProgrammingError

from hwrisk.db import session as session_module
from hwrisk.db.marks import Mark, mark, set_mark
from hwrisk.db.session import Database, is_busy, make_engine, run_last
from hwrisk.errors import DatabaseBusy
from tests.conftest import make_settings

pytestmark = pytest.mark.slow


class Failed(Exception):
    """What a test makes go wrong."""


def value_of(database: Database, key: str) -> str:
    with database.session() as session:
        return mark(session, key)


def put(database: Database, key: str, value: str, **options: Any) -> None:
    with database.unit_of_work(**options) as session:
        set_mark(session, key, value)


class TestWhole:
    def test_what_is_done_is_kept(self, own_database: Database) -> None:
        put(own_database, "a", "1")
        assert value_of(own_database, "a") == "1"

    @pytest.mark.parametrize("error", [Failed, KeyboardInterrupt, SystemExit])
    def test_any_error_takes_everything_back(self, own_database: Database, error: type[BaseException]) -> None:
        with pytest.raises(error), own_database.unit_of_work() as session:
            set_mark(session, "a", "1")
            session.flush()
            raise error
        assert value_of(own_database, "a") == ""
        put(own_database, "a", "2")

    def test_an_error_at_the_end_takes_everything_back(self, own_database: Database) -> None:
        with pytest.raises(IntegrityError), own_database.unit_of_work() as session:
            set_mark(session, "a", "1")
            session.flush()
            session.add(Mark(key="b", value=None))
        assert value_of(own_database, "a") == ""
        # The write lock went with it.
        put(own_database, "a", "2")
        assert value_of(own_database, "a") == "2"

    def test_what_a_reading_session_writes_is_not_kept(self, own_database: Database) -> None:
        with own_database.session() as session:
            set_mark(session, "a", "1")
            session.flush()
        assert value_of(own_database, "a") == ""

    def test_the_last_statements_come_last_and_count_as_the_work(
        self, own_database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(session_module, "_last_statements", [])
        seen: list[str] = []

        @run_last
        def look(session: Any) -> None:
            seen.append(mark(session, "a"))
            if seen[-1] == "bad":
                raise Failed

        assert run_last(look) is look
        put(own_database, "a", "good")
        with pytest.raises(Failed):
            put(own_database, "a", "bad")
        assert seen == ["good", "bad"]
        assert value_of(own_database, "a") == "good"


class TestWriters:
    THREADS, TURNS = 4, 50

    def test_no_update_is_lost(self, own_database: Database) -> None:
        put(own_database, "count", "0")

        def work(_number: int) -> None:
            for _ in range(self.TURNS):
                with own_database.unit_of_work() as session:
                    row = session.get_one(Mark, "count", with_for_update=True)
                    row.value = str(int(row.value) + 1)

        with ThreadPoolExecutor(self.THREADS) as pool:
            list(pool.map(work, range(self.THREADS)))
        assert value_of(own_database, "count") == str(self.THREADS * self.TURNS)

    def test_the_file_lock_comes_before_the_transaction(self, tmp_path: Path) -> None:
        database = file_database(tmp_path)
        order: list[str] = []
        held = database.write_lock

        def noted(**options: Any) -> Any:
            order.append("lock")
            return held(**options)

        database.write_lock = noted  # type: ignore[method-assign]
        event.listen(database.engine, "begin", lambda _connection: order.append("begin"))
        put(database, "a", "1")
        assert order == ["lock", "begin"]
        database.dispose()

    def test_a_writer_of_another_process_is_waited_for(self, tmp_path: Path) -> None:
        database = file_database(tmp_path)
        with other_process_holding(tmp_path, seconds=0.6):
            started = time.monotonic()
            put(database, "a", "1")
        assert time.monotonic() - started > 0.2
        assert value_of(database, "a") == "1"
        database.dispose()

    def test_a_reader_sees_the_old_and_does_not_wait(self, own_database: Database) -> None:
        put(own_database, "a", "old")
        with own_database.unit_of_work() as session:
            set_mark(session, "a", "new")
            session.flush()
            started = time.monotonic()
            assert value_of(own_database, "a") == "old"
            assert time.monotonic() - started < 1
        assert value_of(own_database, "a") == "new"


class TestBusy:
    def test_a_lock_held_too_long_is_busy(self, tmp_path: Path) -> None:
        database = file_database(tmp_path, lock_timeout_s=0.2)
        with database.write_lock():
            started = time.monotonic()
            with pytest.raises(DatabaseBusy), ThreadPoolExecutor(1) as pool:
                pool.submit(put, database, "a", "1").result()
            assert 0.2 <= time.monotonic() - started < 3
            with pytest.raises(DatabaseBusy):
                put(database, "a", "1", lock_timeout_s=0)
        assert value_of(database, "a") == ""
        database.dispose()

    def test_a_foreign_program_that_knows_nothing_of_our_lock(self, tmp_path: Path) -> None:
        database = file_database(tmp_path, lock_timeout_s=0.3)
        foreign = sqlite3.connect(tmp_path / "hwrisk.db", isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(DatabaseBusy):
            put(database, "a", "1")
        assert time.monotonic() - started < 2
        foreign.execute("ROLLBACK")
        foreign.close()
        put(database, "a", "1")
        database.dispose()

    def test_a_read_only_file(self, tmp_path: Path) -> None:
        file_database(tmp_path).dispose()
        database = Database(make_engine(f"sqlite:///file:{tmp_path / 'hwrisk.db'}?mode=ro&uri=true"))
        assert value_of(database, "a") == ""
        with pytest.raises(DatabaseBusy):
            put(database, "a", "1")
        database.dispose()

    def test_a_full_disk(self, tmp_path: Path) -> None:
        database = file_database(tmp_path)
        event.listen(database.engine, "connect", no_more_pages)
        database.dispose()
        with pytest.raises(DatabaseBusy), database.unit_of_work() as session:
            for number in range(2000):
                set_mark(session, f"row {number}", "x" * 200)
        assert value_of(database, "row 0") == ""
        database.dispose()

    def test_a_folder_that_is_gone(self, tmp_path: Path) -> None:
        database = Database(make_engine(f"sqlite:///{tmp_path / 'gone' / 'hwrisk.db'}"))
        with pytest.raises(DatabaseBusy):
            value_of(database, "a")

    def test_nobody_listens(self) -> None:
        database = Database(make_engine("postgresql+psycopg://x@127.0.0.1:1/x?connect_timeout=2"))
        with pytest.raises(DatabaseBusy):
            value_of(database, "a")

    def test_every_connection_is_taken(self, tmp_path: Path) -> None:
        database = file_database(tmp_path)
        database.engine.pool._timeout = 0.1  # type: ignore[attr-defined]
        taken = [database.engine.connect() for _ in range(15)]
        with pytest.raises(DatabaseBusy):
            value_of(database, "a")
        for connection in taken:
            connection.close()
        database.dispose()

    @pytest.mark.db
    def test_a_row_lock_on_postgresql_is_not_waited_for_for_ever(self, own_postgres: Any) -> None:
        url = own_postgres.create_database("own_locked", template="tables")
        first, second = Database(make_engine(url)), Database(make_engine(url, busy_timeout_s=0.3))
        put(first, "a", "1")
        with first.unit_of_work() as session:
            session.get_one(Mark, "a", with_for_update=True).value = "2"
            session.flush()
            with pytest.raises(DatabaseBusy):
                put(second, "a", "3")
        assert value_of(second, "a") == "2"
        first.dispose()
        second.dispose()

    @pytest.mark.db
    def test_a_read_only_postgresql(self, own_postgres: Any) -> None:
        url = own_postgres.create_database("own_read_only", template="tables")
        database = Database(make_engine(url + "&options=-c%20default_transaction_read_only%3Don"))
        with pytest.raises(DatabaseBusy):
            put(database, "a", "1")
        assert value_of(database, "a") == ""
        database.dispose()

    @pytest.mark.parametrize(
        "message",
        [
            "database is locked",
            "attempt to write a readonly database",
            "database or disk is full",
            "disk I/O error",
            "unable to open database file",
            "the database system is shutting down",
            "FATAL: sorry, too many clients already",
            "deadlock detected",
            "cannot execute INSERT in a read-only transaction",
            "consuming input failed: server closed the connection",
        ],
    )
    @pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
    def test_what_counts_as_busy(self, message: str, kind: type[OperationalError]) -> None:
        assert is_busy(kind("SELECT 1", {}, Exception(message)))

    def test_a_fault_of_ours_is_not_busy(self, own_database: Database) -> None:
        assert not is_busy(OperationalError("x", {}, Exception("no such table: locked")))
        with pytest.raises((OperationalError, ProgrammingError)), own_database.session() as session:
            session.execute(text("SELECT * FROM nowhere"))


def test_sqlite_keeps_its_promises(tmp_path: Path) -> None:
    database = file_database(tmp_path)
    with database.engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in (
            "foreign_keys", "synchronous", "busy_timeout", "journal_mode", "mmap_size",
        )}  # fmt: skip
    assert found == {
        "foreign_keys": 1, "synchronous": 2, "busy_timeout": 5000, "journal_mode": "wal", "mmap_size": 0,
    }  # fmt: skip
    database.dispose()


def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    database = Database.open(make_settings(tmp_path, database_url=f"sqlite:///{tmp_path / 'a' / 'b' / 'c.db'}"))
    with database.session() as session:
        assert session.scalar(text("SELECT 1")) == 1
    database.dispose()


def file_database(folder: Path, **changes: Any) -> Database:
    """Return an SQLite file with the one table these tests write to, in WAL mode as the migrations leave it."""
    database = Database.open(make_settings(folder, **changes))
    with sqlite3.connect(folder / "hwrisk.db") as raw:
        raw.execute("PRAGMA journal_mode=WAL")
    raw.close()
    Mark.metadata.create_all(database.engine)
    return database


def no_more_pages(connection: Any, _record: Any) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages + 3}")


class other_process_holding:
    """Hold the write lock in another process for some seconds; begun when the lock is held."""

    PROGRAM = (
        "import sys, time; from pathlib import Path; from tests.conftest import make_settings;"
        "from hwrisk.db.session import Database\n"
        "with Database.open(make_settings(Path(sys.argv[1]))).unit_of_work(): print('held', flush=True);"
        " time.sleep(float(sys.argv[2]))"
    )

    def __init__(self, folder: Path, *, seconds: float) -> None:
        self.command = [sys.executable, "-c", self.PROGRAM, str(folder), str(seconds)]

    def __enter__(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def __exit__(self, *_error: object) -> None:
        assert self.process.stdout is not None
        self.process.stdout.close()
        assert self.process.wait(timeout=10) == 0


def test_threads_do_not_share_the_lock(tmp_path: Path) -> None:
    database = file_database(tmp_path, lock_timeout_s=0.2)
    refused: list[bool] = []

    def second() -> None:
        try:
            with database.write_lock():
                pass
        except DatabaseBusy:
            refused.append(True)

    with database.write_lock():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert refused == [True]
    database.dispose()
