"""What stock, overdue, extended and pending mean on a day, in SQL; every list, count and export uses these."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from hwrisk.db.types import ZERO, total
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.storage.models import ExtensionState, StorageBatch, StorageExtension

LEAVES_STORE = (EntryKind.STORED_OUT, EntryKind.STOCKTAKE_LOSS)
"""Kinds by which tonnes leave the storage of a unit; a move stays in it."""
NEVER = date(1900, 1, 1)
_for_the_day = lru_cache(maxsize=64)
"""Keeps an expression for the next question of the same day: putting it together takes longer than asking it."""


@_for_the_day
def stock_on(day: date) -> ColumnElement[Decimal]:
    """Return the tonnes of a `StorageBatch` in store at the end of `day`: its balance without what came later."""
    later = aliased(LedgerEntry)
    moved = (
        select(total(later.stock_delta))
        .where(later.batch_id == StorageBatch.id, later.occurred_on > day)
        .correlate(StorageBatch)
        .scalar_subquery()
    )
    return StorageBatch.remaining - moved


@_for_the_day
def left_on(day: date) -> ColumnElement[Decimal]:
    """Return the tonnes of a `StorageBatch` that left on `day`, so that with `stock_on` they were in store on it.

    A record that was cancelled or adjusted counts with what remains of it.
    """
    entry, corrected = aliased(LedgerEntry), aliased(LedgerEntry)
    kind = func.coalesce(corrected.kind, entry.kind)
    return (
        select(total(-entry.stock_delta))
        .outerjoin(corrected, corrected.id == func.coalesce(entry.cancels_id, entry.adjusts_id))
        .where(entry.batch_id == StorageBatch.id, entry.occurred_on == day, kind.in_(LEAVES_STORE))
        .correlate(StorageBatch)
        .scalar_subquery()
    )


@_for_the_day
def is_in_store(day: date) -> ColumnElement[bool]:
    """Return the predicate that some of a `StorageBatch` is in store at the end of `day`."""
    return and_(_may_be_in_store(day), stock_on(day) > ZERO)


@_for_the_day
def is_overdue(day: date) -> ColumnElement[bool]:
    """Return the predicate that a `StorageBatch` is overdue on `day` (超期).

    `day` is after the last lawful day, no extension acts on it, and some of the batch was in store at any moment of it.
    """
    was_there = stock_on(day) + left_on(day) > ZERO
    return and_(StorageBatch.overdue_from <= day, _may_be_in_store(day), not_(is_extended(day)), was_there)


@_for_the_day
def is_due_soon(day: date, lead_days: int) -> ColumnElement[bool]:
    """Return the predicate that a `StorageBatch` in store on `day` has its last lawful day within `lead_days` of it."""
    last = day + timedelta(days=lead_days)
    return and_(
        StorageBatch.overdue_from <= last + timedelta(days=1),
        func.coalesce(extended_until(day), NEVER) <= last,
        is_in_store(day),
        or_(StorageBatch.overdue_from > day, is_extended(day)),
    )


@_for_the_day
def extended_until(day: date) -> Any:
    """Return the last day of the extensions of a `StorageBatch` that had been approved by `day`, or NULL."""
    extension = aliased(StorageExtension)
    return select(func.max(extension.until)).where(_approved(extension, day)).correlate(StorageBatch).scalar_subquery()


@_for_the_day
def is_extended(day: date) -> ColumnElement[bool]:
    """Return the predicate that an approved extension of a `StorageBatch` acts on `day`."""
    extension = aliased(StorageExtension)
    return exists().where(_approved(extension, day), extension.until >= day)


@_for_the_day
def is_pending(day: date) -> ColumnElement[bool]:
    """Return the predicate that an extension of a `StorageBatch` was applied for and not yet decided on `day`."""
    extension = aliased(StorageExtension)
    undecided = or_(extension.state == ExtensionState.PENDING, extension.approved_on > day)
    return exists().where(extension.batch_id == StorageBatch.id, extension.applied_on <= day, undecided)


def _approved(extension: Any, day: date) -> ColumnElement[bool]:
    return and_(
        extension.batch_id == StorageBatch.id,
        extension.state == ExtensionState.APPROVED,
        extension.approved_on <= day,
    )


@_for_the_day
def _may_be_in_store(day: date) -> ColumnElement[bool]:
    # Cheap and never too narrow: spares the sums for the many batches that left long ago.
    moved = aliased(LedgerEntry)
    # What moved since is listed once, and is little for the days people ask about; asked batch by batch it is much.
    moved_since = select(moved.batch_id).where(moved.occurred_on >= day, moved.batch_id.is_not(None))
    return and_(StorageBatch.entered_on <= day, or_(StorageBatch.remaining > ZERO, StorageBatch.id.in_(moved_since)))
