"""`hwrisk verify`, `verify-file`, `doctor` and `bench`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hwrisk import app
from hwrisk.cli.misuse import sentence_of_failure
from hwrisk.cli.support import FOUND, json_option, open_database, print_json
from hwrisk.config import settings
from hwrisk.db import migrate
from hwrisk.db.guards import file_system_of, refuse_unsafe_place
from hwrisk.db.session import Database
from hwrisk.emergency.bench import run_benchmarks as bench_lookup
from hwrisk.errors import HwriskError
from hwrisk.imports.bench import run_benchmarks as bench_imports
from hwrisk.reporting import verify_file
from hwrisk.reporting.bench import run_benchmarks as bench_reporting
from hwrisk.reporting.document import why_unavailable

FREE_GIB = 2
GIB = 1024**3
BENCHES = {"lookup": bench_lookup, "imports": bench_imports, "reporting": bench_reporting}


class Finding(NamedTuple):
    """One line of `hwrisk doctor`."""

    is_good: bool
    what: str
    remedy: str


@click.command("verify")
@json_option
def verify(*, as_json: bool) -> None:
    """自检数据：库存恒等、审计链、外键等；有问题时退出码为 1。"""
    database = open_database()
    results: dict[str, list[str]] = {}
    with database.session() as session:
        results["外键完整"] = _broken_keys(database)
        for check in app.build_registry(database, settings()).checks:
            results[check.label] = check.run(session)
    if as_json:
        print_json(results)
    else:
        for label, problems in results.items():
            click.echo(f"{'通过' if not problems else '有问题'}：{label}")
            for problem in problems:
                click.echo(f"  {problem}")
    if any(results.values()):
        sys.exit(FOUND)


@click.command("verify-file")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def verify_one(file: Path, *, as_json: bool) -> None:
    """核验一个文件是否由本系统导出、是否被改动。"""
    with open_database().session() as session:
        result = verify_file(session, file)
    if as_json:
        print_json({"ours": result.is_ours, "message": result.message})
    else:
        click.echo(result.message)
    if not result.is_ours:
        sys.exit(FOUND)


@click.command("doctor")
@json_option
def doctor(*, as_json: bool) -> None:
    """检查运行环境：数据目录、数据库、字体和 PDF 组件、磁盘空间。"""
    findings = list(_findings())
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            click.echo(f"{'正常' if finding.is_good else '注意'}：{finding.what}")
            if not finding.is_good:
                click.echo(f"  处理办法：{finding.remedy}")
    if not all(finding.is_good for finding in findings):
        sys.exit(FOUND)


@click.command("bench")
@click.argument("names", nargs=-1, type=click.Choice(sorted(BENCHES)))
@click.option("--rows", type=click.IntRange(min=1), default=None, help="行数，默认按各项的标准规模。")
def bench(names: tuple[str, ...], rows: int | None) -> None:
    """测速：每一项都与同类办法在同一次运行中比较。"""
    for name in names or sorted(BENCHES):
        for line in BENCHES[name](rows):
            click.echo(line)


def _broken_keys(database: Database) -> list[str]:
    if database.dialect != "sqlite":
        # PostgreSQL never lets a foreign key break.
        return []
    with database.engine.connect() as connection:
        rows = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [f"表 {row[0]} 第 {row[1]} 行指向不存在的 {row[2]}" for row in rows]


def _findings() -> Iterator[Finding]:
    config = settings()
    yield Finding(True, f"数据目录 {config.home}（文件系统 {file_system_of(config.home) or '未知'}）", "")
    try:
        refuse_unsafe_place(config)
    except HwriskError as failure:
        yield Finding(False, failure.message, "改到本机磁盘后重新启动")
    yield _schema_finding(config.database_url.partition(":")[0])
    yield _pdf_finding()
    free = shutil.disk_usage(_existing(config.home)).free / GIB
    yield Finding(free >= FREE_GIB, f"可用磁盘 {free:.1f} GiB", "清理磁盘或更换数据目录")
    if config.is_sqlite:
        key = config.home / "secrets" / "secret_key"
        private = not key.exists() or key.stat().st_mode & 0o077 == 0
        yield Finding(private, "密钥文件权限", f"执行 chmod 600 {key}")


def _schema_finding(kind: str) -> Finding:
    try:
        open_database().dispose()
    except HwriskError as failure:
        return Finding(False, f"数据库（{kind}）：{failure.message}", "运行 hwrisk db upgrade")
    except DBAPIError as failure:
        return Finding(False, f"数据库（{kind}）：{sentence_of_failure(failure)}", "检查数据库服务和文件，或从备份恢复")
    return Finding(True, f"数据库（{kind}）结构 {migrate.head_revision()}", "")


def _pdf_finding() -> Finding:
    if missing := why_unavailable():
        return Finding(False, f"PDF 组件：{missing}", "按提示安装后重试")
    return Finding(True, "PDF 组件和字体", "")


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


COMMANDS = (verify, verify_one, doctor, bench)
