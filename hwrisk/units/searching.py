"""Units in the search box."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import today
from hwrisk.search import SearchDoc, SearchSource, index
from hwrisk.security.permissions import Permission
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import on_or_first, units_by_id

KIND = "unit"


def doc_of(unit: Unit, version: UnitVersion) -> SearchDoc:
    """Return how a unit is found in the state `version`."""
    numbers = tuple(number for number in (unit.unit_no, unit.identity_no, version.licence_no) if number)
    return SearchDoc(
        kind=KIND,
        ref=str(unit.public_id),
        title=version.name,
        subtitle=f"{unit.unit_no} · {version.status.label}",
        link=f"/units/{unit.public_id}",
        codes=numbers,
        text=f"{version.short_name} {version.address}",
        office_code=version.office_code,
        park_id=version.park_id,
        unit_id=unit.id,
        permission=Permission.UNIT_READ,
        boost=2 if unit.is_supervised else 0,
    )


def all_docs(session: Session) -> Iterator[SearchDoc]:
    """Yield every unit as it stands today."""
    rows = session.execute(
        select(Unit, UnitVersion)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(on_or_first(today()))
        .order_by(Unit.id)
    )
    return (doc_of(unit, version) for unit, version in rows)


def index_versions(session: Session, versions: Iterable[UnitVersion]) -> None:
    """Bring the index up to the given present states of units."""
    by_unit = {version.unit_id: version for version in versions}
    units = units_by_id(session, by_unit)
    index(session, (doc_of(units[unit_id], version) for unit_id, version in by_unit.items()))


SOURCE = SearchSource(kind=KIND, label="单位", rows=all_docs)
