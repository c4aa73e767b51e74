"""The two phases of a check: each row by itself, then all rows together; the database is asked once per batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from hwrisk.imports.records import CheckContext, CheckedRow, ImportKind, Outcome, ParsedRow, Progress, RowOutcome

STEP = 2_000


@dataclass(frozen=True)
class Counts:
    """Rows by outcome; `warned` rows are counted by their outcome as well."""

    total: int
    new: int
    changed: int
    unchanged: int
    refused: int
    warned: int


def check_rows(
    session: Session,
    kind: ImportKind,
    context: CheckContext,
    rows: Sequence[ParsedRow],
    *,
    progress: Progress | None = None,
) -> list[CheckedRow]:
    """Return the verdict on every row, in order; rows with faults of form are refused without asking the kind."""
    sound = [row for row in rows if not row.faults]
    if kind.prepare is not None:
        context = replace(context, known=kind.prepare(session, context, sound))
    checked: list[CheckedRow] = []
    for number, row in enumerate(rows):
        if progress is not None and number % STEP == 0:
            progress.check_cancelled()
            progress.progress(number, len(rows), "检查数据")
        if row.faults:
            checked.append(CheckedRow(row, RowOutcome.refused(*row.faults)))
        else:
            checked.append(CheckedRow(row, kind.check(session, context, row)))
    if kind.check_all is not None:
        kind.check_all(session, context, [each for each in checked if not each.row.faults])
    for each in checked:
        # A kind that adds a message and forgets the outcome still means: refused.
        if each.outcome.messages:
            each.outcome.outcome = Outcome.REFUSED
    return checked


def counts_of(checked: Sequence[CheckedRow]) -> Counts:
    """Return how many rows have which outcome."""
    by_outcome = Counter(each.outcome.outcome for each in checked)
    return Counts(
        total=len(checked),
        new=by_outcome[Outcome.NEW],
        changed=by_outcome[Outcome.CHANGED],
        unchanged=by_outcome[Outcome.UNCHANGED],
        refused=by_outcome[Outcome.REFUSED],
        warned=sum(1 for each in checked if each.outcome.warnings),
    )
