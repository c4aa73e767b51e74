"""A small ledger to vary in tests: each test states only what it is about."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.session import Database
from hwrisk.ledger.drafts import Draft, Hand, Posted
from hwrisk.ledger.models import EntryKind, LedgerEntry, ReceiverKind
from hwrisk.ledger.posting import PostingRefused, check_many, post, post_many
from hwrisk.ledger.storage.models import FacilityKind, StorageBatch, StorageFacility
from hwrisk.ledger.storage.operations import register_facility
from hwrisk.security import Role, Viewer
from hwrisk.security.permissions import permissions_of
from hwrisk.units.models import IdentityKind, Unit, UnitRole, UnitStatus
from hwrisk.units.operations import UnitChange, register_unit

TODAY = date(2026, 11, 23)
SINCE = date(2020, 1, 1)
SALT = "261-084-45"
OIL = "900-214-08"
OFFICE = "LYG-GYX"
_numbers = itertools.count(1)


def city(label: str = "固废科 演示-张三") -> Viewer:
    """Somebody of the city section."""
    return Viewer(
        account_id=None, label=label, role=Role.CITY, is_city_wide=True, permissions=permissions_of(Role.CITY)
    )


def county(*offices: str) -> Viewer:
    """Somebody of a county branch."""
    return Viewer(
        account_id=None, label="灌云局 演示-李四", role=Role.COUNTY, offices=frozenset(offices or (OFFICE,)),
        permissions=permissions_of(Role.COUNTY),
    )  # fmt: skip


def enterprise(*units: int) -> Viewer:
    """A reporter of some units."""
    return Viewer(
        account_id=None, label="企业 演示-王五", role=Role.ENTERPRISE, units=frozenset(units),
        permissions=permissions_of(Role.ENTERPRISE),
    )  # fmt: skip


class LedgerWorld:
    """Registers units and facilities and posts records."""

    def __init__(self, session: Session, database: Database) -> None:
        self.session = session
        self.database = database
        self.unit = self.register()
        self.store = self.facility("TS001")
        self.spot = self.facility("TS002", kind=FacilityKind.SPOT, name="贮存点")

    def register(
        self,
        *,
        role: UnitRole = UnitRole.GENERATOR,
        status: UnitStatus = UnitStatus.OPERATING,
        supervised: bool = True,
        since: date = SINCE,
        **state: Any,
    ) -> Unit:
        """Register a unit."""
        number = next(_numbers)
        values: dict[str, Any] = {
            "name": f"演示试验{number}有限公司", "status": status, "role": role, "admin_code": "320723",
            "office_code": OFFICE, "licence_no": "演示证" if role is UnitRole.OPERATOR else "",
            "address": "演示地址", "responsible_party": "演示责任主体" if status is UnitStatus.CLOSED_UNCLEARED else "",
        } | state  # fmt: skip
        return register_unit(
            self.session, identity_kind=IdentityKind.INSTITUTION, identity_no=f"YS{number:06}",
            identity_reason="试验", valid_from=since, state=UnitChange(**values), is_supervised=supervised,
            source="试验", actor=Viewer.system(),
        )  # fmt: skip

    def facility(
        self,
        code: str,
        *,
        unit: Unit | None = None,
        kind: FacilityKind = FacilityKind.WAREHOUSE,
        name: str = "贮存库",
        capacity: str | None = None,
    ) -> StorageFacility:
        """Register a facility."""
        return register_facility(
            self.session, unit_id=(unit or self.unit).id, code=code, name=name, kind=kind,
            capacity=Decimal(capacity) if capacity else None, valid_from=SINCE, actor=Viewer.system(),
        )  # fmt: skip

    def hand(self, viewer: Viewer | None = None, *, as_of: date = TODAY, at: datetime | None = None) -> Hand:
        """Whoever records."""
        return Hand(viewer=viewer or city(), as_of=as_of, recorded_at=at)

    def draft(self, kind: EntryKind, on: date, quantity: str, **values: Any) -> Draft:
        """A draft with what its kind needs; `batch` and `after` are numbers."""
        values["batch_no"] = values.pop("batch", "")
        values["predecessor_no"] = values.pop("after", "")
        if kind in {EntryKind.STORED_IN, EntryKind.OPENING}:
            values.setdefault("facility_id", self.store.id)
        if kind in {EntryKind.STORED_IN, EntryKind.OPENING, EntryKind.GENERATED}:
            values.setdefault("waste_code", SALT)
            values.setdefault("waste_name", "蒸发结晶盐")
        if kind is EntryKind.ENTRUSTED:
            values.setdefault("receiver_kind", ReceiverKind.TREATMENT)
            values.setdefault("receiver_name", "演示接收单位甲")
        if kind is EntryKind.SELF_TREATED:
            values.setdefault("method_code", "D10")
        if kind in {EntryKind.STOCKTAKE_GAIN, EntryKind.STOCKTAKE_LOSS}:
            values.setdefault("remark", "年末盘点")
        values.setdefault("unit_id", self.unit.id)
        return Draft(kind=kind, occurred_on=on, quantity=Decimal(quantity), **values)

    def post(self, kind: EntryKind, on: date, quantity: str, **values: Any) -> LedgerEntry:
        """Post one record and return it (the first, where it is split)."""
        posted = post(self.session, self.draft(kind, on, quantity, **values), self.hand())
        return self.session.get_one(LedgerEntry, posted.entry_ids[0])

    def post_all(self, *drafts: Draft) -> Posted:
        """Post several records together."""
        return post_many(self.session, drafts, self.hand())

    def stored(self, quantity: str, on: date, **values: Any) -> StorageBatch:
        """Put a batch into store."""
        entry = self.post(EntryKind.STORED_IN, on, quantity, **values)
        return self.session.get_one(StorageBatch, entry.batch_id)

    def refusal(self, *drafts: Draft) -> tuple[str, str]:
        """Field and sentence with which posting is refused; the preview must say the same, and nothing be kept."""
        before = self.records()
        foreseen, _ = check_many(self.session, drafts, self.hand())
        try:
            post_many(self.session, drafts, self.hand())
        except PostingRefused as refused:
            assert refused.refusals == foreseen
            assert self.records() == before
            return refused.refusals[0].field, refused.refusals[0].message
        raise AssertionError("was not refused")

    def records(self) -> list[int]:
        """Ids of all records of the unit."""
        return list(
            self.session.scalars(
                select(LedgerEntry.id).where(LedgerEntry.unit_id == self.unit.id).order_by(LedgerEntry.id)
            )
        )

    def remaining(self, batch: StorageBatch) -> Decimal:
        """Balance of a batch as stored."""
        self.session.expire(batch)
        return batch.remaining
