"""What a view asks of its request: the sessions of the database, the person, the day."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date

from flask import g, request
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import today
from hwrisk.db.once import keep_answers
from hwrisk.db.session import Database, as_busy
from hwrisk.errors import Refused, RuleViolation
from hwrisk.imports.cells import CellError, parse_day
from hwrisk.security.viewer import Viewer
from hwrisk.web.registry import registry


def current_session() -> Session:
    """Return the reading session of this request; it is closed with the request."""
    if "read_session" not in g:
        g.read_session = registry().database.new_session()
        keep_answers(g.read_session)
    session: Session = g.read_session
    return session


@contextlib.contextmanager
def unit_of_work() -> Iterator[Session]:
    """Give a session whose work is committed at the end, or rolled back whole.

    Rows to be changed are read in the one it gives: a row of `current_session()` would be changed in vain, so that is
    an error.

    Raises:
        DatabaseBusy: the database cannot be written just now; nothing was saved.
    """
    database = idle_database()
    with database.unit_of_work() as session:
        audit.set_origin(session, client_address())
        yield session
        _refuse_changes(current_session())
    current_session().expire_all()
    keep_answers(current_session())


def idle_database() -> Database:
    """Return the database for operations that open transactions of their own; the reading one is ended first.

    A reading transaction left open would keep its old picture of the data, and on SQLite hold up checkpoints.
    """
    reading = current_session()
    _refuse_changes(reading)
    with as_busy():
        reading.commit()
    keep_answers(reading)
    return registry().database


def client_address() -> str:
    """Return the network address of the asker, as far as the proxies in front may be believed."""
    return request.remote_addr or ""


def close_session(_error: BaseException | None = None) -> None:
    """Close the reading session at the end of a request."""
    session: Session | None = g.pop("read_session", None)
    if session is not None:
        session.close()


def current_user() -> Viewer:
    """Return the signed-in person of this request.

    Raises:
        Refused: nobody is signed in (only on routes that are open to everybody).
    """
    viewer = signed_in()
    if viewer is None:
        raise Refused("请先登录")
    return viewer


def signed_in() -> Viewer | None:
    """Return the signed-in person, or None."""
    viewer: Viewer | None = g.get("viewer")
    return viewer


def requested_as_of() -> date:
    """Return the day the request asks about (argument `as_of`), by default today.

    Raises:
        RuleViolation: the argument is not a day, or lies in the future.
    """
    text = request.args.get("as_of", "").strip()
    if not text:
        return today()
    try:
        asked = parse_day(text)
    except CellError as error:
        raise RuleViolation(f"截至日期“{text[:20]}”不是有效日期，请按 2026-11-23 的样式填写", field="as_of") from error
    if asked > today():
        raise RuleViolation(f"截至日期 {asked:%Y-%m-%d} 不能晚于今天，请改成今天或以前的日期", field="as_of")
    return asked


def _refuse_changes(reading: Session) -> None:
    if reading.new or reading.dirty or reading.deleted:
        raise RuntimeError("a row of the reading session was changed; read it again inside unit_of_work()")
