"""Pages of assessment as people see and use them."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hwrisk.assessment import queries
from hwrisk.assessment.models import (
    Assessment,
    AssessmentPlan,
    AssessmentState,
    Exclusion,
    Grade,
    ItemResult,
    Level,
    Rating,
    SampleDraw,
    UnitObjection,
)
from hwrisk.assessment.panel import load_unit
from hwrisk.attachments import Attachment
from hwrisk.security import GrantKind, Role
from hwrisk.units.models import ManagementClass, UnitRole
from tests.assessment.assessment_world import SYSTEM, TODAY, AssessmentWorld

XUWEI = (GrantKind.OFFICE, "LYG-XW")


def seen(text: str) -> str:
    """What a person reads of a page: no tags, single blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", text.partition("<main")[2]).split())


@pytest.fixture
def county(sign_in) -> FlaskClient:
    return sign_in(Role.COUNTY, XUWEI)


@pytest.fixture
def filled(world: AssessmentWorld):
    """What the form of a whole sheet sends."""

    def made(grade: Grade = Grade.MET, **changes: Any) -> dict[str, Any]:
        ratings = {f"rating_{no}": rating.value for no, rating in world.ratings(grade).items()}
        head = {
            "version": "1", "assessed_on": "2026-05-10", "organiser": "徐圩新区分局", "accidents": "0",
            "name_1": "演示-张三", "badge_1": "演示-0101", "name_2": "演示-李四", "badge_2": "演示-0102",
        }  # fmt: skip
        return {**head, **ratings, **changes}

    return made


def begun(client: FlaskClient, unit: Any, **changes: Any) -> str:
    data = {
        "year": "2026", "level": "county", "subject": "generator", "assessed_on": "2026-05-10",
        "organiser": "徐圩新区分局", "name_1": "演示-张三", "badge_1": "演示-0101",
    }  # fmt: skip
    answer = client.post(f"/assessment/units/{unit.public_id}/new", data=data | changes)
    assert answer.status_code == 302, seen(answer.text)
    return str(answer.location)


class TestYear:
    def test_units_with_both_verdicts_and_counts(self, session, world, county):
        unit, other = world.unit("演示甲公司"), world.unit("演示乙公司")
        first = world.assess(unit, Grade.NOT_MET)
        world.assess(unit, Grade.MET, on=date(2026, 9, 1), recheck_of=first, people=("演示-王五", "演示-赵六"))
        foreign = world.unit("演示外地公司", office_code="LYG-GNX")
        session.commit()
        shown = seen(county.get("/assessment/").text)
        assert "应评 2 已评估 1 未评估 1" in shown
        assert all(words in shown for words in ("演示甲公司", "演示乙公司", "不达标", "2026-09-01", "非官方、待核"))
        assert foreign.unit_no not in shown
        assert other.unit_no in shown

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("state=open", {"乙"}),
            ("state=covered", {"甲"}),
            ("first=basic", {"甲"}),
            ("level=city", set()),
            ("reason=operator", {"乙"}),
            ("subject=operator", {"乙"}),
            ("text=演示乙", {"乙"}),
            ("units=演示甲公司", {"甲"}),
            ("year=2025", {"甲", "乙"}),
            ("year=2025&first=basic", set()),
            ("office=LYG-GNX", set()),
        ],
    )
    def test_filters(self, session, world, sign_in, query, names):
        world.assess(world.unit("演示甲公司"), Grade.BASIC)
        world.unit("演示乙公司", role=UnitRole.OPERATOR)
        session.commit()
        text = sign_in(Role.CITY).get(f"/assessment/?{query}").text
        assert {name for name in "甲乙" if f">演示{name}公司<" in text} == names

    def test_coverage_by_office_links_to_the_rows(self, session, world, sign_in):
        world.assess(world.unit())
        world.unit(office_code="LYG-GNX")
        world.exclude(world.unit(office_code="LYG-GNX"))
        session.commit()
        text = sign_in(Role.CITY).get("/assessment/coverage").text
        assert "office=LYG-GNX" in text and "state=excluded" in text
        assert "100.00 %" in seen(text) and "0.00 %" in seen(text)

    def test_the_scheme_says_it_is_unofficial_and_where_it_comes_from(self, sign_in):
        shown = seen(sign_in(Role.CITY).get("/assessment/scheme").text)
        for words in ("非官方、待核", "责任制度", "培训", "P23", "O11", "生态环境法典", "基本达标 0.7", "50/60"):
            assert words in shown
        assert shown.index("责任制度") < shown.index("管理计划") < shown.index("利用处置")


