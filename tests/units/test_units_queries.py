from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import event, select

from hwrisk.errors import NotFound
from hwrisk.parks.models import Park
from hwrisk.regions.models import RegionKind
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units import queries
from hwrisk.units.checks import interrupted_states, overlapping_states
from hwrisk.units.models import IdentityKind, ManagementClass, UnitRole, UnitSource, UnitStatus, UnitVersion
from hwrisk.units.operations import UnitChange, record_state
from hwrisk.units.queries import UnitConditions
from hwrisk.units.scope import visible_unit_ids
from hwrisk.units.seeding import seed

pytestmark = pytest.mark.db

SYSTEM = Viewer.system()
DAY = date(2026, 11, 23)
GOOD = "91320700608440872X"


def names(session, user=SYSTEM, as_of=DAY, **conditions):
    return [row.name for row in queries.unit_rows(session, user, UnitConditions(**conditions), as_of=as_of)]


@pytest.fixture
def park_id(session):
    return session.scalar(select(Park.id).where(Park.code == "LYG-P-ZWLG"))


def move(session, unit, office, day=date(2026, 6, 1)):
    record_state(
        session, unit, from_day=day, changes=UnitChange(office_code=office), actor=SYSTEM, reason="管辖调整",
        recorded_at=datetime(2026, 6, 1, tzinfo=UTC),
    )  # fmt: skip


class TestScope:
    def test_an_office_sees_its_units_alone(self, session, make_unit, viewer):
        make_unit("甲", office_code="LYG-XW")
        make_unit("乙", office_code="LYG-DH")
        make_unit("丙", office_code=None)
        assert names(session, viewer(offices=frozenset({"LYG-DH"}))) == ["乙"]
        assert names(session) == ["甲", "乙", "丙"]

    def test_grants_add_up(self, session, make_unit, viewer, park_id):
        make_unit("甲", office_code="LYG-XW")
        make_unit("乙", office_code="LYG-DH", park_id=park_id)
        single = make_unit("丙", office_code="LYG-DH")
        user = viewer(parks=frozenset({park_id}), units=frozenset({single.id}))
        assert names(session, user) == ["乙", "丙"]

    def test_nothing_granted_is_nothing_seen(self, session, make_unit, viewer):
        make_unit("甲")
        assert names(session, viewer()) == []

    def test_the_health_commission_sees_medical_units_alone(self, session, make_unit, viewer):
        make_unit("医院", role=UnitRole.MEDICAL)
        make_unit("工厂")
        assert names(session, viewer(role=Role.HEALTH, is_city_wide=True)) == ["医院"]

    def test_the_ids_for_other_rooms(self, session, make_unit, viewer):
        mine = make_unit("甲", office_code="LYG-DH")
        make_unit("乙")
        ids = visible_unit_ids(viewer(offices=frozenset({"LYG-DH"})), as_of=DAY)
        assert session.scalars(ids).all() == [mine.id]

    def test_a_unit_that_moved_belongs_to_each_office_in_its_time(self, session, make_unit, viewer):
        move(session, make_unit("甲", office_code="LYG-XW"), "LYG-KFQ")
        former = viewer(offices=frozenset({"LYG-XW"}))
        assert names(session, former, as_of=date(2026, 5, 31)) == ["甲"]
        assert names(session, former, as_of=date(2026, 6, 1)) == []


class TestConditions:
    def test_each_condition(self, session, make_unit, park_id):
        make_unit("甲", office_code="LYG-DH", admin_code="320722", role=UnitRole.OPERATOR)
        make_unit("乙", office_code=None, admin_code=None, park_id=park_id)
        make_unit("丙", status=UnitStatus.SUSPENDED, is_supervised=False)
        assert names(session, office="LYG-DH") == names(session, admin="320722") == ["甲"]
        assert names(session, office=queries.UNDECIDED) == ["乙"]
        assert names(session, park="LYG-P-ZWLG") == ["乙"]
        assert names(session, role=UnitRole.OPERATOR) == ["甲"]
        assert names(session, status=UnitStatus.SUSPENDED) == names(session, supervised=False) == ["丙"]

    def test_the_class_of_the_authority_prevails(self, session, make_unit):
        make_unit("算", class_computed=ManagementClass.KEY)
        make_unit(
            "定", class_computed=ManagementClass.KEY, class_set=ManagementClass.SIMPLIFIED, class_reason="部门核定"
        )
        assert names(session, management_class=ManagementClass.KEY) == ["算"]
        assert names(session, management_class=ManagementClass.SIMPLIFIED) == ["定"]
        assert names(session, class_differs=True) == ["定"]

    @pytest.mark.parametrize("text", ["石化", "shihua", "LYGSH", "lyg", GOOD[:9], "ＬＹＧ", "徐圩 石化", "2026-0000"])
    def test_text_is_sought_in_names_numbers_address_and_pinyin(self, session, make_unit, text):
        make_unit(
            "连云港石化", address="徐圩新区港前大道", identity_kind=IdentityKind.USCC, identity_no=GOOD,
            identity_reason="",
        )  # fmt: skip
        assert names(session, text=text) == ["连云港石化"]

    @pytest.mark.parametrize("text", ["%", "_", "石油", "'; drop table unit --", "石化 东海"])
    def test_text_is_no_pattern(self, session, make_unit, text):
        make_unit("连云港石化", address="徐圩新区")
        assert names(session, text=text) == []

    def test_a_pasted_list_of_mixed_things(self, session, make_unit):
        first = make_unit("甲公司")
        make_unit("乙公司", identity_kind=IdentityKind.USCC, identity_no=GOOD, identity_reason="")
        make_unit("丙公司")
        assert names(session, pasted=(first.unit_no.lower(), GOOD.lower(), "没有的")) == ["甲公司", "乙公司"]
        assert names(session, pasted=("丙公司",)) == ["丙公司"]

    def test_the_list_takes_one_statement(self, session, make_unit):
        for name in "甲乙丙丁戊":
            make_unit(name)
        session.expunge_all()
        statements = []
        event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert len(names(session)) == 5
        assert len(statements) == 1

    def test_counts_partition_the_list(self, session, make_unit):
        make_unit("甲", office_code="LYG-DH", admin_code="320722")
        make_unit("乙", office_code="LYG-DH", admin_code=None)
        make_unit("丙", office_code=None, admin_code=None)
        every = UnitConditions()
        offices = queries.counts_by_region(session, SYSTEM, every, kind=RegionKind.OFFICE, as_of=DAY)
        assert offices == [("LYG-DH", 2), (None, 1)]
        admin = queries.counts_by_region(session, SYSTEM, every, kind=RegionKind.ADMIN, as_of=DAY)
        assert admin == [("320722", 1), (None, 2)]
        assert queries.count_units(session, SYSTEM, every, as_of=DAY) == 3


