"""Pages, files and reminders of the key list as people see them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import openpyxl
import pypdf
import pytest

from hwrisk.errors import NotFound
from hwrisk.imports import run_import
from hwrisk.key_list import chapter
from hwrisk.key_list.checks import classes_differ, wrong_counts
from hwrisk.key_list.comparing import compare_lists
from hwrisk.key_list.exports import COMPARISON, FIGURES, KEY_LIST, WORKING
from hwrisk.key_list.imports import ANNUAL, FORMER
from hwrisk.key_list.models import KeyList, ListState
from hwrisk.key_list.operations import decide, record_figure
from hwrisk.key_list.queries import entries, lists
from hwrisk.key_list.reminders import due
from hwrisk.key_list.rules import DifferenceKind
from hwrisk.reporting import ReportRequest, produce
from hwrisk.security import GrantKind, Role, Viewer
from hwrisk.units.operations import record_state
from tests.key_list.key_list_world import OTHER_OFFICE, TODAY, KeyListWorld
from tests.ledger.ledger_world import city

COUNTY = (Role.COUNTY, (GrantKind.OFFICE, "LYG-GYX"))


def seen(text: str) -> str:
    """What a person reads of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", text.partition("<main")[2]).split())


@pytest.fixture
def unit(world: KeyListWorld):
    made = world.unit("10", "100", "20", name="连云港演示甲化工有限公司")
    world.unit("10", "300", "20", name="连云港演示乙化工有限公司", office_code=OTHER_OFFICE)
    return made


@pytest.fixture
def draft(world: KeyListWorld, unit) -> KeyList:
    made = world.propose()
    world.session.commit()
    return made


