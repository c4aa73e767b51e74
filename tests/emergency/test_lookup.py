"""The look-up: what words mean, who has what, how far, and what is never counted."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hwrisk.catalogue.chemicals.models import ListSystem
from hwrisk.emergency import measures, rules
from hwrisk.emergency.bench import by_scan
from hwrisk.emergency.lookup import Asked, answer
from hwrisk.emergency.lookup.words import take_apart
from hwrisk.emergency.models import Compatibility, DepotLevel, MaterialKind, ReviewState, SubstanceMaterial
from hwrisk.emergency.operations.kinds import review_candidate
from hwrisk.errors import RuleViolation
from hwrisk.regions.geodesy import Point
from hwrisk.security import Role
from tests.emergency.depot_world import TODAY, DepotWorld, viewer


def ask(world: DepotWorld, text: str, user=None, **beside):
    return answer(world.session, Asked(text, **beside), user=user or viewer(), as_of=TODAY)


class TestWords:
    def test_a_question_is_taken_apart(self) -> None:
        typed = take_apart("生石灰 6.5吨 119.3,34.6 7664-93-9")
        assert typed.names == ("生石灰",)
        assert typed.cas == ("7664-93-9",)
        assert typed.point == Point(119.3, 34.6)
        assert typed.amount is not None and str(typed.amount[0]) == "6.5"

    def test_a_wrong_check_digit_is_said(self) -> None:
        assert "校验位不对" in take_apart("7664-93-8").problems[0]

    def test_a_comma_within_a_name_stays(self) -> None:
        assert take_apart("1,2-二氯乙烷").names == ("1,2-二氯乙烷",)


class TestSubstance:
    def test_three_systems_stand_side_by_side(self, world: DepotWorld) -> None:
        (card,) = ask(world, "氯气").substances
        values = {item.system: [entry.threshold_t for entry in item.entries] for item in card.listed}
        assert values[ListSystem.HJ941] == ["1"]
        assert values[ListSystem.GB18218] == ["5"]
        assert [entry.endpoint1 for item in card.listed for entry in item.entries if entry.endpoint1]

    @pytest.mark.parametrize("word", ["硫酸", "浓硫酸", "7664-93-9", "ls", "liusuan"])
    def test_a_substance_by_every_name(self, world: DepotWorld, word) -> None:
        assert "硫酸" in [card.substance.name for card in ask(world, word).substances]

    def test_what_is_not_reviewed_takes_no_part(self, world: DepotWorld) -> None:
        world.lot(world.depot(), 5)
        found = ask(world, "硫酸")
        (card,) = found.substances
        assert found.offers == [] and card.reviewed == []
        assert "氧化钙" in [row.kind.name for row in card.waiting if row.kind]
        assert all(row.candidate.compatibility is Compatibility.UNKNOWN for row in card.waiting)

    def test_what_is_reviewed_is_offered(self, world: DepotWorld) -> None:
        world.lot(world.depot(), 5)
        row = world.session.scalars(
            select(SubstanceMaterial)
            .join(SubstanceMaterial.substance)
            .where(SubstanceMaterial.kind_id == world.lime.id, SubstanceMaterial.method.contains("石灰"))
        ).first()
        assert row is not None
        with pytest.raises(RuleViolation, match="审核依据"):
            review_candidate(
                world.session, row, review=ReviewState.REVIEWED, compatibility=Compatibility.SUITABLE, basis="",
                hand=world.hand,
            )  # fmt: skip
        with pytest.raises(RuleViolation, match="适用"):
            review_candidate(
                world.session, row, review=ReviewState.REVIEWED, compatibility=Compatibility.UNKNOWN, basis="x",
                hand=world.hand,
            )  # fmt: skip
        review_candidate(
            world.session, row, review=ReviewState.REVIEWED, compatibility=Compatibility.SUITABLE,
            basis="演示专家意见", hand=world.hand,
        )  # fmt: skip
        name = world.session.get_one(type(row), row.id).substance_id
        del name
        found = ask(world, "硫酸")
        assert [offer.kind.name for offer in found.offers] == ["氧化钙"]


@pytest.mark.db
class TestMaterial:
    @pytest.mark.parametrize("word", ["氧化钙", "生石灰", "石灰", "yhg", "WZ-046"])
    def test_a_material_by_every_name(self, world: DepotWorld, word) -> None:
        world.lot(world.depot(), 5)
        assert "氧化钙" in [offer.kind.name for offer in ask(world, word).offers]

    def test_nearest_first_and_what_is_never_counted(self, world: DepotWorld) -> None:
        far = world.depot("演示远库", at=(118.7, 34.5))
        near = world.depot("演示近库", at=(119.25, 35.08))
        nowhere = world.depot("演示无坐标库", at=None)
        for depot in (far, near, nowhere):
            world.lot(depot, 5)
        world.lot(near, 7, expires_on=TODAY - timedelta(days=1))
        world.unconfirmed(near, 3)
        world.reserve(near, 2)
        (offer,) = ask(world, "生石灰 柘汪").offers
        assert [each.card.name for each in offer.shown] == ["演示近库", "演示远库", "演示无坐标库"]
        found = offer.shown[0].found
        assert (found.usable_milli, found.expired_milli, found.unconfirmed_milli) == (5_000, 7_000, 3_000)
        assert (found.free_milli, offer.free_milli) == (3_000, 13_000)
        assert offer.shown[2].card.km is None

    def test_the_fewest_depots_that_reach_the_amount(self, world: DepotWorld) -> None:
        for name, at, amount in (
            ("演示甲库", (119.25, 35.08), 2), ("演示乙库", (119.3, 35.0), 6), ("演示丙库", (118.7, 34.5), 9),
        ):  # fmt: skip
            world.lot(world.depot(name, at=at), amount)
        (offer,) = ask(world, "生石灰 柘汪 7吨").offers
        assert [each.card.name for each in offer.plan] == ["演示丙库"]
        (offer,) = ask(world, "生石灰 柘汪", amount="8000千克").offers
        assert [(each.card.name, offer.share_of(each)) for each in offer.plan] == [("演示丙库", 8_000)]
        (offer,) = ask(world, "生石灰 柘汪 30吨").offers
        assert offer.short_milli == 13_000 and len(offer.plan) == 3
        (offer,) = ask(world, "生石灰", amount="5立方米").offers
        assert "不能换算成吨" in offer.problem

    def test_unknown_words_get_near_names(self, world: DepotWorld) -> None:
        found = ask(world, "活性碳")
        assert found.is_empty and "活性炭" in found.problems[0]
        assert found.instead[0] == ("活性炭", "活性炭")
        lost = ask(world, "石灰 6吨 柘汪镇")
        assert ("柘汪", "石灰 6吨 柘汪") in lost.instead

    def test_a_depot_by_the_name_people_use(self, world: DepotWorld) -> None:
        world.depot("演示东山环境应急物资库")
        for word in ("演示东山物资库", "演示东山仓库", "演示东山应急物资库"):
            assert [each.card.name for each in ask(world, word).depots] == ["演示东山环境应急物资库"]

    def test_who_has_nothing_to_give_stands_last(self, world: DepotWorld) -> None:
        near, far = world.depot("演示近库", at=(119.25, 35.08)), world.depot("演示远库", at=(118.7, 34.5))
        world.unconfirmed(near, 9)
        world.lot(far, 5)
        (offer,) = ask(world, "生石灰 柘汪").offers
        assert [each.card.name for each in offer.shown] == ["演示远库", "演示近库"]
        world.lot(world.depot("演示大库", at=(118.9, 34.5)), 8)
        (offer,) = ask(world, "生石灰").offers
        assert [each.card.name for each in offer.shown][:2] == ["演示大库", "演示远库"]
        assert ask(world, "演示近库").depots[0].materials == ()

    def test_the_same_as_a_scan_over_all_lots(self, world: DepotWorld) -> None:
        for number in range(6):
            depot = world.depot(at=(119.0 + number / 10, 34.5))
            world.lot(depot, number + 1, expires_on=TODAY + timedelta(days=number - 2))
            world.unconfirmed(depot, 1)
        (offer,) = ask(world, "氧化钙 119.24,35.09").offers
        scanned = by_scan(world.session, "氧化钙")
        seen = [(each.usable_milli, each.unconfirmed_milli, each.expired_milli) for each in offer.found]
        assert sorted(seen) == sorted((row.usable, row.unconfirmed, row.expired) for row in scanned)

    def test_few_statements_however_many_depots(self, world: DepotWorld, count_statements) -> None:
        for _ in range(8):
            world.lot(world.depot(), 5)
        with count_statements() as statements:
            ask(world, "生石灰 柘汪 7吨")
        assert len(statements) <= 8


class TestWho:
    def test_shared_depots_are_found_by_authorities_alone(self, world: DepotWorld, unit_id: int) -> None:
        facts = {"level": DepotLevel.ENTERPRISE, "unit_id": unit_id, "office_code": "LYG-GYX"}
        world.lot(world.depot("演示共享库", is_shared=True, **facts), 5)
        world.lot(world.depot("演示自用库", is_shared=False, **facts), 5)

        def names(user) -> list[str]:
            (offer,) = ask(world, "生石灰", user).offers
            return sorted(each.card.name for each in offer.shown)

        both = ["演示共享库", "演示自用库"]
        assert names(viewer(Role.COMMAND)) == names(viewer(Role.DUTY)) == both
        assert names(viewer(Role.COUNTY, offices=frozenset({"LYG-GYX"}))) == both
        assert names(viewer(Role.COUNTY, offices=frozenset({"LYG-GNX"}))) == ["演示共享库"]
        assert names(viewer(Role.ENTERPRISE, units=frozenset({unit_id}))) == both
        assert names(viewer(Role.ENTERPRISE, units=frozenset({unit_id + 1}))) == []
        assert names(viewer(Role.PARK, parks=frozenset({1}))) == []

    def test_what_is_not_shared_is_shown_but_not_counted(self, world: DepotWorld, unit_id: int) -> None:
        world.lot(world.depot("演示自用库", level=DepotLevel.ENTERPRISE, unit_id=unit_id), 5)
        (offer,) = ask(world, "生石灰").offers
        assert (offer.free_milli, offer.found[0].usable_milli, offer.found[0].is_counted) == (0, 5_000, False)


class TestRules:
    @given(
        st.dictionaries(st.integers(1, 7), st.integers(0, 12), max_size=7),
        st.permutations(list(range(1, 8))),
        st.integers(1, 40),
    )
    def test_no_smaller_set_of_depots_would_do(self, free, order, wanted) -> None:
        chosen = rules.fewest_nearest(free, order=[d for d in order if d in free], wanted_milli=wanted)
        helping = [d for d in free if free[d]]
        sizes = [
            size
            for size in range(1, len(helping) + 1)
            if any(sum(free[d] for d in some) >= wanted for some in combinations(helping, size))
        ]
        if sizes:
            assert sum(free[d] for d in chosen) >= wanted and len(chosen) == sizes[0]
        else:
            assert sorted(chosen) == sorted(helping)

    @given(
        st.lists(st.tuples(st.integers(1, 3), st.integers(0, 9)), max_size=8),
        st.dictionaries(st.integers(1, 3), st.integers(0, 9)),
        st.integers(1, 60),
    )
    def test_shares_never_exceed_what_is_free_nor_touch_the_reserve(self, lots, reserves, wanted) -> None:
        rows = [rules.GoodLot(number, depot, None, free) for number, (depot, free) in enumerate(lots)]
        shares = rules.share_out(rows, wanted_milli=wanted, order=[2, 1, 3], reserves=reserves)
        free_of = {row.lot_id: row.free_milli for row in rows}
        assert all(0 < share.amount_milli <= free_of[share.lot_id] for share in shares)
        for depot in (1, 2, 3):
            have = sum(row.free_milli for row in rows if row.depot_id == depot)
            given_ = sum(share.amount_milli for share in shares if share.depot_id == depot)
            assert given_ <= max(have - reserves.get(depot, 0), 0)
        total = sum(max(sum(r.free_milli for r in rows if r.depot_id == d) - reserves.get(d, 0), 0) for d in (1, 2, 3))
        assert sum(share.amount_milli for share in shares) == min(wanted, total)

    def test_phones_are_masked(self) -> None:
        assert rules.masked_phone("000-0000-0001") == "000********01"
        assert rules.masked_phone("") == "未登记"

    @pytest.mark.parametrize(
        ("text", "unit", "milli"),
        [
            ("6.5吨", "吨", 6500),
            ("300千克", "吨", 300),
            ("1,200", "米", 1_200_000),
            ("2km", "米", 2_000_000),
            ("5", "套", 5000),
        ],
    )
    def test_amounts(self, text, unit, milli) -> None:
        assert measures.parse_milli(text, unit=unit) == milli

    @pytest.mark.parametrize(
        ("text", "unit", "words"),
        [
            ("-1", "吨", "不能是负数"), ("1.5", "套", "只能是整数"), ("5米", "吨", "不能换算成吨"),
            ("很多", "吨", "不是数字"), ("0.0001", "吨", "最多精确到"),
        ],
    )  # fmt: skip
    def test_amounts_that_are_none(self, text, unit, words) -> None:
        with pytest.raises(RuleViolation, match=words):
            measures.parse_milli(text, unit=unit)

    def test_an_unknown_material_is_never_guessed(self, world: DepotWorld) -> None:
        names = {kind.name: kind.id for kind in world.session.scalars(select(MaterialKind))}
        with pytest.raises(RuleViolation, match="相近的有：活性炭"):
            rules.name_for("活性碳", names)
