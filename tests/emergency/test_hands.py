"""Whose hands may do what: depots put under others, dispatches from several keepers, numbers in forms."""

from __future__ import annotations

import pytest

from hwrisk.emergency.documents.contacts import write_contacts
from hwrisk.emergency.exports import REPORTS
from hwrisk.emergency.models import Depot, DepotLevel, DispatchState
from hwrisk.emergency.operations import dispatch
from hwrisk.emergency.operations.dispatch import Settlement
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries.dispatch import dispatch_file
from hwrisk.errors import RuleViolation
from hwrisk.reporting import ReportRequest
from hwrisk.security import GrantKind, Role
from hwrisk.units.models import Unit
from tests.emergency.depot_world import TODAY, DepotWorld, make_unit, viewer

COUNTY = viewer(Role.COUNTY, offices=frozenset({"LYG-GYX"}))
PHONE = "000-0000-0001"


def hand(who) -> Hand:
    """The hand of a person, today."""
    return Hand(viewer=who, as_of=TODAY)


@pytest.fixture
def shared(world: DepotWorld, unit_id: int):
    """A dispatch asked for by the county: of its own depot, and of a shared one of an enterprise elsewhere."""
    foreign = make_unit(world.session, office="LYG-XW")
    own = world.depot("演示本县库", at=(119.22, 34.62))
    other = world.depot(
        "演示外县企业库", level=DepotLevel.ENTERPRISE, office_code="LYG-XW", unit_id=foreign, is_shared=True
    )
    world.lot(own, 5)
    world.lot(other, 5)
    request = world.request(8, hand=hand(COUNTY))
    made = dispatch.allocate(world.session, request, hand=world.hand)
    keeper = viewer(Role.ENTERPRISE, units=frozenset({foreign}))
    return request, made, keeper


@pytest.mark.db
class TestDispatchOfSeveralKeepers:
    def test_nobody_sends_out_what_another_keeps(self, world: DepotWorld, shared) -> None:
        request, _, keeper = shared
        for who in (COUNTY, keeper):
            with pytest.raises(RuleViolation, match="其他单位物资库"):
                dispatch.send_out(world.session, request, hand=hand(who))
        assert request.state is DispatchState.ALLOCATED
        dispatch.send_out(world.session, request, hand=world.hand)
        assert request.state is DispatchState.OUT

    def test_each_settles_what_went_from_the_own_depot(self, world: DepotWorld, shared) -> None:
        request, made, keeper = shared
        dispatch.send_out(world.session, request, hand=world.hand)
        whole = [Settlement(each.id, each.amount_milli, 0) for each in made]
        with pytest.raises(RuleViolation, match="其他单位物资库"):
            dispatch.settle(world.session, request, whole, hand=hand(keeper))
        (own,) = dispatch_file(world.session, request.public_id, user=keeper).allocations
        for who, is_kept in ((keeper, True), (COUNTY, False)):
            stated = [each for each in whole if (each.allocation_id == own.allocation.id) is is_kept]
            dispatch.settle(world.session, request, stated, hand=hand(who))
        assert request.state is DispatchState.CLOSED

    def test_a_keeper_sees_what_goes_from_the_own_depot_alone(self, world: DepotWorld, shared) -> None:
        request, _, keeper = shared
        seen = dispatch_file(world.session, request.public_id, user=keeper)
        assert [row.depot.name for row in seen.allocations] == ["演示外县企业库"]
        assert not seen.is_in_hand
        asker = dispatch_file(world.session, request.public_id, user=COUNTY)
        assert {row.depot.name for row in asker.allocations} == {"演示本县库", "演示外县企业库"}


