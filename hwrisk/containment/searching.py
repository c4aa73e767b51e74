"""Facilities in the search box."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hwrisk.clock import today
from hwrisk.containment.models import ContainmentKind, Facility, FacilityVersion
from hwrisk.db.history import in_force
from hwrisk.parks.models import Park
from hwrisk.search import SearchDoc, SearchSource, index
from hwrisk.security.permissions import Permission

KIND = "containment_facility"


def _rows(ids: Sequence[int] | None = None) -> Select[Any]:
    statement: Any = select(Facility, FacilityVersion, ContainmentKind, Park)
    found: Select[Any] = (
        statement.join(FacilityVersion, FacilityVersion.facility_id == Facility.id)
        .join(ContainmentKind, ContainmentKind.code == FacilityVersion.kind_code)
        .join(Park, Park.id == Facility.park_id)
        .where(in_force(FacilityVersion, today()))
        .order_by(Facility.id)
    )
    return found if ids is None else found.where(Facility.id.in_(ids))


def _doc(facility: Facility, version: FacilityVersion, kind: ContainmentKind, park: Park) -> SearchDoc:
    # An enterprise's facility is found by whoever sees the enterprise or the park's office; the search knows one park
    # and one unit, and an operator's park would open the enterprises' facilities: those are left to unit and office.
    is_own = facility.unit_id is None
    return SearchDoc(
        kind=KIND,
        ref=str(facility.public_id),
        title=version.name,
        subtitle=f"{park.name} · {kind.label} · {version.place or facility.facility_no}",
        link=f"/containment/facilities/{facility.public_id}",
        codes=(facility.facility_no,),
        text=f"{version.operator_name} {version.ordering_post}",
        office_code=park.office_code,
        park_id=park.id if is_own else None,
        unit_id=facility.unit_id,
        permission=Permission.CONTAINMENT_READ,
    )


def reindex(session: Session, ids: Sequence[int]) -> None:
    """Bring some facilities up to date in the index, as they stand today."""
    index(session, (_doc(*row) for row in session.execute(_rows(ids))))


def all_docs(session: Session) -> Iterable[SearchDoc]:
    """Yield every facility as it stands today."""
    found: Iterator[SearchDoc] = (_doc(*row) for row in session.execute(_rows()))
    return found


SOURCE = SearchSource(kind=KIND, label="防控设施", rows=all_docs)
