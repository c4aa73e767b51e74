"""The rate of the city, its offices and districts on hand-made cases, against the independent calculation."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import independent
import pytest
from indicator_world import World, instant
from sqlalchemy.orm import Session

from hwrisk.indicators.models import PeriodKind, ScopeKind, ValueState
from hwrisk.indicators.overdue.computing import RateValue, work_out
from hwrisk.indicators.periods import ReportingPeriod, running_period, whole_period
from hwrisk.indicators.targets import load_targets, shown_percent
from hwrisk.ledger.models import EntryKind, ReceiverKind
from hwrisk.ledger.storage.models import BatchTag
from hwrisk.units.models import ManagementClass, UnitStatus

pytestmark = pytest.mark.db
AS_OF = date(2026, 11, 23)
YEAR = PeriodKind.YEAR_TO_DATE


class Rate:
    """The values of one period, and that the independent calculation says the same of every scope and batch."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __call__(
        self, as_of: date = AS_OF, *, period: ReportingPeriod | None = None, known_at: datetime | None = None
    ) -> dict[tuple[str, str], RateValue]:
        period = period or running_period(YEAR, as_of)
        targets = load_targets(self.session, on=as_of)
        values = work_out(self.session, [period], as_of=as_of, targets=targets, known_at=known_at)[period]
        found = {(v.scope.kind.value, v.scope.code): v for v in values}
        cursor = self.session.connection().connection.cursor()
        known = None if known_at is None else known_at.strftime("%Y-%m-%d %H:%M:%S.%f")
        by_hand, accounts = independent.rate(cursor, period.start, period.end, as_of=as_of, known_at=known)
        for scope, value in found.items():
            said = by_hand.pop(scope, {"due": 0, "completed": 0, "unreported": 0})
            assert int(value.denominator.scaleb(4)) == said["due"], scope
            assert int(value.numerator.scaleb(4)) == said["completed"], scope
            assert value.unreported_units == said["unreported"], scope
        assert not by_hand
        city = found["city", "320700"]
        assert len(city.rows) == len(accounts)
        for kind in ("office", "admin"):
            parts = [v for (k, _), v in found.items() if k == kind]
            for name in ("numerator", "denominator", "unreported_units"):
                assert sum(getattr(v, name) for v in parts) == getattr(city, name)
        return found

    def city(self, as_of: date = AS_OF, **given: Any) -> RateValue:
        return self(as_of, **given)["city", "320700"]


@pytest.fixture
def rate(session: Session) -> Rate:
    return Rate(session)


def figures(value: RateValue) -> tuple[str, str]:
    return str(value.numerator), str(value.denominator)


class TestTheLimit:
    def test_the_last_lawful_day_is_not_overdue_and_the_next_is(self, world: World, rate: Rate) -> None:
        world.batch("10", date(2025, 7, 1), limit="licensed-operator-1-year")
        assert figures(rate.city(date(2026, 6, 30)))[1] == "0.0000"
        assert figures(rate.city(date(2026, 7, 1)))[1] == "0.0000"
        assert figures(rate.city(date(2026, 7, 2)))[1] == "10.0000"

    def test_a_leap_day_ends_on_28_february(self, world: World, rate: Rate) -> None:
        world.batch("10", date(2024, 2, 29), limit="licensed-operator-1-year")
        assert rate.city(date(2025, 2, 28)).denominator == 0
        value = rate.city(date(2025, 3, 1))
        assert (value.denominator, value.rows[0].disposal.counted_on) == (10, date(2025, 3, 1))

    def test_365_days_over_a_leap_day_end_a_day_earlier(self, world: World, rate: Rate) -> None:
        world.batch("10", date(2023, 7, 1))
        assert rate.city(date(2024, 6, 30)).denominator == 0
        assert rate.city(date(2024, 7, 1)).denominator == 10

    def test_an_unknown_entry_day_is_overdue_from_its_first_day_in_the_system(self, world: World, rate: Rate) -> None:
        world.batch("148", date(2026, 3, 2), first_stored_on=None)
        assert rate.city(date(2026, 3, 1)).denominator == 0
        value = rate.city(date(2026, 3, 2))
        assert (value.denominator, value.rows[0].disposal.counted_on) == (148, date(2026, 3, 2))

    def test_limits_that_do_not_count_are_left_out(self, world: World, rate: Rate) -> None:
        world.batch("10", date(2024, 1, 1), counts=False)
        assert rate.city().denominator == 0


