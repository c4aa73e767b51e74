"""`hwrisk up`, `serve` and `jobs`."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import date
from types import FrameType
from typing import Any

import click

from hwrisk import app
from hwrisk.cli.showing import show_demo
from hwrisk.cli.support import (
    FOUND,
    HwriskGroup,
    as_of_option,
    day_or_today,
    demo_settings,
    json_option,
    open_database,
    print_json,
)
from hwrisk.config import Settings, settings
from hwrisk.db import migrate
from hwrisk.db.guards import refuse_unsafe_place
from hwrisk.db.session import Database
from hwrisk.demo.plan import LARGEST, SMALLEST
from hwrisk.demo.removing import refuse_removal, remove_demo
from hwrisk.errors import SetupError
from hwrisk.jobs import run_job
from hwrisk.jobs.queries import job_runs
from hwrisk.jobs.scheduler import serve as serve_jobs
from hwrisk.security.first_run import ensure_first_account
from hwrisk.web import configure_logging

WEB_WORKERS = 2
WEB_TIMEOUT_S = 120
DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000
host_option = click.option("--host", default=DEFAULT_HOST, show_default=True, help="监听地址。")
port_option = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="监听端口。")


scale_option = click.option(
    "--scale", type=click.FloatRange(SMALLEST, LARGEST), default=None,
    help="演示城市的规模：1 约 1200 家单位、6 万条台账，20 约 100 万条。",
)  # fmt: skip


@click.command("up")
@click.option("--demo", is_flag=True, help="使用演示库：装入公开数据和合成台账。")
@scale_option
@click.option("--no-serve", is_flag=True, help="准备好即结束，不启动服务。")
@host_option
@port_option
def up(*, demo: bool, scale: float | None, no_serve: bool, host: str, port: int) -> None:
    """升级结构、装入基础数据并启动网页和定时任务（一台机器）。"""
    if scale is not None and not demo:
        raise SetupError("--scale 只用于演示，请与 --demo 一起使用")
    config = demo_settings() if demo else settings()
    refuse_unsafe_place(config)
    if not no_serve:
        refuse_taken_port(host, port)
    database = Database.open(config)
    migrate.upgrade(database)
    seeded = app.seed(database)
    click.echo(f"基础数据已就绪（本次新增或变更 {seeded.changed} 项）")
    if demo:
        show_demo(database, config, scale=scale)
    else:
        _show_first_account(database)
    # Last, so that what the demonstration brought is found from the first start.
    app.index_missing(database)
    database.dispose()
    if not no_serve:
        _serve_all(config, host, port)


@click.command("demo")
@scale_option
@click.option("--remove", is_flag=True, help="清除演示库和演示文件。")
@click.option("--yes", is_flag=True, help="清除时不再询问。")
@click.pass_context
def demo_data(ctx: click.Context, *, scale: float | None, remove: bool, yes: bool) -> None:
    """装入演示数据并核算指标、写出样表，不启动服务；或清除演示数据。"""
    if not remove:
        ctx.invoke(up, demo=True, scale=scale, no_serve=True, host=DEFAULT_HOST, port=DEFAULT_PORT)
        return
    if scale is not None:
        raise SetupError("--remove 与 --scale 不能同时使用")
    config = demo_settings()
    refuse_removal(config)
    place = config.home if config.is_sqlite else "PostgreSQL 演示库的全部表"
    if not yes and not click.confirm(f"将删除 {place} 中的演示数据和文件，不能恢复。继续吗？", default=False):
        click.echo("没有清除")
        return
    remove_demo(config)
    click.echo("演示数据已清除")


@click.command("serve")
@host_option
@port_option
def serve(*, host: str, port: int) -> None:
    """只启动网页服务。"""
    open_database().dispose()
    refuse_taken_port(host, port)
    command = _web_command(host, port)
    os.execv(command[0], command)  # noqa: S606 - no shell: our own interpreter with our own arguments


@click.group("jobs", cls=HwriskGroup)
def jobs() -> None:
    """定时任务。"""


@jobs.command("serve")
def jobs_serve() -> None:
    """只启动定时任务和后台任务。"""
    configure_logging(settings(), name="jobs")
    database = open_database()
    registry = app.build_registry(database, settings())
    serve_jobs(database, registry.jobs, registry.task_kinds)


@jobs.command("list")
@json_option
def jobs_list(*, as_json: bool) -> None:
    """列出定时任务。"""
    rows = [{"name": job.name, "label": job.label} for job in app.all_jobs(settings())]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['name']}\t{row['label']}")


@jobs.command("run")
@click.argument("name")
@as_of_option
def jobs_run(name: str, as_of: date | None) -> None:
    """立即运行一个定时任务（同一统计日重复运行只更新，不会多出一份）。"""
    database = open_database()
    found = [job for job in app.all_jobs(settings()) if job.name == name]
    if not found:
        raise SetupError(f"没有名为“{name}”的定时任务，请用 hwrisk jobs list 查看")
    run = run_job(database, found[0], as_of=day_or_today(as_of), force=True)
    if run.error:
        click.echo(f"{found[0].label}：{run.error}", err=True)
        sys.exit(FOUND)
    click.echo(f"{found[0].label}：{'已由其他进程运行' if run.was_skipped else run.state.label}")


@jobs.command("history")
@json_option
def jobs_history(*, as_json: bool) -> None:
    """列出最近的运行记录。"""
    database = open_database()
    with database.session() as session:
        rows = [
            {"job": run.job, "period": run.period_key, "state": run.state.label, "as_of": run.as_of}
            for run in job_runs(session)
        ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo("\t".join(str(value) for value in row.values()))


def refuse_taken_port(host: str, port: int) -> None:
    """Refuse to start where nobody can listen.

    Raises:
        SetupError: the port is taken or kept for administrators, or the address is not one of this machine.
    """
    try:
        kind, address = _where_to_listen(host, port)
        with socket.socket(kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as failure:
        if failure.errno == errno.EADDRINUSE:
            why = f"端口 {port} 已被占用，请用 --port 换一个端口，或先停止占用它的程序"
        elif failure.errno in (errno.EACCES, errno.EPERM):
            why = f"没有权限使用端口 {port}，请用 --port 换一个大于 1023 的端口"
        else:
            why = f"本机没有监听地址 {host}，请改用 127.0.0.1（只供本机）或 0.0.0.0（全部网卡）"
        raise SetupError(why) from failure


def _where_to_listen(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return kind, address


def _show_first_account(database: Database) -> None:
    made = ensure_first_account(database)
    if made is not None:
        click.echo(f"已建立首个账号 {made.username}（安全管理员），一次性密码：{made.password}（登录后须修改）")


def _web_command(host: str, port: int) -> list[str]:
    return [
        sys.executable, "-m", "gunicorn", "--bind", f"{host}:{port}", "--workers", str(WEB_WORKERS),
        "--timeout", str(WEB_TIMEOUT_S), "--log-level", "warning", "hwrisk.app:served_app()",
    ]  # fmt: skip


def _serve_all(config: Settings, host: str, port: int) -> None:
    environment = {**os.environ, "HWRISK_HOME": str(config.home)}
    commands = (_web_command(host, port), [sys.executable, "-m", "hwrisk", "jobs", "serve"])
    children = [subprocess.Popen(command, env=environment) for command in commands]  # noqa: S603 - our own arguments
    click.echo(f"请用浏览器打开 http://{host}:{port} （按 Ctrl+C 停止）")

    def stop(_number: int, _frame: FrameType | None) -> None:
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    # If one of the two ends, the other is of no use alone: end both, so that a supervisor starts us again.
    while all(child.poll() is None for child in children):
        time.sleep(0.5)
    stop(0, None)
    sys.exit(max(abs(child.wait()) for child in children) and 1)


COMMANDS = (up, demo_data, serve, jobs)
