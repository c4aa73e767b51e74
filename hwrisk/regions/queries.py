"""Regions on a day: the administrative divisions and the supervising offices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.history import in_force
from hwrisk.regions.models import Region, RegionKind, RegionVersion

CITY_LEVEL = "city"
"""Level of the row that stands for the whole city; units belong to the levels below it, or to the city itself."""


class RegionRow(NamedTuple):
    """A region as it is on a day."""

    code: str
    kind: RegionKind
    name: str
    level: str
    parent_code: str | None
    source: str
    trust: str
    note: str


def regions(session: Session, kind: RegionKind, *, as_of: date) -> list[RegionRow]:
    """Return the regions of one partition in force on `as_of`: the city first, then in their official order."""
    rows = session.execute(
        select(Region.kind, RegionVersion)
        .join(RegionVersion, RegionVersion.region_code == Region.code)
        .where(Region.kind == kind, in_force(RegionVersion, as_of))
        .order_by(RegionVersion.parent_code.is_not(None), RegionVersion.sort_no, RegionVersion.region_code)
    )
    return [RegionRow(v.region_code, k, v.name, v.level, v.parent_code, v.source, v.trust, v.note) for k, v in rows]


def region_names(session: Session, *, as_of: date) -> dict[str, str]:
    """Return the name of every region of both partitions on `as_of`, by code."""
    rows = session.execute(select(RegionVersion.region_code, RegionVersion.name).where(in_force(RegionVersion, as_of)))
    return dict(rows.all())


def region_history(session: Session) -> Sequence[RegionVersion]:
    """Return every version of every region that is known now, by code and day."""
    return session.scalars(
        select(RegionVersion)
        .where(RegionVersion.superseded_at.is_(None))
        .order_by(RegionVersion.region_code, RegionVersion.valid_from)
    ).all()
