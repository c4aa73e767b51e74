from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hwrisk.errors import RuleViolation
from hwrisk.security.viewer import Viewer
from hwrisk.units import queries
from hwrisk.units.checks import interrupted_states, overlapping_states
from hwrisk.units.models import IdentityKind, UnitStatus, UnitVersion
from hwrisk.units.operations import NewUnit, UnitChange, record_state, register_units
from hwrisk.units.rules import Identity
from hwrisk.units.timeline import Segment, rewrite

pytestmark = pytest.mark.db

SYSTEM = Viewer.system()
LATER = datetime(2026, 6, 1, tzinfo=UTC)
GOOD = "91320700608440872X"


def known_rows(session, unit):
    rows = session.scalars(
        select(UnitVersion)
        .where(UnitVersion.unit_id == unit.id, UnitVersion.superseded_at.is_(None))
        .order_by(UnitVersion.valid_from)
    )
    return [(row.valid_from.isoformat(), row.valid_until and row.valid_until.isoformat(), row.name) for row in rows]


def rename(session, unit, name, start, until=None, *, at=LATER):
    return record_state(
        session, unit, from_day=date.fromisoformat(start), until=until and date.fromisoformat(until),
        changes=UnitChange(name=name), actor=SYSTEM, reason="更名", recorded_at=at,
    )  # fmt: skip


class TestRegister:
    def test_each_unit_gets_the_next_number_of_its_year(self, session, make_unit):
        first, second = make_unit("甲"), make_unit("乙")
        assert int(second.unit_no[-6:]) == int(first.unit_no[-6:]) + 1
        assert first.unit_no.startswith("LYG-2026-")

    def test_the_year_is_the_day_in_shanghai(self, make_unit):
        unit = make_unit("甲", recorded_at=datetime(2026, 12, 31, 17, 0, tzinfo=UTC))
        assert unit.unit_no.startswith("LYG-2027-")

    def test_the_same_identity_and_name_again_is_refused(self, make_unit):
        make_unit("甲公司", identity_kind=IdentityKind.USCC, identity_no=GOOD, identity_reason="")
        with pytest.raises(RuleViolation, match=r"已登记.*写明厂区"):
            make_unit("甲公司", identity_kind=IdentityKind.USCC, identity_no=GOOD, identity_reason="")
        make_unit("甲公司（二厂）", identity_kind=IdentityKind.USCC, identity_no=GOOD, identity_reason="")

    def test_twice_in_one_go_is_refused_too(self, session):
        new = NewUnit(
            identity=Identity(IdentityKind.USCC, GOOD), state=UnitChange(name="甲"), valid_from=date(2026, 1, 1)
        )
        with pytest.raises(RuleViolation, match="已登记"):
            register_units(session, [new, new], actor=SYSTEM)

    def test_a_name_is_needed(self, make_unit):
        with pytest.raises(RuleViolation, match="名称不能为空"):
            make_unit("")

    def test_the_name_is_found_by_pinyin(self, session, make_unit):
        make_unit("连云港石化")
        found = queries.unit_rows(session, SYSTEM, queries.UnitConditions(text="lygsh"), as_of=date(2026, 6, 1))
        assert [row.name for row in found] == ["连云港石化"]

    def test_a_class_set_by_hand_needs_a_reason(self, make_unit):
        with pytest.raises(RuleViolation, match="核定管理类别"):
            make_unit("甲", class_set="key")


