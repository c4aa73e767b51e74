"""Filings of facility data in sight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from hwrisk.containment.models import Filing, FilingState, FilingStep
from hwrisk.errors import NotFound
from hwrisk.parks.models import Park
from hwrisk.parks.queries import park_names
from hwrisk.parks.scope import visible_parks
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.queries import versions_on
from hwrisk.web.paging import Page, SortKey, page_of

_NEWEST = (SortKey(Filing.id, lambda row: row.id, descending=True),)


class FilingRow(NamedTuple):
    """A filing with the names around it."""

    filing: Filing
    park_name: str
    unit_name: str

    @property
    def name(self) -> str:
        """Name of the facility as filed."""
        return str(self.filing.values.get("name") or "未写名称")


def visible_filings(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate on `Filing` for what `user` sees: as with facilities."""
    if user.is_city_wide:
        return true()
    in_park: ColumnElement[bool] = Filing.park_id.in_(select(Park.id).where(visible_parks(user)))
    if user.role is Role.OPERATOR:
        in_park = and_(in_park, Filing.unit_id.is_(None))
    own = Filing.unit_id.in_(sorted(user.units)) if user.units else false()
    return or_(in_park, own)


def filings_matching(
    user: Viewer, *, states: Sequence[FilingState] = (), park_id: int | None = None, facility_id: int | None = None
) -> Select[Any]:
    """Return the statement for the filings in sight."""
    statement = select(Filing).where(visible_filings(user))
    if states:
        statement = statement.where(Filing.state.in_(states))
    if park_id is not None:
        statement = statement.where(Filing.park_id == park_id)
    if facility_id is not None:
        statement = statement.where(Filing.facility_id == facility_id)
    return statement


def filing_rows(
    session: Session,
    *,
    user: Viewer,
    as_of: date,
    states: Sequence[FilingState] = (),
    park_id: int | None = None,
    facility_id: int | None = None,
    cursor: str | None = None,
) -> Page[FilingRow]:
    """Return one page of filings, newest first."""
    statement = filings_matching(user, states=states, park_id=park_id, facility_id=facility_id)
    found = page_of(session, statement, keys=_NEWEST, cursor=cursor)
    units = versions_on(session, {f.unit_id for f in found.rows if f.unit_id}, as_of=as_of)
    names = park_names(session) if found.rows else {}
    rows = [
        FilingRow(f, names.get(f.park_id, ""), units[f.unit_id].name if f.unit_id and f.unit_id in units else "")
        for f in found.rows
    ]
    return Page(rows, found.next_cursor, found.previous_cursor)


def count_filings(session: Session, *, user: Viewer, states: Sequence[FilingState]) -> int:
    """Return how many filings in sight are in one of `states`."""
    statement = filings_matching(user, states=states).with_only_columns(func.count())
    return session.scalar(statement) or 0


def get_filing(session: Session, public_id: UUID, *, user: Viewer) -> Filing:
    """Return one filing.

    Raises:
        NotFound: there is none, or it is out of sight.
    """
    filing = session.scalars(select(Filing).where(Filing.public_id == public_id, visible_filings(user))).one_or_none()
    if filing is None:
        raise NotFound
    return filing


def steps_of(session: Session, filing_id: int) -> Sequence[FilingStep]:
    """Return every act on a filing, first to last."""
    return session.scalars(select(FilingStep).where(FilingStep.filing_id == filing_id).order_by(FilingStep.id)).all()
