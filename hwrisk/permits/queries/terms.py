"""What licences say over time, as the rules read it; also for the rooms above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.chunks import chunked
from hwrisk.db.history import known
from hwrisk.permits.models import HolderPlace, Licence, LicenceLine, LicenceTerm, LineGrant, LineMethod
from hwrisk.permits.rules import Grant, Line, Term
from hwrisk.units.models import UnitVersion
from hwrisk.units.queries import on_or_first


class LicenceHead(NamedTuple):
    """Who holds a licence and where, on a day."""

    id: int
    public_id: UUID
    licence_no: str
    holder: str
    unit_id: int | None
    place: HolderPlace
    office_code: str | None
    park_id: int | None
    longitude: float | None
    latitude: float | None


def heads_of(session: Session, *, as_of: date, licence_ids: Iterable[int] | None = None) -> dict[int, LicenceHead]:
    """Return the head of licences by id, all of them by default; the holder's state is that on `as_of`."""
    statement = (
        select(Licence, UnitVersion)
        .outerjoin(UnitVersion, (UnitVersion.unit_id == Licence.unit_id) & on_or_first(as_of))
        .order_by(Licence.id)
    )
    if licence_ids is not None:
        statement = statement.where(Licence.id.in_(sorted(set(licence_ids))))
    return {licence.id: _head(licence, version) for licence, version in session.execute(statement)}


def _head(licence: Licence, version: UnitVersion | None) -> LicenceHead:
    if version is None:
        return LicenceHead(
            licence.id, licence.public_id, licence.licence_no, licence.holder_name, licence.unit_id, licence.place,
            licence.office_code, None, licence.longitude, licence.latitude,
        )  # fmt: skip
    has_place = version.longitude is not None and version.latitude is not None
    return LicenceHead(
        licence.id, licence.public_id, licence.licence_no, version.name, licence.unit_id, licence.place,
        version.office_code, version.park_id,
        version.longitude if has_place else licence.longitude, version.latitude if has_place else licence.latitude,
    )  # fmt: skip


def terms_of(session: Session, licence_id: int, *, known_at: datetime | None = None) -> list[Term]:
    """Return what one licence says over time, the earliest first."""
    rows = session.scalars(
        select(LicenceTerm).where(LicenceTerm.licence_id == licence_id, known(LicenceTerm, known_at))
    ).all()
    return _with_lines(session, rows)


def terms_between(
    session: Session,
    start: date,
    end: date,
    *,
    licence_ids: Iterable[int] | None = None,
    known_at: datetime | None = None,
) -> list[Term]:
    """Return every term that holds on a day of [start, end), by licence and day; three statements and a few more."""
    statement = select(LicenceTerm).where(
        known(LicenceTerm, known_at), LicenceTerm.valid_from < end, LicenceTerm.valid_until > start
    )
    if licence_ids is not None:
        statement = statement.where(LicenceTerm.licence_id.in_(sorted(set(licence_ids))))
    return _with_lines(session, session.scalars(statement).all())


def _with_lines(session: Session, rows: Sequence[LicenceTerm]) -> list[Term]:
    lines: dict[int, list[LicenceLine]] = defaultdict(list)
    for chunk in chunked(sorted(row.id for row in rows)):
        for line in session.scalars(
            select(LicenceLine).where(LicenceLine.term_id.in_(chunk)).order_by(LicenceLine.line_no)
        ):
            lines[line.term_id].append(line)
    ids = sorted(line.id for found in lines.values() for line in found)
    methods, grants = _methods(session, ids), _grants(session, ids)
    return [
        Term(
            id=row.id, licence_id=row.licence_id, kind=row.kind, annual_cap=row.annual_cap,
            valid_from=row.valid_from, valid_until=_end(row),
            lines=tuple(
                Line(
                    id=line.id, line_no=line.line_no, name=line.name, quantity=line.quantity,
                    methods=frozenset(methods[line.id]), grants=frozenset(grants[line.id]),
                    valid_from=row.valid_from, valid_until=_end(row),
                )
                for line in lines[row.id]
            ),
        )
        for row in sorted(rows, key=lambda row: (row.licence_id, row.valid_from, row.id))
    ]  # fmt: skip


def _end(row: LicenceTerm) -> date:
    if row.valid_until is None:
        raise ValueError("a term of a licence without an end")
    return row.valid_until


def _methods(session: Session, line_ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for chunk in chunked(line_ids):
        for row in session.scalars(select(LineMethod).where(LineMethod.line_id.in_(chunk))):
            found[row.line_id].append(row.method_code)
    return found


def _grants(session: Session, line_ids: list[int]) -> dict[int, list[Grant]]:
    found: dict[int, list[Grant]] = defaultdict(list)
    for chunk in chunked(line_ids):
        for row in session.scalars(select(LineGrant).where(LineGrant.line_id.in_(chunk))):
            found[row.line_id].append(Grant(row.mode, row.category, row.waste_code))
    return found
