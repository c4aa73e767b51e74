"""What people do all day, done in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from openpyxl import Workbook, load_workbook
from playwright.sync_api import expect
from pypdf import PdfReader

from hwrisk.clock import today
from tests.browser.conftest import PHONE, Watched
from tests.browser.steps import from_menu

Open = Callable[..., Watched]
HEAD = ["单位名称", "统一社会信用代码", "管辖单位", "行政区划", "单位类型", "管理类别", "地址"]
GOOD = ["连云港演示旅程化工有限公司", "91320700DEM9000011", "灌南局", "灌南县", "产废单位", "简化管理", "演示路1号"]


def _workbook(path: Path, rows: list[list[str]]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEAD, *rows]:
        sheet.append(row)
    book.save(path)
    return path


def test_a_county_officer_plans_the_disposal_of_an_overdue_batch(open_page: Open) -> None:
    watched = open_page()
    watched.sign_in("county")
    page = watched.page
    from_menu(page, "超期贮存")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("超期贮存"))
    rows = page.locator("#rows tbody tr")
    assert rows.count() >= 1
    expect(rows.first).to_contain_text("灌南")
    rows.first.get_by_role("link").first.click()
    page.get_by_role("link", name=re.compile("处置计划")).first.click()
    page.get_by_label(re.compile("原因")).fill("处置单位排队")
    page.get_by_label(re.compile("计划处置日期")).fill((today() + timedelta(days=20)).isoformat())
    page.get_by_label(re.compile("接收单位")).fill("演示接收单位丙")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("处置单位排队")


def test_a_wrong_plan_is_answered_on_its_field(open_page: Open) -> None:
    watched = open_page()
    watched.sign_in("county")
    page = watched.page
    watched.go("/storage/overdue")
    page.locator("#rows tbody tr").first.get_by_role("link").first.click()
    page.get_by_role("link", name=re.compile("处置计划")).first.click()
    page.get_by_label(re.compile("原因")).fill("处置单位排队")
    page.get_by_label(re.compile("计划处置日期")).fill("2020-01-01")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".field.wrong").first).to_contain_text("不得早于今天")
    expect(page.get_by_label(re.compile("原因"))).to_have_value("处置单位排队")
    # 422 is the answer to a wrong form; the browser notes it on its console.
    watched.problems[:] = [problem for problem in watched.problems if "422" not in problem]


def test_a_figure_opens_down_to_its_batches(open_page: Open) -> None:
    watched = open_page()
    watched.sign_in("city")
    page = watched.page
    watched.go("/indicators/")
    page.locator("main table").first.get_by_role("link", name=re.compile("%")).first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.locator("main table a[href*='/storage/batches/']").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("HWRK|QC"))


def test_an_import_is_checked_previewed_and_accepted(open_page: Open, tmp_path: Path) -> None:
    watched = open_page()
    watched.sign_in("city")
    page = watched.page
    wrong = [*GOOD]
    wrong[1] = "91320700DEM9000012"
    _upload(watched, _workbook(tmp_path / "错.xlsx", [wrong]))
    expect(page.locator("main")).to_contain_text("校验")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载错误说明").click()
    returned = tmp_path / "returned.xlsx"
    download.value.save_as(returned)
    sheet = load_workbook(returned).worksheets[0]
    assert any("错误说明" in str(cell.value) for cell in sheet[1])
    _upload(watched, _workbook(tmp_path / "对.xlsx", [GOOD]))
    page.get_by_role("button", name="确认导入").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("确定")).click()
    expect(page.locator("main")).to_contain_text(re.compile("已导入|写入结果"))
    watched.go("/units/?text=" + GOOD[0])
    expect(page.locator("main")).to_contain_text(GOOD[0])


def _upload(watched: Watched, path: Path) -> None:
    watched.go("/imports/units")
    watched.page.get_by_label(re.compile("文件")).set_input_files(path)
    watched.page.get_by_role("button", name="上传并检查").click()
    expect(watched.page.get_by_role("heading", level=1)).to_contain_text("预览", timeout=30_000)


def test_a_pdf_is_exported_and_verified(open_page: Open, tmp_path: Path) -> None:
    watched = open_page()
    watched.sign_in("city")
    page = watched.page
    watched.go("/storage/overdue")
    # A short list is made at once and comes straight back as a file.
    with page.expect_download(timeout=90_000) as download:
        page.get_by_role("button", name="导出 PDF").click()
    path = tmp_path / "overdue.pdf"
    download.value.save_as(path)
    text = "".join(paper.extract_text() for paper in PdfReader(path).pages)
    assert "超期贮存" in text and "演示" in text
    watched.go("/verify/")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name=re.compile("核验")).first.click()
    expect(page.locator("main")).to_contain_text("未改动")


def test_an_enterprise_sees_its_own_alone(open_page: Open) -> None:
    watched = open_page()
    watched.sign_in("enterprise")
    watched.go("/units/")
    expect(watched.page.locator("#rows tbody tr")).to_have_count(1)


def test_the_menu_opens_on_a_phone(open_page: Open) -> None:
    watched = open_page(PHONE)
    watched.sign_in("city")
    page = watched.page
    page.get_by_label("打开菜单").click()
    from_menu(page, "超期贮存")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("超期贮存"))
