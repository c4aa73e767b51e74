"""What every kind of record does to stock, batches and numbers when it is posted."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from hwrisk.audit.models import AuditEntry
from hwrisk.ledger.drafts import Posted
from hwrisk.ledger.models import EntryKind, LedgerEntry, ReceiverKind, Removal, UnitWaste
from hwrisk.ledger.posting import check_many, post_many
from hwrisk.ledger.storage.models import BatchTag, StorageBatch
from hwrisk.units.models import UnitRole, UnitStatus
from tests.ledger.ledger_world import OIL, SALT, TODAY

DAY = date(2026, 3, 2)
pytestmark = pytest.mark.db


def days(number: int) -> date:
    return DAY + timedelta(days=number)


class TestIntoStore:
    def test_a_batch_with_its_limit(self, world):
        batch = world.stored("12.5", DAY)
        assert (batch.batch_no, batch.quantity, batch.remaining) == (
            "HWRK20260302001",
            Decimal("12.5"),
            Decimal("12.5"),
        )
        assert (batch.entered_on, batch.first_stored_on) == (DAY, DAY)
        assert (batch.limit_key, batch.last_lawful_on) == ("generator-365-days", days(365))
        assert (batch.overdue_from, batch.counts_in_rate) == (days(366), True)

    def test_numbers_run_by_day_and_kind(self, world):
        taken = [world.stored("1", DAY).batch_no, world.stored("1", DAY).batch_no, world.stored("1", days(1)).batch_no]
        assert taken == ["HWRK20260302001", "HWRK20260302002", "HWRK20260303001"]

    def test_a_number_taken_by_a_record_of_another_day_is_passed_over(self, world):
        world.stored("1", days(5), entry_no="HWRK20260302001")
        assert world.stored("1", DAY).batch_no == "HWRK20260302002"

    def test_over_a_thousand_on_one_day(self, world):
        world.stored("1", DAY, entry_no="HWRK20260302999")
        world.stored("1", DAY, entry_no="HWRK202603021000")
        drafts = [world.draft(EntryKind.STORED_IN, DAY, "0.1") for _ in range(999)]
        world.post_all(*drafts)
        assert world.stored("1", DAY).batch_no == "HWRK202603021002"

    def test_the_age_counts_from_the_oldest_layer(self, world):
        batch = world.stored("1", DAY, first_stored_on=date(2025, 1, 1))
        assert (batch.entered_on, batch.last_lawful_on) == (DAY, date(2026, 1, 1))

    def test_opening_stock_of_unknown_day_is_overdue_at_once(self, world):
        batch = world.session.get_one(
            StorageBatch, world.post(EntryKind.OPENING, DAY, "148", tag=BatchTag.LEGACY).batch_id
        )
        assert (batch.first_stored_on, batch.last_lawful_on, batch.overdue_from) == (None, None, DAY)
        assert batch.tag is BatchTag.LEGACY

    def test_an_operator_has_a_year_by_law(self, world):
        operator = world.register(role=UnitRole.OPERATOR)
        store = world.facility("TS009", unit=operator)
        batch = world.stored("1", date(2024, 2, 29), unit_id=operator.id, facility_id=store.id)
        assert (batch.limit_key, batch.last_lawful_on) == ("licensed-operator-1-year", date(2025, 2, 28))

    def test_it_follows_its_generation(self, world):
        world.post(EntryKind.GENERATED, DAY, "5", entry_no="CS1")
        batch = world.stored("5", days(1), after="CS1")
        entry = world.session.scalars(select(LedgerEntry).where(LedgerEntry.batch_id == batch.id)).one()
        assert entry.predecessor_id == batch.origin_entry_id is not None

    def test_a_code_in_another_writing_is_kept_in_normal_form(self, world):
        assert world.stored("1", DAY, waste_code="hw45 261－084－45").waste_code == SALT

    def test_the_wastes_of_a_unit_with_a_proposed_tag(self, world):
        world.stored("1", DAY, waste_name="废盐")
        world.stored("1", DAY, waste_name="废盐")
        waste = world.session.scalars(select(UnitWaste).where(UnitWaste.unit_id == world.unit.id)).one()
        assert (waste.waste_code, waste.tag_proposed, waste.tag_confirmed) == (SALT, "waste-salt", None)

    def test_a_code_outside_the_catalogue_is_taken_with_a_warning(self, world):
        draft = world.draft(EntryKind.STORED_IN, DAY, "1", waste_code="999-999-49", waste_name="怪料")
        refusals, warnings = check_many(world.session, [draft], world.hand())
        posted = world.post_all(draft)
        assert (refusals, warnings) == ([], posted.warnings)
        assert posted.warnings[0].message == "999-999-49 为名录外代码（待核），可以登记，请确认代码"
        waste = world.session.scalars(select(UnitWaste).where(UnitWaste.waste_name == "怪料")).one()
        assert waste.outside_catalogue

    def test_more_than_the_facility_holds_is_a_warning(self, world):
        small = world.facility("TS003", capacity="10")
        world.stored("6", DAY, facility_id=small.id)
        within = world.post_all(world.draft(EntryKind.STORED_IN, DAY, "4", facility_id=small.id))
        over = world.post_all(world.draft(EntryKind.STORED_IN, DAY, "0.0001", facility_id=small.id))
        assert within.warnings == []
        assert [w.message for w in over.warnings] == [
            "贮存设施 TS003 的库存将为 10.0001 吨，超过设计贮存能力 10 吨，请核对"
        ]


class TestOut:
    def test_it_takes_from_its_batch(self, world):
        batch = world.stored("10", DAY)
        out = world.post(EntryKind.STORED_OUT, days(3), "4", batch=batch.batch_no, removal=Removal.ENTRUST)
        assert (out.entry_no, out.stock_delta, out.waste_code) == ("HWCK20260305001", Decimal(-4), SALT)
        assert world.remaining(batch) == 6

    def test_it_takes_from_where_the_whole_lies(self, world):
        batch = world.stored("10", DAY)
        world.post(EntryKind.MOVED_OUT, days(1), "7", batch=batch.batch_no, to_facility_id=world.spot.id)
        out = world.post(EntryKind.STORED_OUT, days(2), "5", batch=batch.batch_no)
        assert out.facility_id == world.spot.id

    def test_what_was_wholly_moved_by_an_earlier_posting_is_found(self, world):
        batch = world.stored("10", DAY)
        third = world.facility("TS003")
        world.post(EntryKind.MOVED_OUT, days(1), "10", batch=batch.batch_no, to_facility_id=third.id)
        assert world.post(EntryKind.STORED_OUT, days(2), "10", batch=batch.batch_no).facility_id == third.id

    def test_oldest_first_with_unknown_age_before_all(self, world):
        old = world.stored("3", DAY, first_stored_on=date(2025, 1, 1))
        young = world.stored("5", days(1))
        unknown = world.session.get_one(StorageBatch, world.post(EntryKind.OPENING, days(2), "2").batch_id)
        world.post(EntryKind.STORED_OUT, days(9), "6", waste_code=SALT)
        assert [world.remaining(b) for b in (unknown, old, young)] == [0, 0, 4]

    def test_oldest_first_wherever_it_lies_and_only_of_the_named_waste(self, world):
        batch, other = world.stored("3", DAY), world.stored("9", DAY, waste_name="另一种盐")
        world.post(EntryKind.MOVED_OUT, days(1), "2", batch=batch.batch_no, to_facility_id=world.spot.id)
        world.post(EntryKind.STORED_OUT, days(2), "3", waste_code=SALT, waste_name="蒸发结晶盐")
        assert (world.remaining(batch), world.remaining(other)) == (0, 9)

    def test_oldest_first_from_one_facility(self, world):
        first, second = world.stored("3", DAY), world.stored("3", days(1), facility_id=world.spot.id)
        world.post(EntryKind.STORED_OUT, days(2), "2", waste_code=SALT, facility_id=world.spot.id)
        assert (world.remaining(first), world.remaining(second)) == (3, 1)

    def test_a_split_out_is_followed_whole_to_the_furnace(self, world):
        for number in range(4):
            world.stored("2", days(number))
        world.post(EntryKind.STORED_OUT, days(9), "7", waste_code=SALT, entry_no="CK1")
        world.post(EntryKind.ENTRUSTED, days(9), "7", after="CK1", entry_no="WW1", national_no="20263207000001")
        world.post(EntryKind.RECEIVED, days(11), "7.2", after="WW1", entry_no="JS1", difference_explained=True)
        rows = world.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
        by_no = {row.entry_no: row for row in rows}
        outs = ["CK1", "CK1-2", "CK1-3", "CK1-4"]
        assert [by_no[n].quantity for n in outs] == [2, 2, 2, 1]
        loads = [by_no[n.replace("CK", "WW")] for n in outs]
        assert [row.predecessor_id for row in loads] == [by_no[n].id for n in outs]
        assert [row.quantity for row in loads] == [2, 2, 2, 1]
        receipts = [by_no[n.replace("CK", "JS")] for n in outs]
        assert [row.quantity for row in receipts] == [2, 2, 2, Decimal("1.2")]

    def test_more_parts_than_ten(self, world):
        for number in range(14):
            world.stored("1", days(number))
        world.post(EntryKind.STORED_OUT, days(30), "14", waste_code=SALT, entry_no="CK1")
        posted = world.post_all(world.draft(EntryKind.SELF_TREATED, days(31), "14", after="CK1"))
        assert len(posted.entry_ids) == 14


class TestAfterwards:
    def test_own_treatment_is_done_on_its_day(self, world):
        batch = world.stored("10", DAY)
        out = world.post(EntryKind.STORED_OUT, days(1), "4", batch=batch.batch_no, removal=Removal.SELF)
        done = world.post(
            EntryKind.SELF_TREATED, days(1), "4", after=out.entry_no, method_code="R9", completed_on=days(3)
        )
        assert (done.entry_no, done.completed_on, done.predecessor_id) == ("HWZXLY20260303001", days(3), out.id)
        assert (done.batch_id, done.stock_delta) == (None, 0)

    @pytest.mark.parametrize(("method", "prefix"), [("D10", "HWWWCZ"), ("C3", "HWWWLY"), (None, "HWWWCZ")])
    def test_a_load(self, world, method, prefix):
        batch = world.stored("10", DAY)
        out = world.post(EntryKind.STORED_OUT, days(1), "4", batch=batch.batch_no)
        load = world.post(
            EntryKind.ENTRUSTED, days(1), "4", after=out.entry_no, method_code=method, national_no="20263207000002",
            receiver_kind=ReceiverKind.COLLECTION,
        )  # fmt: skip
        assert load.entry_no.startswith(prefix)
        assert (load.removal, load.completed_on) == (Removal.ENTRUST, None)

    def test_straight_from_generation(self, world):
        world.post(EntryKind.GENERATED, DAY, "5", entry_no="CS1")
        world.stored("2", DAY, after="CS1")
        load = world.post(EntryKind.ENTRUSTED, days(1), "3", after="CS1")
        assert load.quantity == 3

    def test_a_receipt_that_differs_warns(self, world):
        batch = world.stored("10", DAY)
        world.post(EntryKind.STORED_OUT, days(1), "4", batch=batch.batch_no, entry_no="CK1")
        world.post(EntryKind.ENTRUSTED, days(1), "4", after="CK1", entry_no="WW1")
        posted = world.post_all(world.draft(EntryKind.RECEIVED, days(2), "3.9", after="WW1"))
        assert "接收量与委外量 4 吨不一致且未说明，只按较小者计为已处置" in posted.warnings[0].message

    def test_a_returned_load_goes_into_its_batch_and_keeps_its_age(self, world):
        batch = world.stored("10", DAY)
        world.post(EntryKind.STORED_OUT, days(1), "4", batch=batch.batch_no, entry_no="CK1")
        world.post(EntryKind.ENTRUSTED, days(1), "4", after="CK1", entry_no="WW1")
        back = world.post(EntryKind.RETURNED, days(5), "1.5", after="WW1")
        assert (back.batch_id, back.facility_id, back.stock_delta) == (batch.id, world.store.id, Decimal("1.5"))
        assert (world.remaining(batch), batch.overdue_from) == (Decimal("7.5"), days(366))

    def test_received_explained_beside_a_partial_return(self, world):
        batch = world.stored("10", DAY)
        world.post(EntryKind.STORED_OUT, days(1), "4", batch=batch.batch_no, entry_no="CK1")
        world.post(EntryKind.ENTRUSTED, days(1), "4", after="CK1", entry_no="WW1")
        world.post(EntryKind.RETURNED, days(5), "1", after="WW1")
        posted = world.post_all(world.draft(EntryKind.RECEIVED, days(6), "2.9", after="WW1", difference_explained=True))
        assert posted.warnings == []

    def test_a_move_between_own_facilities(self, world):
        batch = world.stored("10", DAY)
        out = world.post(EntryKind.MOVED_OUT, days(1), "4", batch=batch.batch_no, to_facility_id=world.spot.id)
        into = world.session.scalars(select(LedgerEntry).where(LedgerEntry.predecessor_id == out.id)).one()
        assert (into.kind, into.facility_id, into.stock_delta) == (EntryKind.MOVED_IN, world.spot.id, Decimal(4))
        assert world.remaining(batch) == 10

    def test_stocktaking(self, world):
        batch = world.stored("10", DAY)
        world.post(EntryKind.STOCKTAKE_LOSS, days(1), "0.4", batch=batch.batch_no)
        world.post(EntryKind.STOCKTAKE_GAIN, days(2), "0.1", batch=batch.batch_no)
        assert world.remaining(batch) == Decimal("9.7")


class TestManifestNumbers:
    def two_outs(self, world):
        for number in ("CK1", "CK2"):
            batch = world.stored("5", DAY, waste_code=OIL if number == "CK2" else SALT)
            world.post(EntryKind.STORED_OUT, days(1), "5", batch=batch.batch_no, entry_no=number)

    def test_one_manifest_for_two_wastes_of_one_load(self, world):
        self.two_outs(world)
        for number in ("CK1", "CK2"):
            load = world.post(EntryKind.ENTRUSTED, days(1), "5", after=number, national_no="20263207000003")
            assert load.national_no == "20263207000003"

    def test_a_cancelled_load_gives_its_number_free(self, world):
        from hwrisk.ledger.corrections import cancel

        self.two_outs(world)
        load = world.post(EntryKind.ENTRUSTED, days(1), "5", after="CK1", national_no="20263207000003")
        cancel(world.session, load, reason="填错接收单位", hand=world.hand())
        again = world.post(
            EntryKind.ENTRUSTED, days(1), "5", after="CK1", national_no="20263207000003", receiver_name="演示接收单位乙"
        )
        assert again.id != load.id


class TestTogether:
    def test_a_chain_in_one_posting(self, world):
        """Generation, batch, move, out, load, return and a second out: each rests on the one before."""
        drafts = [
            world.draft(EntryKind.GENERATED, DAY, "10", entry_no="CS1"),
            world.draft(EntryKind.STORED_IN, days(1), "10", entry_no="RK1", after="CS1"),
            world.draft(EntryKind.MOVED_OUT, days(2), "10", batch="RK1", to_facility_id=world.spot.id),
            world.draft(EntryKind.STORED_OUT, days(3), "10", batch="RK1", entry_no="CK1"),
            world.draft(EntryKind.ENTRUSTED, days(3), "10", after="CK1", entry_no="WW1"),
            world.draft(EntryKind.RETURNED, days(5), "10", after="WW1"),
            world.draft(EntryKind.STORED_OUT, days(6), "10", batch="RK1", entry_no="CK2"),
            world.draft(EntryKind.SELF_TREATED, days(6), "10", after="CK2"),
        ]
        posted = world.post_all(*drafts)
        assert (len(posted.entry_ids), posted.batches, posted.warnings) == (9, 1, [])
        kinds = world.session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.id)).all()
        assert kinds == [
            EntryKind.GENERATED, EntryKind.STORED_IN, EntryKind.MOVED_OUT, EntryKind.MOVED_IN, EntryKind.STORED_OUT,
            EntryKind.ENTRUSTED, EntryKind.RETURNED, EntryKind.STORED_OUT, EntryKind.SELF_TREATED,
        ]  # fmt: skip

    def test_nothing_is_posted_of_nothing(self, world):
        assert post_many(world.session, [], world.hand()) == Posted([], 0, [])

    def test_the_audit_trail_has_one_line(self, world):
        with world.database.unit_of_work() as session:
            post_many(session, [world.draft(EntryKind.GENERATED, DAY, "1")], world.hand())
        entry = world.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert (entry.action, entry.summary["环节"], entry.actor_label) == ("ledger.post", "产生", "固废科 演示-张三")

    def test_no_more_statements_for_many_than_for_one(self, world, count_statements):
        def statements(number):
            drafts = []
            for place in range(number):
                base = f"{number}-{place}"
                drafts += [
                    world.draft(EntryKind.GENERATED, DAY, "2", entry_no=f"CS{base}"),
                    world.draft(EntryKind.STORED_IN, DAY, "2", entry_no=f"RK{base}", after=f"CS{base}"),
                    world.draft(EntryKind.STORED_OUT, days(1), "2", batch=f"RK{base}", entry_no=f"CK{base}"),
                ]
            with count_statements() as seen:
                world.post_all(*drafts)
            return len(seen)

        alone = statements(1)
        assert statements(40) <= alone


def test_a_closed_site_still_ends_what_it_began(world):
    closed = world.register(status=UnitStatus.CLOSED_UNCLEARED)
    store = world.facility("TS001", unit=closed)
    batch = world.stored("3", TODAY, unit_id=closed.id, facility_id=store.id)
    assert world.session.scalar(select(func.count()).where(LedgerEntry.batch_id == batch.id)) == 1
