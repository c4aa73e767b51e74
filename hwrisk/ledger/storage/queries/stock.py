"""Stock by unit, facility and waste (库存) on a day, with the capacity of the facilities."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, Subquery, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from hwrisk.catalogue.models import StreamTag
from hwrisk.db.history import in_force
from hwrisk.db.types import ZERO, total
from hwrisk.ledger.models import LedgerEntry, UnitWaste
from hwrisk.ledger.storage.models import FacilityKind, FacilityVersion, StorageBatch, StorageFacility
from hwrisk.ledger.storage.queries.conditions import StorageConditions, where_unit, words
from hwrisk.ledger.storage.queries.expressions import is_overdue
from hwrisk.ledger.storage.queries.rows import facility_label
from hwrisk.regions.models import RegionVersion
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.scope import visible_units
from hwrisk.web.paging import Page, SortKey, page_of


class StockRow(NamedTuple):
    """One waste in one facility of a unit on a day; tonnes at the end of the day."""

    unit_public_id: UUID
    unit_no: str
    unit_name: str
    office_name: str
    facility_code: str
    facility_name: str
    facility_kind: FacilityKind | None
    waste_code: str
    waste_name: str
    stream_label: str
    tonnes: Decimal
    overdue: Decimal
    """Of these, tonnes of overdue batches."""
    batches: int
    oldest: date | None
    """Earliest known first 入库; unknown days are told by `has_unknown`."""
    has_unknown: bool
    in_facility: Decimal
    """Everything that lies in the facility."""
    capacity: Decimal | None

    @property
    def facility(self) -> str:
        """The facility, code and name."""
        return facility_label(self.facility_code, self.facility_name, self.facility_kind)

    @property
    def is_over_capacity(self) -> bool:
        """Whether the facility holds more than its capacity: a warning, not a fault of the ledger."""
        return self.capacity is not None and self.in_facility > self.capacity

    @property
    def capacity_note(self) -> str:
        """The warning in words, or empty."""
        if not self.is_over_capacity:
            return ""
        return f"设施存 {self.in_facility} 吨，超过能力 {self.capacity} 吨"

    @property
    def oldest_label(self) -> str:
        """Earliest first 入库, with a word on unknown ones."""
        known = self.oldest.isoformat() if self.oldest else ""
        return "、".join(part for part in (known, "含日期不详" if self.has_unknown else "") if part)


class StockTotals(NamedTuple):
    """Rows, tonnes in store, and tonnes of overdue batches among them."""

    rows: int
    tonnes: Decimal
    overdue: Decimal


def stock_page(
    session: Session, *, user: Viewer, as_of: date, asked: StorageConditions, cursor: str | None = None
) -> Page[StockRow]:
    """Return one page of what lies in store at the end of `as_of`, by unit, facility and waste."""
    table = _stock(user, as_of, asked)
    found = page_of(session, select(table), keys=_keys(table), cursor=cursor, scalars=False)
    return Page([_row(row) for row in found.rows], found.next_cursor, found.previous_cursor)


def stock_totals(session: Session, *, user: Viewer, as_of: date, asked: StorageConditions) -> StockTotals:
    """Return the sums of all rows that fit; one statement."""
    table = _stock(user, as_of, asked)
    row = session.execute(select(func.count(), total(table.c.tonnes), total(table.c.overdue)).select_from(table)).one()
    return StockTotals(*row)


def stream_stock(session: Session, *, user: Viewer, as_of: date, asked: StorageConditions) -> Iterator[StockRow]:
    """Yield all rows that fit, in the order of the list."""
    table = _stock(user, as_of, asked)
    for row in session.execute(select(table).order_by(*(key.column for key in _keys(table)))):
        yield _row(row)


def unit_stock(session: Session, unit_id: int, *, user: Viewer, as_of: date) -> list[StockRow]:
    """Return what lies in the facilities of one unit at the end of `as_of`; empty when it is out of sight."""
    return list(stream_stock(session, user=user, as_of=as_of, asked=StorageConditions(unit_id=unit_id)))


def _stock(user: Viewer, as_of: date, asked: StorageConditions) -> Subquery:
    lying = _lying(as_of, asked)
    office, facility = aliased(RegionVersion), aliased(FacilityVersion)
    tonnes = total(lying.c.tonnes)
    statement: Select[*tuple[Any, ...]] = (
        select(
            Unit.public_id.label("unit_public_id"), Unit.unit_no, UnitVersion.name.label("unit_name"),
            func.coalesce(office.name, "待定").label("office_name"),
            StorageFacility.code.label("facility_code"), func.coalesce(facility.name, "").label("facility_name"),
            facility.kind.label("facility_kind"), StorageBatch.waste_code, StorageBatch.waste_name,
            func.coalesce(StreamTag.label, "").label("stream_label"), tonnes.label("tonnes"),
            total(case((is_overdue(as_of), lying.c.tonnes), else_=None)).label("overdue"),
            func.count().label("batches"), func.min(StorageBatch.first_stored_on).label("oldest"),
            (func.count() > func.count(StorageBatch.first_stored_on)).label("has_unknown"),
            func.max(lying.c.in_facility).label("in_facility"), facility.capacity,
        )
        .select_from(lying)
        .join(StorageBatch, StorageBatch.id == lying.c.batch_id)
        .join(StorageFacility, StorageFacility.id == lying.c.facility_id)
        .join(Unit, Unit.id == StorageBatch.unit_id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .outerjoin(facility, and_(facility.facility_id == StorageFacility.id, in_force(facility, as_of)))
        .outerjoin(office, and_(office.region_code == UnitVersion.office_code, in_force(office, as_of)))
        .outerjoin(
            UnitWaste,
            and_(
                UnitWaste.unit_id == StorageBatch.unit_id,
                UnitWaste.waste_code == StorageBatch.waste_code,
                UnitWaste.waste_name == StorageBatch.waste_name,
            ),
        )
        .outerjoin(StreamTag, StreamTag.tag == UnitWaste.tag_confirmed)
        .where(
            lying.c.tonnes > ZERO,
            visible_units(user, as_of=as_of),
            *where_unit(asked),
            *words(asked.text, StorageFacility.code, StorageBatch.waste_code, StorageBatch.waste_name),
        )
        .group_by(
            Unit.public_id, Unit.unit_no, UnitVersion.name, office.name, StorageFacility.code, facility.name,
            facility.kind, facility.capacity, StorageBatch.waste_code, StorageBatch.waste_name, StreamTag.label,
        )
    )  # fmt: skip
    if asked.stream is not None:
        statement = statement.where(UnitWaste.tag_confirmed == asked.stream)
    return statement.subquery()


def _lying(as_of: date, asked: StorageConditions) -> Subquery:
    """Select the tonnes of every batch in every facility at the end of the day, and all that lies in the facility."""
    moved = aliased(LedgerEntry)
    batch = aliased(StorageBatch)
    live = select(batch.id).where(
        batch.entered_on <= as_of,
        or_(batch.remaining > ZERO, exists().where(moved.batch_id == batch.id, moved.occurred_on > as_of)),
    )
    if asked.unit_id is not None:
        live = live.where(batch.unit_id == asked.unit_id)
    tonnes = total(LedgerEntry.stock_delta)
    in_facility = func.sum(tonnes).over(partition_by=LedgerEntry.facility_id)
    return (
        select(LedgerEntry.batch_id, LedgerEntry.facility_id, tonnes.label("tonnes"), in_facility.label("in_facility"))
        .where(LedgerEntry.batch_id.in_(live), LedgerEntry.occurred_on <= as_of)
        .group_by(LedgerEntry.batch_id, LedgerEntry.facility_id)
        .subquery()
    )


def _keys(table: Subquery) -> tuple[SortKey, ...]:
    names = ("unit_no", "facility_code", "waste_code", "waste_name")
    return tuple(SortKey(table.c[name], attrgetter(name)) for name in names)


def _row(row: Any) -> StockRow:
    return StockRow(*(getattr(row, name) for name in StockRow._fields))
