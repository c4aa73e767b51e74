"""Import of assessment results: what is taken, what is refused and where, and reading an export back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from hwrisk.assessment.exports import RESULTS
from hwrisk.assessment.imports import ASSESSMENTS, TEMPLATE
from hwrisk.assessment.imports.template import parse_result
from hwrisk.assessment.models import Assessment, AssessmentState, Grade, Level, Rating, Subject
from hwrisk.imports import Outcome, accept, blank_template, stage
from hwrisk.imports.models import ImportRow
from hwrisk.reporting import ReportRequest, produce
from hwrisk.units.models import UnitRole
from tests.assessment.assessment_world import SYSTEM, TODAY

HEADINGS = {column.key: column.title for column in TEMPLATE.columns}
PEOPLE = "演示-张三（演示-0101）、演示-李四（演示-0102）"


@pytest.fixture
def put(database, session, world, tmp_path):
    """Check a file of the given rows and give back its staged rows; `accept_it` writes it too."""

    def staged(*rows: dict[str, Any], accept_it: bool = False) -> list[ImportRow]:
        session.commit()
        path = write(tmp_path / "评估.xlsx", rows)
        folder = tmp_path / "imports"
        folder.mkdir(exist_ok=True)
        batch = stage(database, ASSESSMENTS, path, path.name, user=SYSTEM, as_of=TODAY, folder=folder)
        if accept_it:
            accept(database, ASSESSMENTS, batch.public_id, user=SYSTEM, as_of=TODAY)
        session.expire_all()
        return list(session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.row_no)))

    return staged


def write(path: Path, rows: Any) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = TEMPLATE.sheet
    sheet.append(list(HEADINGS.values()))
    for row in rows:
        sheet.append([row.get(key) for key in HEADINGS])
    book.save(path)
    return path


@pytest.fixture
def line(world):
    """A row of a whole sheet."""

    def made(unit: Any, grade: Grade = Grade.MET, **changes: Any) -> dict[str, Any]:
        subject = changes.pop("subject", Subject.GENERATOR)
        ratings = {no: rating.label for no, rating in world.ratings(grade, subject).items()}
        ratings |= changes.pop("results", {})
        head = {
            "unit": unit.unit_no, "year": 2026, "level": "县级", "subject": subject.label,
            "assessed_on": date(2026, 5, 10), "organiser": "徐圩新区分局", "people": PEOPLE,
        }  # fmt: skip
        return {**head, **{f"item_{no}": text for no, text in ratings.items()}, **changes}

    return made


def said(row: ImportRow) -> str:
    return " ".join(message["message"] for message in row.messages)


class TestWhatIsTaken:
    def test_a_sheet_becomes_a_closed_assessment(self, session, world, put, line):
        unit = world.unit()
        (row,) = put(
            line(unit, Grade.BASIC, item_P14="不适用（没有跨省转移）", item_P03="基本达标（缺减量措施）"),
            accept_it=True,
        )
        made = session.scalars(select(Assessment).where(Assessment.unit_id == unit.id)).one()
        assert row.outcome is Outcome.NEW
        assert (made.state, made.grade, made.level) == (AssessmentState.CLOSED, Grade.BASIC, Level.COUNTY)
        assert made.source.startswith("导入 ")

    def test_the_same_file_twice_changes_nothing(self, session, world, put, line):
        unit = world.unit()
        put(line(unit), accept_it=True)
        (row,) = put(line(unit))
        assert row.outcome is Outcome.UNCHANGED
        assert session.scalar(select(func.count()).where(Assessment.unit_id == unit.id)) == 1

    def test_points_are_taken_for_results(self, session, world, put, line):
        unit = world.unit()
        put(line(unit, item_P02=1, item_P03="0分"), accept_it=True)
        made = session.scalars(select(Assessment).where(Assessment.unit_id == unit.id)).one()
        assert made.score == "45"

    def test_a_veto_waits_for_its_second_reader(self, session, world, put, line):
        unit = world.unit()
        (row,) = put(line(unit, item_P10="不达标"), accept_it=True)
        made = session.scalars(select(Assessment).where(Assessment.unit_id == unit.id)).one()
        assert (made.state, made.grade, made.veto_items) == (AssessmentState.WAITING, None, "P10")
        assert row.warnings

    def test_a_recheck_finds_its_first(self, session, world, put, line):
        unit = world.unit()
        first = world.assess(unit, Grade.NOT_MET)
        others = "演示-王五（演示-0103）、演示-赵六（演示-0104）"
        put(line(unit, is_recheck="是", assessed_on=date(2026, 9, 1), people=others), accept_it=True)
        again = session.scalars(select(Assessment).where(Assessment.recheck_of_id == first.id)).one()
        assert again.grade is Grade.MET

    def test_by_name_where_no_number_is_given(self, session, world, put, line):
        unit = world.unit("演示唯一名称有限公司")
        (row,) = put({**line(unit), "unit": None, "name": "演示唯一名称有限公司"})
        assert row.outcome is Outcome.NEW

    def test_the_operators_sheet(self, world, put, line):
        unit = world.unit(role=UnitRole.OPERATOR)
        (row,) = put(line(unit, Grade.NOT_MET, subject=Subject.OPERATOR))
        assert (row.outcome, row.after["等级"]) == (Outcome.NEW, "不达标")


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"grade": "基本达标"}, "等级填的是“基本达标”，按各项结果应为“达标”"),
            ({"score": "47/48"}, "得分填的是“47/48”，按各项结果应为 48/48"),
            ({"item_P02": None, "item_P06": None}, "还有 2 个必查项没有结果：P02、P06，请逐项填写后再办结"),
            ({"item_P14": "不适用"}, "P14 选了“不适用”，请写明理由"),
            ({"item_O01": "达标"}, "产废单位评估表没有项目“O01”，请核对"),
            ({"item_P02": "优秀"}, "不是评估结果"),
            ({"people": "演示-张三（演示-0101）"}, "县级评估须由至少 2 名检查人员进行，现填 1 名"),
            ({"year": 2025}, "评估日期 2026-05-10 不在评估年度 2025 年内"),
            ({"assessed_on": date(2026, 12, 1)}, "晚于 2026-11-23，不能填未来的日期"),
            ({"unit": "LYG-2026-999999"}, "名录中没有这家单位，或不在您的管辖范围内"),
            ({"is_recheck": "是"}, "没有找到可以复查的首次评估"),
        ],
    )
    def test_in_plain_words(self, world, put, line, changes, message):
        (row,) = put({**line(world.unit()), **changes})
        assert row.outcome is Outcome.REFUSED
        assert message in said(row)

    def test_a_grade_alone(self, world, put):
        unit = world.unit()
        row = {
            "unit": unit.unit_no, "year": 2026, "level": "县级", "subject": "产废单位",
            "assessed_on": date(2026, 5, 10), "organiser": "徐圩新区分局", "people": PEOPLE, "grade": "达标",
        }  # fmt: skip
        (staged,) = put(row)
        assert "等级不能直接填报，只能由各项结果计算" in said(staged)

    def test_other_results_for_an_assessment_that_is_there(self, world, put, line):
        unit = world.unit()
        world.assess(unit)
        (row,) = put(line(unit, item_P02="不达标"))
        assert "已在系统中（已办结），各项结果与本行不同" in said(row)

    def test_twice_in_one_file(self, world, put, line):
        unit = world.unit()
        first, second = put(line(unit), line(unit, item_P02="基本达标"))
        assert (first.outcome, second.outcome) == (Outcome.NEW, Outcome.REFUSED)
        assert "是同一单位的同一次评估" in said(second)

    def test_nothing_of_a_file_with_one_wrong_row(self, session, world, put, line):
        good, bad = world.unit(), world.unit()
        with pytest.raises(Exception, match=r"1 行|有错误|拒绝|不能"):
            put(line(good), {**line(bad), "grade": "不达标"}, accept_it=True)
        assert session.scalar(select(func.count()).where(Assessment.unit_id == good.id)) == 0


def test_an_export_is_read_back(database, session, world, put, tmp_path):
    unit, operator = world.unit(), world.unit(role=UnitRole.OPERATOR)
    world.assess(unit, Grade.BASIC)
    world.assess(operator, Grade.NOT_MET, subject=Subject.OPERATOR)
    session.commit()
    out = tmp_path / "逐项.xlsx"
    request = ReportRequest(user=SYSTEM, as_of=TODAY, filters={"year": "2026"})
    assert produce(database, RESULTS, request, "xlsx", out).rows == 2
    folder = tmp_path / "imports"
    folder.mkdir()
    batch = stage(database, ASSESSMENTS, out, out.name, user=SYSTEM, as_of=TODAY, folder=folder)
    rows = session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id)).all()
    assert [row.outcome for row in rows] == [Outcome.UNCHANGED, Outcome.UNCHANGED]


def test_the_blank_form(tmp_path):
    path = tmp_path / "空白.xlsx"
    path.write_bytes(blank_template(ASSESSMENTS))
    book = openpyxl.load_workbook(path)
    headings = [cell.value for cell in next(book[TEMPLATE.sheet].iter_rows())]
    assert {"单位编号", "评估年度", "P01", "O11", "等级"} <= {str(h).removesuffix(" *") for h in headings}


@pytest.mark.parametrize(
    ("cell", "result"),
    [
        ("达标", "met:"),
        (2, "met:"),
        ("不适用（无此业务）", "not_applicable:无此业务"),
        ("基本达标：漏记", "basic:漏记"),
        ("/", "not_applicable:"),
    ],
)
def test_a_cell(cell, result):
    assert parse_result(cell, TODAY) == result
    assert Rating(result.partition(":")[0])
