"""What the database refuses by itself, whoever writes: on both engines."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from hwrisk.ledger.models import EntryKind, LedgerEntry, ReceiverKind

DAY = date(2026, 3, 2)
pytestmark = pytest.mark.db


@pytest.fixture
def batch(world):
    batch = world.stored("10", DAY, entry_no="RK1")
    world.post(EntryKind.STORED_OUT, DAY + timedelta(days=5), "7", batch="RK1")
    return batch


def raw(world, batch, **values) -> LedgerEntry:
    row = {
        "entry_no": "RAW1", "unit_id": world.unit.id, "kind": EntryKind.STORED_OUT, "occurred_on": DAY,
        "waste_code": batch.waste_code, "quantity": Decimal(1), "stock_delta": Decimal(-1), "batch_id": batch.id,
        "facility_id": batch.facility_id,
    } | values  # fmt: skip
    return LedgerEntry(**row)


def refused(world, act) -> str:
    with pytest.raises(DBAPIError) as failure, world.session.begin_nested():
        act()
        world.session.flush()
    return str(failure.value.orig)


def test_records_are_never_edited(world, batch):
    assert "台账记录不可修改" in refused(world, lambda: world.session.execute(update(LedgerEntry).values(remark="改")))


def test_records_are_never_deleted(world, batch):
    assert "台账记录不可" in refused(world, lambda: world.session.execute(delete(LedgerEntry)))


def test_records_are_never_truncated(world, batch):
    if world.database.dialect == "postgresql":
        assert "台账记录不可" in refused(world, lambda: world.session.execute(text("TRUNCATE ledger_entry CASCADE")))


@pytest.mark.parametrize(
    ("on", "delta"), [(DAY, "-3.0001"), (DAY + timedelta(days=2), "-4"), (DAY - timedelta(1), "-1")]
)
def test_stock_is_never_negative_on_any_day(world, batch, on, delta):
    assert "库存不得为负" in refused(
        world, lambda: world.session.add(raw(world, batch, occurred_on=on, stock_delta=Decimal(delta)))
    )


def test_exactly_what_is_left_may_leave(world, batch):
    world.session.add(raw(world, batch, stock_delta=Decimal(-3)))
    world.session.flush()


def test_nor_in_one_facility_when_another_has_enough(world, batch):
    assert "库存不得为负" in refused(world, lambda: world.session.add(raw(world, batch, facility_id=world.spot.id)))


def test_a_manifest_number_belongs_to_one_unit(world, batch):
    number = {"kind": EntryKind.ENTRUSTED, "stock_delta": Decimal(0), "batch_id": None, "facility_id": None,
              "national_no": "20263207000009", "receiver_kind": ReceiverKind.TREATMENT}  # fmt: skip
    world.session.add(raw(world, batch, **number))
    world.session.add(raw(world, batch, entry_no="RAW2", **number))
    world.session.flush()
    other = world.register()
    assert "国家联单编号已被其他单位的记录使用" in refused(
        world, lambda: world.session.add(raw(world, batch, entry_no="RAW3", unit_id=other.id, **number))
    )


def test_a_record_is_cancelled_once(world, batch):
    first = world.records()[1]
    cancelling = {"kind": EntryKind.CANCELLED, "cancels_id": first, "stock_delta": Decimal(7)}
    world.session.add(raw(world, batch, **cancelling))
    world.session.flush()
    assert "cancels_id" in refused(world, lambda: world.session.add(raw(world, batch, entry_no="RAW2", **cancelling)))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"quantity": Decimal(0)}, "quantity_positive"),
        ({"facility_id": None}, "batch_with_facility"),
        ({"kind": EntryKind.CANCELLED}, "cancel_names_record"),
        ({"kind": EntryKind.ADJUSTED}, "adjust_names_record"),
    ],
)
def test_constraints(world, batch, values, name):
    assert name in refused(world, lambda: world.session.add(raw(world, batch, **values)))
