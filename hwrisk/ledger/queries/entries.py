"""The management ledger (管理台账): its records, how many, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select
from sqlalchemy.orm import Session, aliased

from hwrisk.db.chunks import chunked
from hwrisk.db.history import in_force
from hwrisk.db.types import ZERO, TonnesType, total
from hwrisk.ledger.models import EntryKind, LedgerEntry, ReceiverKind
from hwrisk.ledger.queries.conditions import LedgerConditions, where, where_entries, where_units
from hwrisk.ledger.storage.models import StorageBatch, StorageFacility
from hwrisk.regions.models import RegionVersion
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.scope import visible_units
from hwrisk.web.paging import Page, SortKey, page_of

ENTERS = (EntryKind.OPENING, EntryKind.STORED_IN, EntryKind.RETURNED, EntryKind.STOCKTAKE_GAIN)
LEAVES = (EntryKind.STORED_OUT, EntryKind.STOCKTAKE_LOSS)
RECENT = 8
KEYS = (
    SortKey(LedgerEntry.occurred_on, lambda row: row.occurred_on, descending=True),
    SortKey(LedgerEntry.id, lambda row: row.id, descending=True),
)
"""The latest day first; within a day the record made last."""


class EntryRow(NamedTuple):
    """A record of the ledger as lists and exports show it; quantities in tonnes."""

    id: int
    public_id: UUID
    entry_no: str
    kind: EntryKind
    occurred_on: date
    unit_public_id: UUID
    unit_no: str
    unit_name: str
    office_name: str
    """Supervising office, or 待定 where no source states it."""
    waste_code: str
    waste_name: str
    quantity: Decimal
    stock_delta: Decimal
    """What it does to the stock, with its sign; 0 for what does not touch the store."""
    facility: str
    batch_no: str
    batch_public_id: UUID | None
    predecessor_no: str
    corrects_no: str
    """Number of the record it cancels or adjusts."""
    is_cancelled: bool
    method_code: str
    completed_on: date | None
    receiver_name: str
    receiver_kind: ReceiverKind | None
    national_no: str
    remark: str
    recorded_by: str
    recorded_at: datetime

    @property
    def state_label(self) -> str:
        """已撤销 for a record that was taken back."""
        return "已撤销" if self.is_cancelled else ""

    @property
    def receiver_label(self) -> str:
        """The receiver and what it does with the waste."""
        kind = f"（{self.receiver_kind.label}）" if self.receiver_kind else ""
        return f"{self.receiver_name}{kind}"


class LedgerTotals(NamedTuple):
    """What the records of a list add up to, corrections worked in; tonnes."""

    entries: int
    generated: Decimal
    entered: Decimal
    """Opening, 入库, 退回 and 盘盈; moves between own facilities are none."""
    left: Decimal
    """出库 and 盘亏."""
    treated: Decimal
    entrusted: Decimal
    received: Decimal


def entries_page(
    session: Session, *, user: Viewer, as_of: date, asked: LedgerConditions, cursor: str | None = None
) -> Page[EntryRow]:
    """Return one page of the records in sight that fit, the latest day first."""
    found = page_of(session, _statement(user, as_of, asked), keys=KEYS, cursor=cursor, scalars=False)
    return Page([_row(row) for row in found.rows], found.next_cursor, found.previous_cursor)


def recent_entries(session: Session, unit_id: int, *, user: Viewer, as_of: date) -> list[EntryRow]:
    """Return the latest records of one unit."""
    asked = LedgerConditions(unit_id=unit_id)
    statement = _statement(user, as_of, asked).order_by(*_order()).limit(RECENT)
    return [_row(row) for row in session.execute(statement)]


def stream_entries(session: Session, *, user: Viewer, as_of: date, asked: LedgerConditions) -> Iterator[EntryRow]:
    """Yield all records in sight that fit, in the order of the list."""
    statement = _statement(user, as_of, asked).order_by(*_order())
    for chunk in chunked(session.execute(statement.execution_options(yield_per=2000))):
        yield from (_row(row) for row in chunk)


def count_entries(session: Session, *, user: Viewer, as_of: date, asked: LedgerConditions) -> int:
    """Return how many records in sight fit; one statement."""
    statement = _of_units(select(func.count()).select_from(LedgerEntry), user, as_of, asked)
    return session.scalar(statement) or 0


def ledger_totals(session: Session, *, user: Viewer, as_of: date, asked: LedgerConditions) -> LedgerTotals:
    """Return what the records in sight that fit add up to; one statement.

    A cancellation or adjustment counts with the kind of the record it corrects.
    """
    corrected = aliased(LedgerEntry)
    kind = func.coalesce(corrected.kind, LedgerEntry.kind)
    sums = (
        _sum_if(kind == EntryKind.GENERATED, _signed()),
        _sum_if(kind.in_(ENTERS), LedgerEntry.stock_delta),
        _sum_if(kind.in_(LEAVES), -LedgerEntry.stock_delta),
        _sum_if(kind == EntryKind.SELF_TREATED, _signed()),
        _sum_if(kind == EntryKind.ENTRUSTED, _signed()),
        _sum_if(kind == EntryKind.RECEIVED, _signed()),
    )
    statement: Any = (
        select(func.count(), *sums)
        .select_from(LedgerEntry)
        .outerjoin(corrected, corrected.id == func.coalesce(LedgerEntry.cancels_id, LedgerEntry.adjusts_id))
    )
    return LedgerTotals._make(session.execute(_of_units(statement, user, as_of, asked)).one())


def _signed() -> ColumnElement[Decimal]:
    return case((LedgerEntry.kind == EntryKind.CANCELLED, -LedgerEntry.quantity), else_=LedgerEntry.quantity)


def _sum_if(condition: ColumnElement[bool], tonnes: Any) -> ColumnElement[Decimal]:
    return total(case((condition, tonnes), else_=literal(ZERO, TonnesType())))


def _order() -> Sequence[ColumnElement[Any]]:
    return [key.column.desc() for key in KEYS]


def _of_units(statement: Any, user: Viewer, as_of: date, asked: LedgerConditions) -> Any:
    """Narrow a statement for sums of records."""
    # Told the units, SQLite reads the sums of each from the index alone, instead of record by record.
    units = (
        select(Unit.id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(visible_units(user, as_of=as_of), *where_units(asked))
    )
    return statement.where(LedgerEntry.unit_id.in_(units), *where_entries(asked, user=user, as_of=as_of))


def _statement(user: Viewer, as_of: date, asked: LedgerConditions) -> Select[Any]:
    return rows_statement(user, as_of=as_of).where(*where(asked, user=user, as_of=as_of))


def rows_statement(user: Viewer, *, as_of: date) -> Select[Any]:
    """Return the statement for `EntryRow` of all records of units in sight of `user` on `as_of`."""
    office, before, corrected = aliased(RegionVersion), aliased(LedgerEntry), aliased(LedgerEntry)
    cancelling = aliased(LedgerEntry)
    statement: Any = select(
        LedgerEntry.id, LedgerEntry.public_id, LedgerEntry.entry_no, LedgerEntry.kind, LedgerEntry.occurred_on,
        Unit.public_id.label("unit_public_id"), Unit.unit_no, UnitVersion.name.label("unit_name"),
        func.coalesce(office.name, "待定").label("office_name"), LedgerEntry.waste_code, LedgerEntry.waste_name,
        LedgerEntry.quantity, LedgerEntry.stock_delta, func.coalesce(StorageFacility.code, "").label("facility"),
        func.coalesce(StorageBatch.batch_no, "").label("batch_no"), StorageBatch.public_id.label("batch_public_id"),
        func.coalesce(before.entry_no, "").label("predecessor_no"),
        func.coalesce(corrected.entry_no, "").label("corrects_no"),
        cancelling.id.is_not(None).label("is_cancelled"),
        func.coalesce(LedgerEntry.method_code, "").label("method_code"), LedgerEntry.completed_on,
        LedgerEntry.receiver_name, LedgerEntry.receiver_kind,
        func.coalesce(LedgerEntry.national_no, "").label("national_no"), LedgerEntry.remark,
        LedgerEntry.recorded_by, LedgerEntry.recorded_at,
    )  # fmt: skip
    found: Select[Any] = (
        statement.select_from(LedgerEntry)
        .join(Unit, Unit.id == LedgerEntry.unit_id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .outerjoin(StorageFacility, StorageFacility.id == LedgerEntry.facility_id)
        .outerjoin(StorageBatch, StorageBatch.id == LedgerEntry.batch_id)
        .outerjoin(before, before.id == LedgerEntry.predecessor_id)
        .outerjoin(corrected, corrected.id == func.coalesce(LedgerEntry.cancels_id, LedgerEntry.adjusts_id))
        .outerjoin(cancelling, cancelling.cancels_id == LedgerEntry.id)
        .outerjoin(office, and_(office.region_code == UnitVersion.office_code, in_force(office, as_of)))
        .where(visible_units(user, as_of=as_of))
    )
    return found


def _row(row: Any) -> EntryRow:
    return EntryRow(**row._asdict())
