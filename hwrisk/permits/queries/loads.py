"""What was taken and treated under licences (经营量), and how it stands to the licensed quantity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from hwrisk.db.types import ZERO, total
from hwrisk.permits.models import Licence, OperatingQuantity
from hwrisk.permits.queries.licences import LicenceConditions, conditions_from, licence_rows
from hwrisk.permits.queries.receipts import full_months_until, ledger_receipts
from hwrisk.permits.queries.rows import LicenceRow
from hwrisk.permits.queries.settings import permit_settings
from hwrisk.permits.queries.terms import terms_between
from hwrisk.permits.rules import Line, LoadState, Term, covers, holds, load_state
from hwrisk.security.viewer import Viewer

WHOLE = ""
"""Line number of the row that adds up the lines of a licence."""


class Comparison(NamedTuple):
    """What the holder states for the months that are over, beside what consignors' ledgers say arrived; tonnes."""

    stated: Decimal | None
    """None for a holder outside the register that states nothing here."""
    ledger: Decimal

    @property
    def difference(self) -> Decimal | None:
        """Stated less ledger, or None where nothing is stated."""
        return None if self.stated is None else self.stated - self.ledger


class LineLoad(NamedTuple):
    """What a line, or the whole licence, took in a year up to a day; tonnes."""

    licence: LicenceRow
    line_no: str
    """Empty for the whole licence of several lines."""
    line_name: str
    methods: str
    categories: str
    licensed: Decimal
    """Tonnes a year by the term that holds on the day, the last one of the year after its end."""
    received: Decimal
    treated: Decimal
    load: LoadState
    is_whole: bool
    """Whether the row stands for the whole licence: the sum of its lines, or its only line."""
    compared: Comparison | None = None
    """Of a whole licence, where months are over and the ledgers of its consignors are open to the person."""

    @property
    def is_unstated(self) -> bool:
        """Whether the holder states nothing here, so that nothing received is not known, not 0."""
        return self.licence.unit_id is None and not self.received and not self.treated


@dataclass(frozen=True, kw_only=True)
class LoadConditions:
    """What a list of loads is narrowed by."""

    licences: LicenceConditions = field(default_factory=LicenceConditions)
    alarm: int | None = None
    """Only what has reached this alarm, in per cent."""


class QuantityRow(NamedTuple):
    """One month of one waste on one line, as it counts."""

    public_id: UUID
    month: date
    line_no: str
    waste_code: str
    received: Decimal
    treated: Decimal
    recorded_by: str
    recorded_at: datetime
    is_outside: bool
    """Whether the licence as it reads now does not cover the code in that month."""


def load_conditions(values: Mapping[str, str]) -> LoadConditions:
    """Return the conditions that the arguments of the list's address state."""
    alarm = values.get("alarm", "")
    return LoadConditions(
        licences=conditions_from(values), alarm=int(alarm) if alarm.isascii() and alarm.isdigit() else None
    )


def line_loads(
    session: Session, *, user: Viewer, as_of: date, asked: LoadConditions, is_compared: bool = True
) -> list[LineLoad]:
    """Return the loads of the year of `as_of` up to that day: per licence its lines, then the licence as a whole.

    Only licences that held in the year or under which something was taken in it. A licence of one line has one row.
    Without `is_compared` the ledger is left alone.
    """
    rows = licence_rows(session, user=user, as_of=as_of, asked=asked.licences)
    start, end = date(as_of.year, 1, 1), date(as_of.year + 1, 1, 1)
    ids = [row.id for row in rows]
    terms: dict[int, list[Term]] = {}
    for term in terms_between(session, start, end, licence_ids=ids):
        terms.setdefault(term.licence_id, []).append(term)
    taken = quantities_by_line(session, ids, start, as_of)
    compared = _compared(session, rows, user=user, start=start, as_of=as_of) if is_compared else {}
    alarms = permit_settings(session, as_of=as_of).alarms
    found = [
        load._replace(compared=compared.get(row.id)) if load.is_whole else load
        for row in rows
        for load in _of_licence(row, terms.get(row.id, []), taken.get(row.id, {}), as_of, alarms)
    ]
    return [load for load in found if asked.alarm is None or (load.load.alarm or 0) >= asked.alarm]


def _compared(
    session: Session, rows: Sequence[LicenceRow], *, user: Viewer, start: date, as_of: date
) -> dict[int, Comparison]:
    until = full_months_until(as_of)
    # Who sees part of the city sees the sums of licences in its own sight, never what the city sends elsewhere.
    open_ids = [row.id for row in rows if user.is_city_wide or row.unit_id is not None]
    if until is None or not open_ids:
        return {}
    by_line = quantities_by_line(session, open_ids, start, until)
    stated = {number: sum((received for received, _ in lines.values()), ZERO) for number, lines in by_line.items()}
    ledger = ledger_receipts(session, start=start, until=until)
    outside = {row.id for row in rows if row.unit_id is None}
    return {
        number: Comparison(stated.get(number, None if number in outside else ZERO), ledger.get(number, ZERO))
        for number in open_ids
    }


