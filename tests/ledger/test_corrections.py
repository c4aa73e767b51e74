"""Cancelling and adjusting: effect on every day, numbers, who decides, and every refusal."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from hwrisk.audit.models import AuditEntry
from hwrisk.errors import RuleViolation
from hwrisk.ledger.closing import close_period, is_closed
from hwrisk.ledger.corrections import adjust, cancel, decision_to_adjust, decision_to_cancel, effective_quantity
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.storage.models import StorageBatch
from hwrisk.ledger.storage.operations import merge
from tests.ledger.ledger_world import county

DAY = date(2026, 3, 2)
pytestmark = pytest.mark.db


def days(number: int) -> date:
    return DAY + timedelta(days=number)


@pytest.fixture
def batch(world):
    return world.stored("10", DAY, entry_no="RK1")


def entry(world, number: str) -> LedgerEntry:
    return world.session.scalars(
        select(LedgerEntry).where(LedgerEntry.entry_no == number, LedgerEntry.unit_id == world.unit.id)
    ).one()


def refused(act, *args, **values) -> tuple[str | None, str]:
    with pytest.raises(RuleViolation) as violation:
        act(*args, **values)
    return violation.value.field, violation.value.message


class TestCancel:
    def test_an_out_gives_back_on_its_own_day(self, world, batch):
        out = world.post(EntryKind.STORED_OUT, days(2), "4", batch="RK1")
        taken_back = cancel(world.session, out, reason="重复录入", hand=world.hand())
        assert (taken_back.kind, taken_back.occurred_on, taken_back.stock_delta) == (EntryKind.CANCELLED, days(2), 4)
        assert (taken_back.entry_no, taken_back.remark) == ("CX20260304001", "重复录入")
        assert world.remaining(batch) == 10
        assert batch.overdue_from == days(366)

    def test_with_its_adjustments(self, world, batch):
        out = world.post(EntryKind.STORED_OUT, days(2), "4", batch="RK1")
        adjust(world.session, out, quantity=Decimal("4.3"), reason="地磅复核", hand=world.hand())
        cancel(world.session, out, reason="重复录入", hand=world.hand())
        assert world.remaining(batch) == 10

    def test_a_load_frees_its_out(self, world, batch):
        out = world.post(EntryKind.STORED_OUT, days(2), "4", batch="RK1", entry_no="CK1")
        load = world.post(EntryKind.ENTRUSTED, days(2), "4", after="CK1", entry_no="WW1")
        assert refused(cancel, world.session, out, reason="错", hand=world.hand()) == (
            None, "后续记录 WW1 以本记录为依据，请先撤销它们",
        )  # fmt: skip
        cancel(world.session, load, reason="错", hand=world.hand())
        cancel(world.session, out, reason="错", hand=world.hand())
        assert world.remaining(batch) == 10

    def test_a_return_is_taken_out_again(self, world, batch):
        world.post(EntryKind.STORED_OUT, days(2), "4", batch="RK1", entry_no="CK1")
        world.post(EntryKind.ENTRUSTED, days(2), "4", after="CK1", entry_no="WW1")
        back = world.post(EntryKind.RETURNED, days(3), "4", after="WW1")
        cancel(world.session, back, reason="错", hand=world.hand())
        assert world.remaining(batch) == 6
        world.post(EntryKind.RECEIVED, days(4), "4", after="WW1")

    def test_both_halves_of_a_move(self, world, batch):
        out = world.post(EntryKind.MOVED_OUT, days(1), "4", batch="RK1", to_facility_id=world.spot.id)
        into = world.session.scalars(select(LedgerEntry).where(LedgerEntry.predecessor_id == out.id)).one()
        cancel(world.session, into, reason="移错", hand=world.hand())
        world.post(EntryKind.STORED_OUT, days(1), "10", batch="RK1", facility_id=world.store.id)
        assert refused(cancel, world.session, out, reason="移错", hand=world.hand()) == (
            None, f"记录 {out.entry_no} 已经撤销，不能再更正",
        )  # fmt: skip

    def test_an_entry_into_store_with_outs_behind_it(self, world, batch):
        world.post(EntryKind.STORED_OUT, days(2), "4", batch="RK1")
        assert refused(cancel, world.session, entry(world, "RK1"), reason="错", hand=world.hand()) == (
            "quantity", "更正后 2026-03-04 的库存将为负（-4 吨），因为该批次后来有出库或移库；请先更正后来的记录",
        )  # fmt: skip
        assert world.remaining(batch) == 6

    def test_an_entry_into_store(self, world, batch):
        cancel(world.session, entry(world, "RK1"), reason="错", hand=world.hand())
        assert world.remaining(batch) == 0

    def test_a_batch_that_never_was_lends_its_lot_no_age(self, world):
        old = world.stored("1", date(2025, 1, 1), entry_no="OLD")
        young = world.stored("1", DAY, entry_no="YOUNG")
        merge(world.session, [old, young], merged_on=days(3), hand=world.hand())
        assert young.overdue_from == days(3)
        cancel(world.session, entry(world, "OLD"), reason="错", hand=world.hand())
        assert world.session.get_one(StorageBatch, young.id, populate_existing=True).overdue_from == days(366)

    def test_refusals(self, world, batch):
        record = entry(world, "RK1")
        assert refused(cancel, world.session, record, reason=" ", hand=world.hand()) == ("reason", "请填写更正原因")
        assert refused(cancel, world.session, record, reason="长" * 1001, hand=world.hand()) == (
            "reason", "更正原因最多 1000 个字",
        )  # fmt: skip
        gone = cancel(world.session, record, reason="错", hand=world.hand())
        assert refused(cancel, world.session, record, reason="错", hand=world.hand()) == (
            None, "记录 RK1 已经撤销，不能再更正",
        )  # fmt: skip
        assert refused(cancel, world.session, gone, reason="错", hand=world.hand()) == (
            None, "撤销记录本身不能再更正；需要时请更正原记录",
        )  # fmt: skip

    def test_the_audit_trail_has_the_reason(self, world, batch):
        with world.database.unit_of_work() as session:
            cancel(session, session.get_one(LedgerEntry, entry(world, "RK1").id), reason="错", hand=world.hand())
        line = world.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert (line.action, line.summary) == ("ledger.cancel", {"编号": "RK1", "原因": "错"})


class TestAdjust:
    def test_more_came_in(self, world, batch):
        record = entry(world, "RK1")
        change = adjust(world.session, record, quantity=Decimal("10.4"), reason="过磅", hand=world.hand())
        assert (change.kind, change.quantity, change.stock_delta) == (
            EntryKind.ADJUSTED, Decimal("0.4"), Decimal("0.4"),
        )  # fmt: skip
        assert (world.remaining(batch), effective_quantity(world.session, record)) == (
            Decimal("10.4"), Decimal("10.4"),
        )  # fmt: skip

    def test_again(self, world, batch):
        record = entry(world, "RK1")
        adjust(world.session, record, quantity=Decimal("10.4"), reason="过磅", hand=world.hand())
        adjust(world.session, record, quantity=Decimal("9.9"), reason="再过磅", hand=world.hand())
        assert world.remaining(batch) == Decimal("9.9")

    def test_less_left(self, world, batch):
        out = world.post(EntryKind.STORED_OUT, days(2), "4", batch="RK1")
        change = adjust(world.session, out, quantity=Decimal("3.7"), reason="过磅", hand=world.hand())
        assert (change.occurred_on, change.stock_delta) == (days(2), Decimal("0.3"))
        assert world.remaining(batch) == Decimal("6.3")

    def test_an_adjusted_out_may_be_used_as_adjusted(self, world, batch):
        out = world.post(EntryKind.STORED_OUT, days(2), "4", batch="RK1", entry_no="CK1")
        adjust(world.session, out, quantity=Decimal("4.2"), reason="过磅", hand=world.hand())
        world.post(EntryKind.ENTRUSTED, days(2), "4.2", after="CK1")
        assert refused(adjust, world.session, out, quantity=Decimal(4), reason="过磅", hand=world.hand()) == (
            "quantity", "已登记去向 4.2 吨，出库量不能调整为更小的 4 吨",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("quantity", "sentence"),
        [("0", "调整后的数量必须大于 0 吨；全部作废请用撤销"), ("-1", "调整后的数量必须大于 0 吨；全部作废请用撤销"),
         ("10", "调整后的数量与现数量 10 吨相同，无需调整")],
    )  # fmt: skip
    def test_refused_quantities(self, world, batch, quantity, sentence):
        record = entry(world, "RK1")
        assert refused(adjust, world.session, record, quantity=Decimal(quantity), reason="过磅", hand=world.hand()) == (
            "quantity", sentence,
        )  # fmt: skip

    def test_less_than_left_since(self, world, batch):
        world.post(EntryKind.STORED_OUT, days(2), "9.5", batch="RK1")
        record = entry(world, "RK1")
        field, sentence = refused(
            adjust, world.session, record, quantity=Decimal("9.4"), reason="过磅", hand=world.hand()
        )
        assert field == "quantity"
        assert sentence.startswith("更正后 2026-03-04 的库存将为负（-0.1 吨），")

    def test_other_kinds(self, world, batch):
        record = world.post(EntryKind.GENERATED, DAY, "3")
        assert refused(adjust, world.session, record, quantity=Decimal(2), reason="过磅", hand=world.hand()) == (
            None, "产生记录不能调整数量，请撤销后重新登记",
        )  # fmt: skip

    def test_a_cancelled_one(self, world, batch):
        record = entry(world, "RK1")
        cancel(world.session, record, reason="错", hand=world.hand())
        assert refused(adjust, world.session, record, quantity=Decimal(9), reason="过磅", hand=world.hand()) == (
            None, "记录 RK1 已经撤销，不能再更正",
        )  # fmt: skip


class TestWhoDecides:
    def test_the_county_decides_the_small(self, world, batch):
        record = entry(world, "RK1")
        assert decision_to_adjust(world.session, record, quantity=Decimal(11)).decided_by == "county"
        adjust(world.session, record, quantity=Decimal(11), reason="过磅", hand=world.hand(county()))
        world.stored("10", DAY, entry_no="RK2")
        cancel(world.session, entry(world, "RK2"), reason="错", hand=world.hand(county()))

    def test_the_city_decides_the_large(self, world, batch):
        record = entry(world, "RK1")
        sentence = "该更正幅度较大，由市局固废科决定；请报市局办理"
        hand = world.hand(county())
        assert refused(adjust, world.session, record, quantity=Decimal("11.0001"), reason="过磅", hand=hand) == (
            None, sentence,
        )  # fmt: skip
        large = world.stored("10.0001", DAY, entry_no="RK2")
        assert refused(cancel, world.session, entry(world, "RK2"), reason="错", hand=hand) == (None, sentence)
        cancel(world.session, entry(world, "RK2"), reason="错", hand=world.hand())
        assert world.remaining(large) == 0

    def test_small_steps_do_not_add_up_to_a_large_one(self, world, batch):
        record = entry(world, "RK1")
        adjust(world.session, record, quantity=Decimal(11), reason="过磅", hand=world.hand(county()))
        assert refused(
            adjust, world.session, record, quantity=Decimal(12), reason="再过磅", hand=world.hand(county())
        ) == (None, "该更正幅度较大，由市局固废科决定；请报市局办理")

    def test_the_city_decides_what_is_frozen(self, world, batch):
        assert close_period(world.session, starts_on=date(2026, 3, 1), ends_on=date(2026, 4, 1), hand=world.hand())
        assert not close_period(world.session, starts_on=date(2026, 3, 1), ends_on=date(2026, 4, 1), hand=world.hand())
        asked = (date(2026, 2, 28), DAY, date(2026, 3, 31), date(2026, 4, 1))
        assert [is_closed(world.session, day) for day in asked] == [False, True, True, False]
        record = entry(world, "RK1")
        assert decision_to_cancel(world.session, record).decided_by == "city"
        assert refused(cancel, world.session, record, reason="错", hand=world.hand(county())) == (
            None, "该更正所在期间已结账，由市局固废科决定；请报市局办理",
        )  # fmt: skip
        cancel(world.session, record, reason="错", hand=world.hand())
