"""The balance from a ledger and licences: destinations, gap and surplus, shared lines and what-ifs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select

from hwrisk.capacity import operations, queries, showing, todos
from hwrisk.capacity.computing import compute
from hwrisk.capacity.inputs import AddedPlant, Inputs, LedgerRow, LineInput, Scenario
from hwrisk.capacity.models import CapacityRun
from hwrisk.capacity.queries import Place
from hwrisk.capacity.rules import local_rate, scaled_units
from hwrisk.db.types import from_units, to_units
from hwrisk.errors import RuleViolation
from hwrisk.ledger.corrections import cancel
from hwrisk.ledger.drafts import Draft, Hand
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.posting import post_many
from hwrisk.web.formats import rate_number
from tests.permits.permit_world import SYSTEM, TODAY, city, county

OIL = "900-214-08"


def test_the_local_rate_of_wuxi() -> None:
    share = local_rate(Decimal("14.6"), Decimal("44.7"), Decimal("88.1"))
    assert share is not None
    assert rate_number(share) == "57.74"


def test_a_change_by_per_cent_is_rounded_half_up() -> None:
    assert [scaled_units(units, 20) for units in (10, 1, 3)] == [12, 1, 4]


def made(**units: int) -> Inputs:
    """Inputs with waste by code, one shared line for HW08 and HW49, and one for HW49 alone."""

    def one(key: str, cap: int, *categories: str) -> LineInput:
        return LineInput(
            key=key, licence_no=key, public_id="", holder=key, line_no="L1", name="", office="LYG-GYX",
            methods=("D10",), grants=tuple(("category", category, "") for category in categories), annual=cap,
            months=12, cap=cap, group="",
        )  # fmt: skip

    ledger = tuple(
        LedgerRow(code=code.replace("_", "-"), office="LYG-GYX", method="", generated=quantity)
        for code, quantity in units.items()
    )
    return Inputs(
        year=2025, as_of="2025-12-31", months=12, pack_version="t", ledger=ledger,
        lines=(one("共用", 100, "HW08", "HW49"), one("专用", 30, "HW49")), groups={}, centres={}, names={},
    )  # fmt: skip


class TestComputing:
    def of(self, inputs: Inputs, scenario: Scenario | None = None) -> dict[str, dict[str, int]]:
        result = compute(inputs, scenario or Scenario())
        self.result = result
        return {row["category"]: row for row in result["categories"]}

    def test_a_shared_line_is_not_counted_twice(self) -> None:
        rows = self.of(made(**{"900_214_08": 90, "900_041_49": 90}))
        assert (self.result["capacity"], self.result["treated"]) == (130, 130)
        assert (rows["HW08"]["gap_low"], rows["HW08"]["gap_high"]) == (0, 50)
        assert (rows["HW49"]["gap_low"], rows["HW49"]["gap_high"]) == (0, 50)
        assert rows["HW08"]["spare_high"] == 0

    def test_surplus_with_its_bounds(self) -> None:
        rows = self.of(made(**{"900_214_08": 40, "900_041_49": 10}))
        assert (rows["HW49"]["spare_low"], rows["HW49"]["spare_high"]) == (30, 80)
        assert (rows["HW08"]["spare_low"], rows["HW08"]["spare_high"]) == (0, 60)
        assert rows["HW08"]["gap_high"] == 0

    def test_what_nobody_is_licensed_for(self) -> None:
        rows = self.of(made(**{"772_003_18": 7}))
        assert rows["HW18"]["unlicensed"] == rows["HW18"]["gap_low"] == 7
        assert self.result["unserved"] == [
            {"code": "772-003-18", "office": "LYG-GYX", "units": 7, "is_licensed": False}
        ]

    def test_a_what_if(self) -> None:
        plant = AddedPlant("DP-03", "填埋场", "LYG-GYX", "D1", ("HW18",), 120)
        inputs = made(**{"772_003_18": 100, "900_214_08": 100})
        rows = self.of(inputs, Scenario(off=("共用",), projects=(plant,), percent={"HW18": 10}))
        assert rows["HW18"]["gap_low"] == 0
        assert rows["HW18"]["demand"] == 110
        assert rows["HW08"]["gap_low"] == 100

    def test_inputs_and_scenarios_come_back_from_plain_data(self) -> None:
        inputs = made(**{"900_214_08": 5})
        assert Inputs.unpack(inputs.pack()) == inputs
        scenario = Scenario(off=("a",), projects=(AddedPlant("r", "n", "", "D1", (), 5),), percent={"*": -10})
        assert Scenario.unpack(scenario.pack()) == scenario


@pytest.mark.db
class TestBalance:
    def test_where_it_went(self, session, ledger) -> None:
        rows = queries.destinations(session, user=city(), year=2025, as_of=TODAY)
        assert [(row.place, row.tonnes) for row in rows] == [
            (Place.UNKNOWN, 5), (Place.CITY, 20), (Place.OUTSIDE, 10),
        ]  # fmt: skip
        assert rows[0].basis == "没有登记许可证 查无此证"
        assert queries.destinations(session, user=county("LYG-XW"), year=2025, as_of=TODAY) == []

    def test_what_came_back_was_not_entrusted(self, session, ledger) -> None:
        def back(number: str, load: str, tonnes: int, day: date) -> LedgerEntry:
            draft = Draft(
                kind=EntryKind.RETURNED, unit_id=ledger.id, entry_no=number, occurred_on=day,
                quantity=Decimal(tonnes), waste_code=OIL, predecessor_no=load,
            )  # fmt: skip
            post_many(session, [draft], hand)
            return session.scalars(select(LedgerEntry).where(LedgerEntry.entry_no == number)).one()

        hand = Hand(viewer=SYSTEM, as_of=TODAY)
        back("TH1", "WW0", 4, date(2025, 4, 1))
        # A load of last year that comes back this year was not treated either.
        back("TH2", "WW1", 10, date(2026, 1, 5))
        cancel(session, back("TH3", "WW0", 7, date(2025, 5, 1)), reason="登记有误", hand=hand)
        rows = queries.destinations(session, user=city(), year=2025, as_of=TODAY)
        assert [(row.place, row.tonnes, row.returned) for row in rows] == [
            (Place.UNKNOWN, 5, 0), (Place.CITY, 16, 4), (Place.OUTSIDE, 0, 10),
        ]  # fmt: skip
        before = queries.destinations(session, user=city(), year=2025, as_of=date(2025, 12, 31))
        assert [(row.tonnes, row.returned) for row in before] == [(5, 0), (16, 4), (10, 0)]
        run = operations.compute_base(session, year=2025, as_of=TODAY, actor=SYSTEM)
        (line,) = showing.balance_rows(run, showing.View())
        assert (line.generated, line.city, line.outside, line.unknown, line.stored) == (50, 16, 0, 5, 29)

    def test_a_run_is_kept_and_the_same_inputs_are_not_computed_twice(self, session, ledger) -> None:
        run = operations.compute_base(session, year=2025, as_of=TODAY, actor=SYSTEM)
        assert (run.demand, run.treated, run.capacity) == (50, 50, 1200)
        assert operations.compute_base(session, year=2025, as_of=TODAY, actor=SYSTEM) is run
        rows = showing.balance_rows(run, showing.View())
        assert [(row.category, row.generated, row.city, row.outside, row.unknown) for row in rows] == [
            ("HW08", 50, 20, 10, 5)
        ]
        sums = showing.sums_of(run, landfill_methods=("D1",))
        assert (sums.local_rate, sums.landfill) == (Fraction(20, 35), 0)
        assert todos.recomputed(session) == []

    def test_every_level_adds_up_to_the_same(self, session, ledger) -> None:
        run = operations.compute_base(session, year=2025, as_of=TODAY, actor=SYSTEM)
        for level in showing.Level:
            asked = showing.View(level=level)
            totals = showing.balance_totals(showing.balance_rows(run, asked), asked)
            assert (totals.generated, totals.own, totals.entrusted) == (50, 0, 35)
            assert (totals.city, totals.beyond, totals.unknown, totals.demand) == (20, 10, 5, 50)
            assert totals.stored == totals.generated - totals.own - totals.entrusted == 15
        own = showing.View(offices=frozenset({"LYG-XW"}))
        assert showing.balance_rows(run, own) == []

    def test_every_line_adds_up_and_a_filter_hides_what_it_breaks(self, session, ledger) -> None:
        run = operations.compute_base(session, year=2025, as_of=TODAY, actor=SYSTEM)
        for level in (showing.Level.CATEGORY, showing.Level.CODE, showing.Level.OFFICE):
            for row in showing.balance_rows(run, showing.View(level=level)):
                assert row.generated == row.own + row.entrusted + row.stored
        asked = showing.View(method="D10")
        (row,) = showing.balance_rows(run, asked)
        assert (row.generated, row.entrusted, row.stored, row.demand, row.computed) == (None, 35, None, None, None)
        assert showing.balance_totals([row], asked).generated is None
        (row,) = showing.balance_rows(run, showing.View(method=""))
        assert (row.generated, row.entrusted, row.stored, row.demand) == (50, 0, None, 50)

    def test_need_is_summed_up_from_codes_and_offices(self) -> None:
        """Own treatment beyond what was generated uses store up: it lowers nobody else's need."""
        inputs = made(**{"900_214_08": 100})
        arisen = LedgerRow(code="900-249-08", office="LYG-GYX", method="", generated=10)
        worked = LedgerRow(code="900-249-08", office="LYG-GYX", method="R9", own=40)
        inputs = replace(inputs, ledger=(*inputs.ledger, arisen, worked))
        result = compute(inputs, Scenario())
        run = CapacityRun(inputs=inputs.pack(), scenario={}, result=result)
        for level in showing.Level:
            asked = showing.View(level=level)
            totals = showing.balance_totals(showing.balance_rows(run, asked), asked)
            assert totals.demand == from_units(result["demand"]) == from_units(100)
            assert totals.stored == from_units(70)

    def test_a_what_if_changes_need_and_leaves_the_ledger(self, session, ledger) -> None:
        base = operations.compute_base(session, year=2025, as_of=TODAY, actor=SYSTEM)
        more = operations.compute_scenario(session, base, Scenario(percent={"*": 20}), name="多", actor=SYSTEM)
        (row,) = showing.balance_rows(more, showing.View())
        assert (row.generated, row.entrusted, row.demand) == (50, 35, 60)
        assert row.computed is not None and row.computed.demand == more.demand == 60

    def test_a_year_that_is_not_over_counts_its_months(self, session, ledger) -> None:
        inputs = queries.gather(session, year=2026, as_of=TODAY)
        assert inputs.months == 11
        assert inputs.lines[0].cap == to_units(1100)

    def test_scenarios_and_their_refusals(self, session, ledger) -> None:
        base = operations.compute_base(session, year=2025, as_of=TODAY, actor=SYSTEM)
        kept = operations.compute_scenario(session, base, Scenario(off=("演示证-市内/L1",)), name="停运", actor=SYSTEM)
        assert (kept.gap, kept.base_id) == (50, base.id)
        for scenario, name, said in (
            (Scenario(), "空", "与现状相同"), (Scenario(off=("没有",)), "错", "不在现状测算之内"),
            (Scenario(percent={"*": 5000}), "多", "超出范围"), (Scenario(off=("演示证-市内/L1",)), " ", "起个名字"),
        ):  # fmt: skip
            with pytest.raises(RuleViolation, match=said):
                operations.compute_scenario(session, base, scenario, name=name, actor=SYSTEM)
