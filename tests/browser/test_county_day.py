"""A day of a county officer: key list, assessment by file and by hand, figures down to their rows, files; and what of
other counties must stay closed.

All tests share one site: each takes rows of its own, and compares with what stood there before.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect
from sqlalchemy import ColumnElement, Select, exists, select

from hwrisk.assessment.imports import TEMPLATE
from hwrisk.assessment.models import Assessment, AssessmentState, Level, Subject
from hwrisk.assessment.scheme import Scheme
from hwrisk.assessment.verdicts import pack_of_year
from hwrisk.clock import today
from hwrisk.db.history import in_force
from hwrisk.key_list.models import KeyList, KeyListEntry, ListState
from hwrisk.units.models import Unit, UnitRole, UnitStatus, UnitVersion
from tests.browser.conftest import Site, Watched
from tests.browser.steps import (
    NOT_FOUND,
    Open,
    download,
    expected,
    from_menu,
    one,
    pdf_text,
    post,
    sheet_text,
    statuses,
)

OFFICE = "LYG-GNX"
"""The office of the demonstration's county account."""
PEOPLE = "演示-张三（演示-0101）、演示-李四（演示-0102）"
INDICATOR = "规范化管理考核达标率"
LEFT_OUT = "P01"


def assessed_by_authority() -> ColumnElement[bool]:
    """Whether an authority has assessed the unit this year, or is about to."""
    return exists().where(
        Assessment.unit_id == Unit.id, Assessment.year == today().year, Assessment.level != Level.SELF
    )


