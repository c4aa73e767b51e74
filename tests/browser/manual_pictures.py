"""What each picture of the manual shows: by whom, on which page, after which steps."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE


def _nothing(_page: Page) -> None:
    """Leave the page as it opens."""


def follow(selector: str) -> Callable[[Page], None]:
    """Return the step that follows the first link found by `selector`."""

    def act(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("load")

    return act


def then(*acts: Callable[[Page], None]) -> Callable[[Page], None]:
    """Return the steps one after the other."""

    def act(page: Page) -> None:
        for each in acts:
            each(page)

    return act


@dataclass(frozen=True)
class Picture:
    """One picture: the page of a role, after some steps, cut to a part of it, from the top of that part."""

    path: str
    role: str = "city"
    act: Callable[[Page], None] = _nothing
    part: str = "#main"
    tallest: int = 760
    """Pixels after which the picture is cut, so that it can still be read on half a sheet of paper."""
    more: int = 0
    """Pixels below the part that belong to it, as the fields below a remark."""
    viewport: dict[str, int] = field(default_factory=lambda: dict(DESKTOP))


def _log_in_page(page: Page) -> None:
    page.get_by_label(re.compile("用户名")).fill("yanshi-shiju")


def _drawn(page: Page) -> None:
    """Wait for the charts and maps that stand on the page."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-spec]')].every(f => f.offsetParent === null || f.dataset.drawn)"
    )


FIRST_ROW = "#rows tbody a"
SCREEN = "body"
TELEPHONE: dict[str, int] = dict(PHONE)
PICTURES: dict[str, Picture] = {
    "denglu.png": Picture("/login", role="", act=_log_in_page, part=SCREEN, tallest=560),
    "shouye.png": Picture("/", part=SCREEN),
    "danwei.png": Picture("/units/", role="county", part=SCREEN),
    "danwei-ye.png": Picture("/units/", role="county", act=follow(FIRST_ROW)),
    "taizhang.png": Picture("/ledger/", role="county"),
    "daoru.png": Picture("/imports/"),
    "chaoqi.png": Picture("/storage/overdue", role="county"),
    "pici.png": Picture("/storage/overdue", role="county", act=follow(FIRST_ROW), tallest=900),
    "zhibiao.png": Picture("/indicators/"),
    "chuzhilv-mingxi.png": Picture(
        "/indicators/overdue-disposal-rate", act=follow("main table a[href*='/values/']:visible")
    ),
    "dabiaolv.png": Picture("/indicators/assessment-compliance-rate", act=_drawn, tallest=1000),
    "dabiaolv-mingxi.png": Picture("/indicators/assessment-compliance-rate", act=follow("table[id^=rates-] a")),
    "daochu.png": Picture("/exports/"),
    "guize.png": Picture("/rulepacks/"),
    "fagui.png": Picture("/rulepacks/laws"),
    "renwu.png": Picture("/jobs/"),
    "pinggu.png": Picture("/assessment/", role="county"),
    "fugai.png": Picture("/assessment/coverage"),
    "pinggu-biao.png": Picture(
        "/assessment/sheets?state=draft", act=then(follow(FIRST_ROW), follow("main .acts a.btn-hw")), tallest=900
    ),
    "pinggu-ye.png": Picture(
        "/assessment/?state=covered", role="county", act=follow("#rows a[href*='/assessment/sheets/']"), tallest=900
    ),
    "kanban.png": Picture("/dashboard/", act=_drawn, tallest=1100),
    "daping.png": Picture(
        "/dashboard/?screen=1", act=_drawn, part=SCREEN, viewport={"width": 1920, "height": 1080}, tallest=1080
    ),
    "quhua.png": Picture("/regions/", act=_drawn, part="#regions-map"),
    "qingdan.png": Picture("/key-list/"),
    "qingdan-hedui.png": Picture("/key-list/", role="county", act=follow("main table td a")),
    "qingdan-yijian.png": Picture(
        "/key-list/",
        role="county",
        act=then(follow("main table td a"), follow("#rows tr:has-text('待核对') td a")),
        tallest=1000,
    ),
    "qingdan-bijiao.png": Picture("/key-list/compare"),
    "yiqiyidang.png": Picture(
        "/units/", role="county", act=then(follow(FIRST_ROW), follow("a[href*='/files/units/']")), tallest=1000
    ),
    "yanshi.png": Picture("/units/?text=连云港演示", part=SCREEN),
    "xuke.png": Picture("/permits/"),
    "xuke-ye.png": Picture("/permits/", act=follow(FIRST_ROW), tallest=900),
    "yujing.png": Picture("/permits/loads"),
    "pingheng.png": Picture("/capacity/", act=_drawn, tallest=1000),
    "liuxiang.png": Picture("/capacity/", act=then(follow("main a[href*='/capacity/runs/']"), _drawn), tallest=1000),
    "qingjing.png": Picture("/capacity/", act=follow("main a[href*='what-if']")),
    "yuanqu.png": Picture("/parks/", role="park", act=follow("main table a")),
    "yiyuan.png": Picture(
        "/parks/", role="park", act=then(follow("main table a"), follow("a[href*='/files/parks/']")), tallest=1000
    ),
    "yunweitai.png": Picture("/desk/", role="operator", part=SCREEN, viewport=TELEPHONE, tallest=844),
    "cunliang.png": Picture(
        "/desk/", role="operator", act=follow("a[href*='/level']"), part=SCREEN, viewport=TELEPHONE, tallest=844
    ),
    "sanji.png": Picture(
        "/containment/", role="park", act=then(follow("main table a[href*='/parks/']"), _drawn), tallest=1100
    ),
    "tuihui.png": Picture(
        "/desk/",
        role="operator",
        act=follow("a[href*='/filings/'][href$='/edit']"),
        part=".returned >> nth=0",
        more=240,
    ),
    "jiaohe.png": Picture(
        "/containment/", role="park", act=then(follow("main a[href$='/checks']"), follow("main table a")), tallest=1100
    ),
    "jianshe.png": Picture("/containment/", role="park", act=follow("main a[href$='/checklist']")),
    "chuzhika.png": Picture(
        "/desk/",
        role="operator",
        act=follow("a[href$='/card'] >> nth=-1"),
        part=SCREEN,
        viewport=TELEPHONE,
        tallest=844,
    ),
    "yingji.png": Picture(
        "/emergency/lookup?q=生石灰 柘汪 6吨", role="command", part=SCREEN, viewport=TELEPHONE, tallest=844
    ),
    "diaobo.png": Picture(
        "/emergency/dispatches", role="command", act=follow("#rows tr:has-text('已出库') a"), tallest=900
    ),
    "kucun.png": Picture("/emergency/stock", role="command"),
    "wuziku.png": Picture("/emergency/depots", role="command", act=follow(FIRST_ROW), tallest=900),
}
