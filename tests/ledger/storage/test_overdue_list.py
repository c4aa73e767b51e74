"""The list of overdue storage: days, extensions, lots, filters, sight, pages, statements."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from hwrisk.ledger.corrections import cancel
from hwrisk.ledger.models import EntryKind, UnitWaste
from hwrisk.ledger.storage import operations, queries
from hwrisk.ledger.storage.models import BatchTag, StorageBatch
from hwrisk.ledger.storage.queries import StorageConditions, StorageState
from hwrisk.regions.models import Region, RegionKind, RegionVersion
from hwrisk.security import Viewer
from hwrisk.units.models import UnitRole
from tests.ledger.ledger_world import OIL, TODAY, LedgerWorld, city, county, enterprise

DAY = timedelta(days=1)
LAST = date(2026, 6, 30)
"""Last lawful day of what entered on 2025-06-30, 365 days before, at a generator."""
ENTERED = date(2025, 6, 30)


@pytest.fixture
def listed(session):
    """Numbers of the batches in the list."""

    def of(as_of: date = TODAY, user: Viewer | None = None, **asked) -> list[str]:
        page = queries.overdue_batches(session, user=user or city(), as_of=as_of, asked=StorageConditions(**asked))
        return [row.batch_no for row in page.rows]

    return of


@pytest.fixture
def row(session):
    """The row of a batch."""

    def of(batch: StorageBatch, as_of: date = TODAY) -> queries.BatchRow:
        return queries.batch_file(session, batch.public_id, user=city(), as_of=as_of).row

    return of


@pytest.fixture
def operator(world: LedgerWorld):
    """A batch that a licensed operator took in on 2025-06-30."""
    unit = world.register(role=UnitRole.OPERATOR)
    store = world.facility("TS009", unit=unit)
    return world.stored("15.5", ENTERED, unit_id=unit.id, facility_id=store.id, waste_code=OIL, waste_name="废矿物油")


def extend(session, world: LedgerWorld, batch: StorageBatch, *days: date) -> None:
    """Apply for, and approve, an extension: `days` are those of application and approval, and the last one."""
    applied, approved, until = days
    asked = operations.apply_extension(session, batch, applied_on=applied, hand=world.hand())
    operations.decide_extension(
        session, asked, approved=True, decided_on=approved, until=until, document_no="演示〔2026〕1号",
        authority="演示机关", hand=world.hand(),
    )  # fmt: skip


class TestDays:
    def test_nothing_stored_nothing_listed(self, session, listed) -> None:
        assert listed() == []
        totals = queries.overdue_totals(session, user=city(), as_of=TODAY, asked=StorageConditions())
        assert totals == (0, Decimal(0), Decimal(0))

    @pytest.mark.db
    @pytest.mark.parametrize(("as_of", "expected"), [(LAST - DAY, False), (LAST, False), (LAST + DAY, True)])
    def test_the_last_lawful_day_is_not_overdue(self, world, listed, as_of, expected) -> None:
        batch = world.stored("100", ENTERED)
        assert batch.last_lawful_on == LAST
        assert listed(as_of) == ([batch.batch_no] if expected else [])

    def test_a_row_says_how_long_and_by_which_rule(self, world, row) -> None:
        found = row(world.stored("100", ENTERED))
        assert (found.state, found.days, found.state_label) == (StorageState.OVERDUE, 146, "超管理期限 146 天")
        assert (found.in_store, found.left, found.last_on) == (Decimal("100.0000"), Decimal(0), LAST)
        assert found.is_unverified
        assert found.basis == "产废单位365天（市生态环境局内部管理规则）"
        assert found.facility == "TS001 贮存库"

    def test_an_operator_is_bound_by_law(self, operator, row) -> None:
        found = row(operator)
        assert found.state_label == "超法定期限 146 天"
        assert found.basis == "经营单位一年（《生态环境法典》第五百三十五条第三款）"
        assert not found.is_unverified

    def test_the_clause_is_that_of_the_day(self, operator, row) -> None:
        assert "固体废物污染环境防治法" in row(operator, date(2026, 8, 14)).basis

    def test_an_unknown_entry_day_is_overdue_at_once(self, world, listed, row) -> None:
        entry = world.post(EntryKind.OPENING, date(2026, 11, 1), "148")
        batch = world.session.get_one(StorageBatch, entry.batch_id)
        assert listed(date(2026, 10, 31)) == []
        assert listed(date(2026, 11, 1)) == [batch.batch_no]
        found = row(batch)
        assert (found.state_label, found.first_label, found.last_on) == ("超期（入库日期不详）", "入库日期不详", None)

    def test_what_left_today_was_overdue_today_and_no_longer_tomorrow(self, session, world, listed) -> None:
        batch = world.stored("100", ENTERED)
        world.post(EntryKind.STORED_OUT, date(2026, 7, 10), "100", batch=batch.batch_no)
        assert listed(date(2026, 7, 10)) == [batch.batch_no]
        assert listed(date(2026, 7, 11)) == []
        totals = queries.overdue_totals(session, user=city(), as_of=date(2026, 7, 10), asked=StorageConditions())
        assert totals == (1, Decimal(0), Decimal("100.0000"))

    def test_a_cancelled_removal_never_was(self, session, world, listed) -> None:
        batch = world.stored("5", ENTERED)
        out = world.post(EntryKind.STORED_OUT, date(2026, 7, 10), "2", batch=batch.batch_no)
        cancel(session, out, reason="试验", hand=world.hand())
        totals = queries.overdue_totals(session, user=city(), as_of=date(2026, 7, 10), asked=StorageConditions())
        assert totals == (1, Decimal("5.0000"), Decimal(0))

    def test_a_past_day_shows_the_stock_of_that_day(self, session, world) -> None:
        batch = world.stored("100", ENTERED)
        world.post(EntryKind.STORED_OUT, date(2026, 9, 1), "60", batch=batch.batch_no)
        asked = StorageConditions()
        assert queries.overdue_totals(session, user=city(), as_of=date(2026, 8, 31), asked=asked).tonnes == 100
        assert queries.overdue_totals(session, user=city(), as_of=date(2026, 9, 1), asked=asked) == (1, 40, 60)
        assert queries.overdue_totals(session, user=city(), as_of=TODAY, asked=asked) == (1, 40, 0)

    def test_a_move_keeps_age_and_shows_the_new_place(self, world, row) -> None:
        batch = world.stored("3", ENTERED)
        world.post(EntryKind.MOVED_OUT, date(2026, 7, 5), "3", batch=batch.batch_no, to_facility_id=world.spot.id)
        found = row(batch)
        assert (found.days, found.facility, found.left) == (146, "TS002 贮存点", Decimal(0))
        assert row(batch, date(2026, 7, 5)).left == Decimal(0)


class TestDueSoon:
    @pytest.mark.parametrize(
        ("as_of", "expected"), [(LAST - 31 * DAY, False), (LAST - 30 * DAY, True), (LAST, True), (LAST + DAY, False)]
    )
    def test_from_thirty_days_before_to_the_last_day(self, world, listed, as_of, expected) -> None:
        batch = world.stored("1", ENTERED)
        assert listed(as_of, state=StorageState.DUE_SOON) == ([batch.batch_no] if expected else [])

    def test_the_words(self, world, row) -> None:
        batch = world.stored("1", ENTERED)
        assert row(batch, LAST).state_label == "今日到期"
        assert row(batch, LAST - 3 * DAY).state_label == "3 天后到期"
        assert row(batch, LAST - 300 * DAY).state is None


class TestExtensions:
    def test_in_time(self, session, world, operator, listed, row) -> None:
        extend(session, world, operator, date(2026, 6, 1), date(2026, 6, 20), date(2026, 8, 31))
        assert listed(LAST + DAY) == []
        assert listed(date(2026, 8, 31)) == []
        assert listed(date(2026, 9, 1)) == [operator.batch_no]
        found = row(operator)
        assert (found.last_on, found.is_extended, found.state_label) == (
            date(2026, 8, 31), True, "超法定期限 84 天",
        )  # fmt: skip

    def test_late_never_acts_backwards(self, session, world, operator, listed, row) -> None:
        extend(session, world, operator, date(2026, 7, 1), date(2026, 7, 20), date(2026, 9, 30))
        assert listed(date(2026, 7, 19)) == [operator.batch_no]
        assert listed(date(2026, 7, 20)) == []
        assert listed(date(2026, 10, 1)) == [operator.batch_no]
        assert row(operator, date(2026, 7, 19)).last_on == LAST

    def test_an_extended_batch_is_due_soon_by_its_new_day(self, session, world, operator, listed) -> None:
        extend(session, world, operator, date(2026, 6, 1), date(2026, 6, 20), date(2026, 12, 20))
        assert listed(LAST, state=StorageState.DUE_SOON) == []
        assert listed(TODAY, state=StorageState.DUE_SOON) == [operator.batch_no]

    def test_a_pending_one_does_not_stop_the_clock(self, session, world, operator, listed, row) -> None:
        operations.apply_extension(session, operator, applied_on=date(2026, 6, 1), hand=world.hand())
        assert listed(LAST, state=StorageState.PENDING) == []
        assert listed(LAST + DAY) == listed(LAST + DAY, state=StorageState.PENDING) == [operator.batch_no]
        found = row(operator)
        assert (found.state_label, found.overdue_label) == ("到期待批", "超法定期限 146 天")

    def test_pending_ends_on_the_day_of_the_decision(self, session, world, operator, listed) -> None:
        asked = operations.apply_extension(session, operator, applied_on=date(2026, 6, 1), hand=world.hand())
        operations.decide_extension(
            session, asked, approved=False, decided_on=date(2026, 7, 10), until=None, document_no="演示〔2026〕2号",
            authority="演示机关", hand=world.hand(),
        )  # fmt: skip
        assert listed(date(2026, 7, 9), state=StorageState.PENDING) == [operator.batch_no]
        assert listed(date(2026, 7, 10), state=StorageState.PENDING) == []
        assert listed(date(2026, 7, 10)) == [operator.batch_no]


class TestLots:
    def test_all_have_the_age_of_the_oldest_from_merging_on(self, session, world, listed, row) -> None:
        old, young = world.stored("1", ENTERED), world.stored("2", date(2026, 5, 1))
        operations.merge(session, [old, young], merged_on=date(2026, 7, 15), hand=world.hand())
        assert listed(date(2026, 7, 14)) == [old.batch_no]
        assert listed(date(2026, 7, 15)) == [old.batch_no, young.batch_no]
        assert row(young).last_on == date(2026, 7, 14)
        file = queries.batch_file(session, young.public_id, user=city(), as_of=TODAY)
        assert [mate.batch_no for mate in file.mates] == [old.batch_no]


class TestFilters:
    def test_each(self, session, world, listed) -> None:
        plain, seized = world.stored("1", ENTERED), world.stored("2", ENTERED)
        operations.retag(session, seized, tag=BatchTag.SEIZED, hand=world.hand())
        operations.plan_disposal(
            session, seized, reason="涉案查封", planned_on=date(2026, 12, 1), receiver="", contract_no="", person="",
            hand=world.hand(),
        )  # fmt: skip
        waste = session.query(UnitWaste).filter_by(unit_id=world.unit.id).one()
        both = [plain.batch_no, seized.batch_no]
        assert listed() == both
        assert listed(tag=BatchTag.SEIZED) == listed(reason="涉案查封") == [seized.batch_no]
        assert listed(without_plan=True) == listed(pasted=(plain.batch_no,)) == [plain.batch_no]
        assert listed(stream="salt") == []
        waste.tag_confirmed = waste.tag_proposed
        session.flush()
        assert listed(stream=waste.tag_proposed) == both
        assert listed(office="LYG-GYX") == listed(admin="320723") == listed(text="演示试验") == both
        assert listed(office="LYG-XW") == listed(admin="320724") == listed(office="-") == listed(text="没有") == []
        assert listed(text="yssy") == both
        assert queries.reasons_given(session, user=city(), as_of=TODAY) == ["涉案查封"]

    def test_a_county_stands_for_its_towns(self, session, world, listed) -> None:
        session.add(Region(code="320723100", kind=RegionKind.ADMIN))
        session.flush()
        session.add(
            RegionVersion(
                region_code="320723100", name="演示镇", level="town", parent_code="320723", source="试验",
                trust="unverified", valid_from=date(2015, 1, 1),
            )
        )  # fmt: skip
        session.flush()
        unit = world.register(admin_code="320723100")
        store = world.facility("TS001", unit=unit)
        batch = world.stored("1", ENTERED, unit_id=unit.id, facility_id=store.id)
        assert listed(admin="320723") == [batch.batch_no]

    def test_a_plan_made_later_was_not_known_on_a_past_day(self, session, world, row) -> None:
        batch = world.stored("1", ENTERED)
        operations.plan_disposal(
            session, batch, reason="停产或关停", planned_on=date(2026, 12, 1), receiver="演示接收单位丙",
            contract_no="", person="", hand=world.hand(),
        )  # fmt: skip
        assert row(batch).plan_label == "计划 2026-12-01 演示接收单位丙"
        assert row(batch, TODAY - DAY).plan_label == "无计划"


class TestSight:
    def test_offices_and_enterprises_see_their_own(self, world, listed) -> None:
        batch = world.stored("1", ENTERED)
        assert listed(user=county("LYG-GYX")) == listed(user=enterprise(world.unit.id)) == [batch.batch_no]
        assert listed(user=county("LYG-XW")) == listed(user=enterprise(world.unit.id + 1)) == []

    def test_the_count_is_that_of_the_list(self, session, world) -> None:
        world.stored("1", ENTERED)
        world.stored("2", date(2026, 1, 1))
        assert queries.overdue_count(session, user=city(), as_of=TODAY) == 1
        assert queries.overdue_count(session, user=county("LYG-XW"), as_of=TODAY) == 0


class TestPages:
    def test_keyset_and_statements(self, session, world, count_statements) -> None:
        world.post_all(*(world.draft(EntryKind.STORED_IN, ENTERED + n * DAY, "0.5") for n in range(60)))
        session.expunge_all()
        given = {"user": city(), "as_of": TODAY, "asked": StorageConditions()}
        with count_statements() as statements:
            first = queries.overdue_batches(session, **given)
        assert len(first.rows) == 50
        assert len(statements) == 6
        second = queries.overdue_batches(session, cursor=first.next_cursor, **given)
        assert len(second.rows) == 10
        assert second.next_cursor is None
        numbers = [row.batch_no for row in (*first.rows, *second.rows)]
        assert numbers == [row.batch_no for row in queries.stream_overdue(session, **given)]
        assert len(set(numbers)) == 60
