"""Primary keys taken before the rows are written, so that rows of one statement may point at one another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session


def reserve_ids(session: Session, model: Any, count: int) -> list[int]:
    """Return `count` ascending ids for new rows of `model`; they are the caller's until the transaction ends.

    On SQLite the session must hold the write lock (a unit of work does), and rows of `model` are never deleted.
    """
    if session.get_bind().dialect.name == "postgresql":
        taken = session.execute(
            text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"),
            {"table": model.__tablename__, "count": count},
        )
        return sorted(int(number) for number in taken.scalars())
    last = session.scalar(select(func.max(model.id))) or 0
    return list(range(last + 1, last + 1 + count))
