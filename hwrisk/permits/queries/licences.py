"""Licences on a day: the list and its filters, one licence with its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from hwrisk.clock import today
from hwrisk.db.chunks import chunked
from hwrisk.db.history import known
from hwrisk.db.types import ZERO, total
from hwrisk.errors import NotFound
from hwrisk.imports.cells import half_width
from hwrisk.permits.models import HolderPlace, Licence, LicenceKind, LicenceTerm, OperatingQuantity, RenewalFiling
from hwrisk.permits.queries.rows import LicenceRow, RenewalState
from hwrisk.permits.queries.scope import in_hand, in_sight
from hwrisk.permits.queries.states import StateBook, is_in_state, state_of
from hwrisk.permits.queries.terms import terms_between, terms_of
from hwrisk.permits.rules import Term, load_state
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import on_or_first
from hwrisk.web.paging import Page, SortKey, page_of

PENDING = "待定"
KEYS = (
    SortKey(LicenceTerm.expires_on, lambda row: row[1].expires_on),
    SortKey(Licence.id, lambda row: row[0].id),
)
"""The licence that expires first goes first."""


@dataclass(frozen=True, kw_only=True)
class LicenceConditions:
    """What a list of licences is narrowed by; None sets no condition."""

    text: str | None = None
    office: str | None = None
    place: HolderPlace | None = None
    kind: LicenceKind | None = None
    state: RenewalState | None = None
    unit_id: int | None = None


class LicenceFile(NamedTuple):
    """Everything about one licence on a day."""

    row: LicenceRow
    licence: Licence
    terms: Sequence[Term]
    """What it says over time, as known now."""
    history: Sequence[LicenceTerm]
    """Every row ever recorded, also superseded ones, the latest first."""
    filings: Sequence[RenewalFiling]


def conditions_from(values: Mapping[str, str]) -> LicenceConditions:
    """Return the conditions that the arguments of a list's address state; unknown values set none."""
    return LicenceConditions(
        text=values.get("text") or None,
        office=values.get("office") or None,
        place=HolderPlace.of(values.get("place")),
        kind=LicenceKind.of(values.get("kind")),
        state=RenewalState.of(values.get("state")),
    )


def licences_page(
    session: Session, *, user: Viewer, as_of: date, asked: LicenceConditions, cursor: str | None = None
) -> Page[LicenceRow]:
    """Return one page of the licences in sight that fit, the one that expires first in front."""
    book = StateBook(session, as_of)
    found = page_of(session, _statement(user, as_of, asked, book), keys=KEYS, cursor=cursor, scalars=False)
    return Page(_rows(session, found.rows, as_of, book), found.next_cursor, found.previous_cursor)


def stream_licences(session: Session, *, user: Viewer, as_of: date, asked: LicenceConditions) -> Iterator[LicenceRow]:
    """Yield all licences in sight that fit, in the order of the list."""
    book = StateBook(session, as_of)
    statement = _statement(user, as_of, asked, book).order_by(*(key.column for key in KEYS))
    for chunk in chunked(session.execute(statement)):
        yield from _rows(session, chunk, as_of, book)


def licence_rows(session: Session, *, user: Viewer, as_of: date, asked: LicenceConditions) -> list[LicenceRow]:
    """Return all licences in sight that fit."""
    return list(stream_licences(session, user=user, as_of=as_of, asked=asked))


def count_licences(session: Session, *, user: Viewer, as_of: date, asked: LicenceConditions) -> int:
    """Return how many licences in sight fit."""
    statement = _statement(user, as_of, asked, StateBook(session, as_of)).with_only_columns(func.count())
    return session.scalar(statement) or 0


def get_licence(session: Session, public_id: UUID, *, user: Viewer) -> Licence:
    """Return the licence with this public id.

    Raises:
        NotFound: there is none, or its holder is out of sight of `user` today.
    """
    licence = session.scalars(
        select(Licence).where(Licence.public_id == public_id, in_sight(user, as_of=today()))
    ).one_or_none()
    if licence is None:
        raise NotFound
    return licence


def licence_in_hand(session: Session, public_id: UUID, *, user: Viewer) -> Licence:
    """Return the licence with this public id, of which `user` may state something.

    Raises:
        NotFound: there is none, or it is not in the hands of `user`: out of sight, or of a holder outside the register.
    """
    licence = session.scalars(
        select(Licence).where(Licence.public_id == public_id, in_hand(user, as_of=today()))
    ).one_or_none()
    if licence is None:
        raise NotFound
    return licence


def is_in_hand(session: Session, licence: Licence, *, user: Viewer) -> bool:
    """Tell whether `user` may state something of a licence in sight."""
    return session.scalar(select(Licence.id).where(Licence.id == licence.id, in_hand(user, as_of=today()))) is not None


