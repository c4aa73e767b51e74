"""Taking the demonstration away again: its database and its files, and never anything real."""

from __future__ import annotations

import shutil

from sqlalchemy import func, select

from hwrisk.config import Settings
from hwrisk.db import migrate
from hwrisk.db.marks import is_demo
from hwrisk.db.session import Database
from hwrisk.errors import SetupError
from hwrisk.units.models import Unit

FILES = ("exports", "attachments", "logs", "backups")
"""Folders of the demonstration's home."""


def refuse_removal(config: Settings) -> None:
    """Make sure that what lies at the demonstration's place is one.

    Raises:
        SetupError: there is none, the database is not marked as one, or it holds a real unit.
    """
    database_file = config.home / "hwrisk.db"
    if config.is_sqlite and not database_file.is_file():
        raise SetupError(f"{config.home} 中没有演示库，不需要清除")
    database = Database.open(config)
    try:
        if not is_demo(database):
            raise SetupError(f"{config.home} 的数据库没有“演示”标记，不能清除")
        with database.session() as session:
            real = session.scalar(select(func.count()).select_from(Unit).where(Unit.is_supervised, ~Unit.is_demo))
        if real:
            raise SetupError(f"本库有 {real} 家实际单位，不能清除；请先核对数据目录（HWRISK_HOME）")
    finally:
        database.dispose()


def remove_demo(config: Settings) -> None:
    """Delete the demonstration's database and files; on PostgreSQL its tables.

    Raises:
        SetupError: as `refuse_removal`; nothing was deleted.
        DatabaseBusy: somebody is writing to it.
    """
    refuse_removal(config)
    database = Database.open(config)
    if not config.is_sqlite:
        migrate.downgrade(database, "base")
        database.dispose()
    else:
        # Whoever writes at this moment is waited for: a file must not be taken from under a transaction.
        with database.write_lock():
            database.dispose()
            for path in config.home.glob("hwrisk.db*"):
                if path.name != "hwrisk.db.lock":
                    path.unlink()
    for name in FILES:
        shutil.rmtree(config.home / name, ignore_errors=True)