class TestDraftPages:
    def test_the_city_sees_progress_and_figures(self, draft, sign_in) -> None:
        shown = seen(sign_in(Role.CITY).get(f"/key-list/{draft.public_id}").text)
        for words in (
            "核对进度",
            "连云港演示甲化工有限公司",
            "年产生量100吨以上（近3年年最大量，2024年）",
            "100.0000",
            "待核对",
        ):
            assert words in shown

    def test_a_county_sees_and_agrees_to_its_own_lines_alone(self, world, draft, unit, sign_in) -> None:
        client = sign_in(*COUNTY)
        page = client.get(f"/key-list/{draft.public_id}").text
        assert "演示甲" in page
        assert "演示乙" not in page
        rows = world.entries(draft)
        other = next(e for e in rows.values() if e.office_code == OTHER_OFFICE)
        assert client.get(f"/key-list/entries/{other.public_id}").status_code == 404
        assert client.post(f"/key-list/entries/{other.public_id}/review", data={"verdict": "agree"}).status_code == 404
        answer = client.post(f"/key-list/{draft.public_id}/agree", data={"entry": [str(other.public_id)]})
        assert answer.status_code == 302
        client.post(f"/key-list/{draft.public_id}/agree", data={"all": "1"})
        world.session.expire_all()
        assert (world.entries(draft)[unit.id].review.value, other.review.value) == ("agreed", "pending")

    def test_an_objection_needs_a_reason(self, world, draft, unit, sign_in) -> None:
        client, entry = sign_in(*COUNTY), world.entries(draft)[unit.id]
        path = f"/key-list/entries/{entry.public_id}"
        refused = client.post(f"{path}/review", data={"verdict": "object", "own_tonnes": "8"})
        assert (refused.status_code, "有异议的请写明理由" in refused.text) == (422, True)
        client.post(f"{path}/review", data={"verdict": "object", "own_tonnes": "8", "reason": "长期停产"})
        assert "长期停产" in seen(client.get(path).text)
        assert client.post(f"{path}/decision", data={}).status_code == 403

    def test_publishing_waits_for_the_offices(self, world, draft, sign_in) -> None:
        client = sign_in(Role.CITY)
        given = {"notice_no": "连环发〔2026〕9号", "published_on": "2026-11-20"}
        refused = client.post(f"/key-list/{draft.public_id}/publish", data=given)
        assert (refused.status_code, "尚未核对" in refused.text) == (422, True)
        client.post(f"/key-list/{draft.public_id}/agree", data={"all": "1"})
        assert client.post(f"/key-list/{draft.public_id}/publish", data=given).status_code == 302
        world.session.expire_all()
        assert draft.state is ListState.PUBLISHED
        assert "连环发〔2026〕9号" in seen(client.get("/key-list/").text)

    def test_a_published_list_refuses_before_anything_is_typed(self, world, draft, sign_in) -> None:
        client = sign_in(Role.CITY)
        client.post(f"/key-list/{draft.public_id}/agree", data={"all": "1"})
        given = {"notice_no": "连环发〔2026〕9号", "published_on": "2026-11-20"}
        client.post(f"/key-list/{draft.public_id}/publish", data=given)
        for act in ("add", "publish", "discard"):
            answer = client.get(f"/key-list/{draft.public_id}/{act}", follow_redirects=True)
            assert answer.request.path == f"/key-list/{draft.public_id}"
            assert "已公布，不能修改；需要变动请办理调整" in seen(answer.text)

    def test_what_is_wrong_with_a_notice_stands_at_its_field(self, world, draft, sign_in) -> None:
        client = sign_in(Role.CITY)
        client.post(f"/key-list/{draft.public_id}/agree", data={"all": "1"})
        path = f"/key-list/{draft.public_id}/publish"
        short = client.post(path, data={"notice_no": "88", "published_on": "2026-11-20"})
        assert (short.status_code, "文号“88”不完整" in short.text, 'value="88"' in short.text) == (422, True, True)
        given = {"notice_no": "连环发〔2026〕9号", "published_on": "2026-11-20", "effective_on": "2027-01-01"}
        assert client.post(path, data=given).status_code == 302
        amended = world.amended(draft)
        world.session.commit()
        early = client.post(
            f"/key-list/{amended.public_id}/publish",
            data={"notice_no": "连环发〔2026〕10号", "published_on": "2026-11-21"},
        )
        place = early.text.index("请填 2027-01-01 或以后的日期")
        assert early.text.index('name="effective_on"') < place

    def test_a_list_that_comes_into_force_later_is_named_and_can_be_compared(self, world, draft, sign_in) -> None:
        client = sign_in(Role.CITY)
        client.post(f"/key-list/{draft.public_id}/agree", data={"all": "1"})
        given = {"notice_no": "连环发〔2026〕9号", "published_on": "2026-11-20", "effective_on": "2027-01-01"}
        client.post(f"/key-list/{draft.public_id}/publish", data=given)
        assert "下一份清单已公布" in seen(client.get("/key-list/").text)
        amended = world.amended(draft)
        world.session.commit()
        address = f"/key-list/compare?before={draft.public_id}&after={amended.public_id}"
        chosen = re.findall(r'<option value="([^"]+)" selected>', client.get(address).text)
        assert chosen == [str(draft.public_id), str(amended.public_id)]

    def test_a_year_that_is_not_over_is_said_to_be_so(self, world, unit, sign_in) -> None:
        key_list = world.propose(2027)
        key_list.recorded_at = datetime(2026, 11, 23, 2, tzinfo=UTC)
        world.session.commit()
        assert "2026 年尚未过完" in seen(sign_in(Role.CITY).get(f"/key-list/{key_list.public_id}").text)
        key_list.recorded_at = datetime(2027, 1, 4, 2, tzinfo=UTC)
        assert key_list.unfinished_note == ""

    def test_adding_names_near_units(self, draft, sign_in) -> None:
        client = sign_in(Role.CITY)
        answer = client.post(f"/key-list/{draft.public_id}/add", data={"unit": "演示甲", "reason": "风险较高"})
        assert answer.status_code == 422
        assert "连云港演示甲化工有限公司" in answer.text

    def test_enterprises_see_published_lists_only(self, world, draft, unit, sign_in) -> None:
        client = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, unit.id))
        assert client.get(f"/key-list/{draft.public_id}").status_code == 404
        world.agree(draft)
        world.publish(draft)
        world.session.commit()
        page = client.get(f"/key-list/{draft.public_id}").text
        assert "演示甲" in page
        assert "演示乙" not in page

    @pytest.mark.parametrize("path", ["/key-list/?as_of=2026-01-01", "/key-list/compare", "/key-list/figures", "/"])
    def test_pages_open(self, draft, sign_in, path) -> None:
        assert sign_in(Role.CITY).get(path).status_code == 200

    def test_wrong_arguments_are_said(self, draft, sign_in) -> None:
        client = sign_in(Role.CITY)
        assert client.get("/key-list/?as_of=2027-01-01").status_code == 422
        assert client.get("/key-list/compare?before=nonsense").status_code == 404
        assert "无效，未起作用" in client.get(f"/key-list/{draft.public_id}?basis=x").text

    def test_the_page_of_a_unit_and_its_figures(self, world, draft, unit, sign_in) -> None:
        client = sign_in(*COUNTY)
        assert "产生量与依据" in client.get(f"/units/{unit.public_id}").text
        path = f"/key-list/units/{unit.public_id}"
        assert "重点监管" in seen(client.get(path).text)
        refused = client.post(f"{path}/figure", data={"year": "2026", "tonnes": "1", "source": "申报"})
        assert (refused.status_code, "还没有过完" in refused.text) == (422, True)
        client.post(f"{path}/figure", data={"year": "2022", "tonnes": "77.5", "source": "2022年度申报"})
        client.post(
            f"{path}/document", data={"from_day": "2026-01-01", "document": "演示环评", "has_own_treatment": "y"}
        )
        shown = seen(client.get(path).text)
        assert "77.5000" in shown
        assert "有危险废物自行利用处置设施" in shown


