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
    """One picture: the page of a role, after some steps, cut to a part."""

    path: str
    role: str = "city"
    act: Callable[[Page], None] = _nothing
    part: str = "body"
    viewport: dict[str, int] = field(default_factory=lambda: dict(DESKTOP))


def _log_in_page(page: Page) -> None:
    page.get_by_label(re.compile("用户名")).fill("yanshi-shiju")


PICTURES: dict[str, Picture] = {
    "denglu.png": Picture("/login", role="", act=_log_in_page),
    "shouye.png": Picture("/"),
    "danwei.png": Picture("/units/", role="county"),
    "danwei-ye.png": Picture("/units/", role="county", act=follow("#rows tbody a")),
    "taizhang.png": Picture("/ledger/", role="county"),
    "daoru.png": Picture("/imports/"),
    "chaoqi.png": Picture("/storage/overdue", role="county"),
    "pici.png": Picture("/storage/overdue", role="county", act=follow("#rows tbody a")),
    "daochu.png": Picture("/exports/"),
    "guize.png": Picture("/rulepacks/"),
    "kanban.png": Picture("/dashboard/"),
    "daping.png": Picture("/dashboard/?screen=1", viewport={"width": 1920, "height": 1080}),
    "pinggu.png": Picture("/assessment/", role="county"),
    "pinggu-biao.png": Picture(
        "/assessment/sheets?state=draft", act=then(follow("#rows tbody a"), follow("main .acts a.btn-hw"))
    ),
    "yingji.png": Picture("/emergency/lookup?q=生石灰 柘汪 6吨", role="command", viewport=dict(PHONE)),
    "diaobo.png": Picture("/emergency/dispatches", role="command", act=follow("#rows tbody a")),
    "quhua.png": Picture("/regions/", part="#regions-map"),
}