class TestGetUnit:
    def test_its_state_on_the_day(self, session, make_unit):
        unit = make_unit("甲", office_code="LYG-XW")
        move(session, unit, "LYG-KFQ")
        row = queries.get_unit(session, unit.public_id, user=SYSTEM, as_of=date(2026, 1, 1))
        assert (row.unit, row.version.office_code, row.name) == (unit, "LYG-XW", "甲")

    def test_before_its_first_day_it_shows_its_first_state(self, session, make_unit):
        unit = make_unit("甲", valid_from=date(2026, 12, 1))
        assert queries.get_unit(session, unit.public_id, user=SYSTEM, as_of=DAY).name == "甲"

    def test_the_former_office_no_longer_sees_it_whatever_day_it_asks_for(self, session, make_unit, viewer):
        unit = make_unit("甲", office_code="LYG-XW")
        move(session, unit, "LYG-KFQ")
        former, present = viewer(offices=frozenset({"LYG-XW"})), viewer(offices=frozenset({"LYG-KFQ"}))
        with pytest.raises(NotFound):
            queries.get_unit(session, unit.public_id, user=former, as_of=date(2026, 1, 1))
        assert queries.get_unit(session, unit.public_id, user=present, as_of=date(2026, 1, 1)).id == unit.id

    def test_unknown_and_foreign_are_told_alike(self, session, make_unit, viewer):
        unit = make_unit("甲", office_code="LYG-XW")
        for public_id in (uuid4(), unit.public_id):
            with pytest.raises(NotFound, match="没有找到，或不在您的管辖范围内"):
                queries.get_unit(session, public_id, user=viewer(offices=frozenset({"LYG-DH"})), as_of=DAY)


class TestKnownAs:
    def test_units_are_found_by_identity_and_by_own_number(self, session, make_unit):
        first = make_unit("甲", identity_kind=IdentityKind.USCC, identity_no=GOOD, identity_reason="")
        second = make_unit("乙", valid_from=date(2026, 12, 1))
        found = queries.units_known_as(session, [GOOD, second.unit_no, "没有"], as_of=DAY)
        assert [row.unit for row in found] == [first, second]


class TestChecks:
    def test_a_sound_register_has_no_problem(self, session, make_unit):
        move(session, make_unit("甲"), "LYG-KFQ")
        assert overlapping_states(session) == interrupted_states(session) == []

    def test_two_states_on_one_day_are_named(self, session, make_unit):
        unit = make_unit("甲")
        row = session.scalars(select(UnitVersion)).one()
        state = {name: getattr(row, name) for name in ("unit_id", "name", "status", "role")}
        session.add(UnitVersion(**state, valid_from=date(2025, 1, 1)))
        session.flush()
        assert overlapping_states(session) == [
            f"单位 {unit.unit_no} 在 2025-01-01 起有两个同时有效的情形（另一个自 2020-01-01 起）"
        ]

    def test_days_left_out_are_named(self, session, make_unit):
        unit = make_unit("甲")
        session.scalars(select(UnitVersion)).one().valid_until = date(2025, 1, 1)
        session.flush()
        assert interrupted_states(session) == [f"单位 {unit.unit_no} 自 2025-01-01 起没有情形记录"]


class TestSeeding:
    def test_names_from_public_sources_are_not_in_the_register(self, session):
        seed(session)
        rows = queries.unit_rows(session, SYSTEM, UnitConditions(), as_of=DAY)
        assert len(rows) == 40
        assert not any(row.unit.is_supervised for row in rows)
        assert {row.unit.identity_no for row in rows if row.unit.identity_no} == {GOOD, "91320703MA1R8A8L77"}

    def test_every_published_line_is_kept(self, session):
        seed(session)
        assert len(session.scalars(select(UnitSource)).all()) == 44
        row = next(r for r in queries.unit_rows(session, SYSTEM, UnitConditions(text="中节能"), as_of=DAY))
        assert [line.ref for line in queries.sources_of(session, row.id)] == ["EF-001", "EN-009"]
        assert row.version.role is UnitRole.OPERATOR

    def test_seeding_again_changes_nothing_and_keeps_what_people_did(self, session):
        seed(session)
        row = queries.unit_rows(session, SYSTEM, UnitConditions(text="中节能"), as_of=DAY)[0]
        record_state(
            session, row.unit, from_day=date(2026, 1, 1), changes=UnitChange(address="新址"), actor=SYSTEM,
            reason="核实",
        )  # fmt: skip
        assert seed(session) == 0
        assert queries.version_on(session, row.id, as_of=DAY).address == "新址"
