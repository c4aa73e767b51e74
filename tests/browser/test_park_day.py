"""A day in a chemical park: the operator on the telephone, the administration with its cards, a filing that came back,
two people at one facility; and what of other parks must stay closed.

All tests share one site: what they file is only ever added to what stands there.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import Select, select

from hwrisk.clock import today
from hwrisk.containment.models import Facility, FacilityVersion, Filing, FilingState
from hwrisk.db.history import in_force
from hwrisk.parks.models import Park
from tests.browser.conftest import PHONE, Site, Watched
from tests.browser.steps import NOT_FOUND, Open, download, expected, one, pdf_text, post, statuses

OWN, OTHER = "LYG-P-SHJD", "LYG-P-GYLG"
BASIN, OUTFALL, PUMP = "演示园区应急池", "演示雨水总排口闸", "演示提升泵站"


def facilities(park: str, name: str = "") -> Select[*tuple[Any, ...]]:
    """Facilities of a park as they are now: address and name."""
    return (
        select(Facility.public_id, FacilityVersion.name)
        .join(FacilityVersion, FacilityVersion.facility_id == Facility.id)
        .join(Park, Park.id == Facility.park_id)
        .where(Park.code == park, in_force(FacilityVersion, today()), FacilityVersion.name.contains(name))
        .order_by(Facility.id)
    )


@pytest.fixture
def operator(open_page: Open) -> Watched:
    """The operator of the park's basins, on the desk, with a telephone."""
    watched = open_page(PHONE)
    watched.sign_in("operator")
    watched.go("/desk/")
    return watched


@pytest.fixture
def administration(open_page: Open) -> Watched:
    """The administration of the same park."""
    watched = open_page()
    watched.sign_in("park")
    return watched


