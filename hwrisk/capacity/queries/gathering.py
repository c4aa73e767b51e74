"""Gathering what a computation is made of: the ledger of a year, the licences, the places."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from hwrisk.capacity.inputs import QUANTITIES, Inputs, LedgerRow, LineInput
from hwrisk.capacity.queries.destinations import came_back, standing
from hwrisk.capacity.rules import PACK_ID, capacity_units, last_counted_day
from hwrisk.db.seeds import seed_rows
from hwrisk.db.types import to_units, total
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.permits.models import HolderPlace, LicenceKind
from hwrisk.permits.queries import LicenceHead, heads_of, terms_between
from hwrisk.permits.queries.receivers import Receivers
from hwrisk.permits.rules import Term, valid_months
from hwrisk.regions.queries import region_names
from hwrisk.rulepacks.queries import PackHistory
from hwrisk.units.models import UnitRole, UnitVersion
from hwrisk.units.queries import on_or_first

COUNTED = (EntryKind.GENERATED, EntryKind.SELF_TREATED, EntryKind.ENTRUSTED)
OPERATORS = (UnitRole.OPERATOR, UnitRole.COLLECTOR, UnitRole.PILOT_COLLECTOR)
Cell = tuple[str, str, str]
"""Waste code, office, method."""


def gather(session: Session, *, year: int, as_of: date) -> Inputs:
    """Return everything the balance of the whole city for `year` rests on, as known up to `as_of`."""
    until = last_counted_day(year, as_of)
    pack = PackHistory(session, PACK_ID).on(until)
    month_day = int(pack.parameters["month_day"])
    whole = (date(year, 1, 1), date(year + 1, 1, 1))
    lines, groups = _lines(session, year=year, until=until, month_day=month_day)
    names = region_names(session, as_of=until)
    ledger = _ledger(session, year=year, as_of=as_of)
    offices = {row.office for row in ledger} | {line.office for line in lines}
    return Inputs(
        year=year,
        as_of=until.isoformat(),
        months=valid_months(*whole, year, month_day=month_day, until=until),
        pack_version=pack.version,
        ledger=tuple(ledger),
        lines=tuple(lines),
        groups=groups,
        centres={code: place for code, place in office_centres().items() if code in offices or code in names},
        names={code: names[code] for code in sorted(names)},
        methods={category: list(listed) for category, listed in pack.parameters["methods"].items()},
    )


def office_centres() -> dict[str, tuple[float, float]]:
    """Return longitude and latitude that stand for each office, derived from the outlines (推算，待核)."""
    return {
        row["office_code"]: (float(row["longitude"]), float(row["latitude"]))
        for row in seed_rows("capacity/office_centres.csv")
    }


def _ledger(session: Session, *, year: int, as_of: date) -> list[LedgerRow]:
    """Return the sums of the year by code, office on the day of each record, and method; no load that came back."""
    # What a licensed operator treats beyond what it generates is what it received from others: told by the unit.
    operator = case((UnitVersion.role.in_(OPERATORS), LedgerEntry.unit_id), else_=0)
    columns: tuple[Any, ...] = (
        operator, LedgerEntry.kind, LedgerEntry.waste_code, UnitVersion.office_code, LedgerEntry.method_code,
        LedgerEntry.receiver_kind, LedgerEntry.receiver_name, LedgerEntry.receiver_licence_no,
    )  # fmt: skip
    statement: Any = (
        select(*columns, total(LedgerEntry.quantity))
        .join(UnitVersion, UnitVersion.unit_id == LedgerEntry.unit_id)
        .where(LedgerEntry.kind.in_(COUNTED), on_or_first(_day()), *standing(year, as_of))
        .group_by(*columns)
    )
    receivers = Receivers(session, as_of=last_counted_day(year, as_of))
    sums: dict[Cell, dict[str, int]] = defaultdict(lambda: dict.fromkeys(QUANTITIES, 0))
    made: dict[tuple[int, str], int] = defaultdict(int)
    treated: list[tuple[int, Cell, int]] = []
    for unit_id, kind, code, office, method, receiver_kind, name, licence_no, tonnes in session.execute(statement):
        cell, units = (code, office or "", method or ""), to_units(tonnes)
        if kind is EntryKind.GENERATED:
            sums[cell]["generated"] += units
            made[unit_id, code] += units
        elif kind is EntryKind.SELF_TREATED:
            treated.append((unit_id, cell, units))
        else:
            sums[cell][receivers.place(name, licence_no, receiver_kind)[0].value] += units
    for code, office, method, receiver_kind, name, licence_no, tonnes in session.execute(_came_back(year, as_of)):
        place = receivers.place(name, licence_no, receiver_kind)[0].value
        sums[code, office or "", method or ""][place] -= to_units(tonnes)
    for unit_id, cell, units in sorted(treated):
        own = units if not unit_id else min(units, made[unit_id, cell[0]])
        made[unit_id, cell[0]] -= own
        sums[cell]["own"] += own
    return [
        LedgerRow(code=code, office=office, method=method, **sums[code, office, method])
        for code, office, method in sorted(sums)
    ]


def _came_back(year: int, as_of: date) -> Any:
    columns: tuple[Any, ...] = (
        LedgerEntry.waste_code, UnitVersion.office_code, LedgerEntry.method_code, LedgerEntry.receiver_kind,
        LedgerEntry.receiver_name, LedgerEntry.receiver_licence_no,
    )  # fmt: skip
    return (
        came_back(columns, year, as_of)
        .join(UnitVersion, UnitVersion.unit_id == LedgerEntry.unit_id)
        .where(on_or_first(_day()))
    )


def _day() -> Any:
    # The office is that of the unit on the day of the record, not of today.
    return LedgerEntry.occurred_on


def _lines(session: Session, *, year: int, until: date, month_day: int) -> tuple[list[LineInput], dict[str, int]]:
    """Return the treating lines of the city that count for a month of the year, and the caps over licences."""
    heads = {key: head for key, head in heads_of(session, as_of=until).items() if head.place is HolderPlace.CITY}
    terms = terms_between(session, date(year, 1, 1), until + timedelta(days=1), licence_ids=heads)
    lines: list[LineInput] = []
    groups: dict[str, int] = {}
    for term in terms:
        months = valid_months(term.valid_from, term.valid_until, year, month_day=month_day, until=until)
        # A collecting licence moves waste on; it treats none.
        if term.kind is LicenceKind.COLLECTION or not months:
            continue
        head = heads[term.licence_id]
        group = f"{head.licence_no}@{term.valid_from:%Y%m%d}" if term.annual_cap is not None else ""
        if term.annual_cap is not None:
            groups[group] = capacity_units(term.annual_cap, months)
        lines += _of_term(head, term, months, group, is_only=_is_only(term, terms))
    return lines, groups


def _is_only(term: Term, terms: list[Term]) -> bool:
    return sum(other.licence_id == term.licence_id for other in terms) == 1


def _of_term(head: LicenceHead, term: Term, months: int, group: str, *, is_only: bool) -> list[LineInput]:
    place = None if head.longitude is None or head.latitude is None else (head.longitude, head.latitude)
    suffix = "" if is_only else f"@{term.valid_from:%Y%m%d}"
    return [
        LineInput(
            key=f"{head.licence_no}/{line.line_no}{suffix}", licence_no=head.licence_no,
            public_id=str(head.public_id), holder=head.holder, line_no=line.line_no, name=line.name,
            office=head.office_code or "", methods=tuple(sorted(line.methods)),
            grants=tuple(sorted((grant.mode.value, grant.category, grant.waste_code) for grant in line.grants)),
            annual=to_units(line.quantity), months=months, cap=capacity_units(line.quantity, months), group=group,
            place=place,
        )
        for line in term.lines
    ]  # fmt: skip
