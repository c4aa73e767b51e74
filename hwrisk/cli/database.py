"""`hwrisk db …` and `hwrisk seed`."""

from __future__ import annotations

import sys

import click

from hwrisk import app
from hwrisk.cli.support import FOUND, HwriskGroup, open_database
from hwrisk.config import settings
from hwrisk.db import migrate
from hwrisk.db.base import Base
from hwrisk.db.guards import refuse_unsafe_place
from hwrisk.db.session import Database
from hwrisk.db.tables import load_models


@click.group("db", cls=HwriskGroup)
def db() -> None:
    """数据库结构。"""


@db.command("upgrade")
def upgrade() -> None:
    """建立或升级数据库结构。"""
    config = settings()
    refuse_unsafe_place(config)
    database = Database.open(config)
    before = migrate.current_revision(database)
    migrate.upgrade(database)
    after = migrate.current_revision(database)
    click.echo("数据库结构已是最新" if before == after else f"数据库结构已升级到 {after}")


@db.command("check")
def check() -> None:
    """核对数据库结构与程序是否一致（表、列、索引、约束、触发器）。"""
    load_models()
    problems = migrate.differences(open_database(), Base.metadata)
    for problem in problems:
        click.echo(problem)
    if problems:
        sys.exit(FOUND)
    click.echo("数据库结构与程序一致")


@click.command("seed")
def seed() -> None:
    """装入区域、名录、法规、规则包等基础数据；重复执行不会重复装入。"""
    database = open_database()
    seeded = app.seed(database)
    app.index_missing(database)
    click.echo(f"基础数据已装入，新增或变更 {seeded.changed} 项")
    for note in seeded.notes:
        click.echo(f"未启用：{note}")


COMMANDS = (db, seed)
