"""Alembic's entry: the address of the database comes from the caller, never from a file here."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from hwrisk.db.base import Base
from hwrisk.db.fulltext import HIDDEN_COLUMNS, HIDDEN_INDEXES, HIDDEN_TABLES
from hwrisk.db.tables import load_models
from hwrisk.db.types import EnumValue, TonnesType, UtcDateTime

STORAGE = {TonnesType: "sa.BigInteger()", UtcDateTime: "sa.DateTime()"}


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our own types as what they are stored as, so that a migration needs nothing of the package."""
    if kind == "type":
        if isinstance(item, EnumValue):
            return f"sa.String(length={item.impl.length})"
        for ours, stored in STORAGE.items():
            if isinstance(item, ours):
                return stored
    return False


def include_object(item: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    """Leave the full-text index, which each engine has in its own way, to the migration that makes it."""
    if kind == "column":
        return f"{item.table.name}.{name}" not in HIDDEN_COLUMNS
    return name not in {"table": HIDDEN_TABLES, "index": HIDDEN_INDEXES}.get(kind, ())


def run(connection: Connection) -> None:
    """Run the migrations in one transaction, with foreign keys off on SQLite (a rebuilt table would drop its rows)."""
    load_models()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        include_object=include_object,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
        compare_type=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite" and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
        raise RuntimeError(f"foreign keys broken after the migration: {broken[:5]}")


run(context.config.attributes["connection"])
