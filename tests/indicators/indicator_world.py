"""A small city to vary in tests: rows put straight into the tables, each test stating only what it is about."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.ledger.models import EntryKind, LedgerEntry, LedgerStatement, ReceiverKind
from hwrisk.ledger.storage.models import (
    BatchTag,
    DisposalPlan,
    ExtensionState,
    FacilityKind,
    FacilityVersion,
    Lot,
    LotMember,
    StorageBatch,
    StorageExtension,
    StorageFacility,
)
from hwrisk.regions.models import Region, RegionKind, RegionVersion
from hwrisk.units.models import IdentityKind, ManagementClass, Unit, UnitRole, UnitStatus, UnitVersion

EARLY = datetime(2020, 1, 1, tzinfo=UTC)
DISTRICTS = ("320723", "320724")
TOWN = "320723101"


def instant(day: date, hour: int = 2) -> datetime:
    """An instant on a day in Asia/Shanghai (10 in the morning by default)."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


class World:
    """Puts rows into the tables and keeps the balances as the ledger would."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._numbers = itertools.count(1)
        self.recorded_at = EARLY
        """Instant under which the following rows are recorded."""

    def add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def town(self) -> None:
        self.add(Region(code=TOWN, kind=RegionKind.ADMIN, recorded_at=EARLY))
        self.add(
            RegionVersion(
                region_code=TOWN, name="试验镇", level="town", parent_code=DISTRICTS[0], sort_no=99, source="试验",
                trust="verified", valid_from=date(2015, 1, 1), recorded_at=EARLY,
            )
        )  # fmt: skip

    def unit(self, *, since: date = date(2015, 1, 1), supervised: bool = True, **version: Any) -> Unit:
        number = next(self._numbers)
        unit = self.add(
            Unit(
                unit_no=f"LYG-2020-{number:06}", identity_kind=IdentityKind.UNKNOWN, is_supervised=supervised,
                recorded_at=self.recorded_at,
            )
        )  # fmt: skip
        self.version(unit, since=since, **version)
        return unit

    def version(self, unit: Unit, *, since: date, until: date | None = None, **values: Any) -> UnitVersion:
        row = {
            "name": f"演示{unit.unit_no}", "status": UnitStatus.OPERATING, "role": UnitRole.GENERATOR,
            "office_code": "LYG-GYX", "admin_code": DISTRICTS[0], "class_computed": ManagementClass.REGISTERED,
        } | values  # fmt: skip
        return self.add(
            UnitVersion(unit_id=unit.id, valid_from=since, valid_until=until, recorded_at=self.recorded_at, **row)
        )

    def statement(self, unit: Unit, first: date, last: date) -> LedgerStatement:
        return self.add(
            LedgerStatement(
                unit_id=unit.id, covers_from=first, covers_until=last + timedelta(days=1), recorded_at=self.recorded_at
            )
        )

    def batch(
        self,
        quantity: str,
        stored_on: date,
        *,
        unit: Unit | None = None,
        first_stored_on: date | str | None = "same",
        limit: str = "generator-365-days",
        counts: bool = True,
        tag: BatchTag = BatchTag.NONE,
    ) -> StorageBatch:
        """A batch with its 入库 record; limit by the key, worked out here for the two kinds of unit."""
        unit = unit or self.unit()
        number = next(self._numbers)
        facility = self.add(StorageFacility(unit_id=unit.id, code=f"TS{number:03}", recorded_at=self.recorded_at))
        self.add(
            FacilityVersion(
                facility_id=facility.id, kind=FacilityKind.WAREHOUSE, name="库", valid_from=date(2015, 1, 1),
                recorded_at=self.recorded_at,
            )
        )  # fmt: skip
        first = stored_on if first_stored_on == "same" else first_stored_on
        assert first is None or isinstance(first, date)
        last = None if first is None else last_lawful(first, limit)
        batch = self.add(
            StorageBatch(
                batch_no=f"HWRK{number:08}", unit_id=unit.id, facility_id=facility.id, waste_code="900-041-49",
                waste_name="沾染物", entered_on=stored_on, first_stored_on=first, quantity=Decimal(quantity),
                remaining=Decimal(0), limit_key=limit, last_lawful_on=last,
                overdue_from=stored_on if last is None else last + timedelta(days=1),
                counts_in_rate=counts, tag=tag, recorded_at=self.recorded_at,
            )
        )  # fmt: skip
        kind = EntryKind.OPENING if first != stored_on else EntryKind.STORED_IN
        self.entry(batch, kind, stored_on, quantity, delta=quantity)
        return batch

    def entry(
        self, batch: StorageBatch, kind: EntryKind, on: date, quantity: str, *, delta: str = "0", **values: Any
    ) -> LedgerEntry:
        moves = Decimal(delta) != 0
        row = self.add(
            LedgerEntry(
                entry_no=f"R{next(self._numbers):08}", unit_id=batch.unit_id, kind=kind, occurred_on=on,
                waste_code=batch.waste_code, quantity=Decimal(quantity), stock_delta=Decimal(delta),
                batch_id=batch.id if moves else None, facility_id=batch.facility_id if moves else None,
                recorded_at=self.recorded_at, **values,
            )
        )  # fmt: skip
        batch.remaining = batch.remaining + Decimal(delta)
        self.session.flush()
        return row

    def out(self, batch: StorageBatch, on: date, quantity: str) -> LedgerEntry:
        return self.entry(batch, EntryKind.STORED_OUT, on, quantity, delta=f"-{quantity}")

    def treat(self, batch: StorageBatch, on: date, quantity: str, *, done: date | None) -> LedgerEntry:
        """Out and own treatment; `done` None: not finished yet."""
        out = self.out(batch, on, quantity)
        return self.entry(
            batch, EntryKind.SELF_TREATED, on, quantity, predecessor_id=out.id, completed_on=done, method_code="D10"
        )

    def send(
        self, batch: StorageBatch, on: date, quantity: str, *, to: ReceiverKind = ReceiverKind.TREATMENT
    ) -> LedgerEntry:
        out = self.out(batch, on, quantity)
        return self.entry(
            batch, EntryKind.ENTRUSTED, on, quantity, predecessor_id=out.id, receiver_kind=to, receiver_name="接收单位"
        )

    def receive(
        self, batch: StorageBatch, load: LedgerEntry, on: date, quantity: str, *, explained: bool = False
    ) -> LedgerEntry:
        return self.entry(
            batch, EntryKind.RECEIVED, on, quantity, predecessor_id=load.id, completed_on=on,
            difference_explained=explained,
        )  # fmt: skip

    def give_back(self, batch: StorageBatch, load: LedgerEntry, on: date, quantity: str) -> LedgerEntry:
        return self.entry(batch, EntryKind.RETURNED, on, quantity, delta=quantity, predecessor_id=load.id)

    def cancel(self, batch: StorageBatch, entry: LedgerEntry) -> LedgerEntry:
        return self.entry(
            batch, EntryKind.CANCELLED, entry.occurred_on, str(entry.quantity), delta=str(-entry.stock_delta),
            cancels_id=entry.id,
        )  # fmt: skip

    def extend(
        self, batch: StorageBatch, approved_on: date | None, until: date | None, *, applied_on: date | None = None
    ) -> StorageExtension:
        """An extension; `approved_on` None leaves it pending."""
        return self.add(
            StorageExtension(
                batch_id=batch.id, applied_on=applied_on or approved_on or date(2026, 1, 1),
                state=ExtensionState.PENDING if approved_on is None else ExtensionState.APPROVED,
                approved_on=approved_on, until=until, recorded_at=self.recorded_at,
            )
        )  # fmt: skip

    def lot(self, merged_on: date, *batches: StorageBatch) -> Lot:
        """Merge batches; their first overdue days become that of the oldest from the day of merging on."""
        lot = self.add(
            Lot(unit_id=batches[0].unit_id, lot_no=f"HB{next(self._numbers)}", merged_on=merged_on,
                recorded_at=self.recorded_at)
        )  # fmt: skip
        oldest = min(b.overdue_from for b in batches if b.overdue_from)
        for batch in batches:
            self.add(LotMember(lot_id=lot.id, batch_id=batch.id, joined_on=merged_on, recorded_at=self.recorded_at))
            assert batch.overdue_from is not None
            batch.overdue_from = min(batch.overdue_from, max(merged_on, oldest))
        self.session.flush()
        return lot

    def plan(self, batch: StorageBatch, reason: str) -> DisposalPlan:
        return self.add(
            DisposalPlan(batch_id=batch.id, reason=reason, planned_on=date(2026, 12, 1), recorded_at=self.recorded_at)
        )


def last_lawful(first: date, limit: str) -> date:
    if limit == "generator-365-days":
        return first + timedelta(days=365)
    try:
        return first.replace(year=first.year + 1)
    except ValueError:
        return date(first.year + 1, 2, 28)
