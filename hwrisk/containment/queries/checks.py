"""Stored volume checks."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hwrisk.containment.models import VolumeCheck
from hwrisk.containment.scope import whole_parks
from hwrisk.errors import NotFound
from hwrisk.parks.models import Park
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import UnitVersion
from hwrisk.web.paging import Page, SortKey, page_of

_NEWEST = (SortKey(VolumeCheck.id, lambda row: row.id, descending=True),)


class CheckRow(NamedTuple):
    """A stored check with the name of its enterprise as it is now."""

    check: VolumeCheck
    unit_name: str


def checks_matching(user: Viewer, *, park_id: int | None = None, unit_id: int | None = None) -> Select[Any]:
    """Return the statement for the checks in sight: of parks seen as a whole."""
    statement = select(VolumeCheck).where(VolumeCheck.park_id.in_(select(Park.id).where(whole_parks(user))))
    if park_id is not None:
        statement = statement.where(VolumeCheck.park_id == park_id)
    if unit_id is not None:
        statement = statement.where(VolumeCheck.unit_id == unit_id)
    return statement


def volume_checks(
    session: Session,
    *,
    user: Viewer,
    park_id: int | None = None,
    unit_id: int | None = None,
    cursor: str | None = None,
) -> Page[CheckRow]:
    """Return one page of checks, newest first."""
    found = page_of(session, checks_matching(user, park_id=park_id, unit_id=unit_id), keys=_NEWEST, cursor=cursor)
    names = _names(session, {check.unit_id for check in found.rows if check.unit_id})
    rows = [CheckRow(check, names.get(check.unit_id, "")) for check in found.rows]
    return Page(rows, found.next_cursor, found.previous_cursor)


def get_check(session: Session, public_id: UUID, *, user: Viewer) -> CheckRow:
    """Return one stored check.

    Raises:
        NotFound: there is none, or its park is out of sight.
    """
    check = session.scalars(checks_matching(user).where(VolumeCheck.public_id == public_id)).one_or_none()
    if check is None:
        raise NotFound
    names = _names(session, {check.unit_id} if check.unit_id else set())
    return CheckRow(check, names.get(check.unit_id, ""))


def _names(session: Session, unit_ids: set[int]) -> dict[int | None, str]:
    rows = session.execute(
        select(UnitVersion.unit_id, UnitVersion.name).where(
            UnitVersion.unit_id.in_(sorted(unit_ids)),
            UnitVersion.superseded_at.is_(None),
            UnitVersion.valid_until.is_(None),
        )
    )
    return dict(rows.all())