class TestRecordState:
    def test_a_change_from_a_day_on(self, session, make_unit):
        unit = make_unit("旧名")
        assert rename(session, unit, "新名", "2025-03-01")
        assert known_rows(session, unit) == [("2020-01-01", "2025-03-01", "旧名"), ("2025-03-01", None, "新名")]

    def test_a_change_for_a_time_leaves_what_came_after(self, session, make_unit):
        unit = make_unit("旧名")
        rename(session, unit, "临时名", "2025-03-01", "2025-04-01")
        assert known_rows(session, unit) == [
            ("2020-01-01", "2025-03-01", "旧名"),
            ("2025-03-01", "2025-04-01", "临时名"),
            ("2025-04-01", None, "旧名"),
        ]

    def test_what_is_left_of_a_divided_state_keeps_its_own_reason(self, session, make_unit):
        unit = make_unit("旧名")
        rename(session, unit, "临时名", "2025-03-01", "2025-04-01")
        reasons = {row.name: row.reason for row in queries.history(session, unit.id)}
        assert reasons == {"旧名": "登记", "临时名": "更名"}

    def test_fields_that_are_not_named_stay_what_they_were_on_each_day(self, session, make_unit):
        unit = make_unit("甲")
        record_state(
            session, unit, from_day=date(2025, 6, 1), changes=UnitChange(office_code="LYG-KFQ"), actor=SYSTEM,
            reason="管辖调整", recorded_at=LATER,
        )  # fmt: skip
        rename(session, unit, "乙", "2025-01-01", at=LATER + timedelta(days=1))
        on = {day: queries.version_on(session, unit.id, as_of=date.fromisoformat(day)) for day in DAYS}
        assert [(v.name, v.office_code) for v in on.values()] == [
            ("甲", "LYG-XW"), ("乙", "LYG-XW"), ("乙", "LYG-KFQ"),
        ]  # fmt: skip

    def test_saying_the_same_again_changes_nothing(self, session, make_unit):
        unit = make_unit("甲")
        assert not rename(session, unit, "甲", "2025-01-01")
        assert len(queries.history(session, unit.id)) == 1

    def test_a_day_before_the_first_one_extends_the_register_backwards(self, session, make_unit):
        unit = make_unit("甲")
        rename(session, unit, "乙", "2018-01-01", "2019-01-01")
        assert known_rows(session, unit) == [
            ("2018-01-01", "2019-01-01", "乙"),
            ("2019-01-01", "2020-01-01", "甲"),
            ("2020-01-01", None, "甲"),
        ]

    def test_what_was_known_before_stays_readable(self, session, make_unit):
        unit = make_unit("旧名")
        rename(session, unit, "新名", "2025-03-01")
        day = date(2025, 7, 1)
        before = queries.versions_on(session, [unit.id], as_of=day, known_at=LATER - timedelta(seconds=1))
        after = queries.versions_on(session, [unit.id], as_of=day, known_at=LATER)
        assert (before[unit.id].name, after[unit.id].name) == ("旧名", "新名")

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"status": UnitStatus.CLOSED_UNCLEARED}, "责任主体"),
            ({"status": UnitStatus.CLOSED_CLEARED}, "清零证明"),
        ],
    )
    def test_a_state_that_asks_for_more_is_refused(self, session, make_unit, changes, sentence):
        with pytest.raises(RuleViolation, match=sentence):
            record_state(
                session, make_unit(), from_day=date(2026, 1, 1), changes=changes, actor=SYSTEM, reason="关停",
                recorded_at=LATER,
            )  # fmt: skip

    def test_a_status_that_cannot_follow_is_refused_both_ways(self, session, make_unit):
        unit = make_unit()
        record_state(
            session, unit, from_day=date(2026, 1, 1), changes=UnitChange(status=UnitStatus.DEREGISTERED),
            actor=SYSTEM, reason="注销", recorded_at=LATER,
        )  # fmt: skip
        with pytest.raises(RuleViolation, match="“注销”直接改为“停产”"):
            record_state(
                session, unit, from_day=date(2026, 3, 1), changes=UnitChange(status=UnitStatus.SUSPENDED),
                actor=SYSTEM, reason="停产", recorded_at=LATER,
            )  # fmt: skip

    def test_stock_left_refuses_deregistration(self, session, make_unit):
        with pytest.raises(RuleViolation, match="台账仍有贮存量"):
            record_state(
                session, make_unit(), from_day=date(2026, 1, 1),
                changes=UnitChange(status=UnitStatus.DEREGISTERED), actor=SYSTEM, reason="注销", has_stock=True,
                recorded_at=LATER,
            )  # fmt: skip

    def test_a_reason_is_needed(self, session, make_unit):
        with pytest.raises(RuleViolation, match="变更理由"):
            record_state(
                session, make_unit(), from_day=date(2026, 1, 1), changes=UnitChange(name="乙"), actor=SYSTEM, reason=" "
            )

    def test_an_empty_period_is_refused(self, session, make_unit):
        with pytest.raises(RuleViolation, match="截止日必须晚于"):
            rename(session, make_unit(), "乙", "2025-01-01", "2025-01-01")

    def test_a_clock_that_runs_backwards_is_refused(self, session, make_unit):
        unit = make_unit()
        with pytest.raises(RuleViolation, match="时钟"):
            rename(session, unit, "乙", "2025-01-01", at=datetime(2025, 1, 1, tzinfo=UTC))


DAYS = ("2024-12-31", "2025-01-01", "2025-06-01")
START = date(2020, 1, 1)
days = st.integers(0, 400).map(lambda n: START + timedelta(days=n - 20))
names = st.sampled_from("甲乙丙丁")
records = st.lists(st.tuples(days, st.none() | st.integers(1, 200), names), max_size=8)


class TestBitemporal:
    @settings(deadline=None)
    @given(records)
    def test_every_day_has_exactly_one_state_and_the_last_word_holds(self, given_records):
        segments = [Segment(START, None, {"name": "初"}, "row")]
        expected = {}
        for first, length, name in given_records:
            until = first + timedelta(days=length) if length else None
            segments = rewrite(segments, from_day=first, until=until, changes={"name": name})
            for n in range(-20, 700):
                day = START + timedelta(days=n)
                if first <= day and (until is None or day < until):
                    expected[day] = name
        begin = segments[0].valid_from
        for n in range(-20, 700):
            day = START + timedelta(days=n)
            holding = [s for s in segments if s.valid_from <= day and (s.valid_until is None or day < s.valid_until)]
            assert len(holding) == (1 if day >= begin else 0)
            if holding:
                assert holding[0].state["name"] == expected.get(day, "初")


@settings(max_examples=25, deadline=None)
@given(records)
def test_what_was_known_at_an_instant_never_changes(database, given_records):
    with database.new_session() as session:
        _replay(session, given_records)
        session.rollback()


def _replay(session, given_records):
    new = NewUnit(identity=Identity(IdentityKind.UNKNOWN, None, "试验"), state=UnitChange(name="初"), valid_from=START)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    unit = register_units(session, [new], actor=SYSTEM, recorded_at=at)[0]
    seen = {at: _picture(session, unit, at)}
    for number, (first, length, name) in enumerate(given_records, start=1):
        now = at + timedelta(hours=number)
        until = first + timedelta(days=length) if length else None
        record_state(
            session, unit, from_day=first, until=until, changes=UnitChange(name=name), actor=SYSTEM, reason="试",
            recorded_at=now,
        )  # fmt: skip
        seen[now] = _picture(session, unit, now)
        assert overlapping_states(session) == interrupted_states(session) == []
    for instant, picture in seen.items():
        assert _picture(session, unit, instant) == picture


def _picture(session, unit, instant):
    return [
        [
            v.name
            for v in queries.versions_on(session, [unit.id], as_of=START + timedelta(days=n), known_at=instant).values()
        ]
        for n in range(-20, 600, 37)
    ]
