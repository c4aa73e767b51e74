"""Command on a telephone: what spilled, what helps, how much, and the order."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Watched

Open = Callable[..., Watched]


def test_command_finds_a_material_and_dispatches_it(open_page: Open) -> None:
    watched = open_page(PHONE)
    watched.sign_in("command")
    page = watched.page
    watched.go("/emergency/lookup")
    box = page.get_by_label("查化学品、物资、物资库或地点")
    # The answer comes while one types; the box is found and filled by keyboard alone.
    expect(box).to_be_focused()
    page.keyboard.type("硫酸 柘汪")
    card = page.get_by_role("region", name="硫酸", exact=True)
    expect(card).to_contain_text("CAS 7664-93-9")
    expect(card).to_contain_text("HJ 941")
    expect(card).to_contain_text("GB 18218")
    card.get_by_role("link", name="碳酸钠").first.click()
    expect(page.get_by_role("region", name="碳酸钠")).to_contain_text("km")
    page.get_by_label("需要量").fill("2吨")
    page.get_by_role("button", name="查询").click()
    offer = page.get_by_role("region", name="碳酸钠")
    expect(offer).to_contain_text("需要 2 吨")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    offer.get_by_role("link", name=re.compile("^调 2 吨$")).first.click()
    page.get_by_label("事由").fill("演示旅程：硫酸槽车侧翻")
    expect(page.get_by_label("数量")).to_have_value(re.compile("2"))
    page.get_by_role("button", name="提交调拨").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("调拨单 DB-")
    expect(page.locator("main")).to_contain_text("已分配")
    expect(page.locator("main")).to_contain_text("演示旅程：硫酸槽车侧翻")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
