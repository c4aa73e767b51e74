"""Connections of a park on a day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.containment.counting import Link, judge_link
from hwrisk.containment.models import Connection, ConnectionVersion
from hwrisk.containment.scope import whole_parks
from hwrisk.containment.states import FacilityStatus
from hwrisk.db.history import in_force
from hwrisk.errors import NotFound
from hwrisk.parks.models import Park
from hwrisk.security.viewer import Viewer


class ConnectionRow(NamedTuple):
    """A connection with both ends and whether it counts as usable; an end out of the reader's sight is None."""

    link: Link
    start: FacilityStatus | None
    end: FacilityStatus | None
    through: FacilityStatus | None
    is_usable: bool
    why: str


def links_of(session: Session, park_id: int, *, as_of: date) -> list[Link]:
    """Return the connections of a park on a day, by number; the caller has made sure that the park is in sight."""
    rows = session.execute(
        select(Connection, ConnectionVersion)
        .join(ConnectionVersion, ConnectionVersion.connection_id == Connection.id)
        .where(Connection.park_id == park_id, in_force(ConnectionVersion, as_of))
        .order_by(Connection.connection_no, Connection.id)
    )
    return [Link(*row) for row in rows]


def connection_page_rows(links: list[Link], statuses: list[FacilityStatus]) -> list[ConnectionRow]:
    """Return connections with their ends as they stand."""
    by_id = {status.facility.id: status for status in statuses}
    rows = []
    for link in links:
        start, end = by_id.get(link.connection.from_id), by_id.get(link.connection.to_id)
        through = by_id.get(link.version.through_id) if link.version.through_id else None
        usable, why = False, "两端设施不全"
        if start is not None and end is not None:
            usable, _, why = judge_link(link, by_id)
        rows.append(ConnectionRow(link, start, end, through, usable, why))
    return rows


def get_connection(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> Link:
    """Return one connection as it stands on a day.

    Raises:
        NotFound: there is none, or its park is out of sight.
    """
    row = session.execute(
        select(Connection, ConnectionVersion)
        .join(ConnectionVersion, ConnectionVersion.connection_id == Connection.id)
        .where(
            Connection.public_id == public_id,
            in_force(ConnectionVersion, as_of),
            Connection.park_id.in_(select(Park.id).where(whole_parks(user))),
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return Link(*row)
