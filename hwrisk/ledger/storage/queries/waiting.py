"""Generated but not stored (产生未入库): what waits longer for its 入库 than the bureau's own rule allows."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from hwrisk.db.history import in_force
from hwrisk.db.types import ZERO, total
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.storage.queries.conditions import StorageConditions, where_unit, words
from hwrisk.ledger.storage.queries.settings import days_to_store
from hwrisk.regions.models import RegionVersion
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.scope import visible_units
from hwrisk.web.paging import Page, SortKey, page_of

FOLLOWS = (EntryKind.STORED_IN, EntryKind.SELF_TREATED, EntryKind.ENTRUSTED)
"""What becomes of generated waste; treated or entrusted at once it needs no storage."""
KEYS = (
    SortKey(LedgerEntry.occurred_on, lambda row: row.occurred_on),
    SortKey(LedgerEntry.id, lambda row: row.id),
)


class WaitingRow(NamedTuple):
    """A generation record of which something is neither stored nor treated; tonnes."""

    entry_no: str
    unit_public_id: UUID
    unit_name: str
    office_name: str
    waste_code: str
    waste_name: str
    occurred_on: date
    quantity: Decimal
    waiting: Decimal
    days: int
    """Days since it was generated."""


def waiting_page(
    session: Session, *, user: Viewer, as_of: date, asked: StorageConditions, cursor: str | None = None
) -> Page[WaitingRow]:
    """Return one page of what waits too long on `as_of`, the longest first."""
    statement = _statement(session, user, as_of, asked)
    if statement is None:
        return Page([])
    found = page_of(session, statement, keys=KEYS, cursor=cursor, scalars=False)
    return Page([_row(row, as_of) for row in found.rows], found.next_cursor, found.previous_cursor)


def count_waiting(session: Session, *, user: Viewer, as_of: date, asked: StorageConditions | None = None) -> int:
    """Return how many generation records wait too long on `as_of`."""
    statement = _statement(session, user, as_of, asked or StorageConditions())
    if statement is None:
        return 0
    return session.scalar(statement.with_only_columns(func.count())) or 0


def _statement(
    session: Session, user: Viewer, as_of: date, asked: StorageConditions
) -> Select[*tuple[Any, ...]] | None:
    days = days_to_store(session, as_of=as_of)
    if days is None:
        return None
    office, cancelling = aliased(RegionVersion), aliased(LedgerEntry)
    waiting = LedgerEntry.quantity - _followed(as_of)
    return (
        select(
            LedgerEntry.id, LedgerEntry.entry_no, Unit.public_id.label("unit_public_id"),
            UnitVersion.name.label("unit_name"), func.coalesce(office.name, "待定").label("office_name"),
            LedgerEntry.waste_code, LedgerEntry.waste_name, LedgerEntry.occurred_on, LedgerEntry.quantity,
            waiting.label("waiting"),
        )
        .select_from(LedgerEntry)
        .join(Unit, Unit.id == LedgerEntry.unit_id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .outerjoin(office, and_(office.region_code == UnitVersion.office_code, in_force(office, as_of)))
        .where(
            # Written into the statement: the index of generated waste is found by the word alone.
            LedgerEntry.kind == bindparam(None, EntryKind.GENERATED, LedgerEntry.kind.type, literal_execute=True),
            LedgerEntry.occurred_on < as_of - timedelta(days=days),
            _may_wait(as_of),
            waiting > ZERO,
            ~exists().where(cancelling.cancels_id == LedgerEntry.id),
            visible_units(user, as_of=as_of),
            *where_unit(asked),
            *words(asked.text, LedgerEntry.entry_no, LedgerEntry.waste_code, LedgerEntry.waste_name),
        )
    )  # fmt: skip


@lru_cache(maxsize=16)
def _may_wait(as_of: date) -> ColumnElement[bool]:
    # Cheap and never too narrow: spares the look at corrections for the many records that were followed in full.
    follower, corrected = aliased(LedgerEntry), aliased(LedgerEntry)
    followed = (
        select(total(follower.quantity))
        .where(follower.predecessor_id == LedgerEntry.id, follower.kind.in_(FOLLOWS), follower.occurred_on <= as_of)
        .correlate(LedgerEntry)
        .scalar_subquery()
    )
    # Above 0 instead of not NULL: that is sought in the index, which is nearly all NULL.
    corrections = union_all(
        *(select(column).where(column > 0) for column in (LedgerEntry.cancels_id, LedgerEntry.adjusts_id))
    )
    were_corrected = select(corrected.predecessor_id).where(
        corrected.id.in_(corrections), corrected.predecessor_id.is_not(None)
    )
    return or_(LedgerEntry.quantity - followed > ZERO, LedgerEntry.id.in_(were_corrected))


@lru_cache(maxsize=16)
def _followed(as_of: date) -> Any:
    """Return the tonnes of a generation record that were stored, treated or entrusted by the end of the day."""
    follower, adjusting, cancelling = aliased(LedgerEntry), aliased(LedgerEntry), aliased(LedgerEntry)
    adjusted = (
        select(total(adjusting.stock_delta))
        .where(adjusting.adjusts_id == follower.id)
        .correlate(follower)
        .scalar_subquery()
    )
    effective = case((follower.kind == EntryKind.STORED_IN, follower.quantity + adjusted), else_=follower.quantity)
    return (
        select(total(effective))
        .where(
            follower.predecessor_id == LedgerEntry.id,
            follower.kind.in_(FOLLOWS),
            follower.occurred_on <= as_of,
            ~exists().where(cancelling.cancels_id == follower.id),
        )
        .correlate(LedgerEntry)
        .scalar_subquery()
    )


def _row(row: Any, as_of: date) -> WaitingRow:
    return WaitingRow(
        row.entry_no, row.unit_public_id, row.unit_name, row.office_name, row.waste_code, row.waste_name,
        row.occurred_on, row.quantity, row.waiting, (as_of - row.occurred_on).days,
    )  # fmt: skip
