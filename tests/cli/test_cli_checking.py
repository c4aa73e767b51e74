"""`verify` proves and finds, `doctor` advises, `indicators` opens a figure down to its rows."""

from __future__ import annotations

import shutil
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hwrisk.cli import checking
from tests.command_line import CommandLine

TAMPERING = {
    "UPDATE storage_batch SET remaining = remaining + 10000 WHERE id = (SELECT min(id) FROM storage_batch)":
        "批次余量等于台账记录之和",
    "UPDATE ledger_entry SET stock_delta = stock_delta - 1 WHERE id = (SELECT min(id) FROM ledger_entry "
    "WHERE stock_delta > 0)": "批次余量等于台账记录之和",
    "UPDATE audit_entry SET summary = '{}' WHERE id = 3": "审计链完整",
    "DELETE FROM audit_entry WHERE id = (SELECT max(id) - 1 FROM audit_entry)": "审计链完整",
    "DELETE FROM unit_version WHERE unit_id = (SELECT min(unit_id) FROM storage_batch)": "单位情形前后衔接、没有空档",
    "DELETE FROM storage_facility WHERE id = (SELECT min(facility_id) FROM ledger_entry)": "外键完整",
    "UPDATE indicator_value SET numerator = numerator + 1 WHERE numerator > 0": "指标值等于其明细之和",
    "UPDATE rule_pack SET body = replace(body, '365', '366') WHERE body LIKE '%365%'": "规则包与装入时一致",
}  # fmt: skip


def tamper(run: CommandLine, statement: str) -> None:
    """Do to the file what no page and no command can: without triggers and without foreign keys."""
    raw = sqlite3.connect(run.home / "hwrisk.db", isolation_level=None)
    raw.execute("PRAGMA foreign_keys=OFF")
    triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        raw.execute(f"DROP TRIGGER {name}")
    changed = raw.execute(statement).rowcount
    for _, sql in triggers:
        raw.execute(sql)
    raw.close()
    assert changed > 0


class TestVerify:
    def test_the_demonstration_holds(self, demo_read: CommandLine) -> None:
        found = demo_read.json("verify")
        assert len(found) >= 10
        assert set(map(tuple, found.values())) == {()}
        assert "有问题" not in demo_read("verify").stdout

    @pytest.mark.parametrize(("statement", "check"), TAMPERING.items(), ids=TAMPERING.values())
    def test_tampering_is_found(self, demo: CommandLine, statement: str, check: str) -> None:
        tamper(demo, statement)
        found = demo.json("verify", code=1)
        assert found[check], {label: problems for label, problems in found.items() if problems}

    def test_it_says_where(self, demo: CommandLine) -> None:
        tamper(demo, next(iter(TAMPERING)))
        lines = demo("verify", code=1).stdout.splitlines()
        assert "有问题：批次余量等于台账记录之和" in lines
        assert any((line.startswith("  ") and "HWRK" in line) or "批次" in line for line in lines)


class TestDoctor:
    def test_a_healthy_house(self, demo_read: CommandLine) -> None:
        findings = demo_read.json("doctor")
        assert all(finding["is_good"] for finding in findings), findings
        assert "注意" not in demo_read("doctor").stdout

    def test_an_empty_home_is_told_the_command(self, tmp_path: Path) -> None:
        said = CommandLine(tmp_path)("doctor", code=1).stdout
        assert "处理办法：运行 hwrisk db upgrade" in said

    def test_a_key_that_others_can_read(self, demo: CommandLine) -> None:
        demo("user", "list")
        key = demo.home / "secrets" / "secret_key"
        key.chmod(0o644)
        assert f"chmod 600 {key}" in demo("doctor", code=1).stdout

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "hwrisk.db").write_bytes(b"not a database " * 100)
        said = CommandLine(tmp_path)("doctor", code=1).stdout
        assert "注意：数据库（sqlite）：数据库无法使用" in said
        assert "从备份恢复" in said

    def test_a_disk_that_is_nearly_full(self, demo_read: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
        usage = type(shutil.disk_usage("/"))(10 * checking.GIB, 9 * checking.GIB, checking.GIB)
        monkeypatch.setattr(checking.shutil, "disk_usage", lambda _path: usage)
        assert "可用磁盘 1.0 GiB" in demo_read("doctor", code=1).stdout

    def test_a_machine_without_pango(self, demo_read: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checking, "why_unavailable", lambda: "缺少 libpango")
        assert "缺少 libpango" in demo_read("doctor", code=1).stdout


class TestIndicators:
    def values(self, run: CommandLine, kind: str) -> list[dict[str, Any]]:
        shown = run.json("indicators", "show", "--indicator", "overdue-disposal-rate")
        return [row for row in shown["values"] if row["scope_kind"] == kind and row["period_kind"] == "ytd"]

    def test_each_breakdown_adds_up_to_the_city(self, demo_read: CommandLine) -> None:
        city = demo_read.json("indicators", "show", "--indicator", "overdue-disposal-rate")["city"]
        assert Decimal(city["denominator"]) > 0
        assert city["target_percent"] == "100"
        for kind in ("office", "admin"):
            rows = self.values(demo_read, kind)
            assert len(rows) > 5
            for part in ("numerator", "denominator"):
                assert sum(Decimal(row[part]) for row in rows) == Decimal(city[part])

    def test_a_figure_opens_down_to_its_rows(self, demo_read: CommandLine) -> None:
        city = demo_read.json("indicators", "show", "--indicator", "overdue-disposal-rate")["city"]
        opened = demo_read.json("indicators", "show", "--explain", city["id"])
        assert opened["value"]["id"] == city["id"]
        assert sum(Decimal(row["due"]) for row in opened["rows"]) == Decimal(city["denominator"])
        assert all(row["entries"] for row in opened["rows"])

    def test_one_office(self, demo_read: CommandLine) -> None:
        shown = demo_read.json("indicators", "show", "--indicator", "overdue-disposal-rate", "--scope", "LYG-GNX")
        assert {row["scope"] for row in shown["values"]} == {"LYG-GNX"}

    def test_a_past_day(self, demo_read: CommandLine) -> None:
        shown = demo_read.json("indicators", "show", "--indicator", "overdue-disposal-rate", "--as-of", "2026-06-30")
        assert shown["as_of"] == "2026-06-30"
        assert shown["city"]["period"] == "2026年1月1日至6月30日"

    def test_the_table_names_numerator_and_denominator(self, demo_read: CommandLine) -> None:
        first, *_ = demo_read("indicators", "show").stdout.splitlines()
        city = demo_read.json("indicators", "show", "--indicator", "overdue-disposal-rate")["city"]
        assert f"{city['numerator']} / {city['denominator']} 吨" in first


class TestBothIndicators:
    def test_both_rates_in_one_answer(self, demo_read: CommandLine) -> None:
        shown = demo_read.json("indicators", "show")
        names = [found["indicator"] for found in shown["indicators"]]
        assert names == ["overdue-disposal-rate", "assessment-compliance-rate"]
        for found in shown["indicators"]:
            city = found["city"]
            for kind in ("office", "admin"):
                rows = [
                    row
                    for row in found["values"]
                    if row["scope_kind"] == kind and row["period_kind"] == city["period_kind"]
                ]
                for part in ("numerator", "denominator"):
                    assert sum(Decimal(row[part]) for row in rows) == Decimal(city[part])
