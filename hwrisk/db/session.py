"""Engines, sessions and the unit of work."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from hwrisk.config import Settings
from hwrisk.errors import DatabaseBusy

_BUSY_WORDS = (
    "database is locked", "readonly database", "read-only", "database or disk is full", "disk i/o error",
    "unable to open database", "could not connect", "connection refused", "server closed", "lock timeout",
    "canceling statement due to lock", "no space left", "connection failed", "terminating connection",
    "deadlock detected", "could not serialize", "the database system is", "too many clients", "connection slots",
    "connection timeout", "could not extend file", "the connection is lost", "the connection is closed",
)  # fmt: skip
LONGEST_BUSY_S = 5.0

LastStatement = Callable[[Session], None]
_last_statements: list[LastStatement] = []


def run_last(hook: LastStatement) -> LastStatement:
    """Register `hook` to run as the last statements of every unit of work, before COMMIT."""
    if hook not in _last_statements:
        _last_statements.append(hook)
    return hook


def make_engine(url: str, *, busy_timeout_s: float = 5.0) -> Engine:
    """Return an engine for `url` with the project's transaction rules.

    `busy_timeout_s` is how long a statement waits for a lock of the database itself.
    """
    options: dict[str, Any] = {"json_serializer": _to_json, "json_deserializer": json.loads}
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(url, pool_pre_ping=True, **options)
        event.listen(engine, "begin", partial(_begin_postgresql, milliseconds=int(busy_timeout_s * 1000)))
        return engine
    engine = create_engine(url, connect_args={"timeout": busy_timeout_s, "check_same_thread": False}, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


class Database:
    """One database: read sessions, and units of work that are all or nothing.

    On SQLite every writer takes one file lock first and then BEGIN IMMEDIATE, so that writers queue instead of failing
    and no read-modify-write is lost.
    """

    def __init__(self, engine: Engine, *, lock_path: Path | None = None, lock_timeout_s: float = 10.0) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._lock_path = lock_path
        self._lock_timeout_s = lock_timeout_s
        self._bound: Connection | None = None

    @classmethod
    def open(cls, settings: Settings) -> Database:
        """Return the database of `settings`; the folder of an SQLite file is made."""
        url = make_url(settings.database_url)
        lock_path, wait = None, settings.lock_timeout_s
        if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
            path = Path(url.database)
            path.parent.mkdir(parents=True, exist_ok=True)
            lock_path = path.with_name(path.name + ".lock")
            # Whoever holds the file lock waits for foreign programs alone, and not twice as long.
            wait = min(wait, LONGEST_BUSY_S)
        engine = make_engine(settings.database_url, busy_timeout_s=wait)
        return cls(engine, lock_path=lock_path, lock_timeout_s=settings.lock_timeout_s)

    @classmethod
    def bound_to(cls, connection: Connection, *, engine: Engine | None = None) -> Database:
        """Return a database whose sessions join the transaction of `connection` as savepoints.

        `engine` serves what needs a connection of its own; by default that of `connection`.
        """
        database = cls(engine or connection.engine)
        database._bound = connection
        return database

    def new_session(self, *, write: bool = False) -> Session:
        """Return a session; the caller closes it. Prefer `session` and `unit_of_work`."""
        if self._bound is not None:
            return Session(self._bound, join_transaction_mode="create_savepoint", expire_on_commit=False)
        engine = self.engine.execution_options(hwrisk_write=True) if write else self.engine
        return Session(engine, expire_on_commit=False)

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """Give a session for reading; what is written in it is not kept."""
        with as_busy(), self.new_session() as session:
            yield session

    @contextlib.contextmanager
    def unit_of_work(self, *, lock_timeout_s: float | None = None) -> Iterator[Session]:
        """Give a session whose work is committed at the end, or rolled back whole on any error.

        `lock_timeout_s` is how long to wait for the write lock of SQLite: 0 for what is better left out than waited
        for, None for the setting.

        Raises:
            DatabaseBusy: the lock could not be had, or the database is full or read-only.
        """
        with as_busy(), self.write_lock(timeout_s=lock_timeout_s), self.new_session(write=True) as session:
            try:
                yield session
                session.flush()
                for hook in _last_statements:
                    hook(session)
                session.commit()
            except BaseException:
                session.rollback()
                raise

    @contextlib.contextmanager
    def write_lock(self, *, timeout_s: float | None = None) -> Iterator[None]:
        """Hold the one write lock of an SQLite database: for writers, migrations, checkpoints and backups alike."""
        if self._lock_path is None:
            yield
            return
        lock = FileLock(str(self._lock_path))
        try:
            lock.acquire(timeout=self._lock_timeout_s if timeout_s is None else timeout_s)
        except (Timeout, OSError) as failure:
            raise DatabaseBusy from failure
        try:
            yield
        finally:
            lock.release()

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextlib.contextmanager
def as_busy() -> Iterator[None]:
    """Turn a locked, full, read-only or unreachable database into `DatabaseBusy`."""
    try:
        yield
    except PoolTimeout as failure:
        raise DatabaseBusy from failure
    except DBAPIError as failure:
        # Not OperationalError alone: a read-only PostgreSQL says so with an InternalError.
        if is_busy(failure):
            raise DatabaseBusy from failure
        raise


def is_busy(failure: DBAPIError) -> bool:
    """Tell whether a driver error means that the database cannot be written or reached just now."""
    return any(word in str(failure.orig).lower() for word in _BUSY_WORDS)


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:
    # The driver's own implicit BEGIN is deferred and loses read-modify-write updates: we say BEGIN ourselves.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in ("foreign_keys=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("hwrisk_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _begin_postgresql(connection: Connection, *, milliseconds: int) -> None:
    # Without a limit a writer waits for a row lock for ever, and the person before the page with it.
    if connection.get_execution_options().get("hwrisk_write", False):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
