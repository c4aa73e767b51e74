"""Who sees what belongs to facilities, filings, connections and checks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from hwrisk.attachments import Owner
from hwrisk.containment.models import ChecklistMark, Connection, Facility, Filing, VolumeCheck
from hwrisk.containment.queries.filings import visible_filings
from hwrisk.containment.scope import visible_facilities, whole_parks
from hwrisk.parks.models import Park
from hwrisk.security.viewer import Viewer
from hwrisk.web.paging import whole_number


def _in_whole_park(column: Any, user: Viewer) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.in_(select(Park.id).where(whole_parks(user)))
    return found


def _owner(kind: str, label: str, model: Any, sight: Any, address: str) -> Owner:
    def visible(session: Session, user: Viewer, object_id: str) -> bool:
        row_id = whole_number(object_id)
        if row_id is None:
            return False
        return session.scalar(select(model.id).where(model.id == row_id, sight(user))) is not None

    def link(session: Session, object_id: str) -> str | None:
        row_id = whole_number(object_id)
        row = None if row_id is None else session.get(model, row_id)
        return None if row is None else f"/containment/{address}/{row.public_id}"

    return Owner(kind=kind, label=label, visible=visible, link=link)


OWNERS = (
    _owner("containment_facility", "防控设施", Facility, visible_facilities, "facilities"),
    _owner("containment_filing", "设施报送", Filing, visible_filings, "filings"),
    _owner(
        "containment_check", "容积校核", VolumeCheck, lambda user: _in_whole_park(VolumeCheck.park_id, user), "checks"
    ),
    _owner(
        "containment_connection", "设施连接", Connection, lambda user: _in_whole_park(Connection.park_id, user),
        "connections",
    ),
    _owner(
        "containment_checklist", "建设清单", ChecklistMark, lambda user: _in_whole_park(ChecklistMark.park_id, user),
        "checklist",
    ),
)  # fmt: skip
