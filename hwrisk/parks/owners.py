"""Parks in the search box, and who sees what belongs to a park."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.attachments import Owner
from hwrisk.parks.models import Park
from hwrisk.parks.scope import visible_parks
from hwrisk.search import SearchDoc, SearchSource
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.paging import whole_number

KIND = "park"


def _docs(session: Session) -> Iterator[SearchDoc]:
    for park in session.scalars(select(Park).order_by(Park.id)):
        yield SearchDoc(
            kind=KIND,
            ref=str(park.public_id),
            title=park.name,
            subtitle=park.location,
            link=f"/parks/{park.public_id}",
            codes=(park.code,),
            text=park.aliases.replace(";", " "),
            office_code=park.office_code,
            park_id=park.id,
            permission=Permission.PARK_READ,
            boost=3,
        )


def _visible(session: Session, user: Viewer, object_id: str) -> bool:
    park_id = whole_number(object_id)
    found = None if park_id is None else session.scalar(select(Park.id).where(Park.id == park_id, visible_parks(user)))
    return found is not None


def _link(session: Session, object_id: str) -> str | None:
    park_id = whole_number(object_id)
    park = None if park_id is None else session.get(Park, park_id)
    return None if park is None else f"/parks/{park.public_id}"


SOURCE = SearchSource(kind=KIND, label="化工园区", rows=_docs)
PARK = Owner(kind=KIND, label="化工园区", visible=_visible, link=_link)
