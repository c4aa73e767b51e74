"""What is misused or unknown is refused in one Chinese sentence, exit 2, never with a trace."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from hwrisk.cli import main
from tests.command_line import CommandLine

CHINESE = re.compile("[一-鿿]")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nix", "没有命令“nix”，可用：bench、db、demo、doctor"),
        ("db nix", "没有命令“nix”，可用：check、upgrade"),
        ("--nix", "没有选项 --nix"),
        ("user list --nix", "没有选项 --nix"),
        ("user list more", "多了或少了参数"),
        ("user add", "缺少参数 USERNAME"),
        ("user add yanshi", "缺少选项 --name"),
        ("user add yanshi --name x --role king", "选项 --role 只能是 audadmin"),
        ("user disable nobody", "没有账号“nobody”"),
        ("user reset nobody", "没有账号“nobody”"),
        ("jobs run", "缺少参数 NAME"),
        ("jobs run nix", "没有名为“nix”的定时任务"),
        ("jobs run overdue-disposal-rate --as-of 2026-02-30", "“2026-02-30”不是日期，请写成 2026-11-23"),
        ("export nix", "没有名为“nix”的报表"),
        ("export units --format doc", "选项 --format 只能是 xlsx、pdf"),
        ("export units -o", "选项 -o 的写法不对"),
        ("export units -o {home}", "选项 --out：文件不存在、不能读取，或者是一个文件夹"),
        ("export units -o {home}/nix/a.xlsx", "/nix 不存在，请先建立"),
        ("export units -o {home}/plain.txt/a.xlsx", "不存在，请先建立"),
        ("export units --filter office", "筛选条件“office”的写法不对"),
        ("export units --filter =x", "的写法不对"),
        ("import nix {home}/plain.txt", "没有名为“nix”的导入类型，可用："),
        ("import units {home}/nix.xlsx", "参数 FILE：文件不存在"),
        ("import units {home}/plain.txt", "只接受 .xlsx 和 .csv 文件"),
        ("import units {home}/plain.txt --errors {home}/nix/e.xlsx", "/nix 不存在"),
        ("indicators show --scope nix", "没有代码为“nix”的管辖单位或行政区划"),
        ("indicators show --explain nix", "没有"),
        ("indicators show --indicator nix", "没有指标“nix”，可选：overdue-disposal-rate"),
        ("verify-file {home}/nix.pdf", "参数 FILE：文件不存在"),
        ("serve --port 99999", "选项 --port 应为 1 到 65535 的整数"),
        ("serve --port http", "选项 --port 应为 1 到 65535 的整数"),
        ("bench nix", "只能是 imports、lookup、reporting"),
        ("demo --remove", "中没有演示库，不需要清除"),
        ("demo --scale nix", "选项 --scale"),
        ("demo --scale 99", "选项 --scale"),
    ],
)
def test_the_sentence(fresh: CommandLine, words: str, said: str) -> None:
    (fresh.home / "plain.txt").write_text("no workbook", encoding="utf-8")
    sentence = fresh.refused(*words.format(home=fresh.home).split())
    assert said in sentence
    assert CHINESE.search(sentence)


COMMANDS = (
    "serve",
    "jobs serve",
    "jobs run overdue-disposal-rate",
    "jobs history",
    "db check",
    "seed",
    "user list",
    "user add yanshi --name x --role city",
    "export units",
    "indicators show",
    "verify",
)


@pytest.mark.parametrize("words", COMMANDS)
def test_an_empty_home_is_told_what_to_do_first(tmp_path: Path, words: str) -> None:
    assert "hwrisk db upgrade" in CommandLine(tmp_path).refused(*words.split())


@pytest.mark.parametrize("words", ["seed", "verify", "db check", "db upgrade", "user list", "up --no-serve"])
def test_a_file_that_is_no_database(tmp_path: Path, words: str) -> None:
    (tmp_path / "hwrisk.db").write_bytes(b"not a database " * 100)
    assert "数据库无法使用" in CommandLine(tmp_path).refused(*words.split())


@pytest.mark.parametrize("words", ["seed", "user add yanshi --name x --role city", "db upgrade"])
def test_a_locked_database_is_said(fresh: CommandLine, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwrisk.db.migrate.LOCK_TIMEOUT_S", 0.2)
    database = fresh.database()
    with database.write_lock():
        assert "数据库暂时不可写" in fresh.refused(*words.split())
    database.dispose()


def test_a_wrong_setting_is_said(fresh: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWRISK_UPLOAD_MIB", "many")
    assert "HWRISK_UPLOAD_MIB" in fresh.refused("user", "list")


def test_a_network_file_system_is_refused(fresh: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("server:/export / nfs4 rw 0 0\n", encoding="utf-8")
    monkeypatch.setattr("hwrisk.db.guards.MOUNTS", mounts)
    for words in ("serve", "jobs serve", "up --no-serve", "db upgrade"):
        assert "网络文件系统（nfs4）" in fresh.refused(*words.split())


def test_help_and_version_need_no_database(tmp_path: Path) -> None:
    run = CommandLine(tmp_path)
    for words in (["--help"], ["--version"], ["db", "--help"], ["export", "-h"]):
        assert run(*words).stdout
    assert CliRunner().invoke(main, []).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def every_command() -> list[str]:
    found = []
    for name, command in main.commands.items():
        found += [f"{name} {sub}" for sub in command.commands] if hasattr(command, "commands") else [name]
    return found


@pytest.mark.parametrize("words", every_command())
def test_every_command_says_in_chinese_what_it_does(tmp_path: Path, words: str) -> None:
    assert CHINESE.search(CommandLine(tmp_path)(*words.split(), "--help").stdout)
