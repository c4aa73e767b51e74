"""What consignors' ledgers say arrived under each licence (台账接收), to stand beside what its holder states."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from hwrisk.db.types import ZERO, total
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.permits.queries.receivers import Licensees

ONE_DAY = timedelta(days=1)


def full_months_until(as_of: date) -> date | None:
    """Return the last day of the last month of the year of `as_of` that is over on that day; None in January.

    Quantities are stated by months: only months that are over can be compared with a ledger kept by days.
    """
    after = as_of + ONE_DAY
    if after.day == 1:
        return as_of
    return None if as_of.month == 1 else as_of.replace(day=1) - ONE_DAY


def ledger_receipts(session: Session, *, start: date, until: date) -> dict[int, Decimal]:
    """Return tonnes confirmed as received in [start, until] by licence, of all consignors; 0 is left out.

    Receivers whose licence nothing tells are left out: see 委外去向.
    """
    sent, cancelling = aliased(LedgerEntry), aliased(LedgerEntry)
    statement: Any = (
        select(sent.receiver_name, sent.receiver_licence_no, total(LedgerEntry.quantity))
        .select_from(LedgerEntry)
        .join(sent, sent.id == LedgerEntry.predecessor_id)
        .where(
            LedgerEntry.kind == EntryKind.RECEIVED,
            LedgerEntry.occurred_on >= start,
            LedgerEntry.occurred_on <= until,
            ~select(cancelling.id).where(cancelling.cancels_id == LedgerEntry.id).exists(),
        )
        .group_by(sent.receiver_name, sent.receiver_licence_no)
    )
    licensees = Licensees(session, as_of=until)
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for name, licence_no, tonnes in session.execute(statement):
        licence_id, _ = licensees.licence_of(name, licence_no)
        if licence_id is not None:
            found[licence_id] += tonnes
    return dict(found)