class TestSheet:
    def test_from_beginning_to_closing(self, session, world, county, filled):
        unit = world.unit()
        session.commit()
        address = begun(county, unit)
        form = county.get(address)
        assert form.status_code == 200 and form.text.count('type="radio"') > 80
        answer = county.post(address, data=filled(Grade.BASIC, act="close"))
        assert answer.status_code == 302
        row = session.scalars(select(Assessment).where(Assessment.unit_id == unit.id)).one()
        assert (row.state, row.grade) == (AssessmentState.CLOSED, Grade.BASIC)
        shown = seen(county.get(answer.location).text)
        assert "评估已办结，等级：基本达标" in shown and "36 / 48" in shown.replace("  ", " ")
        assert "登记复查" in shown

    def test_what_is_missing_is_said_and_nothing_is_lost(self, session, world, county, filled):
        unit = world.unit()
        session.commit()
        address = begun(county, unit)
        data = filled(act="close", rating_P02="", rating_P06="", reason_P03="需保留的内容")
        answer = county.post(address, data=data)
        assert answer.status_code == 422
        assert "内容已保存，尚未办结：还有 2 个必查项没有结果：P02、P06，请逐项填写后再办结" in seen(answer.text)
        assert "需保留的内容" in answer.text
        for number in ("P02", "P06"):
            assert f'href="#item-{number}"' in answer.text
            assert f'id="item-{number}" class="field item wrong"' in answer.text
        assert 'id="item-P03" class="field item"' in answer.text

    def test_a_draft_is_kept(self, session, world, county, filled):
        unit = world.unit()
        session.commit()
        address = begun(county, unit)
        answer = county.post(address, data={**filled(), "act": "save"})
        assert "已保存为草稿，尚未办结" in seen(county.get(answer.location).text)
        row = session.scalars(select(Assessment).where(Assessment.unit_id == unit.id)).one()
        assert row.grade is None and row.lock_version == 2

    def test_a_grade_cannot_be_sent(self, session, world, county, filled):
        unit = world.unit()
        session.commit()
        address = begun(county, unit)
        county.post(address, data={**filled(Grade.NOT_MET, act="close"), "grade": "met", "score": "48"})
        row = session.scalars(select(Assessment).where(Assessment.unit_id == unit.id)).one()
        assert row.grade is Grade.NOT_MET

    def test_a_conflict_shows_both(self, session, world, county, filled):
        unit = world.unit()
        session.commit()
        address = begun(county, unit)
        county.post(address, data=filled(act="save", rating_P02=""))
        answer = county.post(address, data=filled(act="save", comment="我的意见", rating_P02=""))
        assert answer.status_code == 409
        assert "我的意见" in answer.text
        assert answer.text.count("不同</span>") == 1

    def test_dates_outside_the_year(self, session, world, county):
        unit = world.unit()
        session.commit()
        answer = county.post(
            f"/assessment/units/{unit.public_id}/new",
            data={
                "year": "2026", "level": "county", "subject": "generator", "assessed_on": "2025-12-31",
                "organiser": "徐圩新区分局",
            },
        )  # fmt: skip
        assert answer.status_code == 422
        assert "评估日期 2025-12-31 不在评估年度 2026 年内，请核对日期或年度" in seen(answer.text)

    def test_a_veto_is_read_by_another_person(self, session, world, county, sign_in, filled):
        unit = world.unit()
        session.commit()
        address = begun(county, unit)
        county.post(address, data=filled(act="close", rating_P10="not_met"))
        row = session.scalars(select(Assessment).where(Assessment.unit_id == unit.id)).one()
        assert row.state is AssessmentState.WAITING
        page = f"/assessment/sheets/{row.public_id}"
        assert "复核确认" not in county.get(page).text
        county.post(f"{page}/confirm")
        session.expire_all()
        assert row.state is AssessmentState.WAITING
        other = sign_in(Role.COUNTY, XUWEI)
        assert "复核确认" in other.get(page).text
        other.post(f"{page}/confirm")
        session.expire_all()
        assert (row.state, row.grade) == (AssessmentState.CLOSED, Grade.NOT_MET)

    def test_recheck_objection_answer_withdrawal(self, session, world, county, sign_in):
        unit = world.unit()
        row = world.assess(unit, Grade.NOT_MET, on=date(2026, 11, 20))
        session.commit()
        page = f"/assessment/sheets/{row.public_id}"
        firm = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, unit.id))
        assert "提出异议" in firm.get(page).text
        firm.post(f"{page}/objection", data={"raised_on": "2026-11-22", "text": "P03 已编制"})
        objection = session.scalars(select(UnitObjection)).one()
        assert "待答复" in county.get(page).text
        county.post(
            f"/assessment/objections/{objection.public_id}/answer",
            data={"result": "kept", "answered_on": "2026-11-23", "answer": "现场未见"},
        )
        assert "异议不成立" in firm.get(page).text
        again = county.post(
            f"{page}/recheck",
            data={
                "year": "2026", "level": "county", "subject": "generator", "assessed_on": "2026-11-23",
                "organiser": "徐圩新区分局", "name_1": "演示-张三", "badge_1": "演示0001",
            },
        )  # fmt: skip
        assert "“演示-张三”参加过首次评估，复查须由其他人员进行" in seen(again.text)
        county.post(f"{page}/withdraw", data={"reason": "单位填错"})
        session.expire_all()
        assert row.state is AssessmentState.WITHDRAWN
        assert "已撤回" in county.get(page).text

    def test_evidence(self, session, world, county):
        row = world.assess(world.unit())
        session.commit()
        page = f"/assessment/sheets/{row.public_id}"
        png = io.BytesIO(
            bytes.fromhex(
                "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
                "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
            )
        )
        answer = county.post(f"{page}/evidence", data={"file": (png, "现场.png"), "note": "标志牌"})
        assert answer.status_code == 302, seen(answer.text)
        assert session.scalars(select(Attachment)).one().owner_id == str(row.id)
        assert "标志牌" in county.get(page).text