class TestExtensions:
    def test_a_timely_one_moves_the_limit(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2025, 3, 1), limit="licensed-operator-1-year")
        world.extend(batch, date(2026, 2, 1), date(2026, 9, 1))
        assert rate.city(date(2026, 9, 1)).denominator == 0
        assert rate.city(date(2026, 9, 2)).rows[0].disposal.counted_on == date(2026, 9, 2)

    def test_a_late_one_leaves_the_days_before_overdue(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2025, 3, 1), limit="licensed-operator-1-year")
        world.extend(batch, date(2026, 4, 10), date(2026, 12, 31))
        value = rate.city()
        assert (value.denominator, value.rows[0].disposal.counted_on) == (10, date(2026, 3, 2))
        assert rate.city(period=whole_period(PeriodKind.MONTH, date(2026, 5, 1))).denominator == 0

    def test_a_pending_one_does_not_stop_the_clock(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2025, 3, 1), limit="licensed-operator-1-year")
        world.extend(batch, None, date(2026, 12, 31))
        assert rate.city().denominator == 10


class TestWhereItWent:
    def test_partial_removal(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2024, 1, 1))
        load = world.send(batch, date(2026, 3, 1), "6.5")
        world.receive(batch, load, date(2026, 3, 3), "6.5")
        world.treat(batch, date(2026, 4, 1), "1", done=date(2026, 4, 2))
        value = rate.city()
        assert figures(value) == ("7.5000", "10.0000")
        assert value.parts["in_store"] == "2.5000"

    def test_own_treatment_counts_on_the_day_it_is_finished(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2024, 1, 1))
        world.treat(batch, date(2026, 3, 1), "4", done=date(2026, 3, 20))
        world.treat(batch, date(2026, 3, 1), "6", done=None)
        assert rate.city(date(2026, 3, 19)).numerator == 0
        value = rate.city(date(2026, 3, 20))
        assert (value.numerator, value.parts["in_transit"]) == (4, "6.0000")

    def test_in_transit_over_new_year(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2024, 6, 1))
        load = world.send(batch, date(2025, 12, 29), "10")
        world.receive(batch, load, date(2026, 1, 3), "10")
        old = rate.city(date(2025, 12, 31))
        assert (figures(old), old.parts["in_transit"]) == (("0.0000", "10.0000"), "10.0000")
        new = rate.city()
        assert figures(new) == ("10.0000", "10.0000")
        assert new.rows[0].disposal.counted_on == date(2026, 1, 1)
        assert rate.city(period=whole_period(PeriodKind.MONTH, date(2026, 2, 1))).denominator == 0

    def test_left_in_time_before_new_year_is_not_due(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2025, 6, 1))
        world.receive(batch, world.send(batch, date(2026, 5, 30), "10"), date(2026, 6, 20), "10")
        assert rate.city().denominator == 0

    def test_a_returned_load_is_in_store_again_with_its_old_age(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2024, 1, 1))
        load = world.send(batch, date(2026, 3, 1), "10")
        world.give_back(batch, load, date(2026, 3, 5), "10")
        value = rate.city()
        assert figures(value) == ("0.0000", "10.0000")
        assert (value.parts["returned"], value.parts["in_store"]) == ("10.0000", "10.0000")

    def test_a_load_that_left_in_time_and_comes_back_is_due_from_then(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2025, 3, 1))
        load = world.send(batch, date(2026, 2, 20), "10")
        world.give_back(batch, load, date(2026, 3, 5), "4")
        world.receive(batch, load, date(2026, 3, 5), "6")
        value = rate.city()
        assert (figures(value), value.rows[0].disposal.counted_on) == (("0.0000", "4.0000"), date(2026, 3, 5))

    def test_handed_to_a_collector_is_apart(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2024, 1, 1))
        load = world.send(batch, date(2026, 3, 1), "10", to=ReceiverKind.COLLECTION)
        world.receive(batch, load, date(2026, 3, 3), "10")
        value = rate.city()
        assert (figures(value), value.parts["to_collector"]) == (("0.0000", "10.0000"), "10.0000")

    @pytest.mark.parametrize("receiver", [ReceiverKind.EXEMPT, ReceiverKind.ABROAD])
    def test_other_receivers_complete(self, world: World, rate: Rate, receiver: ReceiverKind) -> None:
        batch = world.batch("10", date(2024, 1, 1))
        world.receive(batch, world.send(batch, date(2026, 3, 1), "10", to=receiver), date(2026, 3, 3), "10")
        assert figures(rate.city()) == ("10.0000", "10.0000")

    @pytest.mark.parametrize(
        ("received", "explained", "completed"),
        [("9.8", True, "10.0000"), ("9.8", False, "9.8000"), ("10.1", True, "10.0000"), ("10.1", False, "10.0000")],
    )
    def test_differences(self, world: World, rate: Rate, received: str, explained: bool, completed: str) -> None:
        batch = world.batch("10", date(2024, 1, 1))
        load = world.send(batch, date(2026, 3, 1), "10")
        world.receive(batch, load, date(2026, 3, 3), received, explained=explained)
        value = rate.city()
        assert value.numerator == Decimal(completed)
        assert value.parts["in_transit"] == str(10 - Decimal(completed))

    def test_a_stocktake_loss_is_not_disposal(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2024, 1, 1))
        world.entry(batch, EntryKind.STOCKTAKE_LOSS, date(2026, 3, 1), "3", delta="-3")
        value = rate.city()
        assert (figures(value), value.parts["lost"]) == (("0.0000", "10.0000"), "3.0000")

    def test_moving_to_another_own_store_changes_nothing(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2024, 1, 1))
        world.entry(batch, EntryKind.MOVED_OUT, date(2026, 3, 1), "10", delta="-10")
        world.entry(batch, EntryKind.MOVED_IN, date(2026, 3, 1), "10", delta="10")
        assert figures(rate.city()) == ("0.0000", "10.0000")