class TestComparison:
    def test_added_removed_changed_unchanged(self, world: KeyListWorld) -> None:
        kept, changed = world.unit("1", "100", "1"), world.unit("1", "200", "1")
        leaving = world.unit("1", "300", "1")
        first = world.published()
        added = world.unit("1", "500", "1")
        given = {"source": "核实", "as_of": TODAY, "actor": city()}
        record_figure(world.session, changed, year=2025, tonnes=Decimal(250), **given)
        record_figure(world.session, leaving, year=2024, tonnes=Decimal(5), **given)
        second = world.propose(2027)
        found = {row.unit_id: row for row in compare_lists(
            world.session, first, second, user=city(), as_of=TODAY).rows}  # fmt: skip
        assert {unit.id: found[unit.id].kind for unit in (kept, changed, leaving, added)} == {
            kept.id: DifferenceKind.SAME,
            changed.id: DifferenceKind.CHANGED,
            leaving.id: DifferenceKind.REMOVED,
            added.id: DifferenceKind.ADDED,
        }
        assert found[changed.id].tonnes_change == Decimal(50)


class TestReports:
    def asked(self, user: Viewer | None = None, **params: str) -> ReportRequest:
        return ReportRequest(user=user or Viewer.system(), as_of=TODAY, params=params)

    def test_official_pdf(self, world, unit, database, tmp_path) -> None:
        key_list = world.published()
        world.session.commit()
        made = produce(database, KEY_LIST, self.asked(year="2026"), "pdf", tmp_path / "a.pdf")
        pages = pypdf.PdfReader(tmp_path / "a.pdf").pages
        text = "".join(page.extract_text() for page in pages)
        for words in (
            "2026年危险废物环境重点监管单位清单",
            key_list.notice_no,
            "连云港演示甲化工有限公司",
            "100.0000",
            "年产生量",
        ):
            assert words in text
        assert float(pages[0].mediabox.width) > float(pages[0].mediabox.height)
        assert made.rows == key_list.listed_count

    def test_workbook_is_read_back_by_the_import(self, world, unit, database, tmp_path) -> None:
        world.published()
        world.session.commit()
        produce(database, KEY_LIST, self.asked(), "xlsx", tmp_path / "a.xlsx")
        summary = run_import(database, FORMER, tmp_path / "a.xlsx", user=Viewer.system(), as_of=TODAY)
        assert (summary.refused, summary.new, summary.unchanged > 0) == (0, 0, True), summary

    def test_figures_are_read_back(self, world, unit, database, tmp_path) -> None:
        world.session.commit()
        produce(database, FIGURES, self.asked(), "xlsx", tmp_path / "a.xlsx")
        summary = run_import(database, ANNUAL, tmp_path / "a.xlsx", user=Viewer.system(), as_of=TODAY)
        assert (summary.refused, summary.new, summary.changed) == (0, 0, 0), summary
        assert summary.unchanged >= 6

    def test_draft_and_comparison(self, world, draft, database, tmp_path) -> None:
        made = produce(database, WORKING, self.asked(), "xlsx", tmp_path / "a.xlsx")
        assert made.rows >= 2
        assert produce(database, COMPARISON, self.asked(), "pdf", tmp_path / "b.pdf").rows == 0
        county = Viewer(
            account_id=None, label="企业", role=Role.ENTERPRISE, units=frozenset({1}), permissions=city().permissions
        )
        with pytest.raises(NotFound):
            produce(
                database, KEY_LIST, self.asked(county, list=str(draft.public_id)), "xlsx", tmp_path / "c.xlsx"
            )  # fmt: skip


