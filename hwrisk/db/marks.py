"""Marks on the database itself, e.g. that its data are made up."""

from __future__ import annotations

from sqlalchemy import String, inspect
from sqlalchemy.orm import Mapped, Session, mapped_column

from hwrisk.db.base import Base, Recorded
from hwrisk.db.session import Database

DEMO = "demo"
PLACE = "place"


class Mark(Recorded, Base):
    """One fact about this database as a whole (库标记)."""

    __tablename__ = "mark"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


def mark(session: Session, key: str) -> str:
    """Return the mark `key`, or an empty string."""
    row = session.get(Mark, key)
    return row.value if row else ""


def set_mark(session: Session, key: str, value: str) -> None:
    """Set the mark `key`."""
    session.merge(Mark(key=key, value=value))


def is_demo(database: Database) -> bool:
    """Tell whether `database` holds made-up data (演示库); False for one without a schema yet."""
    with database.session() as session:
        if not inspect(session.connection()).has_table(Mark.__tablename__):
            return False
        return mark(session, DEMO) == "1"
