"""What lists count is what a facility says of itself; what counts in a check is the worse of two."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from hwrisk.containment import operations, queries
from hwrisk.containment.counting import freeze, work_out
from hwrisk.containment.methods import scenario_of
from hwrisk.containment.models import MarkState, ServiceState, TestResult, ValveState
from hwrisk.containment.panels import due, park_chapter, unit_chapter
from hwrisk.containment.queries import Attention, FacilityConditions
from hwrisk.containment.verifying import CHECKS
from hwrisk.errors import RuleViolation
from tests.containment.containment_world import (
    CARD,
    FIRST,
    SYSTEM,
    TODAY,
    data,
    level,
    make,
    make_world,
    passed,
    state,
)

pytestmark = pytest.mark.db


@pytest.fixture
def w(session):
    return make_world(session)


def of_park(session, w, as_of=TODAY):
    return queries.statuses(session, user=SYSTEM, as_of=as_of, asked=FacilityConditions(park_id=w.park.id))


def gap(session, w, as_of=TODAY):
    frozen = freeze(of_park(session, w, as_of), queries.links_of(session, w.park.id, as_of=as_of), unit_id=w.unit.id)
    return work_out(scenario_of(CARD), frozen)


class TestAttention:
    def test_the_predicates_say_what_each_facility_says(self, session, w):
        level(session, w.public, "300")
        state(session, w.gate, ValveState.UNKNOWN)
        passed(session, w.pump, result=TestResult.FAILED)
        make(session, w.park, None, "YQ-77", data("无人确认的池", "public-basin", effective_volume=Decimal(50)))
        make(session, w.park, w.unit, "QY-77", data("没试过的阀", "shutoff-valve"))
        for days in (0, 7, 8, 30, 31, 90, 91):
            day = TODAY + timedelta(days=days)
            found = of_park(session, w, day)
            said = {
                Attention.ALARM: {s.facility.id for s in found if s.is_alarm},
                Attention.UNCONFIRMED: {s.facility.id for s in found if s.is_unconfirmed},
                Attention.TEST: {s.facility.id for s in found if s.is_test_overdue},
                Attention.INSPECTION: {s.facility.id for s in found if s.is_inspection_overdue},
            }
            for what, ids in said.items():
                asked = FacilityConditions(park_id=w.park.id, attention=what)
                rows = queries.statuses(session, user=SYSTEM, as_of=day, asked=asked)
                assert {s.facility.id for s in rows} == ids, (what, days)
                assert queries.count_facilities(session, user=SYSTEM, as_of=day, asked=asked) == len(ids)

    def test_constant_in_statements(self, session, w):
        session.expire_all()
        few = _count_statements(session, lambda: of_park(session, w))
        for number in range(8):
            make(session, w.park, w.unit, f"M-{number}", data(f"第{number}池", "enterprise-basin"))
        session.expire_all()
        assert _count_statements(session, lambda: of_park(session, w)) == few


class TestWorseOfTwo:
    def test_the_known_case(self, session, w):
        result = gap(session, w)
        assert (result["required"], result["gap"]) == ("418", "78")
        assert [tier["gap"] for tier in result["tiers"]] == ["318", "78", "78"]
        assert result["tiers"][0]["opens_minutes"] == 0
        assert result["stored"] == {str(w.basin.public_id): "100", str(w.public.public_id): "240"}

    @pytest.mark.parametrize("worse", ["unknown", "failed", "old", "test failed", "never tested closed"])
    def test_a_way_in_that_is_not_sure_does_not_count(self, session, w, worse):
        if worse == "old":
            result = gap(session, w, TODAY + timedelta(days=31))
            assert any("泵站" in text for text in result["assumptions"])
            return
        if worse == "test failed":
            passed(session, w.pump, result=TestResult.FAILED)
        else:
            which = {"unknown": ValveState.UNKNOWN, "failed": ValveState.FAILED}.get(worse, ValveState.CLOSED)
            state(session, w.pump, which)
        result = gap(session, w)
        assert Decimal(result["gap"]) == 318
        assert result["tiers"][1]["reachable"] == "100"

    def test_a_level_too_old_counts_with_the_margin_and_is_named(self, session, w):
        later = gap(session, w, TODAY + timedelta(days=8))
        # 120 × 10 % = 12 more at home, 400 × 10 % = 40 more in the park.
        assert later["tiers"][0]["reachable"] == "88"
        assert any("厂内事故池" in text and "加计" in text for text in later["assumptions"])

    def test_volumes_in_words_have_their_thousands_apart(self, session, w):
        wide = make(session, w.park, None, "GK-77", data("演示大池", "public-basin", effective_volume=Decimal(23000)))
        level(session, wide, "1500")
        for days, said in ((0, "1,500 m³"), (8, "按 3,800 m³ 计")):
            status = queries.facility_status(session, wide.public_id, user=SYSTEM, as_of=TODAY + timedelta(days=days))
            assert said in status.room().why

    def test_nothing_forgotten_ever_makes_a_smaller_gap(self, session, w):
        known = Decimal(gap(session, w)["gap"])
        for days in (1, 8, 31, 92, 400):
            assert Decimal(gap(session, w, TODAY + timedelta(days=days))["gap"]) >= known

    def test_an_outlet_not_known_to_be_shut_counts_as_open(self, session, w):
        assert gap(session, w)["tiers"][0]["open_outlets"] == []
        state(session, w.valve, ValveState.UNKNOWN)
        result = gap(session, w)
        assert result["tiers"][0]["open_outlets"] == ["雨水切断阀"]
        assert not result["tiers"][0]["holds"]

    def test_a_basin_without_volume_or_level_counts_as_none(self, session, w):
        before = gap(session, w)["tiers"][1]["reachable"]
        make(session, w.park, w.unit, "QY-55", data("容积不明的池", "enterprise-basin"))
        make(session, w.park, w.unit, "QY-56", data("无人看的池", "enterprise-basin", effective_volume=Decimal(999)))
        result = gap(session, w)
        assert result["tiers"][1]["reachable"] == before
        assert any("容积不明" in text for text in result["assumptions"])
        assert any("按已满计" in text for text in result["assumptions"])


class TestHistory:
    def test_what_held_before_stays(self, session, w):
        status = queries.facility_status(session, w.public.public_id, user=SYSTEM, as_of=TODAY)
        fields = data("公共应急池", "public-basin", effective_volume=Decimal(600))
        operations.change_facility(session, status.facility, data=fields, valid_from=TODAY, actor=SYSTEM, reason="扩建")
        before = queries.facility_status(session, w.public.public_id, user=SYSTEM, as_of=TODAY - timedelta(days=1))
        after = queries.facility_status(session, w.public.public_id, user=SYSTEM, as_of=TODAY)
        assert (before.version.effective_volume, after.version.effective_volume) == (400, 600)
        assert len(queries.history_of(session, w.public.id)) == 3

    def test_a_stored_check_stays_and_comes_out_again(self, session, w):
        check = operations.store_check(
            session, park_id=w.park.id, unit_id=w.unit.id, name="情景", inputs=CARD, as_of=TODAY, actor=SYSTEM
        )
        level(session, w.public, "390")
        assert check.gap == 78
        again = operations.work_out_again(session, check, as_of=TODAY, actor=SYSTEM)
        assert again.gap > check.gap
        session.flush()
        assert [problem for found in CHECKS for problem in found.run(session)] == []


class TestRefusals:
    def test_in_plain_words(self, session, w):
        with pytest.raises(RuleViolation, match="没有流量就算不出时间"):
            operations.register_connection(
                session, park_id=w.park.id, connection_no="X", start=w.public, end=w.basin, means="gravity", flow=None,
                through=None, service=ServiceState.IN_USE, valid_from=FIRST, actor=SYSTEM,
            )  # fmt: skip
        with pytest.raises(RuleViolation, match="不能填“完好可用”"):
            state(session, w.valve, ValveState.READY)
        with pytest.raises(RuleViolation, match="须选择所属企业"):
            make(session, w.park, None, "Z", data("池", "enterprise-basin"))
        with pytest.raises(RuleViolation, match="已有编号为“YQ-01”"):
            make(session, w.park, None, "YQ-01", data("泵", "park-pump"))
        with pytest.raises(RuleViolation, match="须写明验收或证明文件"):
            operations.set_item(
                session, w.park, item_key="tier1", state=MarkState.DONE, document="", remark="", valid_from=TODAY,
                actor=SYSTEM,
            )  # fmt: skip


class TestCoverage:
    def test_done_parks_of_key_parks(self, session, w):
        found = queries.coverage(session, user=SYSTEM, as_of=TODAY)
        assert (found.done, len(found.parks)) == (0, 3)
        park = found.parks[0].park
        for row in found.parks[0].items:
            operations.set_item(
                session, park, item_key=row.item.key, state=MarkState.DONE, document="验收意见", remark="",
                valid_from=TODAY, actor=SYSTEM,
            )  # fmt: skip
        after = queries.coverage(session, user=SYSTEM, as_of=TODAY)
        assert (after.done, after.is_met) == (1, False)
        assert queries.coverage(session, user=SYSTEM, as_of=TODAY - timedelta(days=1)).done == 0


def test_chapters_and_reminders(session, w):
    chapter = park_chapter(session, w.park.id, TODAY, SYSTEM)
    assert [table.title for table in chapter.tables] == ["防控设施", "设施连接", "容积校核", "三级防控建设清单"]
    assert unit_chapter(session, w.unit.id, TODAY, SYSTEM).tables[0].rows[0].name == "厂内事故池"
    link = f"/containment/facilities/{w.basin.public_id}"
    said = {days: [d for d in due(session, as_of=TODAY + timedelta(days=days)) if d.link == link] for days in (3, 4, 8)}
    # The level of today stands until the 7th day; three days before people are told, and again once it is over.
    assert [len(found) for found in said.values()] == [0, 1, 1]
    assert said[4][0].key == said[8][0].key
    assert said[8][0].on == TODAY + timedelta(days=7)


def _count_statements(session, act):
    seen = []

    def note(*_):
        seen.append(1)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
