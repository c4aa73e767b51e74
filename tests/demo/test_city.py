"""The plan of the invented city and what is made of it: believable, the same every time, nothing said of real names."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlalchemy import select

from hwrisk.clock import now
from hwrisk.demo.arrears import OFFICES, offices_in_arrears
from hwrisk.demo.branches import AREAS, BRANCHES, METHODS, Route
from hwrisk.demo.bulk import NewFacility, confirm_ledgers, register_facilities
from hwrisk.demo.plan import Site, sites
from hwrisk.demo.receivers import INVENTED, facilities
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.models import EntryKind, LedgerStatement
from hwrisk.ledger.storage.models import FacilityKind, FacilityVersion, StorageFacility
from hwrisk.ledger.storage.operations import confirm_ledger, register_facility
from hwrisk.security import Viewer
from tests.command_line import CommandLine

AS_OF = date(2026, 11, 23)
RATE = "overdue-disposal-rate"


@pytest.fixture(scope="module")
def plan() -> list[Site]:
    return list(sites(1, AS_OF))


class TestPlan:
    def test_about_twelve_hundred_units(self, plan: list[Site]) -> None:
        assert 1080 <= len(plan) <= 1200
        assert len({site.name for site in plan}) == len(plan)
        assert {site.branch.suffix for site in plan} == {branch.suffix for branch in BRANCHES}

    def test_the_tonnes_are_those_of_the_city(self, plan: list[Site]) -> None:
        # 16.22 万吨 in the published figures of 2017.
        assert 140_000 < sum(site.tonnes for site in plan) < 185_000

    def test_few_units_have_most_of_the_waste(self, plan: list[Site]) -> None:
        whole = sum(site.tonnes for site in plan)
        large = sum(site.tonnes for site in plan if site.tonnes >= 1000)
        medium = sum(site.tonnes for site in plan if 500 <= site.tonnes < 1000)
        assert 0.68 < large / whole < 0.82
        assert 0.06 < medium / whole < 0.16

    def test_every_office_has_its_part(self, plan: list[Site]) -> None:
        offices = Counter(site.office for site in plan)
        assert set(offices) == {code for area in AREAS.values() for code, _ in area}
        assert max(offices.values()) < len(plan) / 4

    def test_most_units_have_nothing_overdue(self, plan: list[Site]) -> None:
        assert sum(site.arrears is not None for site in plan) < len(plan) / 12
        closed = [site for site in plan if site.arrears is not None and site.arrears.is_closed]
        assert closed
        assert {site.office for site in closed} == {"LYG-GNX", "LYG-GYX"}

    def test_the_same_every_time(self, plan: list[Site]) -> None:
        assert list(sites(1, AS_OF)) == plan

    def test_a_larger_scale_has_more_of_all(self) -> None:
        counts = [Counter(site.branch.suffix for site in sites(scale, AS_OF)) for scale in (0.05, 0.5, 1, 3)]
        for small, large in pairwise(counts):
            assert all(small[branch.suffix] <= large[branch.suffix] for branch in BRANCHES)
            assert small.total() < large.total()

    def test_no_name_is_used_twice_in_a_province(self) -> None:
        names = [site.name for site in sites(16, AS_OF)] + [one.receiver.name for one in facilities(16)]
        assert len(set(names)) == len(names) > 15_000

    @pytest.mark.parametrize("branch", BRANCHES, ids=lambda branch: branch.suffix)
    def test_shares_add_up(self, branch) -> None:
        assert sum(stream.share for stream in branch.streams) == pytest.approx(1)
        assert sum(size.share for size in branch.sizes) == pytest.approx(1)
        assert all(stream.method or stream.route in METHODS for stream in branch.streams)


class TestArrears:
    @pytest.mark.parametrize("scale", [0.05, 1, 4])
    def test_what_is_left_makes_the_rate_wanted(self, scale: float) -> None:
        for office, (code, units) in zip(OFFICES, offices_in_arrears(scale), strict=True):
            assert code == office.office
            tonnes = float(sum(unit.tonnes for unit in units)) + office.special_tonnes
            done = float(sum(unit.done for unit in units)) + office.special_done
            assert 0.6 < done / tonnes < 0.97
            assert all(Decimal(0) <= unit.done <= unit.tonnes for unit in units)


class TestTakers:
    def test_every_route_has_somebody(self) -> None:
        routes = {route for one in facilities(1) for route in one.receiver.routes}
        assert routes == set(Route) - {Route.OWN}

    def test_public_names_say_that_the_ledger_is_invented(self) -> None:
        public = [one for one in facilities(3) if one.is_public]
        assert len(public) == len([one for one in facilities(1) if one.is_public])
        assert all(one.receiver.name.endswith(INVENTED) and "公开资料" in one.source for one in public)
        assert all("演示" in one.receiver.name for one in facilities(3))


class TestMade:
    def test_every_kind_of_record(self, demo_read: CommandLine) -> None:
        kinds = {kind for (kind,) in rows(demo_read, "SELECT DISTINCT kind FROM ledger_entry")}
        # A move and a stock-taking are rare: a small city may have none.
        rare = {EntryKind.MOVED_OUT, EntryKind.MOVED_IN, EntryKind.STOCKTAKE_GAIN, EntryKind.STOCKTAKE_LOSS}
        assert kinds >= {kind.value for kind in EntryKind} - {kind.value for kind in rare}

    def test_the_rates_look_like_a_city(self, demo_read: CommandLine) -> None:
        shown = demo_read.json("indicators", "show", "--indicator", RATE)
        assert 60 < float(shown["city"]["percent"]) < 97
        offices = [
            row
            for row in shown["values"]
            if row["scope_kind"] == "office" and row["period"] == shown["city"]["period"] and row["percent"]
        ]
        assert len(offices) == len(OFFICES)
        assert all(60 <= float(row["percent"]) <= 97 for row in offices), offices

    def test_nothing_unfavourable_of_a_public_name(self, demo_read: CommandLine) -> None:
        public = "SELECT id FROM unit WHERE is_demo AND identity_kind = 'unknown'"
        assert rows(demo_read, f"SELECT count(*) FROM ({public})") == [(8,)]
        overdue = (
            f"SELECT count(*) FROM storage_batch WHERE unit_id IN ({public}) AND remaining > 0 AND overdue_from <= ?"
        )
        assert rows(demo_read, overdue, AS_OF.isoformat()) == [(0,)]
        for table in tables_with_units(demo_read) - {"unit_version", "ledger_entry", "storage_batch", "unit_waste"}:
            found = rows(demo_read, f"SELECT count(*) FROM {table} WHERE unit_id IN ({public})")
            assert found == [(0,)] or table in HARMLESS, table

    def test_nobody_real_can_be_called(self, demo_read: CommandLine) -> None:
        found = rows(
            demo_read,
            "SELECT DISTINCT contact, contact_phone FROM unit_version JOIN unit ON unit.id = unit_id WHERE is_demo",
        )
        assert all(name.startswith("演示-") and phone.startswith("000-000") for name, phone in found)

    def test_manifests_carry_numbers_of_no_region(self, demo_read: CommandLine) -> None:
        numbers = [
            no for (no,) in rows(demo_read, "SELECT national_no FROM ledger_entry WHERE national_no IS NOT NULL")
        ]
        assert len(numbers) > 500
        assert all(len(number) == 14 and number[4:8] == "0000" for number in numbers)

    def test_two_years(self, demo_read: CommandLine) -> None:
        ((first, last),) = rows(
            demo_read, "SELECT min(occurred_on), max(occurred_on) FROM ledger_entry WHERE kind = 'generated'"
        )
        assert first < "2025-01-20"
        assert last > "2026-11-15"


HARMLESS = {
    "storage_facility", "ledger_statement", "search_entry", "unit_source", "key_list_entry", "indicator_unit_row",
    "assessment_exclusion", "licence",
}  # fmt: skip
"""Tables that say nothing bad of a unit: two list whom the bureau has not assessed, and why."""


class TestTwins:
    """What is made in one statement for many is what the operations make for one."""

    HAND = Hand(viewer=Viewer.system(), as_of=AS_OF, recorded_at=now())

    @pytest.mark.db
    def test_facilities(self, session, make_unit) -> None:
        one, many = make_unit("连云港试验甲有限公司"), make_unit("连云港试验乙有限公司")
        facts = {
            "code": "TS001", "name": "贮存库", "kind": FacilityKind.WAREHOUSE, "capacity": Decimal(12),
            "valid_from": date(2025, 1, 1),
        }  # fmt: skip
        register_facility(session, unit_id=one.id, actor=Viewer.system(), **facts)
        (number,) = register_facilities(session, [NewFacility(unit_id=many.id, **facts)], hand=self.HAND)
        first, second = session.execute(
            select(StorageFacility, FacilityVersion)
            .join(FacilityVersion, FacilityVersion.facility_id == StorageFacility.id)
            .where(StorageFacility.unit_id.in_([one.id, many.id]))
            .order_by(StorageFacility.unit_id)
        ).all()
        assert second[0].id == number
        for ours, theirs, own in zip(second, first, ({"id", "unit_id"}, {"id", "facility_id"}), strict=True):
            assert plain(ours, own) == plain(theirs, own)

    @pytest.mark.db
    def test_statements(self, session, make_unit) -> None:
        one, many = make_unit("连云港试验甲有限公司"), make_unit("连云港试验乙有限公司")
        since = date(2025, 1, 1)
        confirm_ledger(session, unit_id=one.id, covers_from=since, covers_until=AS_OF, is_zero=False, hand=self.HAND)
        confirm_ledgers(session, [(many.id, since)], hand=self.HAND)
        first, second = session.scalars(
            select(LedgerStatement)
            .where(LedgerStatement.unit_id.in_([one.id, many.id]))
            .order_by(LedgerStatement.unit_id)
        ).all()
        assert plain(first, {"id", "unit_id"}) == plain(second, {"id", "unit_id"})


def plain(row, own: set[str]) -> dict[str, object]:
    """Return the columns of a row that do not tell which one it is, or when it was made."""
    left_out = own | {"public_id", "recorded_at"}
    return {name: getattr(row, name) for name in row.__table__.columns.keys() if name not in left_out}  # noqa: SIM118


def rows(run: CommandLine, statement: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(run.home / "hwrisk.db")) as raw:
        return raw.execute(statement, values).fetchall()


def tables_with_units(run: CommandLine) -> set[str]:
    names = rows(run, "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE c.name = 'unit_id'")
    return {name for (name,) in names}