def licence_file(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> LicenceFile:
    """Return everything about one licence on `as_of`.

    Raises:
        NotFound: there is none, it is out of sight of `user`, or it says nothing yet.
    """
    licence = get_licence(session, public_id, user=user)
    book = StateBook(session, as_of)
    found = session.execute(_chosen(as_of).where(Licence.id == licence.id)).all()
    if not found:
        raise NotFound
    row = _rows(session, found, as_of, book)[0]
    history = session.scalars(
        select(LicenceTerm)
        .where(LicenceTerm.licence_id == licence.id)
        .order_by(LicenceTerm.valid_from.desc(), LicenceTerm.recorded_at.desc(), LicenceTerm.id.desc())
    ).all()
    filings = session.scalars(
        select(RenewalFiling).where(RenewalFiling.licence_id == licence.id).order_by(RenewalFiling.filed_on.desc())
    ).all()
    return LicenceFile(row, licence, terms_of(session, licence.id), history, filings)


def _chosen(as_of: date) -> Select[Any]:
    """Return the statement for licence, the term that speaks for it on `as_of`, unit and the unit's state.

    The term in force speaks; after the last one that one, before the first one that.
    """
    other = aliased(LicenceTerm)
    holds = and_(other.valid_from <= as_of, other.valid_until > as_of)
    is_past = other.valid_until <= as_of
    rank = case((holds, 0), (is_past, 1), else_=2)
    chosen = (
        select(other.id)
        .where(other.licence_id == Licence.id, known(other))
        .order_by(rank, case((is_past, other.valid_until)).desc(), other.valid_from)
        .limit(1)
        .correlate(Licence)
        .scalar_subquery()
    )
    statement: Any = select(Licence, LicenceTerm, Unit, UnitVersion).select_from(Licence)
    found: Select[Any] = (
        statement.join(LicenceTerm, LicenceTerm.id == chosen)
        .outerjoin(Unit, Unit.id == Licence.unit_id)
        .outerjoin(UnitVersion, and_(UnitVersion.unit_id == Licence.unit_id, on_or_first(as_of)))
    )
    return found


def _statement(user: Viewer, as_of: date, asked: LicenceConditions, book: StateBook) -> Select[Any]:
    return _chosen(as_of).where(in_sight(user, as_of=as_of), *_conditions(asked, as_of, book))


def _conditions(asked: LicenceConditions, as_of: date, book: StateBook) -> list[ColumnElement[bool]]:
    office = func.coalesce(UnitVersion.office_code, Licence.office_code)
    found: list[ColumnElement[bool]] = []
    if asked.office:
        found.append(office == asked.office)
    if asked.place is not None:
        found.append(Licence.place == asked.place)
    if asked.kind is not None:
        found.append(LicenceTerm.kind == asked.kind)
    if asked.unit_id is not None:
        found.append(Licence.unit_id == asked.unit_id)
    if asked.state is not None:
        found.append(is_in_state(asked.state, as_of, book))
    return found + [_has_word(word) for word in half_width(asked.text or "").split()]


def _has_word(word: str) -> ColumnElement[bool]:
    columns = [Licence.licence_no, Licence.holder_name, UnitVersion.name, UnitVersion.short_name, Unit.unit_no]
    found = [column.icontains(word, autoescape=True) for column in columns]
    if word.isascii() and word.isalnum():
        found.append(UnitVersion.pinyin.contains(word.lower(), autoescape=True))
    return or_(*found)


def _rows(session: Session, found: Sequence[Any], as_of: date, book: StateBook) -> list[LicenceRow]:
    ids = [licence.id for licence, *_ in found]
    if not ids:
        return []
    first = min(term.valid_from for _, term, *_ in found)
    terms = {term.id: term for term in terms_between(session, first, date.max, licence_ids=ids)}
    starts = {(term.licence_id, term.valid_from) for term in terms.values()}
    filed = _filings(session, ids, as_of)
    received = received_by_licence(session, ids, date(as_of.year, 1, 1), as_of)
    rows = []
    for licence, term, unit, version in found:
        is_followed = any(owner == licence.id and begins >= term.valid_until for owner, begins in starts)
        filed_on = filed.get((licence.id, term.expires_on))
        due_on = book.renewal.due_on(term.expires_on)
        is_open = filed_on is None and not is_followed
        state = state_of(term, as_of, book, is_open=is_open, is_filed=filed_on is not None and not is_followed)
        content = terms[term.id]
        office = version.office_code if version is not None else licence.office_code
        taken = received.get(licence.id, ZERO)
        rows.append(
            LicenceRow(
                licence.id, licence.public_id, licence.licence_no,
                version.name if version is not None else licence.holder_name, licence.unit_id,
                unit.public_id if unit is not None else None, unit.unit_no if unit is not None else "",
                PENDING if office is None else book.names.get(office, office), licence.place,
                term.kind, term.act, term.authority, term.issued_on, term.valid_from, term.expires_on,
                term.revoked_on, content, due_on, filed_on, state, taken,
                load_state(taken, content.quantity, book.settings.alarms),
            )
        )  # fmt: skip
    return rows


def _filings(session: Session, ids: Sequence[int], as_of: date) -> dict[tuple[int, date], date]:
    rows = session.execute(
        select(RenewalFiling.licence_id, RenewalFiling.expires_on, func.min(RenewalFiling.filed_on))
        .where(RenewalFiling.licence_id.in_(ids), RenewalFiling.filed_on <= as_of)
        .group_by(RenewalFiling.licence_id, RenewalFiling.expires_on)
    )
    return {(licence_id, expires_on): filed_on for licence_id, expires_on, filed_on in rows}


def received_by_licence(session: Session, ids: Sequence[int], start: date, until: date) -> dict[int, Decimal]:
    """Return tonnes received under each licence in the months that begin in [start, until]."""
    rows = session.execute(
        select(OperatingQuantity.licence_id, total(OperatingQuantity.received))
        .where(
            OperatingQuantity.licence_id.in_(ids),
            OperatingQuantity.superseded_at.is_(None),
            OperatingQuantity.month >= start,
            OperatingQuantity.month <= until,
        )
        .group_by(OperatingQuantity.licence_id)
    )
    return dict(rows.all())
