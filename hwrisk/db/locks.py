"""Locks of the two engines, and work that never waits for one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Insert, Update, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hwrisk.db.session import Database
from hwrisk.errors import DatabaseBusy


def hold_until_commit(session: Session, key: int) -> None:
    """Hold the lock `key` until the transaction of `session` ends.

    On SQLite nothing is to be done: writers are one after the other anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def try_at_once(database: Database, statement: Insert | Update) -> bool:
    """Run one statement in a transaction of its own if that needs no waiting; tell whether it was done.

    A lock held by somebody else, a full, read-only or unreachable database mean False, never an error: for what is
    good to note but never worth a wait.
    """
    bind = database.new_session(write=True).get_bind()
    try:
        with database.write_lock(timeout_s=0):
            if isinstance(bind, Connection):
                with bind.begin_nested():
                    bind.execute(statement)
                return True
            with bind.connect() as connection, _without_waiting(connection):
                connection.execute(statement)
                connection.commit()
    except (DatabaseBusy, SQLAlchemyError):
        return False
    return True


@contextlib.contextmanager
def _without_waiting(connection: Connection) -> Iterator[None]:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '1ms'"))
        yield
        return
    driver: Any = connection.connection.driver_connection
    (usual,) = driver.execute("PRAGMA busy_timeout").fetchone()
    # Straight to the driver: through SQLAlchemy the transaction would begin, and wait, before the setting is made.
    driver.execute("PRAGMA busy_timeout=0")
    try:
        yield
    finally:
        connection.rollback()
        driver.execute(f"PRAGMA busy_timeout={int(usual)}")