class TestCorrections:
    def test_a_cancelled_record_never_was(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2024, 1, 1))
        out = world.out(batch, date(2026, 3, 1), "10")
        done = world.entry(
            batch, EntryKind.SELF_TREATED, date(2026, 3, 1), "10", predecessor_id=out.id, completed_on=date(2026, 3, 2)
        )
        assert figures(rate.city()) == ("10.0000", "10.0000")
        world.cancel(batch, done)
        value = rate.city()
        assert (figures(value), value.parts["in_transit"]) == (("0.0000", "10.0000"), "10.0000")
        world.cancel(batch, out)
        assert rate.city().parts["in_store"] == "10.0000"

    def test_an_adjustment_acts_on_the_day_of_its_original(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2025, 3, 1))
        out = world.out(batch, date(2026, 2, 1), "4")
        world.entry(batch, EntryKind.ADJUSTED, date(2026, 2, 1), "3", delta="-3", adjusts_id=out.id)
        assert figures(rate.city()) == ("0.0000", "3.0000")

    def test_cancelling_an_adjusted_record_takes_both_away(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2025, 3, 1))
        out = world.out(batch, date(2026, 2, 1), "4")
        world.entry(batch, EntryKind.ADJUSTED, date(2026, 2, 1), "3", delta="-3", adjusts_id=out.id)
        world.entry(batch, EntryKind.CANCELLED, date(2026, 2, 1), "4", delta="7", cancels_id=out.id)
        assert figures(rate.city()) == ("0.0000", "10.0000")

    def test_what_was_recorded_later_is_not_known_before(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2024, 1, 1))
        world.recorded_at = instant(date(2026, 5, 1))
        world.receive(batch, world.send(batch, date(2026, 3, 1), "10"), date(2026, 3, 3), "10")
        assert figures(rate.city(known_at=instant(date(2026, 4, 30)))) == ("0.0000", "10.0000")
        assert figures(rate.city(known_at=instant(date(2026, 5, 1)))) == ("10.0000", "10.0000")
        assert rate.city(period=whole_period(PeriodKind.MONTH, date(2026, 4, 1))).denominator == 0

    def test_an_emptied_batch_is_still_known_full_at_an_earlier_instant(self, world: World, rate: Rate) -> None:
        batch = world.batch("10", date(2024, 1, 1))
        world.recorded_at = instant(date(2026, 7, 1))
        world.receive(batch, world.send(batch, date(2025, 3, 1), "10"), date(2025, 3, 3), "10")
        assert rate.city().denominator == 0
        assert rate.city(known_at=instant(date(2026, 6, 30))).denominator == 10


