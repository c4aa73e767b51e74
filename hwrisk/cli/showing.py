"""What `hwrisk up --demo` says: progress while it works, and what is ready in the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from hwrisk import app
from hwrisk.clock import today
from hwrisk.config import Settings
from hwrisk.db.session import Database
from hwrisk.demo.city import Progress as Report
from hwrisk.demo.city import silent
from hwrisk.demo.prepare import DemoMade, prepare_demo
from hwrisk.demo.roster import POST_USER


def show_demo(database: Database, config: Settings, *, scale: float | None) -> None:
    """Make the demonstration ready, and say what is there, where, and who may look."""
    registry = app.build_registry(database, config)
    with _progress() as progress:
        made = prepare_demo(database, config, registry=registry, as_of=today(), scale=scale, progress=progress)
    click.echo(f"演示数据：单位 {made.units} 家，台账记录 {made.entries} 条")
    for rate in made.rates:
        click.echo(f"{rate.title}（{rate.period}）：{rate.text}")
    for path in made.files:
        click.echo(f"已导出：{path}")
    _show_people(made, config)


def _show_people(made: DemoMade, config: Settings) -> None:
    reset = f"HWRISK_HOME={config.home} hwrisk user reset"
    if made.password:
        click.echo(f"演示账号 {made.username}，一次性密码：{made.password}（登录后须修改）")
    else:
        click.echo(f"演示账号 {made.username} 已存在；忘记密码请执行：{reset} {made.username}")
    click.echo(f"其他演示账号（用 {reset} 账号 取得密码）：")
    for person in made.people:
        if person.username != made.username:
            click.echo(f"  {person.username}\t{person.role.label}（{person.department}）")
    if made.pins:
        click.echo(f"值班岗 {POST_USER} 已排班，当班人员的值班口令（本人可在“值班口令”中重设）：")
    for pin in made.pins:
        click.echo(f"  {pin.username}\t{pin.name}\t{pin.pin}")


@contextmanager
def _progress() -> Iterator[Report]:
    """Show how far the work is, on the terminal alone: a file or a pipe gets the result only."""
    if not sys.stderr.isatty():
        yield silent
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], completed=done, total=total)

        yield report
