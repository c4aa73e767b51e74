"""Who sees what belongs to a depot or a dispatch, for services that point at it by kind and id."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.attachments import Owner
from hwrisk.emergency.models import Depot, DispatchRequest, MaterialLot
from hwrisk.emergency.queries.dispatch import in_sight
from hwrisk.emergency.scope import visible_depots
from hwrisk.security.viewer import Viewer
from hwrisk.web.paging import whole_number


def _sees_depot(session: Session, user: Viewer, object_id: str) -> bool:
    number = whole_number(object_id)
    found = select(Depot.id).where(Depot.id == number, visible_depots(user))
    return number is not None and session.scalar(found) is not None


def _depot_link(session: Session, object_id: str) -> str | None:
    number = whole_number(object_id)
    row = None if number is None else session.get(Depot, number)
    return None if row is None else f"/emergency/depots/{row.public_id}"


def _sees_lot(session: Session, user: Viewer, object_id: str) -> bool:
    number = whole_number(object_id)
    found = (
        select(MaterialLot.id)
        .join(Depot, Depot.id == MaterialLot.depot_id)
        .where(MaterialLot.id == number, visible_depots(user))
    )
    return number is not None and session.scalar(found) is not None


def _lot_link(session: Session, object_id: str) -> str | None:
    number = whole_number(object_id)
    row = None if number is None else session.get(MaterialLot, number)
    return None if row is None else f"/emergency/lots/{row.public_id}"


def _sees_dispatch(session: Session, user: Viewer, object_id: str) -> bool:
    number = whole_number(object_id)
    found = select(DispatchRequest.id).where(DispatchRequest.id == number, in_sight(user))
    return number is not None and session.scalar(found) is not None


def _dispatch_link(session: Session, object_id: str) -> str | None:
    number = whole_number(object_id)
    row = None if number is None else session.get(DispatchRequest, number)
    return None if row is None else f"/emergency/dispatches/{row.public_id}"


OWNERS = (
    Owner(kind="material_depot", label="物资库", visible=_sees_depot, link=_depot_link),
    Owner(kind="material_lot", label="物资批次", visible=_sees_lot, link=_lot_link),
    Owner(kind="dispatch_request", label="调拨单", visible=_sees_dispatch, link=_dispatch_link),
)