def generators(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Producing generators of the county: address, number, name; by number."""
    return (
        select(Unit.public_id, Unit.unit_no, UnitVersion.name)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(
            in_force(UnitVersion, today()),
            UnitVersion.office_code == OFFICE,
            UnitVersion.role == UnitRole.GENERATOR,
            UnitVersion.status == UnitStatus.OPERATING,
            *conditions,
        )
        .order_by(Unit.unit_no)
    )


def items(site: Site) -> list[str]:
    """Numbers of all items of the generators' sheet, compulsory or not."""
    with site.database.session() as session:
        scheme = Scheme(pack_of_year(session, today().year).parameters)
    return [item.no for item in scheme.items(Subject.GENERATOR)]


def results_file(path: Path, site: Site, unit_no: str, **changes: Any) -> Path:
    """A workbook with one whole assessment, all met, by the headings of the template."""
    row: dict[str, Any] = {
        "unit": unit_no, "year": str(today().year), "level": "县级", "subject": "产废单位",
        "assessed_on": today().isoformat(), "organiser": "灌南局（演示旅程）", "people": PEOPLE,
    } | {f"item_{no}": "达标" for no in items(site)} | changes  # fmt: skip
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = TEMPLATE.sheet
    keys = {column.key: column.title for column in TEMPLATE.columns}
    assert row.keys() <= keys.keys()
    sheet.append(list(keys.values()))
    sheet.append([row.get(key) for key in keys])
    book.save(path)
    return path


def counts(page: Page) -> dict[str, int]:
    """The numbers above the list of the year."""
    texts = page.locator("ul.counts li").all_inner_texts()
    return {
        match[1]: int(match[2].replace(",", "")) for text in texts if (match := re.match(r"(\S+)\s+([\d,]+)", text))
    }


@pytest.fixture
def county(open_page: Open) -> Watched:
    """A county officer who has just signed in."""
    watched = open_page()
    watched.sign_in("county")
    return watched


class TestKeyList:
    def test_lines_are_agreed_to_and_objected_to_with_a_reason(self, county: Watched) -> None:
        page = county.page
        page.locator("main").get_by_role("link", name=re.compile("待核对")).first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("重点监管单位清单")
        assert "灌南" in page.locator("#rows").inner_text()
        assert not re.search("徐圩新区分局|赣榆生态环境局", page.locator("#rows").inner_text())
        waiting = page.locator("#rows tbody tr").filter(has_text="待核对")
        agreed, other = (waiting.nth(place).get_by_role("link").first.inner_text() for place in (0, 1))
        waiting.first.get_by_role("checkbox").check()
        page.get_by_role("button", name="同意所选").click()
        expect(page.locator("#messages")).to_contain_text("已同意 1 家")
        page.get_by_role("link", name="清除条件").click()
        expect(page.locator("#rows tbody tr").filter(has_text=agreed)).to_contain_text("同意")
        page.locator("#rows").get_by_role("link", name=other, exact=True).click()
        page.get_by_label("有异议").check()
        page.get_by_role("button", name="保存意见").click()
        expect(page.locator(".notice.bad, .field.wrong").first).to_be_visible()
        page.get_by_label("有异议").check()
        page.get_by_label(re.compile("本局掌握的年产生量")).fill("12.5")
        page.get_by_label("理由").fill("今年已停用高盐工艺，产生量下降（演示）")
        page.get_by_role("button", name="保存意见").click()
        expect(page.locator("main")).to_contain_text("有异议")
        expect(page.locator("main")).to_contain_text("今年已停用高盐工艺，产生量下降（演示）")
        expected(county, 422)

    def test_the_list_is_exported_and_read_back(self, county: Watched, tmp_path: Path) -> None:
        page = county.page
        county.go("/key-list/")
        page.get_by_role("link", name=re.compile("查看名单")).click()
        names = page.locator("#rows tbody tr td a").all_inner_texts()
        words = sheet_text(download(page, page.get_by_role("button", name="导出 Excel").first, tmp_path / "清单.xlsx"))
        assert "危险废物环境重点监管单位清单" in words and "演示" in words
        assert names and all(name in words for name in names)
        assert "徐圩新区分局" not in words


class TestAssessment:
    def test_results_come_from_a_file_and_a_wrong_grade_is_refused(
        self, county: Watched, site: Site, tmp_path: Path
    ) -> None:
        page = county.page
        unit = one(site, generators(assessed_by_authority()))
        self._upload(county, results_file(tmp_path / "错.xlsx", site, unit.unit_no, grade="不达标"))
        expect(page.locator("main")).to_contain_text(re.compile("等级.*(不一致|算得|应为)"))
        expect(page.get_by_role("button", name="确认导入")).to_have_count(0)
        page.get_by_role("link", name="下载错误说明").wait_for()
        self._upload(county, results_file(tmp_path / "对.xlsx", site, unit.unit_no, grade="达标"))
        expect(page.locator("main")).to_contain_text(unit.name)
        page.get_by_role("button", name="确认导入").click()
        page.get_by_role("dialog").get_by_role("button", name=re.compile("确定")).click()
        expect(page.locator("main")).to_contain_text(re.compile("已导入|写入结果"))
        county.go(f"/assessment/sheets?text={unit.unit_no}")
        expect(page.locator("#rows tbody tr").first).to_contain_text(today().isoformat())

    @staticmethod
    def _upload(watched: Watched, path: Path) -> None:
        watched.go("/imports/assessments")
        watched.page.get_by_label(re.compile("文件")).set_input_files(path)
        watched.page.get_by_role("button", name="上传并检查").click()
        expect(watched.page.get_by_role("heading", level=1)).to_contain_text("预览", timeout=60_000)

    def test_a_sheet_by_hand_names_what_is_missing_then_closes_and_counts(self, county: Watched, site: Site) -> None:
        page = county.page
        county.go("/assessment/")
        before = counts(page)
        unit = one(site, generators(~assessed_by_authority(), Unit.is_supervised.is_(True)))
        county.go(f"/units/{unit.public_id}")
        page.get_by_role("link", name=re.compile("评估$|登记评估|开始评估")).first.click()
        page.get_by_label("组织单位").fill("灌南局（演示旅程）")
        for place, (name, badge) in enumerate((("演示-张三", "演示-0101"), ("演示-李四", "演示-0102"))):
            page.get_by_placeholder("姓名").nth(place).fill(name)
            page.get_by_placeholder("执法证号").nth(place).fill(badge)
        page.get_by_role("button", name="下一步：填写评估表").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("填写评估表")
        for group in page.locator("fieldset.item").all():
            if LEFT_OUT not in group.locator("legend b").inner_text():
                group.get_by_label("达标", exact=True).check()
        page.get_by_role("button", name="保存并办结").click()
        expect(page.locator(".notice.bad").first).to_contain_text(f"还有 1 个必查项没有结果：{LEFT_OUT}")
        page.locator("fieldset.item").first.get_by_label("达标", exact=True).check()
        page.get_by_role("button", name="保存并办结").click()
        expect(page.locator("main")).to_contain_text("达标")
        expect(page.locator("main")).to_contain_text("已办结")
        county.go("/assessment/")
        after = counts(page)
        moved = {name: after[name] - before[name] for name in ("已评估", "未评估", "应评之外已评估", "首次达标")}
        assert moved["首次达标"] == 1
        assert (moved["已评估"], moved["未评估"], moved["应评之外已评估"]) in {(1, -1, 0), (0, 0, 1)}
        expected(county, 422)

    def test_a_sheet_is_printed_and_read_back(self, county: Watched, site: Site, tmp_path: Path) -> None:
        page = county.page
        sheet = one(site, assessments(OFFICE))
        county.go(f"/assessment/sheets/{sheet.public_id}")
        words = pdf_text(download(page, page.get_by_role("button", name="导出 PDF"), tmp_path / "评估表.pdf"))
        for part in (sheet.assessment_no, sheet.name, LEFT_OUT, "签字", "非官方"):
            assert part in words, part


class TestFigures:
    def test_a_rate_opens_down_to_the_sheet_behind_it(self, county: Watched) -> None:
        page = county.page
        from_menu(page, "考核指标")
        for rate in ("超期贮存危险废物处置率", INDICATOR):
            expect(page.locator("main")).to_contain_text(rate)
        page.locator("main").get_by_role("link", name=re.compile(INDICATOR)).last.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(INDICATOR)
        page.locator("table[id^=rates-] a").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("单位明细")
        assert "灌南" in page.locator("#rows").inner_text()
        line = page.locator("#rows tbody tr").filter(has=page.locator("a[href*='/assessment/sheets/']")).first
        name = line.locator("th a").inner_text()
        line.locator("a[href*='/assessment/sheets/']").first.click()
        expect(page.locator("main")).to_contain_text(name)
        expect(page.locator("main table").first).to_contain_text(LEFT_OUT)

    def test_the_city_runs_the_job_and_the_figure_says_what_the_list_says(self, open_page: Open) -> None:
        city = open_page()
        city.sign_in("city")
        page = city.page
        from_menu(page, "定时任务")
        page.get_by_role("link", name=re.compile("达标率")).click()
        page.get_by_label("本期已运行过也重新计算").check()
        page.get_by_role("button", name="运行").click()
        expect(page.locator("main")).to_contain_text("运行成功")
        expect(page.locator("main tbody tr").first).to_contain_text(re.compile("人工|手动"))
        city.go("/assessment/")
        listed = counts(page)
        city.go("/indicators/assessment-compliance-rate")
        total = page.locator("#parts tbody tr").nth(-2)
        expect(total).to_contain_text(f"{listed['已评估'] + listed['应评之外已评估']}")
        expect(total).to_contain_text(f"{listed['首次达标']}")
        city.go("/indicators/")
        expect(page.locator("main table").first).to_contain_text("灌南")


class TestFile:
    def test_a_unit_opens_its_file_and_prints_it(self, county: Watched, site: Site, tmp_path: Path) -> None:
        page = county.page
        unit = one(site, generators(assessed_by_authority()))
        county.go(f"/units/{unit.public_id}")
        page.get_by_role("link", name="打开一企一档").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(unit.name)
        for chapter in ("概况", "台账", "规范化评估", "指标贡献"):
            expect(page.locator("main")).to_contain_text(chapter)
        words = pdf_text(download(page, page.get_by_role("button", name="导出 PDF"), tmp_path / "档案.pdf"))
        for part in (unit.unit_no, unit.name, "规范化评估", "核对用"):
            assert part in words, part


def assessments(office: str, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Closed county assessments of generators of this year, supervised by an office now."""
    return (
        select(Assessment.public_id, Assessment.assessment_no, UnitVersion.name)
        .join(UnitVersion, UnitVersion.unit_id == Assessment.unit_id)
        .where(
            in_force(UnitVersion, today()),
            UnitVersion.office_code == office,
            Assessment.year == today().year,
            Assessment.state == AssessmentState.CLOSED,
            Assessment.level == Level.COUNTY,
            Assessment.subject == Subject.GENERATOR,
            Assessment.assessed_on > today() - timedelta(days=366),
            *conditions,
        )
        .order_by(Assessment.id)
    )


class TestOtherCounties:
    OTHER = "LYG-XW"

    def _unit(self, site: Site) -> Any:
        return one(
            site,
            select(Unit.public_id, Unit.unit_no, UnitVersion.name)
            .join(UnitVersion, UnitVersion.unit_id == Unit.id)
            .where(in_force(UnitVersion, today()), UnitVersion.office_code == self.OTHER)
            .order_by(Unit.id),
        )

    def test_pages_of_other_counties_are_not_there(self, county: Watched, site: Site) -> None:
        unit, sheet = self._unit(site), one(site, assessments(self.OTHER))
        entry = one(
            site,
            select(KeyListEntry.public_id)
            .join(KeyList, KeyList.id == KeyListEntry.list_id)
            .where(KeyListEntry.office_code == self.OTHER, KeyList.state == ListState.DRAFT),
        )
        paths = [
            f"/units/{unit.public_id}",
            f"/files/units/{unit.public_id}",
            f"/assessment/units/{unit.public_id}/new",
            f"/assessment/sheets/{sheet.public_id}",
            f"/assessment/sheets/{sheet.public_id}/edit",
            f"/key-list/entries/{entry.public_id}",
            f"/key-list/units/{unit.public_id}",
        ]
        assert statuses(county, paths) == dict.fromkeys(paths, NOT_FOUND)
        county.go(paths[0])
        expect(county.page.get_by_role("heading", level=1)).to_contain_text(re.compile("没有|找不到|不存在"))
        assert unit.name not in county.page.content()
        expected(county, NOT_FOUND)

    def test_exports_of_other_counties_are_not_made_nor_given(
        self, county: Watched, open_page: Open, site: Site, tmp_path: Path
    ) -> None:
        unit, sheet = self._unit(site), one(site, assessments(self.OTHER))
        county.go("/exports/")
        refused = {
            "enterprise-file": {"param.unit": unit.unit_no},
            "assessment-sheet": {"param.assessment": sheet.assessment_no},
        }
        for report, params in refused.items():
            assert post(county, f"/exports/{report}", format="pdf", **params) in {NOT_FOUND, 422}, report
        city = open_page()
        city.sign_in("city")
        city.go(f"/files/units/{unit.public_id}")
        with city.page.expect_download(timeout=90_000) as fetched:
            city.page.get_by_role("button", name="导出 PDF").click()
        path = fetched.value.url.removeprefix(site.url)
        assert statuses(county, [path]) == {path: NOT_FOUND}

    def test_lists_and_search_show_its_own_units_alone(self, county: Watched, site: Site) -> None:
        unit = self._unit(site)
        for path in (f"/units/?text={unit.unit_no}", f"/search/?q={unit.unit_no}", f"/search/?q={unit.name}"):
            county.go(path)
            expect(county.page.locator(f"a[href*='{unit.public_id}']")).to_have_count(0)