class TestLots:
    def test_the_oldest_member_decides_from_the_day_of_merging(self, world: World, rate: Rate) -> None:
        unit = world.unit()
        old, young = world.batch("4", date(2025, 2, 1), unit=unit), world.batch("6", date(2025, 9, 1), unit=unit)
        world.lot(date(2026, 3, 1), old, young)
        assert rate.city(date(2026, 2, 28)).denominator == 4
        value = rate.city(date(2026, 3, 1))
        assert [(r.disposal.due, r.disposal.counted_on) for r in value.rows] == [
            (4, date(2026, 2, 2)),
            (6, date(2026, 3, 1)),
        ]

    def test_merging_known_later_did_not_count_before(self, world: World, rate: Rate) -> None:
        unit = world.unit()
        old, young = world.batch("4", date(2025, 2, 1), unit=unit), world.batch("6", date(2025, 9, 1), unit=unit)
        world.recorded_at = instant(date(2026, 5, 1))
        world.lot(date(2026, 3, 1), old, young)
        early = work_out(
            world.session, [running_period(YEAR, date(2026, 4, 1))], as_of=date(2026, 4, 1),
            targets=load_targets(world.session, on=AS_OF), known_at=instant(date(2026, 4, 1)),
        )  # fmt: skip
        assert [values[0].denominator for values in early.values()] == [4]
        assert rate.city(date(2026, 4, 1)).denominator == 10


class TestScopes:
    def test_a_unit_that_moved_counts_at_the_office_of_the_first_overdue_day(self, world: World, rate: Rate) -> None:
        unit = world.unit(office_code="LYG-GYX", until=date(2026, 6, 1))
        world.version(unit, since=date(2026, 6, 1), office_code="LYG-XW")
        world.batch("10", date(2024, 1, 1), unit=unit)
        world.batch("7", date(2025, 8, 1), unit=unit)
        found = rate()
        assert found["office", "LYG-GYX"].denominator == 10
        assert found["office", "LYG-XW"].denominator == 7
        june = rate(period=whole_period(PeriodKind.MONTH, date(2026, 9, 1)))
        assert (june["office", "LYG-GYX"].denominator, june["office", "LYG-XW"].denominator) == (0, 17)

    def test_a_town_counts_in_its_county(self, world: World, rate: Rate) -> None:
        world.batch("10", date(2024, 1, 1), unit=world.unit(admin_code="320723101"))
        assert rate()["admin", "320723"].denominator == 10

    def test_units_without_a_stated_region_have_their_own_line(self, world: World, rate: Rate) -> None:
        world.batch("10", date(2024, 1, 1), unit=world.unit(admin_code=None, office_code=None))
        found = rate()
        assert (found["admin", ""].denominator, found["office", ""].denominator) == (10, 10)

    def test_tags_stay_in_the_rate_and_have_their_own_sums(self, world: World, rate: Rate) -> None:
        unit = world.unit()
        world.batch("10", date(2024, 1, 1), unit=unit)
        seized = world.batch("5", date(2024, 1, 1), unit=unit, tag=BatchTag.SEIZED)
        world.receive(seized, world.send(seized, date(2026, 3, 1), "2"), date(2026, 3, 3), "2")
        value = rate.city()
        assert figures(value) == ("2.0000", "15.0000")
        assert value.parts["tags"] == {"seized": {"due": "5.0000", "completed": "2.0000"}}


