"""One record of the ledger with what came before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.ledger.corrections import effective_quantity
from hwrisk.ledger.models import LedgerEntry
from hwrisk.ledger.queries.entries import EntryRow, rows_statement
from hwrisk.security.viewer import Viewer
from hwrisk.units.scope import visible_unit_ids


class EntryFile(NamedTuple):
    """A record, its chain of one step each way, and its corrections."""

    row: EntryRow
    effective: Decimal
    """Quantity with its adjustments, in tonnes."""
    before: Sequence[EntryRow]
    after: Sequence[EntryRow]
    corrections: Sequence[EntryRow]


def get_entry(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> LedgerEntry:
    """Return the record with this public id.

    Raises:
        NotFound: there is none, or its unit is out of sight of `user` on `as_of`.
    """
    entry = session.scalars(
        select(LedgerEntry).where(
            LedgerEntry.public_id == public_id, LedgerEntry.unit_id.in_(visible_unit_ids(user, as_of=as_of))
        )
    ).one_or_none()
    if entry is None:
        raise NotFound
    return entry


def entry_file(session: Session, entry: LedgerEntry, *, user: Viewer, as_of: date) -> EntryFile:
    """Return the file of a record, in a fixed number of statements."""

    def rows(condition: Any) -> list[EntryRow]:
        statement = rows_statement(user, as_of=as_of).where(condition)
        statement = statement.order_by(LedgerEntry.occurred_on, LedgerEntry.id)
        return [EntryRow(**row._asdict()) for row in session.execute(statement)]

    before = [number for number in (entry.predecessor_id, entry.cancels_id, entry.adjusts_id) if number is not None]
    return EntryFile(
        row=rows(LedgerEntry.id == entry.id)[0],
        effective=effective_quantity(session, entry),
        before=rows(LedgerEntry.id.in_(before)),
        after=rows(LedgerEntry.predecessor_id == entry.id),
        corrections=rows(or_(LedgerEntry.cancels_id == entry.id, LedgerEntry.adjusts_id == entry.id)),
    )
