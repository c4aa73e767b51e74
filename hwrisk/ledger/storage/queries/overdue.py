"""Overdue storage (超期贮存): the list, its totals, its count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from hwrisk.db.chunks import chunked
from hwrisk.db.once import once
from hwrisk.ledger.storage.models import DisposalPlan, StorageBatch
from hwrisk.ledger.storage.queries.conditions import StorageConditions, StorageState, where_batch, where_unit
from hwrisk.ledger.storage.queries.expressions import is_due_soon, is_overdue, is_pending
from hwrisk.ledger.storage.queries.rows import BatchRow, RowReader, StorageTotals, batches_statement, plan, totals_of
from hwrisk.ledger.storage.queries.settings import warning_lead_days
from hwrisk.security.viewer import Viewer
from hwrisk.units.scope import visible_unit_ids
from hwrisk.web.paging import Page, SortKey, page_of

KEYS = (
    SortKey(StorageBatch.overdue_from, lambda row: row.overdue_from),
    SortKey(StorageBatch.id, lambda row: row.id),
)
"""Longest overdue first; a batch without a limit is never in the list."""


def overdue_batches(
    session: Session, *, user: Viewer, as_of: date, asked: StorageConditions, cursor: str | None = None
) -> Page[BatchRow]:
    """Return one page of the batches that fit on `as_of`, the first to become overdue first."""
    found = page_of(session, _statement(session, user, as_of, asked), keys=KEYS, cursor=cursor, scalars=False)
    rows = RowReader(session, as_of=as_of).read(found.rows) if found.rows else []
    return Page(rows, found.next_cursor, found.previous_cursor)


def overdue_totals(session: Session, *, user: Viewer, as_of: date, asked: StorageConditions) -> StorageTotals:
    """Return number and tonnes of all batches that fit on `as_of`."""
    # Menu, to-do page and head of the list ask the same.
    return once(
        session,
        ("overdue totals", user, as_of, asked),
        lambda: totals_of(session, _statement(session, user, as_of, asked)),
    )


def stream_overdue(session: Session, *, user: Viewer, as_of: date, asked: StorageConditions) -> Iterator[BatchRow]:
    """Yield all batches that fit on `as_of`, in the order of the list."""
    statement = _statement(session, user, as_of, asked).order_by(*(key.column for key in KEYS))
    reader = RowReader(session, as_of=as_of)
    for chunk in chunked(session.execute(statement)):
        yield from reader.read(chunk)


def overdue_count(session: Session, *, user: Viewer, as_of: date) -> int:
    """Return how many batches in sight of `user` are overdue on `as_of`."""
    return overdue_totals(session, user=user, as_of=as_of, asked=StorageConditions()).batches


def reasons_given(session: Session, *, user: Viewer, as_of: date) -> list[str]:
    """Return the reasons that disposal plans in sight of `user` give, by text."""
    rows = session.scalars(
        select(DisposalPlan.reason)
        .join(StorageBatch, StorageBatch.id == DisposalPlan.batch_id)
        .where(StorageBatch.unit_id.in_(visible_unit_ids(user, as_of=as_of)))
        .distinct()
        .order_by(DisposalPlan.reason)
    )
    return list(rows)


def _statement(session: Session, user: Viewer, as_of: date, asked: StorageConditions) -> Select[*tuple[Any, ...]]:
    return batches_statement(user, as_of=as_of).where(
        _in_state(session, as_of, asked.state), *where_unit(asked), *where_batch(asked, plan)
    )


def _in_state(session: Session, as_of: date, state: StorageState) -> ColumnElement[bool]:
    match state:
        case StorageState.DUE_SOON:
            return is_due_soon(as_of, warning_lead_days(session, as_of=as_of))
        case StorageState.PENDING:
            return and_(is_overdue(as_of), is_pending(as_of))
        case _:
            return is_overdue(as_of)
