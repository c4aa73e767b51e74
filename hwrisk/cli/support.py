"""What the commands share: settings, database, plain errors, JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from hwrisk.cli.misuse import in_chinese
from hwrisk.clock import today
from hwrisk.config import Settings, settings
from hwrisk.db.guards import refuse_unsafe_place
from hwrisk.db.migrate import require_head
from hwrisk.db.session import Database
from hwrisk.errors import SetupError

FOUND = 1


class HwriskGroup(click.Group):
    """A group whose refusals are one Chinese sentence on standard error and exit code 2."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the command line; what is refused is said in Chinese."""
        with in_chinese():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours is said, not traced."""
        with in_chinese():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which there are."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise SetupError(f"没有命令“{args[0]}”，可用：{'、'.join(self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


class Day(click.ParamType[date]):
    """A day written 2026-11-23."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or say how it is written."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}”不是日期，请写成 2026-11-23", param, ctx)


as_of_option = click.option("--as-of", type=Day(), default=None, help="截至日期，默认今天。")
json_option = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")


def writable_file(path: Path) -> Path:
    """Return `path` if a file can be written there.

    Raises:
        SetupError: its folder does not exist.
    """
    if not path.absolute().parent.is_dir():
        raise SetupError(f"文件夹 {path.absolute().parent} 不存在，请先建立，或改写到已有的文件夹")
    return path


def day_or_today(day: date | None) -> date:
    """Return `day`, or today.

    Raises:
        SetupError: the day is still to come; a figure drawn for it would be frozen before its data are there.
    """
    if day is not None and day > today():
        raise SetupError(f"日期 {day} 还没有到，截至日期不能晚于今天（{today()}）")
    return day or today()


def open_database(config: Settings | None = None) -> Database:
    """Return the configured database.

    Raises:
        SetupError: its schema is not the one of this version, or it lies where SQLite would lose data.
    """
    config = config or settings()
    refuse_unsafe_place(config)
    database = Database.open(config)
    require_head(database)
    return database


def demo_settings() -> Settings:
    """Return the settings of the demonstration: a folder of its own below the usual one."""
    config = settings()
    home = config.home / "demo"
    url = f"sqlite:///{home / 'hwrisk.db'}" if config.is_sqlite else config.database_url
    return replace(config, home=home, database_url=url)


def print_json(value: Any) -> None:
    """Print `value` as JSON that people can read."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