class TestWhoSeesWhat:
    def test_an_enterprise_assesses_itself_and_sees_no_drafts_about_it(self, session, world, sign_in, filled):
        unit = world.unit()
        draft = world.assess(unit, state=AssessmentState.DRAFT)
        closed = world.assess(unit, on=date(2026, 6, 1))
        session.commit()
        firm = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, unit.id))
        assert firm.get(f"/assessment/sheets/{draft.public_id}").status_code == 404
        assert firm.get(f"/assessment/sheets/{closed.public_id}").status_code == 200
        assert "开始自评" in firm.get("/assessment/sheets").text
        address = begun(firm, unit, level="self")
        firm.post(address, data=filled(act="close"))
        row = session.scalars(select(Assessment).where(Assessment.level == Level.SELF)).one()
        assert row.state is AssessmentState.CLOSED
        assert "自评只作准备，不计入达标率" in firm.get(f"/assessment/sheets/{row.public_id}").text
        refused = firm.post(
            f"/assessment/units/{unit.public_id}/new",
            data={
                "year": "2026",
                "level": "county",
                "subject": "generator",
                "assessed_on": "2026-05-10",
                "organiser": "我",
            },
        )
        assert refused.status_code == 422

    def test_another_office_sees_nothing(self, session, world, sign_in):
        row = world.assess(world.unit())
        session.commit()
        other = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GNX"))
        for tail in ("", "/edit", "/withdraw", "/objection", "/evidence"):
            assert other.get(f"/assessment/sheets/{row.public_id}{tail}").status_code == 404

    def test_a_helper_fills_in_and_does_not_close(self, session, world, sign_in, filled):
        unit = world.unit()
        session.commit()
        helper = sign_in(Role.HELPER, (GrantKind.UNIT, unit.id))
        address = begun(helper, unit)
        assert "保存并办结" not in helper.get(address).text
        assert helper.post(address, data=filled(act="close")).status_code == 422
        row = session.scalars(select(Assessment)).one()
        assert row.state is AssessmentState.DRAFT
        assert helper.post(f"/assessment/sheets/{row.public_id}/close").status_code == 403