class TestStates:
    def test_nothing_overdue_and_all_have_reported(self, world: World, rate: Rate) -> None:
        unit = world.unit(class_computed=ManagementClass.KEY)
        world.statement(unit, date(2026, 1, 1), date(2026, 10, 31))
        assert rate.city().state is ValueState.NONE_OVERDUE

    def test_nothing_overdue_but_one_has_not_reported(self, world: World, rate: Rate) -> None:
        unit = world.unit(class_computed=ManagementClass.KEY)
        world.statement(unit, date(2026, 1, 1), date(2026, 9, 30))
        value = rate.city()
        assert (value.state, value.unreported_units) == (ValueState.INCOMPLETE, 1)

    def test_a_report_is_in_time_on_its_due_day(self, world: World, rate: Rate) -> None:
        unit = world.unit(class_computed=ManagementClass.KEY)
        world.statement(unit, date(2026, 1, 1), date(2026, 9, 30))
        assert rate.city(date(2026, 11, 15)).unreported_units == 0
        assert rate.city(date(2026, 11, 16)).unreported_units == 1

    def test_the_class_set_by_the_authority_decides(self, world: World, rate: Rate) -> None:
        world.unit(class_computed=ManagementClass.REGISTERED, class_set=ManagementClass.SIMPLIFIED)
        assert rate.city(date(2026, 4, 15)).unreported_units == 0
        assert rate.city(date(2026, 4, 16)).unreported_units == 1

    def test_a_gap_in_what_was_confirmed_is_a_missing_report(self, world: World, rate: Rate) -> None:
        unit = world.unit(class_computed=ManagementClass.KEY)
        world.statement(unit, date(2026, 1, 1), date(2026, 4, 30))
        world.statement(unit, date(2026, 6, 1), date(2026, 10, 31))
        assert rate.city().unreported_units == 1

    def test_with_something_overdue_the_value_stands_beside_the_number_of_unreported(
        self, world: World, rate: Rate
    ) -> None:
        world.batch("10", date(2024, 1, 1), unit=world.unit(class_computed=ManagementClass.KEY))
        value = rate.city()
        assert (value.state, value.unreported_units) == (ValueState.VALUE, 1)

    def test_closed_and_cleared_sites_and_names_from_public_sources_do_not_report(
        self, world: World, rate: Rate
    ) -> None:
        world.unit(class_computed=ManagementClass.KEY, status=UnitStatus.CLOSED_CLEARED)
        world.unit(class_computed=ManagementClass.KEY, supervised=False)
        value = rate.city()
        assert (value.state, value.unreported_units) == (ValueState.NOT_APPLICABLE, 0)

    def test_a_unit_counts_as_unreported_where_it_stands_at_the_end(self, world: World, rate: Rate) -> None:
        unit = world.unit(class_computed=ManagementClass.KEY, until=date(2026, 6, 1))
        world.version(unit, since=date(2026, 6, 1), office_code="LYG-XW", class_computed=ManagementClass.KEY)
        assert rate()["office", "LYG-XW"].unreported_units == 1

    def test_a_unit_registered_in_may_owes_nothing_for_april(self, world: World, rate: Rate) -> None:
        unit = world.unit(class_computed=ManagementClass.KEY, since=date(2026, 5, 10))
        world.statement(unit, date(2026, 5, 10), date(2026, 10, 31))
        assert rate.city().state is ValueState.NONE_OVERDUE

    def test_a_closed_period_asks_for_what_was_due_by_its_closing_day(self, world: World, rate: Rate) -> None:
        world.unit(class_computed=ManagementClass.SIMPLIFIED)
        october = whole_period(PeriodKind.MONTH, date(2026, 10, 1))
        targets = load_targets(world.session, on=AS_OF)
        for as_of in (date(2026, 11, 20), date(2027, 6, 1)):
            value = work_out(world.session, [october], as_of=as_of, targets=targets)[october][0]
            assert value.unreported_units == 0

    def test_without_any_unit_there_is_nothing_to_say(self, world: World, rate: Rate) -> None:
        found = rate()
        assert {v.state for v in found.values()} == {ValueState.NOT_APPLICABLE}
        kinds = [kind for kind, _ in found]
        assert kinds == sorted(kinds, key=[k.value for k in ScopeKind].index)
        # Six counties and districts, ten offices besides the bureau itself, and 待定 of each.
        assert [kinds.count(k.value) for k in ScopeKind] == [1, 12, 7]


class TestStatements:
    @pytest.mark.parametrize("known_at", [None, instant(AS_OF)])
    def test_the_same_number_whatever_the_number_of_batches(
        self, world: World, rate: Rate, known_at: datetime | None
    ) -> None:
        counts = []
        for _ in range(3):
            for number in range(4):
                batch = world.batch("10", date(2024, 1, 1 + number))
                world.receive(batch, world.send(batch, date(2026, 3, 1), "4"), date(2026, 3, 3), "4")
                world.extend(batch, date(2026, 5, 1), date(2026, 6, 1))
            counts.append(self.statements_of(world.session, known_at))
        assert len(set(counts)) == 1
        assert counts[0] <= 10

    @staticmethod
    def statements_of(session: Session, known_at: datetime | None) -> int:
        from sqlalchemy import event

        seen: list[str] = []
        engine = session.get_bind()

        def note(*arguments: Any) -> None:
            seen.append(arguments[2])

        event.listen(engine, "before_cursor_execute", note)
        periods = [running_period(YEAR, AS_OF), running_period(PeriodKind.MONTH, AS_OF)]
        work_out(session, periods, as_of=AS_OF, targets=load_targets(session, on=AS_OF), known_at=known_at)
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)


@pytest.mark.parametrize(
    ("numerator", "denominator", "target", "shown"),
    [
        ("120.5", "120.5", 100, "100.00"),
        ("99999.9999", "100000", 100, "99.99"),
        ("22499", "25000", 90, "89.99"),
        ("2", "3", 90, "66.67"),
        ("99999.9999", "100000", 90, "99.99"),
        ("0", "10", 100, "0.00"),
        ("0", "0", 100, None),
    ],
)
def test_what_is_below_never_prints_as_reached(
    numerator: str, denominator: str, target: int, shown: str | None
) -> None:
    from fractions import Fraction

    assert shown_percent(Decimal(numerator), Decimal(denominator), Fraction(target, 100)) == shown
