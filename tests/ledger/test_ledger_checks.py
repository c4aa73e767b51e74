"""`hwrisk verify` finds what somebody changed behind the system's back; a sound ledger has no problem."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from hwrisk.ledger.checks import half_cancelled_records, misplaced_followers, overused_records
from hwrisk.ledger.corrections import adjust, cancel
from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.room import ROOM
from hwrisk.ledger.storage.checks import negative_stock, wrong_balances
from tests.ledger.ledger_world import TODAY

DAY = date(2026, 3, 2)
pytestmark = pytest.mark.db


@pytest.fixture
def ledger(world):
    batch = world.stored("10", DAY, entry_no="RK1")
    out = world.post(EntryKind.STORED_OUT, DAY, "4", batch="RK1", entry_no="CK1")
    adjust(world.session, out, quantity=Decimal("4.2"), reason="过磅", hand=world.hand())
    world.post(EntryKind.ENTRUSTED, DAY, "3", after="CK1", entry_no="WW1")
    world.post(EntryKind.RETURNED, DAY, "1", after="WW1", entry_no="TH1")
    world.post(EntryKind.SELF_TREATED, DAY, "1.2", after="CK1", entry_no="ZX1")
    gone = world.post(EntryKind.MOVED_OUT, DAY, "2", batch="RK1", to_facility_id=world.spot.id)
    cancel(world.session, gone, reason="错", hand=world.hand())
    assert world.remaining(batch) == Decimal("6.8")
    return world


def tamper(world, statement, **values):
    """Change a record as only somebody with the database in hand can."""
    if world.database.dialect == "sqlite":
        world.session.execute(text("DROP TRIGGER trg_ledger_entry_no_update"))
    else:
        world.session.execute(text("ALTER TABLE ledger_entry DISABLE TRIGGER USER"))
    world.session.execute(text(statement), values)


def test_a_sound_ledger(ledger):
    assert {check.name: check.run(ledger.session) for check in ROOM.checks} == {check.name: [] for check in ROOM.checks}


def test_more_taken_than_there_was(ledger):
    tamper(ledger, "UPDATE ledger_entry SET quantity = 32000 WHERE entry_no = 'ZX1'")
    assert overused_records(ledger.session) == [
        f"单位 {ledger.unit.unit_no} 的记录 CK1 只有 4.2 吨，后续记录用了 6.2 吨",
    ]  # fmt: skip


def test_more_returned_than_sent(ledger):
    tamper(ledger, "UPDATE ledger_entry SET quantity = 31000 WHERE entry_no = 'TH1'")
    assert len(overused_records(ledger.session)) == 1


def test_a_cancelled_record_that_still_acts(ledger):
    tamper(ledger, "UPDATE ledger_entry SET stock_delta = 19000 WHERE kind = 'cancelled' AND stock_delta > 0")
    assert len(half_cancelled_records(ledger.session)) == 1
    assert wrong_balances(ledger.session) != []


def test_a_follower_before_what_it_follows(ledger):
    tamper(ledger, "UPDATE ledger_entry SET occurred_on = :day WHERE entry_no = 'WW1'", day=date(2026, 1, 1))
    assert len(misplaced_followers(ledger.session)) == 1


def test_stock_below_zero_in_the_middle(ledger):
    tamper(ledger, "UPDATE ledger_entry SET occurred_on = :day WHERE entry_no = 'RK1'", day=TODAY)
    assert len(negative_stock(ledger.session)) == 1
