"""What must hold of the database after every step, told from the raw rows and by the checks of the rooms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.audit.models import AuditEntry
from hwrisk.indicators.models import PeriodKind, ScopeKind
from hwrisk.indicators.overdue.computing import RateValue, work_out
from hwrisk.indicators.periods import ReportingPeriod
from hwrisk.indicators.targets import load_targets
from hwrisk.ledger.models import EntryKind, LedgerEntry, UnitWaste
from hwrisk.ledger.room import ROOM
from hwrisk.ledger.storage.models import Lot, LotMember, StorageBatch, StorageExtension
from hwrisk.ledger.storage.queries import StorageConditions, stock_totals
from tests.ledger.ledger_world import city
from tests.ledger.stateful_books import DAYS, NOTHING, TODAY
from tests.ledger.stateful_corrections import CorrectedBooks

TABLES = (LedgerEntry, StorageBatch, Lot, LotMember, StorageExtension, UnitWaste, AuditEntry)
PARTS = ("completed", "in_transit", "to_collector", "lost", "in_store")


def footprint(session: Session) -> tuple[Any, ...]:
    """Rows of every table that operations write, and all that lies in store."""
    counts = [select(func.count()).select_from(table).scalar_subquery() for table in TABLES]
    return tuple(session.execute(select(*counts, func.sum(StorageBatch.remaining))).one())


def check_stock(session: Session, books: CorrectedBooks) -> None:
    """Stock of every batch in every facility on every day is Σ in − out, not negative, and what the model says."""
    change: dict[tuple[str, int | None], dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    rows = session.execute(
        select(StorageBatch.batch_no, LedgerEntry.facility_id, LedgerEntry.occurred_on, LedgerEntry.stock_delta).join(
            StorageBatch, StorageBatch.id == LedgerEntry.batch_id
        )
    )
    for number, facility_id, day, delta in rows:
        change[(number, facility_id)][day] += delta
    stored = {row.batch_no: row for row in session.scalars(select(StorageBatch))}
    assert stored.keys() == {batch.number for batch in books.batches}
    for batch in books.batches:
        for facility_id in books.facilities[batch.unit_id]:
            moved = change.pop((batch.number, facility_id), {})
            there = {day: sum((moved[d] for d in moved if d <= day), NOTHING) for day in DAYS}
            assert there == books.stock(batch, facility_id)
            assert min(there.values()) >= 0
        row = stored[batch.number]
        assert row.remaining == books.remaining(batch)
        assert (row.last_lawful_on, row.overdue_from) == (books.last_lawful(batch), books.overdue_from(batch))
    assert not change


def check_uses(session: Session) -> None:
    """Nothing completes more than left: told from the raw records, without the model."""
    rows = session.scalars(select(LedgerEntry)).all()
    gone = {row.cancels_id for row in rows}
    taken: dict[int | None, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.id in gone:
            continue
        if row.kind in {EntryKind.SELF_TREATED, EntryKind.ENTRUSTED, EntryKind.RETURNED}:
            taken[row.predecessor_id] += row.quantity
        elif row.kind is EntryKind.ADJUSTED:
            # More out makes room, more in leaves less of the generation open, which only warns.
            taken[row.adjusts_id] += row.stock_delta
    for row in rows:
        if row.id not in gone and row.kind in {EntryKind.STORED_OUT, EntryKind.ENTRUSTED}:
            assert taken[row.id] <= row.quantity, f"{row.entry_no}: {taken[row.id]} of {row.quantity}"


def check_found_nothing(session: Session) -> None:
    """The self-checks of the ledger find nothing, and the audit chain is whole."""
    for check in ROOM.checks:
        assert check.run(session) == [], check.name
    assert audit.verify_chain(session) == []


def check_list_of_stock(session: Session, books: CorrectedBooks, day: date) -> None:
    """The list of what lies in store, reckoned back from today's balances, agrees with the model on a past day."""
    listed = stock_totals(session, user=city(), as_of=day, asked=StorageConditions())
    lying = [(b, books.stock(b, f)[day]) for b in books.batches for f in books.facilities[b.unit_id]]
    assert listed.tonnes == sum((tonnes for _, tonnes in lying), NOTHING)


def check_rate(session: Session, periods: Sequence[tuple[date, date]]) -> None:
    """Every tonne that was due is somewhere, once; each partition of the city adds up to the city."""
    asked = [ReportingPeriod(PeriodKind.YEAR_TO_DATE, since, until + timedelta(days=1)) for since, until in periods]
    for period, values in work_out(session, asked, as_of=TODAY, targets=load_targets(session, on=TODAY)).items():
        by_kind: dict[ScopeKind, list[RateValue]] = defaultdict(list)
        for value in values:
            by_kind[value.scope.kind].append(value)
            _check_value(value, period)
        (whole,) = by_kind[ScopeKind.CITY]
        for kind in (ScopeKind.OFFICE, ScopeKind.ADMIN):
            assert sum((v.numerator for v in by_kind[kind]), NOTHING) == whole.numerator
            assert sum((v.denominator for v in by_kind[kind]), NOTHING) == whole.denominator
            assert sum(v.unreported_units for v in by_kind[kind]) == whole.unreported_units
            assert sorted(r.batch_id for v in by_kind[kind] for r in v.rows) == [r.batch_id for r in whole.rows]


def _check_value(value: RateValue, period: ReportingPeriod) -> None:
    assert 0 <= value.numerator <= value.denominator
    assert value.numerator == sum((row.disposal.completed for row in value.rows), NOTHING)
    assert value.denominator == sum((row.disposal.due for row in value.rows), NOTHING)
    for row in value.rows:
        assert min(_parts(row.disposal)) >= 0
        assert row.disposal.due == sum(_parts(row.disposal))
        assert period.start <= row.disposal.counted_on < period.end


def _parts(disposal: Any) -> list[Decimal]:
    return [getattr(disposal, part) for part in PARTS]
