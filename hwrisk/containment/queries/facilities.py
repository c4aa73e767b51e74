"""Facilities as they stand on a day, with what was last confirmed of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hwrisk.containment.models import (
    ContainmentKind,
    Facility,
    FacilityTest,
    FacilityVersion,
    Reading,
    TestKind,
)
from hwrisk.containment.queries.conditions import (
    Attention,
    FacilityConditions,
    latest_readings,
    latest_tests,
    needs,
    predicates,
)
from hwrisk.containment.scope import visible_facilities
from hwrisk.containment.settings import ContainmentSettings, settings_on
from hwrisk.containment.states import FacilityStatus
from hwrisk.db.chunks import chunked
from hwrisk.db.history import in_force
from hwrisk.errors import NotFound
from hwrisk.parks.queries import park_names
from hwrisk.security.viewer import Viewer
from hwrisk.units.queries import versions_on
from hwrisk.web.paging import Page, SortKey, page_of

SHOWN_READINGS = 50
_ORDER = (
    SortKey(Facility.park_id, lambda row: row[0].park_id),
    SortKey(ContainmentKind.tier, lambda row: row[2].tier),
    SortKey(Facility.facility_no, lambda row: row[0].facility_no),
    SortKey(Facility.id, lambda row: row[0].id),
)
ALL = FacilityConditions()


class _Parts(NamedTuple):
    facility: Facility
    version: FacilityVersion
    kind: ContainmentKind


def kinds(session: Session) -> Sequence[ContainmentKind]:
    """Return all kinds of facilities, by tier and in their official order."""
    return session.scalars(select(ContainmentKind).order_by(ContainmentKind.sort_order)).all()


def facilities_matching(
    user: Viewer,
    asked: FacilityConditions,
    *,
    as_of: date,
    settings: ContainmentSettings,
    known_at: datetime | None = None,
) -> Select[Any]:
    """Return the statement for facility, state and kind of what `user` sees on `as_of`."""
    statement: Any = select(Facility, FacilityVersion, ContainmentKind)
    found: Select[Any] = (
        statement.join(FacilityVersion, FacilityVersion.facility_id == Facility.id)
        .join(ContainmentKind, ContainmentKind.code == FacilityVersion.kind_code)
        .where(
            in_force(FacilityVersion, as_of, known_at),
            visible_facilities(user),
            *predicates(asked, as_of=as_of, settings=settings),
        )
        .order_by(Facility.park_id, ContainmentKind.tier, Facility.facility_no, Facility.id)
    )
    return found


def statuses(session: Session, *, user: Viewer, as_of: date, asked: FacilityConditions = ALL) -> list[FacilityStatus]:
    """Return the facilities in sight that match, by park, tier and number; a handful of statements for any number."""
    settings = settings_on(session, as_of)
    rows = [_Parts(*row) for row in session.execute(facilities_matching(user, asked, as_of=as_of, settings=settings))]
    return _dressed(session, rows, as_of=as_of, settings=settings)


def facility_page(
    session: Session, *, user: Viewer, as_of: date, asked: FacilityConditions, cursor: str | None
) -> Page[FacilityStatus]:
    """Return one page of the list."""
    settings = settings_on(session, as_of)
    statement = facilities_matching(user, asked, as_of=as_of, settings=settings)
    found = page_of(session, statement, keys=_ORDER, cursor=cursor, scalars=False)
    rows = _dressed(session, [_Parts(*row) for row in found.rows], as_of=as_of, settings=settings)
    return Page(rows, found.next_cursor, found.previous_cursor)


def count_facilities(session: Session, *, user: Viewer, as_of: date, asked: FacilityConditions = ALL) -> int:
    """Return how many facilities match."""
    statement = facilities_matching(user, asked, as_of=as_of, settings=settings_on(session, as_of))
    return session.scalar(statement.order_by(None).with_only_columns(func.count())) or 0


def attention_counts(
    session: Session, *, user: Viewer, as_of: date, asked: FacilityConditions = ALL
) -> dict[Attention, int]:
    """Return how many facilities need somebody, for every reason there is."""
    settings = settings_on(session, as_of)
    statement = facilities_matching(user, asked, as_of=as_of, settings=settings).order_by(None)
    return {
        what: session.scalar(
            statement.where(needs(what, as_of=as_of, settings=settings)).with_only_columns(func.count())
        )
        or 0
        for what in Attention
    }


def facility_status(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> FacilityStatus:
    """Return one facility as it stands on a day.

    Raises:
        NotFound: there is none, it is out of sight, or it was not yet registered on that day.
    """
    settings = settings_on(session, as_of)
    statement = facilities_matching(user, ALL, as_of=as_of, settings=settings).where(Facility.public_id == public_id)
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return _dressed(session, [_Parts(*row)], as_of=as_of, settings=settings)[0]


def history_of(session: Session, facility_id: int) -> Sequence[FacilityVersion]:
    """Return every state ever recorded of a facility, also superseded ones, latest first."""
    return session.scalars(
        select(FacilityVersion)
        .where(FacilityVersion.facility_id == facility_id)
        .order_by(FacilityVersion.valid_from.desc(), FacilityVersion.recorded_at.desc(), FacilityVersion.id.desc())
    ).all()


def readings_of(session: Session, facility_id: int, *, limit: int = SHOWN_READINGS) -> Sequence[Reading]:
    """Return the last confirmations of a facility, latest first."""
    return session.scalars(
        select(Reading)
        .where(Reading.facility_id == facility_id)
        .order_by(Reading.confirmed_at.desc(), Reading.id.desc())
        .limit(limit)
    ).all()


def tests_of(session: Session, facility_id: int, *, limit: int = SHOWN_READINGS) -> Sequence[FacilityTest]:
    """Return the last tests and inspections of a facility, latest first."""
    return session.scalars(
        select(FacilityTest)
        .where(FacilityTest.facility_id == facility_id)
        .order_by(FacilityTest.done_on.desc(), FacilityTest.id.desc())
        .limit(limit)
    ).all()


def _dressed(
    session: Session, rows: Sequence[_Parts], *, as_of: date, settings: ContainmentSettings
) -> list[FacilityStatus]:
    ids = [row.facility.id for row in rows]
    level = _by_facility(session, latest_readings(as_of, of_level=True), ids)
    state = _by_facility(session, latest_readings(as_of, of_level=False), ids)
    valve = _by_facility(session, latest_tests(as_of, TestKind.VALVE_TEST), ids)
    seen = _by_facility(session, latest_tests(as_of, TestKind.INSPECTION), ids)
    units = versions_on(session, {row.facility.unit_id for row in rows if row.facility.unit_id}, as_of=as_of)
    names = park_names(session) if rows else {}
    return [
        FacilityStatus(
            row.facility, row.version, row.kind, settings, as_of,
            level=level.get(row.facility.id), state=state.get(row.facility.id),
            valve_test=valve.get(row.facility.id), inspection=seen.get(row.facility.id),
            unit_name=_unit_name(row.facility, units), park_name=names.get(row.facility.park_id, ""),
        )
        for row in rows
    ]  # fmt: skip


def _unit_name(facility: Facility, units: Any) -> str:
    if facility.unit_id is None:
        return ""
    version = units.get(facility.unit_id)
    return version.name if version else "（企业已不在册）"


def _by_facility(session: Session, row: Any, ids: Iterable[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for chunk in chunked(sorted(ids)):
        found |= {item.facility_id: item for item in session.scalars(select(row).where(row.facility_id.in_(chunk)))}
    return found
