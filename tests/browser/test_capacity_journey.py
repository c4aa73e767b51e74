"""The city section weighs a what-if against the balance of the year, and takes the balance away on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect
from pypdf import PdfReader

from hwrisk.clock import today
from tests.browser.conftest import PHONE, Watched

Open = Callable[..., Watched]
AXE = Axe()
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
NAME = "试算：停用一条线，飞灰填埋场投运"
LANDFILL = "灌云临港产业园区飞灰填埋场 投运后的能力"
WORKER_MS = 60_000


def test_the_city_runs_a_what_if_and_prints_the_balance(open_page: Open, tmp_path: Path) -> None:
    watched = open_page()
    watched.sign_in("city")
    page = watched.page
    watched.go("/capacity/")
    page.get_by_role("button", name=re.compile("^测算 ")).click()
    _follow(watched, f"查看 {today().year} 年能力平衡")
    expect(page.get_by_role("heading", level=1)).to_have_text("危险废物利用处置能力平衡")
    _adds_up(page.get_by_role("table").first.locator("tfoot tr"))
    assert _violations(watched) == []

    page.get_by_role("link", name="情景测算").click()
    assert _violations(watched) == []
    page.get_by_label(re.compile("情景名称")).fill(NAME)
    line = page.get_by_role("group", name="停用的生产线").get_by_role("checkbox").first
    stopped = line.get_attribute("value")
    line.check()
    page.get_by_label(re.compile(LANDFILL)).fill("20000")
    page.get_by_role("button", name="测算并保存").click()
    _follow(watched, "查看情景与现状的对照")
    expect(page.get_by_role("heading", level=1)).to_contain_text(NAME)
    expect(page.locator("main")).to_contain_text(f"停用 {stopped}")
    compared = page.get_by_role("table", name=re.compile("全市合计"))
    expect(compared.get_by_role("columnheader")).to_have_text(["项目", "本次", "现状", "相差"])
    need = compared.get_by_role("row", name=re.compile("委外需求")).get_by_role("cell").all_inner_texts()
    assert need[0] == need[1]
    capacity = compared.get_by_role("row", name=re.compile("市内折算能力")).get_by_role("cell").all_inner_texts()
    assert _number(capacity[2]) == _number(capacity[0]) - _number(capacity[1]) != 0
    assert _violations(watched) == []

    page.get_by_role("link", name=re.compile("年现状")).click()
    page.get_by_role("link", name="能力平衡表").click()
    with page.expect_download(timeout=90_000) as download:
        page.get_by_role("button", name="导出 PDF").click()
    path = tmp_path / "balance.pdf"
    download.value.save_as(path)
    text = "".join("".join(paper.extract_text() for paper in PdfReader(path).pages).split())
    for words in (f"{today().year}年危险废物利用处置能力平衡表", "委外需求", "缺口下限", "转入贮存", "合计", "待核"):
        assert words in text


def test_a_park_is_told_on_a_phone_what_it_sees(open_page: Open) -> None:
    watched = open_page(PHONE)
    watched.sign_in("park")
    watched.go("/capacity/")
    expect(watched.page.locator("main")).to_contain_text("不分园区")
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert _violations(watched) == []


def _follow(watched: Watched, label: str) -> None:
    """Wait for the worker on the page of the task, and go where it leads."""
    link = watched.page.get_by_role("link", name=label)
    expect(link).to_be_visible(timeout=WORKER_MS)
    link.click()
    watched.page.wait_for_load_state("load")


def _adds_up(totals: Locator) -> None:
    """Generated is own treatment, entrusted and what went into store."""
    figures = [_number(text) for text in totals.locator("td.num").all_inner_texts()]
    generated, own, entrusted, *places, stored, _need = figures
    assert generated == own + entrusted + stored
    assert entrusted == sum(places)


def _number(text: str) -> int:
    """Return tonnes with four decimals as whole 0.1 kg."""
    return int(text.replace(",", "").replace(".", ""))


def _violations(watched: Watched) -> list[str]:
    results: dict[str, Any] = AXE.run(watched.page, options=WCAG).response
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in results["violations"]]