@pytest.mark.db
class TestWhoseDepot:
    @pytest.mark.parametrize(
        ("role", "grants", "changes"),
        [
            pytest.param(Role.COUNTY, {"offices": {"LYG-GYX"}}, {"unit_id": "foreign"}, id="unit of another office"),
            pytest.param(Role.COUNTY, {"offices": {"LYG-GYX"}}, {"park_id": "foreign"}, id="park of another office"),
            pytest.param(Role.ENTERPRISE, {"units": "own"}, {"unit_id": "own", "office_code": "LYG-XW"}, id="office"),
            pytest.param(Role.ENTERPRISE, {"units": "own"}, {"unit_id": "own", "park_id": "foreign"}, id="park"),
            pytest.param(Role.PARK, {"parks": "own"}, {"park_id": "own", "office_code": "LYG-XW"}, id="park, office"),
            pytest.param(Role.PARK, {"parks": "own"}, {"park_id": "own", "unit_id": "foreign"}, id="park, unit"),
        ],
    )  # fmt: skip
    def test_a_depot_is_not_put_under_somebody_else(
        self, world: DepotWorld, unit_id: int, role: Role, grants: dict, changes: dict
    ) -> None:
        places = {
            "units": {"own": unit_id}, "unit_id": {"own": unit_id, "foreign": make_unit(world.session, "LYG-XW")},
            "parks": {"own": world.park("LYG-P-GYLG").id},
            "park_id": {"own": world.park("LYG-P-GYLG").id, "foreign": world.park("LYG-P-GNHG").id},
        }  # fmt: skip
        held = {
            name: frozenset({places[name][value]} if isinstance(value, str) else value)
            for name, value in grants.items()
        }
        put = {name: places.get(name, {}).get(value, value) for name, value in changes.items()}
        world.hand = hand(viewer(role, **held))
        with pytest.raises(RuleViolation, match="只能登记本管辖范围内"):
            world.depot(**put)

    def test_the_own_ones_stay_possible(self, world: DepotWorld, unit_id: int) -> None:
        park = world.park("LYG-P-GYLG")
        for who, put in (
            (COUNTY, {"unit_id": unit_id}),
            (COUNTY, {"park_id": park.id}),
            (viewer(Role.ENTERPRISE, units=frozenset({unit_id})), {"unit_id": unit_id}),
            (viewer(Role.PARK, parks=frozenset({park.id})), {"park_id": park.id}),
            (viewer(Role.PARK, parks=frozenset({park.id})), {"park_id": park.id, "office_code": None}),
        ):
            world.hand = hand(who)
            assert world.depot(**put).id


class TestForms:
    def test_an_unknown_number_and_a_foreign_one_are_answered_alike(self, world: DepotWorld, session, sign_in) -> None:
        foreign = session.get_one(Unit, make_unit(session, office="LYG-XW"))
        session.commit()
        client = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GYX"))
        data = {"name": "演示新库", "level": "county", "mode": "physical", "office_code": "LYG-GYX", "park": ""}
        said = []
        for number in (foreign.unit_no, "LYG-2026-999999"):
            answer = client.post("/emergency/depots/new", data=data | {"unit": number})
            assert (answer.status_code, f"没有编号为“{number}”的单位" in answer.text) == (422, True)
            said.append(answer.text.count("不在您的管辖范围内"))
        assert said[0] == said[1]

    def test_a_number_is_changed_without_being_shown(self, world: DepotWorld, session, sign_in) -> None:
        depot = world.depot("演示电话库")
        session.commit()
        client, url = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GYX")), f"/emergency/depots/{depot.public_id}/edit"
        page = client.get(url).text
        assert (PHONE in page, "000********01" in page) == (False, True)
        data = {
            "name": "演示电话库", "level": "county", "mode": "physical", "office_code": "LYG-GYX", "park": "",
            "address": "新址", "is_active": "y", "keeper": "演示管理单位",
        }  # fmt: skip
        for typed, kept in (("", PHONE), ("000-0000-0002", "000-0000-0002"), ("无", "")):
            row = session.get_one(Depot, depot.id, populate_existing=True)
            sent = data | {"duty_phone": typed, "version": row.version}
            assert client.post(url, data=sent).status_code == 302
            assert session.get_one(Depot, depot.id, populate_existing=True).duty_phone == kept


class TestPapersWithNumbers:
    def test_a_shared_account_gets_no_list_of_numbers(self, world: DepotWorld, session, tmp_path) -> None:
        request = ReportRequest(user=viewer(Role.DUTY, is_city_wide=True), as_of=TODAY)
        with pytest.raises(RuleViolation, match="多人共用"):
            write_contacts(session, request, tmp_path / "a.pdf", None)  # type: ignore[arg-type]  # refused before

    def test_only_filters_of_materials_are_printed(self, session) -> None:
        stock = next(report for report in REPORTS if report.id == "material-stock")
        asked = {"shared": "1", "结论": "全部合格"}
        request = ReportRequest(user=viewer(Role.CITY, is_city_wide=True), as_of=TODAY, filters=asked)
        assert stock.filter_text(session, request) == "只看共享：是"
