"""Dispatches: who gives what, in which order, and that it balances."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from hwrisk.emergency.lookup import Asked, answer
from hwrisk.emergency.models import DepotLevel, DispatchState, DispatchStep, MovementKind, StorageMode
from hwrisk.emergency.operations import dispatch, lots
from hwrisk.emergency.operations.dispatch import Settlement
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries.dispatch import dispatch_file
from hwrisk.emergency.queries.lots import movements_of
from hwrisk.errors import RuleViolation
from hwrisk.regions.geodesy import Point
from tests.emergency.depot_world import TODAY, DepotWorld, viewer

NEAR = Point(119.21, 34.61)


def given(world: DepotWorld, request) -> dict[str, int]:
    """What each lot gives, in whole units, by lot number."""
    made = dispatch.allocate(world.session, request, hand=world.hand)
    by_id = {each.lot_id: each.amount_milli for each in made}
    return {lots.locked(world.session, lot_id).lot_no: milli // 1000 for lot_id, milli in by_id.items()}


@pytest.mark.db
class TestAllocation:
    def test_the_earliest_expiry_goes_first(self, world: DepotWorld) -> None:
        depot = world.depot()
        late = world.lot(depot, 5, expires_on=date(2028, 1, 1))
        never = world.lot(depot, 5)
        soon = world.lot(depot, 5, expires_on=date(2027, 1, 1))
        assert given(world, world.request(12)) == {soon.lot_no: 5, late.lot_no: 5, never.lot_no: 2}

    def test_the_nearest_depot_goes_first(self, world: DepotWorld) -> None:
        far, near = world.depot(at=(118.7, 34.5)), world.depot(at=(119.22, 34.62))
        far_lot, near_lot = world.lot(far, 10), world.lot(near, 10)
        assert given(world, world.request(12, point=NEAR)) == {near_lot.lot_no: 10, far_lot.lot_no: 2}

    def test_what_the_look_up_showed_is_what_is_allocated(self, world: DepotWorld) -> None:
        world.lot(world.depot(at=(119.22, 34.62)), 4)
        farther = world.lot(world.depot(at=(119.0, 34.5)), 19)
        asked = Asked("氧化钙 119.21,34.61 6.5吨")
        (offer,) = answer(world.session, asked, user=viewer(), as_of=TODAY).offers
        assert [offer.share_of(each) for each in offer.plan] == [6_500]
        request = world.request(1, point=NEAR)
        request.amount_milli = 6_500
        made = dispatch.allocate(world.session, request, hand=world.hand)
        assert [(each.lot_id, each.amount_milli) for each in made] == [(farther.id, 6_500)]

    def test_a_named_depot_goes_before_the_nearest(self, world: DepotWorld) -> None:
        far, near = world.depot(at=(118.7, 34.5)), world.depot(at=(119.22, 34.62))
        far_lot, _ = world.lot(far, 10), world.lot(near, 10)
        assert given(world, world.request(8, point=NEAR, depot_id=far.id)) == {far_lot.lot_no: 8}

    def test_expired_and_unconfirmed_are_never_given_and_the_reserve_stays(self, world: DepotWorld) -> None:
        depot = world.depot()
        good = world.lot(depot, 10)
        world.lot(depot, 50, expires_on=TODAY - timedelta(days=1))
        world.unconfirmed(depot, 50)
        world.reserve(depot, 4)
        request = world.request(20)
        assert given(world, request) == {good.lot_no: 6}
        steps = world.session.scalars(select(DispatchStep).where(DispatchStep.request_id == request.id)).all()
        assert [step.note for step in steps] == ["", "不足 14 吨"]

    def test_the_last_good_day_is_still_good(self, world: DepotWorld) -> None:
        depot = world.depot()
        lot = world.lot(depot, 3, expires_on=TODAY)
        assert given(world, world.request(3)) == {lot.lot_no: 3}

    def test_an_enterprises_depot_gives_only_when_shared_or_named(self, world: DepotWorld, unit_id: int) -> None:
        own = world.depot(level=DepotLevel.ENTERPRISE, unit_id=unit_id)
        lot = world.lot(own, 5)
        with pytest.raises(RuleViolation, match="没有未过期"):
            dispatch.allocate(world.session, world.request(5), hand=world.hand)
        assert given(world, world.request(5, depot_id=own.id)) == {lot.lot_no: 5}

    def test_production_capacity_is_no_stock(self, world: DepotWorld) -> None:
        world.lot(world.depot(mode=StorageMode.CAPACITY), 5)
        with pytest.raises(RuleViolation):
            dispatch.allocate(world.session, world.request(5), hand=world.hand)

    def test_what_is_promised_to_one_is_not_promised_to_another(self, world: DepotWorld) -> None:
        world.lot(world.depot(), 10)
        first, second = world.request(7), world.request(7)
        assert sum(given(world, first).values()) == 7
        assert sum(given(world, second).values()) == 3

    def test_pieces_are_never_broken(self, world: DepotWorld) -> None:
        with pytest.raises(RuleViolation, match="只能是整数"):
            from hwrisk.emergency.measures import parse_milli

            parse_milli("1.5", unit="套")


@pytest.mark.db
class TestWay:
    def test_request_to_close_balances(self, world: DepotWorld) -> None:
        lot = world.lot(world.depot(), 10)
        request = world.request(6)
        (allocation,) = dispatch.allocate(world.session, request, hand=world.hand)
        assert (lot.remaining_milli, lot.allocated_milli) == (10_000, 6_000)
        dispatch.send_out(world.session, request, hand=world.hand, carrier="演示车")
        assert (lot.remaining_milli, lot.allocated_milli) == (4_000, 0)
        dispatch.settle(world.session, request, [Settlement(allocation.id, 2_000, 1_500)], hand=world.hand)
        assert request.state is DispatchState.OUT
        dispatch.settle(world.session, request, [Settlement(allocation.id, 0, 2_500)], hand=world.hand)
        assert request.state is DispatchState.CLOSED
        assert lot.remaining_milli == 6_000
        file = dispatch_file(world.session, request.public_id, user=world.hand.viewer)
        assert [step.kind.label for step in file.steps] == ["申请", "分配", "出库", "归还", "消耗", "消耗", "办结"]
        assert all(step.person == world.hand.viewer.label for step in file.steps)
        moves = movements_of(world.session, lot.id)
        assert sum(each.movement.delta_milli for each in moves) == lot.remaining_milli
        assert sum(each.movement.away_milli for each in moves) == 0
        assert moves[-2].movement.kind is MovementKind.OUT

    def test_more_than_went_out_cannot_come_back(self, world: DepotWorld) -> None:
        world.lot(world.depot(), 10)
        request = world.request(6)
        (allocation,) = dispatch.allocate(world.session, request, hand=world.hand)
        dispatch.send_out(world.session, request, hand=world.hand)
        with pytest.raises(RuleViolation, match="超过尚未核销的 6 吨"):
            dispatch.settle(world.session, request, [Settlement(allocation.id, 5_000, 2_000)], hand=world.hand)
        with pytest.raises(RuleViolation, match="负数"):
            dispatch.settle(world.session, request, [Settlement(allocation.id, -1, 2)], hand=world.hand)
        with pytest.raises(RuleViolation, match="至少填写一项"):
            dispatch.settle(world.session, request, [], hand=world.hand)

    def test_cancelling_gives_back_the_promise(self, world: DepotWorld) -> None:
        lot = world.lot(world.depot(), 10)
        request = world.request(6)
        dispatch.allocate(world.session, request, hand=world.hand)
        with pytest.raises(RuleViolation, match="取消原因"):
            dispatch.cancel(world.session, request, reason=" ", hand=world.hand)
        dispatch.cancel(world.session, request, reason="险情解除", hand=world.hand)
        assert (lot.allocated_milli, request.state) == (0, DispatchState.CANCELLED)
        with pytest.raises(RuleViolation, match="已取消"):
            dispatch.send_out(world.session, request, hand=world.hand)

    def test_what_left_cannot_be_cancelled(self, world: DepotWorld) -> None:
        world.lot(world.depot(), 10)
        request = world.request(6)
        dispatch.allocate(world.session, request, hand=world.hand)
        dispatch.send_out(world.session, request, hand=world.hand)
        with pytest.raises(RuleViolation, match="请办理归还"):
            dispatch.cancel(world.session, request, reason="不要了", hand=world.hand)

    def test_a_lot_that_expired_since_does_not_leave(self, world: DepotWorld) -> None:
        world.lot(world.depot(), 10, expires_on=TODAY)
        request = world.request(6)
        dispatch.allocate(world.session, request, hand=world.hand)
        tomorrow = Hand(viewer=viewer(), as_of=TODAY + timedelta(days=1))
        with pytest.raises(RuleViolation, match="到期，不能出库"):
            dispatch.send_out(world.session, request, hand=tomorrow)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"amount": 0}, "大于 0"),
            ({"amount": 1, "incident": " "}, "请填写事由"),
            ({"amount": 1, "place": ""}, "请填写使用地点"),
        ],
    )
    def test_a_request_needs_its_parts(self, world: DepotWorld, changes, words) -> None:
        with pytest.raises(RuleViolation, match=words):
            world.request(**changes)
