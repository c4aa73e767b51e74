"""Schema, seeds, accounts and jobs from the command line."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from socket import socket

import pytest
from sqlalchemy import select

from hwrisk.clock import now
from hwrisk.db import migrate
from hwrisk.search import find
from hwrisk.security import Role, Viewer
from hwrisk.security.models import Account
from hwrisk.security.operations import sign_in
from tests.command_line import CommandLine

PASSWORD = "一次性密码："


def test_a_home_is_built_up_step_by_step(tmp_path: Path) -> None:
    run = CommandLine(tmp_path)
    assert f"数据库结构已升级到 {migrate.head_revision()}" in run("db", "upgrade").stdout
    assert "数据库结构已是最新" in run("db", "upgrade").stdout
    assert "数据库结构与程序一致" in run("db", "check").stdout
    first, second = run("seed").stdout, run("seed").stdout
    assert "新增或变更 0 项" not in first
    assert second == "基础数据已装入，新增或变更 0 项\n"
    started = run("up", "--no-serve").stdout
    assert "基础数据已就绪（本次新增或变更 0 项）" in started
    assert "安全管理员" in started
    assert PASSWORD in started
    # A second start makes no second account and shows no password again.
    assert PASSWORD not in run("up", "--no-serve").stdout
    assert [row["username"] for row in run.json("user", "list")] == ["secadmin"]


def test_what_seeding_brought_is_found_at_once(fresh: CommandLine) -> None:
    fresh("seed")
    database = fresh.database()
    with database.session() as session:
        for text, title in (("生石灰", "氧化钙"), ("900-041-49", "900-041-49"), ("柘汪", "柘汪临港产业区化工园区")):
            hits = find(session, text, user=Viewer.system(), kinds=["material_kind", "waste_code", "park"])
            assert any(title in hit.title for hit in hits), text
    database.dispose()


def test_db_check_finds_what_is_missing(fresh: CommandLine) -> None:
    raw = sqlite3.connect(fresh.home / "hwrisk.db")
    raw.execute("DROP TRIGGER trg_audit_entry_no_delete")
    raw.commit()
    raw.close()
    assert fresh("db", "check", code=1).stdout == "缺少触发器 trg_audit_entry_no_delete\n"


class TestPeople:
    def test_an_account_is_made_signs_in_and_is_disabled(self, fresh: CommandLine) -> None:
        said = fresh("user", "add", "yanshi", "--name", "演示-张三", "--role", "city").stdout
        assert said.startswith("已新增账号 yanshi，一次性密码：")
        database = fresh.database()
        password = said.rstrip("\n").partition(PASSWORD)[2]
        assert sign_in(database, "yanshi", password, address="127.0.0.1", at=now())
        with database.session() as session:
            account = session.scalars(select(Account)).one()
        assert (account.role, account.must_change_password, account.display_name) == (Role.CITY, True, "演示-张三")
        assert password not in account.password_hash
        assert fresh.json("user", "list") == [
            {"username": "yanshi", "name": "演示-张三", "role": Role.CITY.label, "active": True}
        ]
        again = fresh("user", "reset", "yanshi").stdout.rstrip("\n").partition(PASSWORD)[2]
        assert again != password
        assert fresh("user", "disable", "yanshi").stdout == "已停用 yanshi\n"
        assert fresh.json("user", "list")[0]["active"] is False
        assert "停用" in fresh("user", "list").stdout
        database.dispose()

    def test_the_same_name_twice_is_refused(self, fresh: CommandLine) -> None:
        words = ("user", "add", "yanshi", "--name", "演示-张三", "--role", "city")
        fresh(*words)
        assert "yanshi" in fresh.refused(*words)
        assert len(fresh.json("user", "list")) == 1


class TestJobs:
    def test_they_are_listed(self, fresh: CommandLine) -> None:
        names = [row["name"] for row in fresh.json("jobs", "list")]
        assert "overdue-disposal-rate" in names
        assert len(names) == len(set(names))
        assert "超期贮存危险废物处置率" in fresh("jobs", "list").stdout

    def test_each_runs_and_leaves_a_line(self, demo: CommandLine) -> None:
        for row in demo.json("jobs", "list"):
            assert row["label"] in demo("jobs", "run", row["name"]).stdout
        history = demo.json("jobs", "history")
        ran = {row["job"] for row in history}
        assert ran >= {row["name"] for row in demo.json("jobs", "list")}
        assert all(row["as_of"] == "2026-11-23" for row in history)
        assert "overdue-disposal-rate" in demo("jobs", "history").stdout

    def test_twice_is_one_period(self, demo: CommandLine) -> None:
        for _ in range(2):
            demo("jobs", "run", "overdue-disposal-rate", "--as-of", "2026-11-20")
        rows = [row for row in demo.json("jobs", "history") if row["as_of"] == "2026-11-20"]
        assert len(rows) == 1

    def test_a_day_to_come_is_refused(self, demo: CommandLine) -> None:
        said = demo.refused("jobs", "run", "overdue-disposal-rate", "--as-of", "2026-11-24")
        assert said == "日期 2026-11-24 还没有到，截至日期不能晚于今天（2026-11-23）"


class TestStarting:
    def test_a_taken_port_is_one_sentence(self, fresh: CommandLine) -> None:
        with socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            for words in ("serve --port", "up --port"):
                assert f"端口 {port} 已被占用" in fresh.refused(*words.split(), port)

    def test_an_address_that_is_not_ours_is_one_sentence(self, fresh: CommandLine) -> None:
        assert "203.0.113.1" in fresh.refused("serve", "--host", "203.0.113.1", "--port", "8765")

    @pytest.mark.slow
    def test_the_module_is_the_command(self, tmp_path: Path) -> None:
        made = subprocess.run(
            [sys.executable, "-m", "hwrisk", "db", "nix"], capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert (made.returncode, made.stdout) == (2, "")
        assert made.stderr.startswith("没有命令“nix”")
