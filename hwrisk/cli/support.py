"""What the commands share: settings, database, plain errors, JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date
from typing import Any

import click

from hwrisk.clock import today
from hwrisk.config import Settings, settings
from hwrisk.db.migrate import require_head
from hwrisk.db.session import Database
from hwrisk.errors import HwriskError

REFUSED = 2
FOUND = 1


class HwriskGroup(click.Group):
    """A group whose errors are one Chinese sentence on standard error and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours is said, not traced."""
        try:
            return super().invoke(ctx)
        except HwriskError as failure:
            click.echo(failure.message, err=True)
            sys.exit(REFUSED)


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


def day_or_today(day: date | None) -> date:
    """Return `day`, or today."""
    return day or today()


def open_database(config: Settings | None = None) -> Database:
    """Return the configured database.

    Raises:
        SetupError: its schema is not the one of this version.
    """
    database = Database.open(config or settings())
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