def fits(page: Page) -> bool:
    """Whether the page stays within the telephone."""
    return bool(page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"])


class TestOperator:
    def test_a_level_is_confirmed_with_a_thumb(self, operator: Watched) -> None:
        page = operator.page
        assert fits(page)
        task = page.locator(".hw-task").filter(has_text=BASIN).last
        button = task.get_by_role("link", name="确认现存量")
        box = button.bounding_box()
        assert box is not None and box["height"] >= 44
        button.click()
        assert fits(page)
        page.get_by_label(re.compile("现存量")).fill("99999")
        page.get_by_role("button", name="保存").click()
        expect(page.locator(".field.wrong")).to_contain_text("有效容积")
        page.get_by_label(re.compile("现存量")).fill("1800")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("运维台")
        page.get_by_role("link", name=BASIN).first.click()
        expect(page.locator("main")).to_contain_text("现存 1,800 m³")
        expected(operator, 422)

    def test_a_valve_test_is_recorded_and_leaves_the_list(self, operator: Watched) -> None:
        page = operator.page
        due = page.locator(".hw-task").filter(has_text=OUTFALL).filter(has=page.get_by_role("link", name="启闭试验"))
        expect(due).to_have_count(1)
        due.get_by_role("link", name="启闭试验").click()
        page.get_by_label("启闭试验").check()
        page.get_by_label("合格", exact=True).check()
        page.get_by_label(re.compile("人员")).fill("演示-韩五")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("运维台")
        expect(due).to_have_count(0)

    def test_what_was_returned_says_why_at_the_field(self, operator: Watched, site: Site) -> None:
        page = operator.page
        reason = one(site, select(Filing.reasons).where(Filing.state == FilingState.RETURNED)).reasons["place"]
        expect(page.locator(".hw-task").first).to_contain_text(reason)
        page.get_by_role("link", name="改正后再提交").first.click()
        assert fits(page)
        label = page.locator("label[for=place]")
        note = page.locator(".returned", has_text=reason)
        expect(note).to_be_visible()
        above, below = note.bounding_box(), label.bounding_box()
        assert above is not None and below is not None
        assert 0 <= below["y"] - above["y"] - above["height"] < 40

    def test_what_is_typed_is_there_again_after_an_interruption(self, operator: Watched, site: Site) -> None:
        page = operator.page
        pump = one(site, facilities(OWN, PUMP))
        address = f"/containment/facilities/{pump.public_id}/test"
        operator.go(address)
        page.get_by_label(re.compile("发现的问题")).fill("电动执行机构有异响（演示）")
        expect(page.locator(".draft-state")).to_contain_text(re.compile("草稿"), timeout=20_000)
        operator.go("/desk/")
        operator.go(address)
        expect(page.get_by_label(re.compile("发现的问题"))).to_have_value("电动执行机构有异响（演示）")
        page.get_by_role("button", name=re.compile("不要草稿")).click()

    def test_two_who_change_one_facility_see_both_values(self, operator: Watched, open_page: Open, site: Site) -> None:
        gate = one(site, facilities(OWN, "演示可封闭河段"))
        address = f"/containment/facilities/{gate.public_id}/change"
        city = open_page()
        city.sign_in("city")
        for watched in (operator, city):
            watched.go(address)
        self._save(city.page, "市局写的位置（演示）", "保存")
        expect(city.page.locator("main")).to_contain_text("市局写的位置（演示）")
        self._save(operator.page, "运维写的位置（演示）", "提交")
        page = operator.page
        expect(page.get_by_role("heading", level=1)).to_have_text("内容已被他人修改")
        row = page.locator("tr.differs").filter(has_text="位置")
        expect(row).to_contain_text("运维写的位置（演示）")
        expect(row).to_contain_text("市局写的位置（演示）")
        assert fits(page)
        page.get_by_role("link", name=re.compile("放弃我的修改")).click()
        expect(page.get_by_label("位置")).to_have_value("市局写的位置（演示）")
        expected(operator, 409)

    @staticmethod
    def _save(page: Page, place: str, button: str) -> None:
        page.get_by_label("位置").fill(place)
        page.get_by_label("理由").fill("核对位置（演示）")
        page.get_by_role("button", name=button, exact=True).click()


class TestAdministration:
    def test_the_card_is_one_page_with_who_orders_and_what_is_done(
        self, administration: Watched, site: Site, tmp_path: Path
    ) -> None:
        page = administration.page
        gate = one(site, facilities(OWN, OUTFALL))
        administration.go(f"/containment/facilities/{gate.public_id}")
        page.get_by_role("link", name="处置卡").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("岗位应急处置卡")
        path = download(page, page.get_by_role("button", name="导出 PDF"), tmp_path / "处置卡.pdf")
        assert len(PdfReader(path).pages) == 1
        words = pdf_text(path)
        for part in ("岗位应急处置卡", OUTFALL, "园区应急值班长(演示)", "接令后全关闸门", "演示"):
            assert part in words, part

    def test_the_park_has_its_file_and_its_map(self, administration: Watched) -> None:
        page = administration.page
        administration.go("/containment/")
        page.locator("main table a").first.click()
        expect(page.locator("main")).to_contain_text(BASIN)
        page.wait_for_function("() => document.querySelector('.hw-map').dataset.drawn === 'done'")
        assert page.locator(".hw-map").first.get_by_role("button").count() > 3


class TestOtherParks:
    def test_pages_of_another_park_are_not_there(self, operator: Watched, administration: Watched, site: Site) -> None:
        park = one(site, select(Park.public_id, Park.name).where(Park.code == OTHER))
        facility = one(site, facilities(OTHER))
        paths = [
            *(f"/containment/parks/{park.public_id}{tail}" for tail in ("", "/connections", "/checks", "/checklist")),
            *(f"/containment/facilities/{facility.public_id}{tail}" for tail in ("", "/level", "/card", "/change")),
            f"/containment/parks/{park.public_id}/facilities/new",
            f"/files/parks/{park.public_id}",
        ]
        assert statuses(administration, paths) == dict.fromkeys(paths, NOT_FOUND)
        # The file of a park is no page of an operator, of whichever park.
        own = paths[:-1]
        assert statuses(operator, own) == dict.fromkeys(own, NOT_FOUND)
        administration.go(paths[0])
        assert park.name not in administration.page.content()
        expected(administration, NOT_FOUND)

    def test_exports_of_another_park_are_not_made(self, administration: Watched, site: Site) -> None:
        park = one(site, select(Park.code, Park.public_id).where(Park.code == OTHER))
        facility = one(site, facilities(OTHER))
        administration.go("/exports/")
        refused = {
            "containment-card": {"param.facility": str(facility.public_id)},
            "park-file": {"param.park": park.code},
            "containment-checklist": {"param.park": park.code},
        }
        for report, params in refused.items():
            assert post(administration, f"/exports/{report}", format="pdf", **params) in {NOT_FOUND, 422}, report

    def test_maps_lists_and_search_show_the_own_park_alone(self, administration: Watched, site: Site) -> None:
        page = administration.page
        with site.database.session() as session:
            foreign = {str(row.public_id) for row in session.execute(facilities(OTHER))}
        name = one(site, facilities(OTHER, "四化工事故应急池")).name
        for path in ("/containment/", "/containment/facilities", "/dashboard/", "/desk/", f"/search/?q={name}"):
            administration.go(path)
            specs = page.eval_on_selector_all("[data-spec]", "all => all.map(one => one.dataset.spec)")
            shown = json.dumps(specs) + page.content()
            assert [one for one in foreign if one in shown] == [], path
