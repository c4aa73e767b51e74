"""Who sees what belongs to a unit, for services and rooms that point at it by kind and id."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.attachments import Owner
from hwrisk.clock import today
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import on_or_first
from hwrisk.units.scope import in_scope
from hwrisk.web.paging import whole_number


def _visible(session: Session, user: Viewer, object_id: str) -> bool:
    if not (object_id.isascii() and object_id.isdigit()):
        return False
    statement = select(UnitVersion.id).where(
        UnitVersion.unit_id == int(object_id), on_or_first(today()), in_scope(user)
    )
    return session.scalar(statement) is not None


def _link(session: Session, object_id: str) -> str | None:
    unit_id = whole_number(object_id)
    unit = None if unit_id is None else session.get(Unit, unit_id)
    return None if unit is None else f"/units/{unit.public_id}"


UNIT = Owner(kind="unit", label="单位", visible=_visible, link=_link)