def load_alarms(session: Session, *, user: Viewer, as_of: date) -> list[LineLoad]:
    """Return the lines and licences in sight that have reached an alarm this year."""
    lowest = permit_settings(session, as_of=as_of).alarms[0]
    return line_loads(session, user=user, as_of=as_of, asked=LoadConditions(alarm=lowest), is_compared=False)


def _of_licence(
    row: LicenceRow,
    terms: Sequence[Term],
    taken: Mapping[str, tuple[Decimal, Decimal]],
    as_of: date,
    alarms: Sequence[int],
) -> Iterator[LineLoad]:
    speaking = next((term for term in terms if holds(term, as_of)), None)
    if speaking is None:
        begun = [term for term in terms if term.valid_from <= as_of]
        speaking = begun[-1] if begun else None
    lines: dict[str, Line | None] = {line.line_no: line for line in (speaking.lines if speaking else ())}
    if not lines and not taken:
        return
    licensed = speaking.quantity if speaking else ZERO
    numbers = sorted({*lines, *taken})
    is_only = len(numbers) == 1 and (only := lines.get(numbers[0])) is not None and only.quantity == licensed
    for line_no in numbers:
        line = lines.get(line_no)
        received, treated = taken.get(line_no, (ZERO, ZERO))
        quantity = line.quantity if line else ZERO
        yield LineLoad(
            row, line_no, line.name if line else "现行许可没有这条生产线",
            "、".join(sorted(line.methods)) if line else "", "、".join(line.categories) if line else "",
            quantity, received, treated, load_state(received, quantity, alarms), is_only,
        )  # fmt: skip
    if is_only:
        return
    received = sum((pair[0] for pair in taken.values()), ZERO)
    treated = sum((pair[1] for pair in taken.values()), ZERO)
    state = load_state(received, licensed, alarms)
    yield LineLoad(row, WHOLE, "整证", row.methods, row.categories, licensed, received, treated, state, True)


def quantities_by_line(
    session: Session, ids: Sequence[int], start: date, until: date
) -> dict[int, dict[str, tuple[Decimal, Decimal]]]:
    """Return tonnes received and treated by licence and line in the months that begin in [start, until]."""
    rows = session.execute(
        select(
            OperatingQuantity.licence_id, OperatingQuantity.line_no,
            total(OperatingQuantity.received), total(OperatingQuantity.treated),
        )
        .where(OperatingQuantity.licence_id.in_(ids), *_counting(start, until))
        .group_by(OperatingQuantity.licence_id, OperatingQuantity.line_no)
    )  # fmt: skip
    found: dict[int, dict[str, tuple[Decimal, Decimal]]] = {}
    for licence_id, line_no, received, treated in rows:
        found.setdefault(licence_id, {})[line_no] = (received, treated)
    return found


def quantities_of(session: Session, licence: Licence, *, year: int, terms: Sequence[Term]) -> list[QuantityRow]:
    """Return what is stated of one licence for a year, by month, line and code."""
    rows = session.scalars(
        select(OperatingQuantity)
        .where(OperatingQuantity.licence_id == licence.id, *_counting(date(year, 1, 1), date(year, 12, 1)))
        .order_by(OperatingQuantity.month.desc(), OperatingQuantity.line_no, OperatingQuantity.waste_code)
    )
    return [
        QuantityRow(
            row.public_id, row.month, row.line_no, row.waste_code, row.received, row.treated, row.recorded_by,
            row.recorded_at, not covered_in_month(terms, row.line_no, row.waste_code, row.month),
        )
        for row in rows
    ]  # fmt: skip


def covered_in_month(terms: Sequence[Term], line_no: str, waste_code: str, month: date) -> bool:
    """Tell whether the line may take the code on any day of the month that begins on `month`."""
    return any(
        line.line_no == line_no and covers(line, waste_code, day)
        for term in terms
        for line in term.lines
        for day in [max(month, line.valid_from)]
        if day < next_month(month)
    )


def next_month(month: date) -> date:
    """Return the first day of the month after the one that begins on `month`."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _counting(start: date, until: date) -> list[ColumnElement[bool]]:
    conditions: list[Any] = [
        OperatingQuantity.superseded_at.is_(None),
        OperatingQuantity.month >= start,
        OperatingQuantity.month <= until,
    ]
    return conditions
