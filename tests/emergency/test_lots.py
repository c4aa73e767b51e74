"""Lots, movements, depots and kinds: what is refused, what is recorded, and that stock is the sum of its movements."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from hwrisk.audit.models import AuditEntry
from hwrisk.emergency import checks, rules
from hwrisk.emergency.models import DepotLevel, DepotReserve, LotState, MaterialLot, MaterialMovement, MovementKind
from hwrisk.emergency.operations import depots, kinds, lots
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries.lots import LotConditions, lot_rows, lot_totals, movements_of, stock_rows
from hwrisk.emergency.settings import stock_settings
from hwrisk.emergency.todos import due_lots
from hwrisk.errors import RuleViolation
from hwrisk.security import Role
from tests.emergency.depot_world import RECENT, TODAY, DepotWorld, viewer


@pytest.mark.db
class TestStates:
    @pytest.mark.parametrize(
        ("expires", "confirmed", "state"),
        [
            (TODAY - timedelta(days=1), RECENT, LotState.EXPIRED),
            (TODAY, RECENT, LotState.EXPIRING),
            (TODAY + timedelta(days=1), RECENT, LotState.EXPIRING),
            (TODAY + timedelta(days=90), RECENT, LotState.EXPIRING),
            (TODAY + timedelta(days=91), RECENT, LotState.NORMAL),
            (None, TODAY - timedelta(days=180), LotState.NORMAL),
            (None, TODAY - timedelta(days=181), LotState.UNCONFIRMED),
            (TODAY, TODAY - timedelta(days=181), LotState.UNCONFIRMED),
        ],
    )
    def test_the_state_in_sql_is_the_state_by_rule(self, world: DepotWorld, expires, confirmed, state) -> None:
        lot = world.lot(world.depot(), 5, expires_on=expires, confirmed=confirmed)
        (row,) = lot_rows(world.session, viewer(), LotConditions(), as_of=TODAY)
        by_rule = rules.lot_state(
            stock_settings(world.session, as_of=TODAY), remaining_milli=lot.remaining_milli, expires_on=expires,
            last_confirmed_on=confirmed, as_of=TODAY,
        )  # fmt: skip
        assert row.state is by_rule is state
        (found,) = lot_rows(world.session, viewer(), LotConditions(state=state), as_of=TODAY)
        assert found.lot.id == lot.id
        assert lot_totals(world.session, viewer(), LotConditions(), as_of=TODAY).by_state[state] == 1

    def test_an_empty_lot_is_out_and_not_in_the_list(self, world: DepotWorld) -> None:
        lot = world.lot(world.depot(), 5)
        lots.take_out(world.session, lot, MovementKind.SCRAPPED, amount_milli=5_000, on=TODAY, hand=world.hand)
        assert lot_rows(world.session, viewer(), LotConditions(), as_of=TODAY) == []
        (row,) = lot_rows(world.session, viewer(), LotConditions(state=LotState.OUT), as_of=TODAY)
        assert row.state is LotState.OUT

    def test_stock_by_depot_and_kind(self, world: DepotWorld) -> None:
        depot = world.depot()
        world.lot(depot, 10)
        world.lot(depot, 4, expires_on=TODAY - timedelta(days=1))
        world.unconfirmed(depot, 3)
        world.reserve(depot, 2)
        (row,) = stock_rows(world.session, viewer(), LotConditions(), as_of=TODAY)
        sums = (row.total_milli, row.usable_milli, row.expired_milli, row.unconfirmed_milli, row.free_milli)
        assert sums == (17_000, 10_000, 4_000, 3_000, 8_000)

    def test_reminders_name_what_expires_and_what_has(self, world: DepotWorld) -> None:
        depot = world.depot()
        for days in (-1, 0, 1, 90, 91):
            world.lot(depot, 1, expires_on=TODAY + timedelta(days=days))
        due = [each.on - TODAY for each in due_lots(world.session, as_of=TODAY)]
        assert [each.days for each in due] == [-1, 0, 1, 90]


@pytest.mark.db
class TestMovements:
    def test_bad_lots_are_refused_each_in_its_words(self, world: DepotWorld) -> None:
        depot = world.depot()
        for changes, words in (
            ({"produced_on": date(2026, 1, 2), "expires_on": date(2026, 1, 1)}, "早于生产日期"),
            ({"produced_on": date(2026, 1, 6)}, "晚于入库日期"),
            ({"received_on": TODAY + timedelta(days=1)}, "不得晚于今天"),
        ):
            with pytest.raises(RuleViolation, match=words):
                world.lot(depot, 5, **changes)
        with pytest.raises(RuleViolation, match="必须大于 0"):
            world.lot(depot, 0)

    def test_stock_never_becomes_negative(self, world: DepotWorld) -> None:
        lot = world.lot(world.depot(), 5)
        with pytest.raises(RuleViolation, match="可动用 5 吨"):
            lots.take_out(world.session, lot, MovementKind.CONSUMED, amount_milli=6_000, on=TODAY, hand=world.hand)
        with pytest.raises(RuleViolation, match="最少时只有 0 吨"):
            lots.take_out(
                world.session, lot, MovementKind.CONSUMED, amount_milli=1_000, on=date(2026, 1, 4), hand=world.hand
            )

    def test_the_database_refuses_it_too(self, world: DepotWorld) -> None:
        lot = world.lot(world.depot(), 5)
        row = {
            "lot_id": lot.id, "kind": MovementKind.OUT, "occurred_on": TODAY, "delta_milli": -6_000, "person": "演示",
        }  # fmt: skip
        with pytest.raises(DBAPIError, match="库存不得为负"), world.session.begin_nested():
            world.session.add(MaterialMovement(**row))
            world.session.flush()
        for statement in (
            update(MaterialMovement).values(delta_milli=1),
            delete(MaterialMovement),
        ):
            with pytest.raises(DBAPIError, match="不可修改或删除"), world.session.begin_nested():
                world.session.execute(statement)
        with pytest.raises(DBAPIError), world.session.begin_nested():
            world.session.execute(update(MaterialLot).values(allocated_milli=6_000))

    def test_a_move_cancels_out(self, world: DepotWorld) -> None:
        source, target = world.depot(), world.depot()
        lot = world.lot(source, 5, expires_on=date(2028, 1, 1))
        moved = lots.move(world.session, lot, target, amount_milli=2_000, on=TODAY, hand=world.hand)
        assert (lot.remaining_milli, moved.remaining_milli) == (3_000, 2_000)
        assert (moved.expires_on, moved.last_confirmed_on) == (lot.expires_on, lot.last_confirmed_on)
        both = movements_of(world.session, lot.id) + movements_of(world.session, moved.id)
        assert sum(each.movement.delta_milli for each in both) == 5_000
        with pytest.raises(RuleViolation, match="相同"):
            lots.move(world.session, lot, source, amount_milli=1, on=TODAY, hand=world.hand)

    def test_counting_corrects_and_confirms(self, world: DepotWorld) -> None:
        lot = world.unconfirmed(world.depot(), 5)
        assert lots.count_stock(world.session, lot, counted_milli=4_500, on=TODAY, hand=world.hand) == -500
        assert (lot.remaining_milli, lot.last_confirmed_on) == (4_500, TODAY)
        with pytest.raises(RuleViolation, match="还有收发记录"):
            lots.count_stock(world.session, lot, counted_milli=1, on=TODAY - timedelta(days=1), hand=world.hand)
        with pytest.raises(RuleViolation, match="不能是负数"):
            lots.count_stock(world.session, lot, counted_milli=-1, on=TODAY, hand=world.hand)

    def test_confirming_changes_no_stock(self, world: DepotWorld) -> None:
        lot = world.unconfirmed(world.depot(), 5)
        lots.confirm_lot(world.session, lot, on=RECENT, hand=world.hand, note="电话核实")
        assert (lot.remaining_milli, lot.last_confirmed_on) == (5_000, RECENT)

    def test_all_checks_are_quiet_and_notice_tampering(self, world: DepotWorld) -> None:
        lot = world.lot(world.depot(), 5)
        assert [check.run(world.session) for check in checks.CHECKS] == [[], [], [], []]
        world.session.execute(update(MaterialLot).where(MaterialLot.id == lot.id).values(remaining_milli=4_000))
        assert "按收发记录应为 5" in checks.wrong_stock(world.session)[0]
        world.session.execute(update(MaterialLot).where(MaterialLot.id == lot.id).values(allocated_milli=1_000))
        assert "按调拨单应为 0" in checks.wrong_promises(world.session)[0]


class TestAnyOrder:
    @given(st.lists(st.tuples(st.sampled_from(["in", "take", "count", "move"]), st.integers(0, 9)), max_size=10))
    def test_whatever_is_done_the_books_balance(self, world: DepotWorld, acts) -> None:
        source, target = world.depot(), world.depot()
        mine = [world.lot(source, 5)]
        for act, amount in acts:
            lot = mine[amount % len(mine)]
            try:
                if act == "in":
                    mine.append(world.lot(source, amount))
                elif act == "take":
                    lots.take_out(
                        world.session, lot, MovementKind.CONSUMED, amount_milli=amount * 1000, on=TODAY, hand=world.hand
                    )
                elif act == "count":
                    lots.count_stock(world.session, lot, counted_milli=amount * 1000, on=TODAY, hand=world.hand)
                else:
                    to = target if lot.depot_id == source.id else source
                    mine.append(
                        lots.move(world.session, lot, to, amount_milli=amount * 1000, on=TODAY, hand=world.hand)
                    )
            except RuleViolation:
                continue
        for lot in mine:
            moves = movements_of(world.session, lot.id)
            assert lot.remaining_milli == sum(each.movement.delta_milli for each in moves) >= 0
            assert all(each.after_milli >= 0 for each in moves)
        assert checks.wrong_stock(world.session) == checks.negative_stock(world.session) == []


class TestRegisters:
    def test_a_reserve_is_never_overwritten(self, world: DepotWorld) -> None:
        depot = world.depot()
        world.reserve(depot, 2)
        depots.set_reserve(
            world.session, depot, world.lime, amount_milli=3_000, from_day=date(2026, 6, 1), hand=world.hand
        )
        rows = world.session.scalars(select(DepotReserve).order_by(DepotReserve.id)).all()
        assert [(row.amount_milli, row.valid_from, row.valid_until, row.superseded_at is None) for row in rows] == [
            (2_000, date(2026, 1, 1), None, False),
            (2_000, date(2026, 1, 1), date(2026, 6, 1), True),
            (3_000, date(2026, 6, 1), None, True),
        ]
        with pytest.raises(RuleViolation, match="后来的保底数量"):
            world.reserve(depot, 1)

    def test_bad_depots_are_refused(self, world: DepotWorld) -> None:
        world.depot("演示甲库")
        for changes, words in (
            ({"name": "演示甲库"}, "已有名为"),
            ({"latitude": None}, "要么都填"),
            ({"level": DepotLevel.ENTERPRISE}, "须选择管理它的单位"),
        ):
            with pytest.raises(RuleViolation, match=words):
                world.depot(**changes)

    def test_nobody_enters_a_depot_for_somebody_else(self, world: DepotWorld) -> None:
        world.hand = Hand(viewer=viewer(Role.COUNTY, offices=frozenset({"LYG-GNX"})), as_of=TODAY)
        with pytest.raises(RuleViolation, match="本管辖范围"):
            world.depot(office_code="LYG-GYX")
        assert world.depot(office_code="LYG-GNX").office_code == "LYG-GNX"

    def test_a_depot_with_stock_is_not_closed(self, world: DepotWorld) -> None:
        depot = world.depot()
        world.lot(depot, 1)
        names = ("name", "level", "mode", "address", "longitude", "latitude", "office_code", "park_id", "unit_id",
                 "keeper", "duty_phone", "is_shared", "note")  # fmt: skip
        facts = {name: getattr(depot, name) for name in names}
        with pytest.raises(RuleViolation, match="库内还有物资"):
            depots.change_depot(world.session, depot, facts, is_active=False, hand=world.hand)  # type: ignore[arg-type]
        changed = {**facts, "duty_phone": "000-0000-0009"}
        assert depots.change_depot(world.session, depot, changed, is_active=True, hand=world.hand)  # type: ignore[arg-type]
        world.session.commit()
        entries = world.session.scalars(select(AuditEntry.summary)).all()
        assert not any("000-0000-0009" in str(entry) for entry in entries)

    def test_kinds_have_names_of_their_own(self, world: DepotWorld) -> None:
        made = world.register("演示围堵板", aliases="演示挡板；演示堵板")
        assert made.aliases == "演示挡板;演示堵板" and made.code == "WZ-133"
        for name, words in (("干沙", "已登记物资“干沙”"), ("", "请填写物资名称")):
            with pytest.raises(RuleViolation, match=words):
                world.register(name)
        with pytest.raises(RuleViolation, match="没有计量单位"):
            world.register("演示别的", unit="坨")
        world.lot(world.depot(), 1, made)
        facts = kinds.facts_from({"name": made.name, "function": made.function, "unit": "台", "is_consumable": True})
        with pytest.raises(RuleViolation, match="不能改计量单位"):
            kinds.change_kind(world.session, made, facts, is_active=True, hand=world.hand)
