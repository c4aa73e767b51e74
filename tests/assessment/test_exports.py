"""Excel and PDF of assessments, opened again and read; self-check, reminders, chapter, verdicts of a new scheme."""

from __future__ import annotations

import copy
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import text

from hwrisk.assessment import exports
from hwrisk.assessment.chapter import load
from hwrisk.assessment.models import Grade, Level, Subject
from hwrisk.assessment.recomputing import foreign_rechecks, grade_changes, wrong_grades
from hwrisk.assessment.reminders import SOURCE, rechecks_due
from hwrisk.assessment.sheet_export import SHEET
from hwrisk.assessment.verdicts import pack_of_year
from hwrisk.errors import NotFound, RuleViolation
from hwrisk.reporting import Report, ReportRequest, produce
from hwrisk.units.models import UnitRole
from tests.assessment.assessment_world import SYSTEM, TODAY


@pytest.fixture
def made(database, session, tmp_path):
    """Write a report and give back its path."""

    def of(report: Report, fmt: str, params: dict[str, str] | None = None, **filters: str) -> Path:
        session.commit()
        out = tmp_path / f"{report.id}.{fmt}"
        request = ReportRequest(user=SYSTEM, as_of=TODAY, filters=filters, params=params or {})
        produce(database, report, request, fmt, out)
        return out

    return of


def cells(path: Path) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path).worksheets[0].iter_rows()]


def words(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode()


class TestReports:
    def test_the_year_as_excel(self, world, made):
        unit = world.unit("演示甲公司")
        world.assess(unit, Grade.BASIC)
        rows = cells(made(exports.YEAR, "xlsx", year="2026"))
        (line,) = [row for row in rows if "演示甲公司" in row]
        assert {"36/48", "基本达标", "县级", "重点监管", "已评估"} <= set(map(str, line))
        assert any("非官方、待核" in str(cell) for row in rows for cell in row)

    def test_coverage_never_prints_the_target_where_it_is_missed(self, world, made):
        world.assess(world.unit())
        rows = cells(made(exports.COVERAGE, "xlsx", year="2026"))
        total = next(row for row in rows if row[0] == "合计")
        assert "100.00%" in total

    @pytest.mark.parametrize("report", [exports.YEAR, exports.COVERAGE, exports.ASSESSMENTS], ids=lambda r: r.id)
    def test_as_pdf(self, world, made, report):
        world.assess(world.unit("演示甲公司"))
        shown = words(made(report, "pdf"))
        assert report.title in shown
        assert "非官方" in shown

    def test_the_sheet_of_a_unit_as_a_document(self, world, made):
        unit = world.unit("演示甲公司")
        row = world.assess(unit, Grade.NOT_MET)
        shown = words(made(SHEET, "pdf", {"assessment": row.assessment_no})).replace(" ", "")
        for said in (
            "2026年产废单位危险废物规范化环境管理评估表", "演示甲公司", row.assessment_no, "演示-张三（演示0001）",
            "28/48",
            "不达标", "责任制度", "培训", "（签字）", "非官方、待核", "核验码",
        ):  # fmt: skip
            assert said in shown

    def test_the_sheet_as_excel_by_unit_and_year(self, world, made):
        unit = world.unit(role=UnitRole.OPERATOR)
        world.assess(unit, Grade.BASIC, subject=Subject.OPERATOR)
        rows = cells(made(SHEET, "xlsx", {"unit": unit.unit_no, "year": "2026"}))
        numbers = [row[1] for row in rows if row[1] and str(row[1]).startswith("O")]
        assert numbers == [f"O{number:02d}" for number in (1, 2, 3, 6, 7, 8, 4, 5, 9, 10, 11)]

    def test_what_must_be_told(self, world, made):
        with pytest.raises(RuleViolation, match="导出评估表须写明评估编号"):
            made(SHEET, "xlsx")
        with pytest.raises(NotFound):
            made(SHEET, "xlsx", {"assessment": "PG-2026-999999"})
        with pytest.raises(RuleViolation, match="请写成四位数字"):
            made(SHEET, "xlsx", {"unit": world.unit().unit_no, "year": "去年"})


class TestSelfCheck:
    def test_all_is_well(self, session, world):
        first = world.assess(world.unit(), Grade.NOT_MET)
        world.assess(session.get(type(world.unit()), first.unit_id), Grade.MET, on=date(2026, 9, 1), recheck_of=first)
        assert wrong_grades(session) == foreign_rechecks(session) == []

    def test_a_grade_that_was_tampered_with(self, session, world):
        row = world.assess(world.unit(), Grade.NOT_MET)
        session.execute(text("DROP TRIGGER trg_assessment_frozen"))
        session.execute(text("UPDATE assessment SET grade = 'met' WHERE id = :id"), {"id": row.id})
        session.expire_all()
        (problem,) = wrong_grades(session)
        assert problem == f"评估 {row.assessment_no} 记的是 28/48 达标，按各项结果应为 28/48 不达标"

    def test_a_recheck_of_something_else(self, session, world):
        first, other = world.assess(world.unit(), Grade.NOT_MET), world.unit()
        again = world.assess(other, recheck_of=first)
        assert foreign_rechecks(session) == [
            f"复查 {again.assessment_no} 与首次评估 {first.assessment_no} 不是同一单位、年度或评估类型"
        ]


class TestNewScheme:
    def test_whose_grade_would_change(self, session, world):
        unit = world.unit("演示甲公司")
        row = world.assess(unit, Grade.BASIC)
        world.assess(world.unit(), Grade.MET)
        world.assess(world.unit(), Grade.BASIC, level=Level.SELF)
        before = pack_of_year(session, 2026).parameters
        after = copy.deepcopy(before)
        bands = next(row for row in after["setting"] if row["key"] == "bands")
        bands["values"]["met"] = "30/60"
        (change,) = grade_changes(session, before, after, TODAY)
        assert change == (f"演示甲公司（{row.assessment_no}）", "基本达标", "达标")

    def test_a_scheme_that_cannot_be_read(self, session):
        (change,) = grade_changes(session, None, {}, TODAY)
        assert "缺少或写错" in change.after


class TestReminders:
    def test_until_it_was_checked_again(self, session, world):
        unit = world.unit("演示甲公司")
        first = world.assess(unit, Grade.NOT_MET)
        (due,) = SOURCE.due(session, as_of=TODAY)
        assert (due.on, due.to_office) == (date(2026, 12, 31), "LYG-XW")
        assert due.title == "演示甲公司 评估不达标，复查截止 2026-12-31"
        assert SOURCE.leads(session, TODAY) == (60, 30, 7)
        world.assess(unit, Grade.MET, on=date(2026, 9, 1), recheck_of=first)
        assert rechecks_due(session, as_of=TODAY) == []


class TestChapter:
    def test_what_the_file_of_a_unit_shows(self, session, world):
        unit = world.unit()
        assert load(session, unit.id, TODAY, SYSTEM) is None
        world.assess(unit, Grade.NOT_MET, closed_at=datetime(2026, 5, 12, tzinfo=UTC))
        chapter = load(session, unit.id, TODAY, SYSTEM)
        assert chapter is not None
        assert chapter.alerts[0].text == "最近一次规范化评估（2026-05-10 县级）不达标"
        assert chapter.facts[0].unverified
        assert len(chapter.tables[0].rows) == 1
