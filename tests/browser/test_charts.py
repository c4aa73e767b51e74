"""Charts and maps in a real browser: they paint, they can be read and reached without a mouse, and they print."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from unicodedata import normalize

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.browser.conftest import PASSWORD, PHONE, Site, Watched
from tests.browser.test_pages import AXE, WCAG

Open = Callable[..., Watched]
WALL = {"width": 1920, "height": 1080}
DRAWN = "() => [...document.querySelectorAll('[data-spec]')].every(f => f.dataset.drawn === 'done')"
IS_PAINTED = """canvas => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join())).size > 3;
}"""


TARGETED = """() => [...document.querySelectorAll(".hw-chart canvas")].flatMap(canvas => {
    const option = echarts.getInstanceByDom(canvas.closest("[_echarts_instance_]")).getOption();
    const [first] = option.series;
    if (!first.markLine || !first.markLine.data.length) return [];
    const [line] = first.markLine.data;
    return [{
        kind: first.type, z: first.markLine.z, ground: first.label.backgroundColor || "",
        target: line.yAxis ?? line.xAxis, floor: first.type === "line" ? option.yAxis[0].min : 0,
    }];
})"""
"""Of each chart that has a target: how deep its line lies, what lies under the figures, where the axis begins."""


def dashboard(open_page: Open, role: str, viewport: dict[str, int] | None = None, path: str = "/dashboard/") -> Page:
    watched = open_page(viewport)
    watched.sign_in(role)
    watched.go(path)
    watched.page.wait_for_function(DRAWN)
    return watched.page


def violations(page: Page) -> list[str]:
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in AXE.run(page, options=WCAG).response["violations"]]


def test_every_chart_paints_and_hides_its_table(open_page: Open) -> None:
    page = dashboard(open_page, "city")
    charts = page.locator(".hw-chart[data-spec]")
    assert charts.count() >= 2
    for chart in charts.all():
        assert chart.locator("canvas").first.evaluate(IS_PAINTED)
        expect(chart.locator("table")).to_be_hidden()
    charts.first.get_by_text("数据表").click()
    expect(charts.first.locator("table")).to_be_visible()
    assert violations(page) == []


def test_the_line_of_a_target_runs_behind_the_figures_and_above_the_floor(open_page: Open) -> None:
    drawn = dashboard(open_page, "city").evaluate(TARGETED)
    assert {chart["kind"] for chart in drawn} == {"bar", "line"}
    for chart in drawn:
        # Bars and points lie on 2; a figure without a ground of its own lets the line through.
        assert chart["z"] < 2
        assert chart["target"] > chart["floor"]
        assert chart["kind"] == "line" or chart["ground"] == "#ffffff"


def test_the_map_draws_the_districts_and_opens_by_keyboard(open_page: Open) -> None:
    page = dashboard(open_page, "city")
    board = page.locator(".hw-map").first
    assert board.locator("path.hw-area").count() == 6
    expect(board).to_contain_text("示意图，不作为划界依据")
    area = board.get_by_role("button", name=re.compile("灌云县"))
    area.focus()
    page.keyboard.press("Enter")
    expect(board.locator(".hw-popup")).to_contain_text("灌云县")
    board.get_by_role("button", name="放大").press("Enter")
    board.get_by_role("button", name="全图").press("Enter")
    assert violations(page) == []
    board.locator(".hw-popup a").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_bar_leads_to_its_rows(open_page: Open) -> None:
    page = dashboard(open_page, "city")
    page.locator("#overdue").get_by_text("数据表").click()
    page.locator("#overdue table a").nth(4).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("超期贮存")


@pytest.mark.parametrize("role", ["city", "command"])
def test_it_fits_a_phone(open_page: Open, role: str) -> None:
    page = dashboard(open_page, role, PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(page) == []


def test_the_wall_shows_the_same_without_a_menu(open_page: Open) -> None:
    page = dashboard(open_page, "city", WALL, "/dashboard/?screen=1")
    expect(page.get_by_role("navigation", name="主导航")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= WALL["width"]
    assert violations(page) == []
    page.get_by_role("link", name="退出大屏").click()
    expect(page.get_by_role("navigation", name="主导航")).to_be_visible()


def test_pictures_stand_on_paper(open_page: Open) -> None:
    page = dashboard(open_page, "city")
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    # The fonts of a PDF give some signs back as radicals.
    words = normalize("NFKC", "".join(sheet.extract_text() for sheet in paper.pages))
    assert len(paper.pages) <= 6
    for text in ("综合看板", "打印日期", "灌云县", "超期贮存量"):
        assert text in words, text
    assert "大屏显示" not in words
    assert page.locator(".hw-chart[data-drawn=done]").count() >= 2


@pytest.fixture
def plain(browser: Browser, site: Site) -> Iterator[Page]:
    """A browser that runs no scripts, signed in for the city section."""
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{site.url}/login")
    page.get_by_label("用户名").fill(site.accounts["city"])
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    yield page
    context.close()


def test_without_scripts_the_tables_stand(plain: Page, site: Site) -> None:
    plain.goto(f"{site.url}/dashboard/")
    for picture in plain.locator("[data-spec]").all():
        expect(picture.locator("table").first).to_be_visible()
        expect(picture.locator(".hw-picture-area")).to_be_hidden()


def test_outlines_that_cannot_be_had_leave_the_table(open_page: Open) -> None:
    watched = open_page()
    watched.sign_in("city")
    watched.page.route("**/regions/outlines.geojson", lambda route: route.fulfill(status=503, body="{}"))
    watched.go("/regions/")
    watched.page.wait_for_function("() => document.getElementById('regions-map').dataset.drawn === 'failed'")
    expect(watched.page.locator("#regions-map table")).to_be_visible()
    watched.problems[:] = [problem for problem in watched.problems if "503" not in problem]
