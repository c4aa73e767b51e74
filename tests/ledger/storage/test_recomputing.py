"""Limits worked out again: another role, another rule, another facility; and what a new version would change."""

import copy
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from hwrisk.clock import now
from hwrisk.ledger.storage.limits import holding_on
from hwrisk.ledger.storage.models import StorageBatch
from hwrisk.ledger.storage.operations import merge
from hwrisk.ledger.storage.recomputing import limit_changes, recompute_limits
from hwrisk.ledger.storage.rules import PACK_ID
from hwrisk.rulepacks.models import RulePack
from hwrisk.security import Viewer
from hwrisk.units.models import UnitRole
from hwrisk.units.operations import UnitChange, record_state
from tests.ledger.ledger_world import TODAY

DAY = date(2026, 3, 2)
pytestmark = pytest.mark.db


def change_role(world, role, day):
    record_state(
        world.session, world.unit, from_day=day, changes=UnitChange(role=role, licence_no="演示证"),
        actor=Viewer.system(), reason="领证", recorded_at=now(),
    )  # fmt: skip


def pack(world):
    return world.session.scalars(select(RulePack).where(RulePack.pack_id == PACK_ID)).one()


class TestRecompute:
    def test_nothing_changes_by_itself(self, world):
        world.stored("1", DAY)
        assert recompute_limits(world.session) == 0

    def test_a_role_that_held_on_the_day_of_entry(self, world):
        early, late = world.stored("1", DAY), world.stored("1", date(2026, 5, 1))
        change_role(world, UnitRole.OPERATOR, date(2026, 4, 1))
        assert recompute_limits(world.session) == 1
        assert (early.limit_key, late.limit_key) == ("generator-365-days", "licensed-operator-1-year")
        assert late.last_lawful_on == date(2027, 5, 1)

    def test_of_some_batches_alone(self, world):
        one, other = world.stored("1", DAY), world.stored("1", DAY)
        change_role(world, UnitRole.PILOT_COLLECTOR, date(2026, 1, 1))
        assert recompute_limits(world.session, [one.id]) == 1
        assert (one.last_lawful_on, other.limit_key) == (date(2026, 9, 2), "generator-365-days")

    def test_a_lot_follows_its_oldest(self, world):
        old, young = world.stored("1", date(2025, 6, 1)), world.stored("1", DAY)
        merge(world.session, [old, young], merged_on=date(2026, 4, 1), hand=world.hand())
        assert young.overdue_from == date(2026, 6, 2)
        change_role(world, UnitRole.PILOT_COLLECTOR, date(2025, 1, 1))
        assert recompute_limits(world.session, [young.id]) == 1
        assert young.overdue_from == date(2026, 4, 1)
        assert recompute_limits(world.session) == 1
        assert old.overdue_from == date(2025, 12, 2)
        assert recompute_limits(world.session) == 0


class TestTrial:
    def test_what_a_shorter_limit_would_change(self, world):
        world.stored("1", DAY, entry_no="RK1", waste_name="废盐")
        before = pack(world).parameters
        after = copy.deepcopy(before)
        for row in after["limit"]:
            if row["key"] == "generator-365-days":
                row["period"] = {"days": 180}
        change = next(c for c in limit_changes(world.session, before, after, TODAY) if "RK1" in c.subject)
        assert change.subject == "批次 RK1（废盐）"
        assert change.before == "产废单位365天，2027-03-03 起超期"
        assert change.after == "产废单位365天，2026-08-30 起超期"

    def test_a_limit_that_no_longer_applies(self, world):
        world.stored("1", DAY, entry_no="RK1")
        after = {**pack(world).parameters, "limit": []}
        change = next(c for c in limit_changes(world.session, None, after, TODAY) if "RK1" in c.subject)
        assert change.after == "不适用"

    def test_the_same_version_changes_nothing_and_nothing_is_stored(self, world):
        batch = world.stored("1", DAY)
        assert limit_changes(world.session, None, pack(world).parameters, TODAY) == []
        limit_changes(world.session, None, {**pack(world).parameters, "limit": []}, TODAY)
        assert world.session.get_one(StorageBatch, batch.id, populate_existing=True).limit_key == "generator-365-days"


def test_the_state_on_a_day_and_before_the_first():
    class Row:
        def __init__(self, since, until):
            self.valid_from, self.valid_until = since, until

    first, second = Row(DAY, DAY + timedelta(days=5)), Row(DAY + timedelta(days=5), DAY + timedelta(days=9))
    rows = [first, second]
    asked = (-3, 0, 4, 5, 8, 9)
    found = [holding_on(rows, DAY + timedelta(days=n)) for n in asked]
    assert found == [first, first, first, second, second, None]
    assert holding_on([], DAY) is None
