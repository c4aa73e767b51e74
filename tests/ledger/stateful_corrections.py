"""The plain model of the ledger, second half: corrections, lots and extensions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from hwrisk.ledger.models import EntryKind
from tests.ledger.stateful_books import ADJUSTABLE, CAME, MOVES, TODAY, Batch, Books, Extension, Record, last_lawful


class CorrectedBooks(Books):
    """Everything that was accepted, and what may be done about it afterwards."""

    def _is_whole(self, records: Sequence[Record]) -> bool:
        """Whether no day's stock of where these records lie is below zero."""
        places = {(r.batch, r.facility_id) for r in records if r.batch is not None}
        return all(there >= 0 for batch, facility in places if batch for there in self.stock(batch, facility).values())

    def cancel(self, record: Record) -> bool:
        pair = [record, record.partner] if record.partner else [record]
        if record.is_cancelled or any(f.kind not in MOVES for one in pair for f in self.followers(one)):
            return False
        for one in pair:
            one.is_cancelled = True
        if not self._is_whole(pair):
            for one in pair:
                one.is_cancelled = False
            return False
        return True

    def adjust(self, record: Record, quantity: Decimal) -> bool:
        present = record.quantity
        if record.kind not in ADJUSTABLE or record.is_cancelled or quantity == present:
            return False
        record.quantity = quantity
        if not self._is_whole([record]) or (record.kind is EntryKind.STORED_OUT and self.left(record) < 0):
            record.quantity = present
            return False
        return True

    def merge(self, batches: Sequence[Batch], day: date) -> bool:
        if (
            len({b.number for b in batches}) < 2
            or len({(b.unit_id, b.code) for b in batches}) > 1
            or any(b.lot or self.remaining(b) <= 0 for b in batches)
            or not max(b.entered_on for b in batches) <= day <= TODAY
        ):
            return False
        self.lots += 1
        for batch in batches:
            batch.lot = (self.lots, day)
        return True

    def apply(self, batch: Batch, day: date) -> bool:
        if (
            batch.unit_id not in self.operators
            or not batch.entered_on <= day <= TODAY
            or any(e.is_pending for e in self.extensions if e.batch is batch)
        ):
            return False
        self.extensions.append(Extension(batch, day))
        return True

    def decide(self, extension: Extension, day: date, until: date | None) -> bool:
        """`until` None means that it was not approved."""
        if not extension.is_pending or not extension.applied_on <= day <= TODAY:
            return False
        if until is not None and (
            until <= (self.last_lawful(extension.batch) or extension.batch.entered_on) or until < day
        ):
            return False
        extension.is_pending = False
        return True

    def last_lawful(self, batch: Batch) -> date | None:
        return last_lawful(batch, is_operator=batch.unit_id in self.operators)

    def overdue_from(self, batch: Batch) -> date:
        """First overdue day: its own, or from the day of merging on that of the oldest of its lot that ever was."""
        own = self._own_overdue(batch)
        if batch.lot is None:
            return own
        number, joined = batch.lot
        mates = [self._own_overdue(b) for b in self.batches if b.lot and b.lot[0] == number and self._ever_was(b)]
        return min(own, max(joined, min(mates, default=own)))

    def _own_overdue(self, batch: Batch) -> date:
        last = self.last_lawful(batch)
        return batch.entered_on if last is None else last + timedelta(days=1)

    def _ever_was(self, batch: Batch) -> bool:
        return any(r.batch is batch and r.kind in CAME and not r.is_cancelled for r in self.records)
