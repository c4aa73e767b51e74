"""What is done about assessments: effects, traces, and every refusal in its own words."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.assessment import operations as ops
from hwrisk.assessment import verdicts
from hwrisk.assessment.heads import Entry, Head, Person
from hwrisk.assessment.models import (
    Assessment,
    AssessmentPlan,
    AssessmentState,
    Grade,
    ItemResult,
    Level,
    Rating,
    SampledUnit,
    Subject,
)
from hwrisk.assessment.verdicts import pack_of_year
from hwrisk.audit import AuditEntry
from hwrisk.clock import now
from hwrisk.errors import EditConflict, RuleViolation
from hwrisk.search import SearchEntry
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import ManagementClass
from tests.assessment.assessment_world import SYSTEM, TODAY, AssessmentWorld
from tests.behind import behind_the_back

PEOPLE = (Person("演示-张三", "演示0001"), Person("演示-李四", "演示0002"))
OTHERS = (Person("演示-王五", "演示0003"), Person("演示-赵六", "演示0004"))


def head(**changes: Any) -> Head:
    values: dict[str, Any] = {
        "year": 2026, "level": Level.COUNTY, "subject": Subject.GENERATOR, "organiser": "徐圩新区分局",
        "assessed_on": date(2026, 5, 10), "people": PEOPLE,
    }  # fmt: skip
    return Head(**(values | changes))


def exactly(message: str) -> str:
    return f"^{re.escape(message)}$"


def hand(role: Role = Role.COUNTY, account_id: int | None = 1, **more: Any) -> Viewer:
    return dataclasses.replace(SYSTEM, role=role, account_id=account_id, label=f"演示-{role.value}", **more)


COUNTY, OTHER_COUNTY = hand(), hand(account_id=2)
Draft = Callable[..., Assessment]


@pytest.fixture
def draft(session: Session, world: AssessmentWorld) -> Draft:
    """Begin an assessment and fill in its sheet, all items 达标 unless said otherwise."""

    def made(ratings: dict[str, Rating] | None = None, *, actor: Viewer = COUNTY, **more: Any) -> Assessment:
        unit = more.pop("unit", None) or world.unit()
        recheck_of = more.pop("recheck_of", None)
        given = head(**more)
        row = ops.begin(session, unit_id=unit.id, head=given, actor=actor, as_of=TODAY, recheck_of=recheck_of)
        sheet = world.ratings(Grade.MET, given.subject) | (ratings or {})
        entries = {
            no: Entry(rating, "没有这项业务" if rating is Rating.NOT_APPLICABLE else "") for no, rating in sheet.items()
        }
        ops.save(session, row, head=given, entries=entries, actor=actor, as_of=TODAY)
        return row

    return made


class TestClosing:
    def test_score_and_grade_are_computed_and_kept(self, session, draft):
        row = draft({"P02": Rating.NOT_MET, "P03": Rating.BASIC, "P14": Rating.NOT_APPLICABLE})
        assert (row.state, row.grade, row.score) == (AssessmentState.DRAFT, None, None)
        ops.close(session, row, actor=COUNTY, as_of=TODAY)
        assert (row.state, row.grade, row.score, row.full_marks) == (AssessmentState.CLOSED, Grade.MET, "43", "46")
        assert (row.closed_by, row.scheme_version, row.assessment_no[:8]) == (COUNTY.label, "2026.1", "PG-2026-")
        found = session.scalars(select(SearchEntry).where(SearchEntry.ref == str(row.public_id))).one()
        assert "2026 年县级评估" in found.title

    def test_compulsory_items_without_result_are_named(self, session, world, draft):
        row = draft()
        sheet = world.ratings(Grade.MET)
        for no in ("P02", "P06", "P10", "P05"):
            del sheet[no]
        entries = {no: Entry(rating) for no, rating in sheet.items()}
        ops.save(session, row, head=head(), entries=entries, actor=COUNTY, as_of=TODAY)
        with pytest.raises(RuleViolation, match=exactly("还有 3 个必查项没有结果：P02、P06、P10，请逐项填写后再办结")):
            ops.close(session, row, actor=COUNTY, as_of=TODAY)
        assert row.state is AssessmentState.DRAFT

    def test_two_inspectors_with_their_cards(self, session, draft):
        row = draft(people=PEOPLE[:1])
        with pytest.raises(
            RuleViolation, match=exactly("县级评估须由至少 2 名检查人员进行，现填 1 名，请补填姓名和执法证号")
        ):
            ops.close(session, row, actor=COUNTY, as_of=TODAY)
        twice = draft(people=(PEOPLE[0], PEOPLE[0]))
        with pytest.raises(RuleViolation, match="现填 1 名"):
            ops.close(session, twice, actor=COUNTY, as_of=TODAY)
        without = draft(people=(PEOPLE[0], Person("演示-李四")))
        with pytest.raises(RuleViolation, match=exactly("检查人员“演示-李四”没有填执法证号，请补填")):
            ops.close(session, without, actor=COUNTY, as_of=TODAY)

    def test_one_person_is_enough_for_a_self_assessment(self, session, draft):
        firm = hand(Role.ENTERPRISE)
        row = draft(actor=firm, level=Level.SELF, people=(Person("演示-孙七"),))
        ops.close(session, row, actor=firm, as_of=TODAY)
        assert row.grade is Grade.MET
        nobody = draft(actor=firm, level=Level.SELF, people=())
        with pytest.raises(RuleViolation, match=exactly("请填写自评人员")):
            ops.close(session, nobody, actor=firm, as_of=TODAY)

    def test_a_helper_drafts_and_never_closes(self, session, draft):
        helper = hand(Role.HELPER, 7)
        row = draft(actor=helper)
        with pytest.raises(RuleViolation, match=exactly("受托第三方只能起草，请交由评估人员核对后办结")):
            ops.close(session, row, actor=helper, as_of=TODAY)
        ops.close(session, row, actor=COUNTY, as_of=TODAY)
        assert row.state is AssessmentState.CLOSED

    def test_each_level_has_its_hands(self, session, world, draft):
        with pytest.raises(RuleViolation, match=exactly("您的账号（驻县（区）局）不能办理市级评估")):
            draft(level=Level.CITY)
        with pytest.raises(RuleViolation, match=exactly("您的账号（企业填报）不能办理县级评估")):
            draft(actor=hand(Role.ENTERPRISE))
        assert draft(actor=hand(Role.CITY), level=Level.PROVINCE).level is Level.PROVINCE

    def test_a_closed_sheet_is_not_changed_any_more(self, session, world, draft):
        row = draft()
        ops.close(session, row, actor=COUNTY, as_of=TODAY)
        for act in (
            lambda: ops.close(session, row, actor=COUNTY, as_of=TODAY),
            lambda: ops.save(session, row, head=head(), entries={}, actor=COUNTY, as_of=TODAY),
        ):
            with pytest.raises(
                RuleViolation, match=exactly("该评估为“已办结”，不能再修改；确有错误的请撤回后重新评估")
            ):
                act()

    def test_a_unit_that_cannot_be_assessed(self, session, world, draft):
        unit = world.unit()
        row = draft(unit=unit)
        world.exclude(unit)
        message = "该单位 2026 年已登记为不具备评估条件（停产），请先撤回该登记再评估"
        with pytest.raises(RuleViolation, match=exactly(message)):
            ops.close(session, row, actor=COUNTY, as_of=TODAY)


@pytest.mark.db
class TestTheDatabaseKeepsIt:
    @pytest.mark.parametrize("change", [{"grade": Grade.MET}, {"score": "60"}, {"assessed_on": date(2026, 1, 1)}])
    def test_neither_grade_nor_score_nor_day(self, session, world, change):
        row = world.assess(world.unit(), Grade.NOT_MET)
        for name, value in change.items():
            setattr(row, name, value)
        with pytest.raises(DBAPIError, match="不可修改"):
            session.flush()

    def test_nor_an_item(self, session, world):
        row = world.assess(world.unit())
        item = session.scalars(select(ItemResult).where(ItemResult.assessment_id == row.id).limit(1)).one()
        item.rating = Rating.BASIC
        with pytest.raises(DBAPIError, match="不可修改"):
            session.flush()

    def test_nor_does_it_vanish(self, session, world):
        row = world.assess(world.unit())
        with pytest.raises(DBAPIError, match="不可"):
            session.delete(session.scalars(select(ItemResult).where(ItemResult.assessment_id == row.id).limit(1)).one())
            session.flush()


class TestDrafts:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"assessed_on": date(2026, 11, 24)}, "评估日期不得晚于今天，请核对"),
            ({"assessed_on": date(2025, 12, 31)}, "评估日期 2025-12-31 不在评估年度 2026 年内，请核对日期或年度"),
            ({"year": 2025}, "评估日期 2026-05-10 不在评估年度 2025 年内，请核对日期或年度"),
            ({"organiser": " "}, "请填写组织单位"),
            ({"accidents": -1}, "事故次数不能小于 0"),
            ({"rectify_by": date(2026, 5, 9)}, "整改期限不得早于评估日期"),
        ],
    )
    def test_a_head_that_cannot_be(self, session, world, changes, message):
        with pytest.raises(RuleViolation, match=exactly(message)):
            ops.begin(session, unit_id=world.unit().id, head=head(**changes), actor=COUNTY, as_of=TODAY)

    def test_before_the_unit_was_registered(self, session, world):
        unit = world.unit(valid_from=date(2026, 6, 1))
        with pytest.raises(RuleViolation, match=exactly("该单位在 2026-05-10 尚未登记，请核对评估日期")):
            ops.begin(session, unit_id=unit.id, head=head(), actor=COUNTY, as_of=TODAY)

    def test_what_does_not_apply_says_why(self, session, draft):
        row = draft()
        with pytest.raises(RuleViolation, match=exactly("P14 选了“不适用”，请写明理由")):
            ops.save(
                session, row, head=head(), entries={"P14": Entry(Rating.NOT_APPLICABLE, " ")}, actor=COUNTY, as_of=TODAY
            )
        with pytest.raises(RuleViolation, match=exactly("P01 对每家单位都适用，不能选“不适用”")):
            ops.save(
                session,
                row,
                head=head(),
                entries={"P01": Entry(Rating.NOT_APPLICABLE, "无")},
                actor=COUNTY,
                as_of=TODAY,
            )
        with pytest.raises(RuleViolation, match=exactly("产废单位评估表没有项目“O01”，请核对")):
            ops.save(session, row, head=head(), entries={"O01": Entry(Rating.MET)}, actor=COUNTY, as_of=TODAY)

    def test_two_people_at_one_sheet(self, session, draft):
        row = draft()
        seen = row.lock_version
        ops.save(
            session, row, head=head(), entries={"P01": Entry(Rating.MET)}, actor=COUNTY, as_of=TODAY, seen_version=seen
        )
        with pytest.raises(EditConflict, match="别人已保存过新的内容"):
            ops.save(
                session, row, head=head(), entries={"P01": Entry(Rating.BASIC)}, actor=OTHER_COUNTY, as_of=TODAY,
                seen_version=seen,
            )  # fmt: skip
        assert ops.entries_of(session, row.id) == {"P01": Entry(Rating.MET)}

    def test_year_level_and_sheet_stay(self, session, draft):
        row = draft()
        with pytest.raises(RuleViolation, match="登记后不能更改，填错的请作废后重新登记"):
            ops.save(session, row, head=head(subject=Subject.OPERATOR), entries={}, actor=COUNTY, as_of=TODAY)

    def test_numbers_run_through_the_year(self, session, draft):
        first, second = draft(), draft()
        assert int(second.assessment_no[-6:]) == int(first.assessment_no[-6:]) + 1


class TestVeto:
    def test_it_waits_for_another_person(self, session, draft):
        row = draft({"P10": Rating.NOT_MET})
        ops.close(session, row, actor=COUNTY, as_of=TODAY)
        assert (row.state, row.grade, row.veto_items) == (AssessmentState.WAITING, None, "P10")
        assert verdicts.unit_verdicts(session, year=2026, as_of=TODAY) == []
        with pytest.raises(RuleViolation, match=exactly("否决项须由另一名人员复核，请换一个账号确认")):
            ops.confirm_veto(session, row, actor=COUNTY, as_of=TODAY)
        ops.confirm_veto(session, row, actor=OTHER_COUNTY, as_of=TODAY)
        assert (row.state, row.grade, row.score) == (AssessmentState.CLOSED, Grade.NOT_MET, "46")
        assert (row.submitted_by, row.closed_by) == (COUNTY.label, OTHER_COUNTY.label)

    def test_the_second_reader_may_give_it_back(self, session, draft):
        row = draft({"P23": Rating.NOT_MET})
        ops.close(session, row, actor=COUNTY, as_of=TODAY)
        with pytest.raises(RuleViolation, match=exactly("请写明退回理由")):
            ops.return_veto(session, row, reason=" ", actor=OTHER_COUNTY)
        ops.return_veto(session, row, reason="现场照片不足以证明", actor=OTHER_COUNTY)
        assert (row.state, row.veto_items) == (AssessmentState.DRAFT, "")

    def test_a_major_accident_vetoes_too(self, session, draft):
        row = draft(has_major_accident=True)
        ops.close(session, row, actor=COUNTY, as_of=TODAY)
        assert (row.state, row.veto_items) == (AssessmentState.WAITING, "事故")

    def test_nothing_to_read(self, session, draft):
        with pytest.raises(RuleViolation, match=exactly("该评估为“草稿”，没有等待复核的否决项")):
            ops.confirm_veto(session, draft(), actor=OTHER_COUNTY, as_of=TODAY)

    def test_a_self_assessment_needs_no_second_reader(self, session, draft):
        firm = hand(Role.ENTERPRISE)
        row = draft({"P10": Rating.NOT_MET}, actor=firm, level=Level.SELF)
        ops.close(session, row, actor=firm, as_of=TODAY)
        assert (row.state, row.grade) == (AssessmentState.CLOSED, Grade.NOT_MET)


class TestReChecks:
    @pytest.fixture
    def first(self, world) -> Assessment:
        return world.assess(world.unit(), Grade.NOT_MET)

    def begin(self, session: Session, first: Assessment, actor: Viewer = COUNTY, **changes: Any) -> Assessment:
        given = head(**({"assessed_on": date(2026, 9, 1), "people": OTHERS} | changes))
        return ops.begin(session, unit_id=first.unit_id, head=given, actor=actor, as_of=TODAY, recheck_of=first)

    def test_it_is_begun(self, session, first):
        assert self.begin(session, first).recheck_of_id == first.id
        with pytest.raises(RuleViolation, match=exactly("该评估已有一次复查，请打开已有的复查继续办理")):
            self.begin(session, first)

    def test_by_other_people(self, session, first):
        with pytest.raises(RuleViolation, match=exactly("“演示-李四”参加过首次评估，复查须由其他人员进行")):
            self.begin(session, first, people=(OTHERS[0], PEOPLE[1]))

    def test_not_before_the_first(self, session, first):
        with pytest.raises(RuleViolation, match=exactly("复查日期不得早于首次评估日期 2026-05-10")):
            self.begin(session, first, assessed_on=date(2026, 5, 9))

    def test_not_below_the_first_level(self, session, world):
        city = world.assess(world.unit(), Grade.NOT_MET, level=Level.CITY)
        with pytest.raises(RuleViolation, match=exactly("首次评估是市级，复查须由同级或上级进行")):
            self.begin(session, city)

    def test_not_of_what_was_met(self, session, world):
        met = world.assess(world.unit())
        with pytest.raises(RuleViolation, match=exactly("首次评估已达标，不需要复查")):
            self.begin(session, met)

    def test_same_unit_year_and_sheet(self, session, first):
        with pytest.raises(RuleViolation, match=exactly("复查须与首次评估是同一单位、同一年度、同一评估类型")):
            self.begin(session, first, subject=Subject.OPERATOR)

    def test_the_first_is_not_withdrawn_before_it(self, session, first):
        again = self.begin(session, first)
        with pytest.raises(RuleViolation, match=exactly("该评估已有复查，请先撤回复查")):
            ops.withdraw(session, first, reason="录入有误", actor=COUNTY)
        ops.withdraw(session, again, reason="重复", actor=COUNTY)
        ops.withdraw(session, first, reason="录入有误", actor=COUNTY)
        assert first.state is AssessmentState.WITHDRAWN


class TestWithdrawing:
    def test_it_no_longer_counts_and_stays_readable(self, session, world):
        row = world.assess(world.unit())
        ops.withdraw(session, row, reason="单位填错", actor=COUNTY)
        assert (row.state, row.withdrawn_reason, row.grade) == (AssessmentState.WITHDRAWN, "单位填错", Grade.MET)
        assert verdicts.unit_verdicts(session, year=2026, as_of=TODAY) == []
        with pytest.raises(RuleViolation, match=exactly("该评估已经撤回")):
            ops.withdraw(session, row, reason="再次", actor=COUNTY)

    def test_with_a_reason_and_by_its_level(self, session, world):
        row = world.assess(world.unit(), level=Level.CITY)
        with pytest.raises(RuleViolation, match=exactly("您的账号（驻县（区）局）不能办理市级评估")):
            ops.withdraw(session, row, reason="理由", actor=COUNTY)
        with pytest.raises(RuleViolation, match=exactly("请写明撤回理由")):
            ops.withdraw(session, row, reason="", actor=hand(Role.CITY))


class TestObjections:
    @pytest.fixture
    def row(self, world) -> Assessment:
        return world.assess(
            world.unit(), Grade.NOT_MET, on=date(2026, 11, 1), closed_at=datetime(2026, 11, 8, 2, tzinfo=UTC)
        )

    def raised(self, session: Session, row: Assessment, day: date = TODAY, text: str = "P03 已编制"):
        return ops.raise_objection(
            session, row, raised_on=day, text=text, actor=hand(Role.ENTERPRISE), as_of=date(2026, 12, 31)
        )

    def test_until_the_last_day(self, session, row):
        assert ops.objection_until(session, row) == date(2026, 11, 23)
        assert self.raised(session, row).answered_at is None
        with pytest.raises(RuleViolation, match=exactly("已有一件异议等待答复，请等答复后再提")):
            self.raised(session, row)

    def test_too_late_or_empty(self, session, row):
        with pytest.raises(RuleViolation, match=exactly("异议期限到 2026-11-23 为止，已经超过")):
            self.raised(session, row, date(2026, 11, 24))
        with pytest.raises(RuleViolation, match=exactly("请写明异议的内容和理由")):
            self.raised(session, row, text=" ")

    def answer(self, session: Session, objection: Any, *, is_upheld: bool, actor: Viewer = COUNTY) -> None:
        ops.answer_objection(
            session, objection, is_upheld=is_upheld, answer="经复核", answered_on=TODAY, actor=actor, as_of=TODAY
        )

    def test_upheld_the_verdict_goes(self, session, row):
        self.answer(session, self.raised(session, row), is_upheld=True)
        assert (row.state, row.withdrawn_reason) == (AssessmentState.WITHDRAWN, "异议成立：经复核")

    def test_not_upheld_it_stays(self, session, row):
        objection = self.raised(session, row)
        self.answer(session, objection, is_upheld=False)
        assert row.state is AssessmentState.CLOSED
        with pytest.raises(RuleViolation, match=exactly("该异议已经答复，不能重复答复")):
            self.answer(session, objection, is_upheld=True)

    def test_who_comes_second_finds_the_answer(self, session, row):
        objection = self.raised(session, row)
        behind_the_back(session, objection, answered_at=now(), is_upheld=False, answer="已答复")
        with pytest.raises(RuleViolation, match="不能重复答复"):
            self.answer(session, objection, is_upheld=True)
        assert row.state is AssessmentState.CLOSED

    def test_the_unit_does_not_answer_itself(self, session, row):
        objection = self.raised(session, row)
        with pytest.raises(RuleViolation, match="不能办理县级评估"):
            self.answer(session, objection, is_upheld=True, actor=hand(Role.ENTERPRISE))


class TestPlanning:
    def plan(self, session: Session, actor: Viewer = SYSTEM, **changes: Any) -> AssessmentPlan:
        given: dict[str, Any] = {
            "year": 2026, "title": "2026年评估方案", "document_no": "连环办〔2026〕1号（演示）",
            "issued_on": date(2026, 1, 20), "scheme": pack_of_year(session, 2026), "note": "",
        }  # fmt: skip
        return ops.set_plan(session, actor=actor, as_of=TODAY, **(given | changes))

    def test_a_change_keeps_what_was(self, session):
        first = self.plan(session)
        second = self.plan(session, title="2026年评估方案（修订）")
        assert (first.superseded_at is not None, second.superseded_at) == (True, None)
        assert pack_of_year(session, 2026).id == second.scheme_id

    def test_only_the_city_and_only_near_years(self, session):
        with pytest.raises(RuleViolation, match=exactly("年度评估方案由市局登记")):
            self.plan(session, actor=COUNTY)
        with pytest.raises(RuleViolation, match=exactly("评估年度应在 2016 至 2027 之间")):
            self.plan(session, year=2028)

    def test_a_drawing_can_be_drawn_again_by_its_seed(self, session, world):
        units = [world.unit(class_computed=ManagementClass.REGISTERED) for _ in range(8)]
        key = world.unit()
        drawn = ops.draw_sample(
            session, year=2026, office_code="LYG-XW", asked=3, actor=SYSTEM, as_of=TODAY, seed="20260101"
        )
        chosen = session.scalars(
            select(SampledUnit.unit_id).where(SampledUnit.draw_id == drawn.id).order_by(SampledUnit.place)
        ).all()
        assert len(chosen) == 3 and key.id not in chosen and drawn.pool >= len(units)
        ops.withdraw_draw(session, drawn, reason="重抽", actor=SYSTEM)
        again = ops.draw_sample(
            session, year=2026, office_code="LYG-XW", asked=3, actor=SYSTEM, as_of=TODAY, seed="20260101"
        )
        assert (
            session.scalars(
                select(SampledUnit.unit_id).where(SampledUnit.draw_id == again.id).order_by(SampledUnit.place)
            ).all()
            == chosen
        )
        more = ops.draw_sample(session, year=2026, office_code="LYG-XW", asked=1, actor=SYSTEM, as_of=TODAY)
        assert more.pool == drawn.pool - 3 and len(more.seed) == 16

    def test_only_ones_own_office_and_a_sensible_number(self, session, world):
        county = dataclasses.replace(COUNTY, is_city_wide=False, offices=frozenset({"LYG-GNX"}))
        given: dict[str, Any] = {"year": 2026, "office_code": "LYG-XW", "as_of": TODAY}
        with pytest.raises(RuleViolation, match=exactly("只能抽取本局管辖的单位")):
            ops.draw_sample(session, asked=1, actor=county, **given)
        with pytest.raises(RuleViolation, match=exactly("抽取家数应在 1 至 2000 之间")):
            ops.draw_sample(session, asked=0, actor=SYSTEM, **given)

    def exclude(self, session: Session, unit: Any, **changes: Any) -> Any:
        given: dict[str, Any] = {
            "year": 2026, "excluded_on": date(2026, 6, 1), "reason": "停产", "evidence": "停产报告",
        }  # fmt: skip
        return ops.exclude(session, unit_id=unit.id, actor=COUNTY, as_of=TODAY, **(given | changes))

    def test_not_assessable_with_reason_and_evidence(self, session, world):
        unit = world.unit()
        with pytest.raises(RuleViolation, match=exactly("请写明证明材料（如停产报告、现场照片）")):
            self.exclude(session, unit, evidence="")
        with pytest.raises(RuleViolation, match=exactly("日期不在评估年度 2026 年内，请核对")):
            self.exclude(session, unit, excluded_on=date(2025, 6, 1))
        row = self.exclude(session, unit)
        with pytest.raises(RuleViolation, match=exactly("该单位本年已登记为不具备评估条件")):
            self.exclude(session, unit)
        ops.readmit(session, row, reason="恢复生产", actor=COUNTY)
        assert self.exclude(session, unit).id != row.id

    def test_not_after_it_was_assessed(self, session, world):
        unit = world.unit()
        world.assess(unit)
        with pytest.raises(RuleViolation, match=exactly("该单位本年已评估，不能登记为不具备评估条件")):
            self.exclude(session, unit)


def test_every_act_leaves_its_trace(session, database, draft):
    row = draft({"P10": Rating.NOT_MET})
    ops.close(session, row, actor=COUNTY, as_of=TODAY)
    ops.confirm_veto(session, row, actor=OTHER_COUNTY, as_of=TODAY)
    ops.withdraw(session, row, reason="测试", actor=COUNTY)
    audit.link(session)
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.kind == "assessment", AuditEntry.object_id == str(row.id))
        .order_by(AuditEntry.id)
    ).all()
    assert [entry.action for entry in entries] == [
        "assessment.begin", "assessment.save", "assessment.submit_veto", "assessment.close", "assessment.withdraw",
    ]  # fmt: skip
