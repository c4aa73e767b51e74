"""A year of one generator, for the tests of the balance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hwrisk.ledger.drafts import Draft, Hand
from hwrisk.ledger.models import EntryKind, ReceiverKind, Removal
from hwrisk.ledger.posting import post_many
from hwrisk.ledger.storage.models import FacilityKind
from hwrisk.ledger.storage.operations import register_facility
from hwrisk.units.models import UnitRole
from tests.permits.permit_world import SYSTEM, TODAY, content, licence, line, register

OIL = "900-214-08"


@pytest.fixture
def ledger(session):
    """A generator with 50 t of oil: 20 to a plant of the city, 10 outside the province, 5 nobody knows where."""
    unit = register(session, 1, role=UnitRole.GENERATOR)
    plant = register(session, 2)
    licence(session, "演示证-市内", plant, said=content(line(quantity="1200")))
    licence(session, "演示证-省外")
    store = register_facility(
        session, unit_id=unit.id, code="TS001", name="贮存库", kind=FacilityKind.WAREHOUSE, capacity=None,
        valid_from=date(2020, 1, 1), actor=SYSTEM,
    )  # fmt: skip
    common = {"unit_id": unit.id, "waste_code": OIL, "waste_name": "废矿物油"}
    day = date(2025, 3, 1)
    drafts = [
        Draft(kind=EntryKind.GENERATED, entry_no="CS1", occurred_on=day, quantity=Decimal(50), **common),
        Draft(kind=EntryKind.STORED_IN, entry_no="RK1", occurred_on=day, quantity=Decimal(50), facility_id=store.id,
              predecessor_no="CS1", **common),
        Draft(kind=EntryKind.STORED_OUT, entry_no="CK1", occurred_on=day, quantity=Decimal(35), batch_no="RK1",
              facility_id=store.id, removal=Removal.ENTRUST, **common),
    ]  # fmt: skip
    for number, (quantity, name, licence_no) in enumerate(
        [(20, "演示许可2有限公司", "演示证-市内"), (10, "省外接收单位", ""), (5, "不知道的单位", "查无此证")]
    ):
        drafts.append(
            Draft(
                kind=EntryKind.ENTRUSTED, entry_no=f"WW{number}", predecessor_no="CK1", occurred_on=day,
                quantity=Decimal(quantity), method_code="D10", receiver_kind=ReceiverKind.TREATMENT,
                receiver_name=name, receiver_licence_no=licence_no, removal=Removal.ENTRUST, **common,
            )
        )  # fmt: skip
    post_many(session, drafts, Hand(viewer=SYSTEM, as_of=TODAY))
    return unit