def workbook(tmp_path, *rows):
    """A file with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    return tmp_path / "in.xlsx"


class TestImports:
    HEAD = ("单位", "年度", "文号", "公布日期", "纳入依据", "年产生量（吨）")

    def test_a_former_list(self, world, unit, database, tmp_path) -> None:
        world.session.commit()
        path = workbook(
            tmp_path, self.HEAD, (unit.unit_no, 2025, "连环发〔2025〕1号", date(2025, 3, 20), "产生量大", 120.5)
        )
        given = {"user": Viewer.system(), "as_of": TODAY}
        assert run_import(database, FORMER, path, **given).new == 1
        again = run_import(database, FORMER, path, **given)
        assert (again.new, again.unchanged, again.refused) == (0, 1, 0)
        world.session.expire_all()
        assert lists.list_in_force(world.session, as_of=date(2025, 3, 20)).notice_no == "连环发〔2025〕1号"
        assert world.state(unit, date(2025, 3, 20)).class_set is not None
        other = workbook(tmp_path, self.HEAD, (unit.unit_no, 2025, "连环发〔2025〕2号", date(2025, 3, 20), "", 1))
        assert run_import(database, FORMER, other, dry_run=True, **given).refused == 1

    def test_two_lists_in_one_file(self, world, unit, database, tmp_path) -> None:
        other = world.unit()
        world.session.commit()
        path = workbook(
            tmp_path, self.HEAD, (unit.unit_no, 2025, "一号", date(2025, 3, 20), "", 1),
            (other.unit_no, 2024, "一号", date(2025, 3, 20), "", 1),
        )  # fmt: skip
        assert run_import(database, FORMER, path, user=Viewer.system(), as_of=TODAY, dry_run=True).refused == 1

    def test_yearly_figures(self, world, unit, database, tmp_path) -> None:
        world.session.commit()
        head = ("单位名称", "年份", "年产生量（吨）", "来源")
        path = workbook(
            tmp_path, head, ("连云港演示甲化工有限公司", 2022, 12.5, "申报"), ("没有这家公司", 2022, 1, "申报"),
            ("连云港演示甲化工有限公司", 2026, 1, "申报"),
        )  # fmt: skip
        summary = run_import(database, ANNUAL, path, user=Viewer.system(), as_of=TODAY, dry_run=True)
        assert (summary.new, summary.refused) == (1, 2)


class TestServices:
    def test_the_check_finds_a_class_that_differs(self, world, unit) -> None:
        world.published()
        assert classes_differ(world.session) == []
        assert wrong_counts(world.session) == []
        record_state(
            world.session, unit, from_day=TODAY, changes={"class_set": None, "class_reason": ""}, actor=None,
            reason="演示：误改",
        )  # fmt: skip
        assert [unit.unit_no in line for line in classes_differ(world.session)] == [True]

    @pytest.mark.parametrize(("day", "expected"), [(date(2026, 11, 23), []), (date(2027, 2, 1), [2027])])
    def test_reminded_of_what_is_not_published(self, world, unit, day, expected) -> None:
        world.published()
        found = [int(re.findall(r"\d{4}", item.title)[0]) for item in due(world.session, as_of=day)]
        assert found == expected

    def test_the_chapter_of_the_file(self, world, unit) -> None:
        key_list = world.published(on=date(2026, 3, 20))
        shown = chapter.load(world.session, unit.id, TODAY, city())
        assert shown.facts[0].value == "列入2026年清单"
        before = chapter.load(world.session, unit.id, date(2026, 3, 20) - timedelta(days=1), city())
        assert before.facts[0].value == "还没有公布的清单"
        second = world.amended(key_list)
        entry = world.entries(second)[unit.id]
        decide(world.session, second, entry, listed=False, reason="本地认定", as_of=TODAY, actor=city())
        world.publish(second, on=date(2026, 9, 1))
        struck = chapter.load(world.session, unit.id, TODAY, city())
        assert "现行清单没有列入" in struck.alerts[0].text

    def test_few_statements_for_a_long_list(self, world, unit, count_statements) -> None:
        key_list = world.propose()
        asked = {"user": city(), "as_of": TODAY, "asked": entries.EntryConditions()}
        with count_statements() as seen_statements:
            assert len(list(entries.stream_entries(world.session, key_list, **asked))) >= 2
        assert len(seen_statements) <= 2