class TestPlan:
    def test_the_city_records_and_draws_the_county_excludes(self, session, world, sign_in, county):
        unit = world.unit()
        world.unit(class_computed=ManagementClass.REGISTERED)
        session.commit()
        city = sign_in(Role.CITY)
        form = city.get("/assessment/plan/edit?year=2026")
        key = re.search(r'<option[^>]*value="([0-9a-f-]{36})"', form.text)
        assert key
        city.post(
            "/assessment/plan/edit?year=2026",
            data={"title": "2026年方案", "document_no": "演示〔2026〕1号", "issued_on": "2026-01-20", "scheme": key[1]},
        )
        assert session.scalars(select(AssessmentPlan)).one().document_no == "演示〔2026〕1号"
        assert county.get("/assessment/plan/edit?year=2026").status_code == 403
        bad = city.post("/assessment/plan/draw?year=2026", data={"office": "LYG-XW", "asked": "许多"})
        assert "抽取家数应为正整数，如 20" in seen(bad.text)
        city.post("/assessment/plan/draw?year=2026", data={"office": "LYG-XW", "asked": "1", "seed": "38"})
        draw = session.scalars(select(SampleDraw)).one()
        assert "38" in city.get("/assessment/plan?year=2026").text
        county.post(f"/assessment/draws/{draw.public_id}/withdraw", data={"reason": "重抽"})
        county.post(
            f"/assessment/units/{unit.public_id}/exclusion?year=2026",
            data={"excluded_on": "2026-06-01", "reason": "停产", "evidence": "停产报告"},
        )
        row = session.scalars(select(Exclusion)).one()
        session.expire_all()
        assert draw.withdrawn_reason == "重抽"
        county.post(f"/assessment/exclusions/{row.public_id}/withdraw", data={"reason": "恢复生产"})
        session.expire_all()
        assert row.withdrawn_reason == "恢复生产"


class TestElsewhere:
    def test_the_page_of_a_unit(self, session, world, county):
        unit = world.unit()
        row = world.assess(unit, Grade.BASIC)
        session.commit()
        text = county.get(f"/units/{unit.public_id}").text
        assert row.assessment_no in text and "登记评估" in text
        assert load_unit(session, world.unit(is_supervised=False).id, TODAY, SYSTEM) is None

    def test_the_to_do_page(self, session, world, county):
        world.unit()
        world.assess(world.unit(), state=AssessmentState.DRAFT)
        world.assess(world.unit(), state=AssessmentState.WAITING)
        world.assess(world.unit(), Grade.NOT_MET)
        session.commit()
        shown = seen(county.get("/").text)
        for words in ("3 家单位应评未评", "1 件评估草稿未办结", "1 件否决待另一人复核", "1 家单位不达标待复查"):
            assert words in shown

    def test_the_count_of_re_checks_opens_just_these_units(self, session, world, county):
        waiting = world.assess(world.unit("演示待复查公司"), Grade.NOT_MET)
        checked = world.unit("演示仍不达标公司")
        first = world.assess(checked, Grade.NOT_MET)
        world.assess(checked, Grade.NOT_MET, on=date(2026, 9, 1), recheck_of=first)
        session.commit()
        assert "1 家单位不达标待复查" in seen(county.get("/").text)
        shown = county.get("/assessment/?state=recheck").text
        assert "演示待复查公司" in shown and "演示仍不达标公司" not in shown
        assert f"/assessment/sheets/{waiting.public_id}/recheck" in shown

    def test_as_few_statements_for_many_rows_as_for_one(self, session, world, count_statements):
        def listed() -> None:
            asked = queries.year_conditions_from({}, as_of=TODAY)
            queries.year_rows(session, user=SYSTEM, as_of=TODAY, asked=asked)
            list(queries.stream_results(session, user=SYSTEM, as_of=TODAY, asked=queries.SheetConditions()))

        world.assess(world.unit())
        session.flush()
        with count_statements() as few:
            listed()
        for _ in range(4):
            world.assess(world.unit())
        session.flush()
        with count_statements() as many:
            listed()
        assert len(many) == len(few)

    def test_every_rating_has_its_place(self, session, world):
        row = world.assess(world.unit())
        file = queries.sheet_file(session, row.public_id, user=SYSTEM, as_of=TODAY)
        assert set(file.entries) == {item.no for group in file.scheme.groups(row.subject) for item in group.items}
        assert all(entry.rating is Rating.MET for entry in file.entries.values())
        assert session.scalar(select(func.count()).select_from(Assessment)) == 1


def test_pages_of_a_sheet_without_any_item(session, world, county):
    row = world.assess(world.unit(), state=AssessmentState.DRAFT)
    for item in session.scalars(select(ItemResult).where(ItemResult.assessment_id == row.id)):
        session.delete(item)
    session.commit()
    for tail in ("", "/edit", "/recheck", "/withdraw", "/objection"):
        assert county.get(f"/assessment/sheets/{row.public_id}{tail}").status_code == 200
    answer = county.post(f"/assessment/sheets/{row.public_id}/close", follow_redirects=True)
    assert "个必查项没有结果" in seen(answer.text)
