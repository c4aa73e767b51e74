"""Numbers of ledger records (批次编码): prefix + day + running number within the unit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from hwrisk.db.chunks import chunked
from hwrisk.ledger.drafts import PREFIXES
from hwrisk.ledger.models import EntryKind, LedgerEntry

SEQUENCE_DIGITS = 3
DAY_DIGITS = 8
RECOVERY = "recovery"


class Numbering:
    """Allocates numbers for one posting; knows every number of the units concerned that ends like one of those days."""

    def __init__(self, session: Session, wanted: Iterable[tuple[int, date]]) -> None:
        self._used: set[tuple[int, str]] = set()
        self._next: dict[tuple[int, str], int] = {}
        number = LedgerEntry.entry_no
        # An enterprise may have given a number of one day to a record of another: the number itself is asked, and one
        # digit more, for units with over 999 records of a kind on a day.
        ends = [
            func.substr(number, func.length(number) - SEQUENCE_DIGITS - DAY_DIGITS + shift, DAY_DIGITS)
            for shift in (1, 0)
        ]
        pairs = sorted({(unit_id, f"{day:%Y%m%d}") for unit_id, day in wanted})
        for chunk in chunked(pairs):
            rows = session.execute(
                select(LedgerEntry.unit_id, number).where(
                    LedgerEntry.unit_id.in_({unit_id for unit_id, _ in chunk}),
                    or_(*(tuple_(LedgerEntry.unit_id, end).in_(chunk) for end in ends)),
                )
            )
            self._used.update((row.unit_id, row.entry_no) for row in rows)

    def is_used(self, unit_id: int, number: str) -> bool:
        """Tell whether the unit already uses `number` (among those that end like the days this posting is about)."""
        return (unit_id, number) in self._used

    def take(self, unit_id: int, number: str) -> None:
        """Reserve a number the enterprise gave itself."""
        self._used.add((unit_id, number))

    def allocate(self, unit_id: int, kind: EntryKind, day: date, *, outcome: str = "") -> str:
        """Return the next free number of the unit for this kind and day; `outcome` is what its method comes to."""
        stem = f"{_prefix(kind, outcome)}{day:%Y%m%d}"
        sequence = self._next.get((unit_id, stem), 1)
        while self.is_used(unit_id, number := f"{stem}{sequence:0{SEQUENCE_DIGITS}d}"):
            sequence += 1
        self._next[(unit_id, stem)] = sequence + 1
        self.take(unit_id, number)
        return number


def numbers_in_use(session: Session, pairs: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return which of the (unit, number) pairs exist already, whatever their day."""
    found: set[tuple[int, str]] = set()
    for chunk in chunked(sorted(set(pairs))):
        rows = session.execute(
            select(LedgerEntry.unit_id, LedgerEntry.entry_no).where(
                tuple_(LedgerEntry.unit_id, LedgerEntry.entry_no).in_(chunk)
            )
        )
        found.update((row.unit_id, row.entry_no) for row in rows)
    return found


def _prefix(kind: EntryKind, outcome: str) -> str:
    prefix = PREFIXES[kind]
    if kind in {EntryKind.SELF_TREATED, EntryKind.ENTRUSTED}:
        # LY for recovery, CZ for everything else. Source: HJ 1259—2022 附录B (informative).
        prefix += "LY" if outcome == RECOVERY else "CZ"
    return prefix
