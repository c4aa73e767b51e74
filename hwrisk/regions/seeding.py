"""Loading the two partitions of the city from `seeds/regions`; what was known before stays as history."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.db.seeds import seed_day, seed_rows
from hwrisk.regions.models import Region, RegionKind, RegionVersion

Values = dict[str, object]


def seed(session: Session, *, folder: Path | None = None) -> int:
    """Keep the regions of `seeds/regions/regions.csv` by code; return how many are new or changed.

    A changed row supersedes the one before, it does not overwrite it; the same table again changes nothing.
    """
    at = now()
    known = _known(session)
    codes = set(session.scalars(select(Region.code)))
    touched = 0
    for number, row in enumerate(seed_rows("regions/regions.csv", folder=folder)):
        if row["code"] not in codes:
            session.add(Region(code=row["code"], kind=RegionKind(row["kind"])))
            codes.add(row["code"])
            session.flush()
        touched += _keep(session, row["code"], _values(row, number), known.get(row["code"], []), at=at)
    session.flush()
    return touched


def _known(session: Session) -> dict[str, list[RegionVersion]]:
    found: dict[str, list[RegionVersion]] = {}
    for version in session.scalars(select(RegionVersion).where(RegionVersion.superseded_at.is_(None))):
        found.setdefault(version.region_code, []).append(version)
    return found


def _values(row: dict[str, str], number: int) -> Values:
    return {
        "name": row["name"],
        "level": row["level"],
        "parent_code": row["parent_code"] or None,
        "sort_no": number,
        "source": row["source"],
        "trust": row["trust"],
        "note": row["note"],
        "valid_from": seed_day(row["valid_from"]),
        "valid_until": seed_day(row["valid_until"]),
    }


def _keep(session: Session, code: str, values: Values, known: list[RegionVersion], *, at: datetime) -> int:
    same_start = [version for version in known if version.valid_from == values["valid_from"]]
    if any(all(getattr(version, name) == value for name, value in values.items()) for version in same_start):
        return 0
    for version in same_start:
        version.superseded_at = at
    session.add(RegionVersion(region_code=code, recorded_at=at, **values))
    return 1
