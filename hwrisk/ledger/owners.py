"""Who sees what belongs to the ledger, for services and rooms that point at it by kind and id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.attachments import Owner
from hwrisk.clock import today
from hwrisk.ledger.models import LedgerEntry, UnitWaste
from hwrisk.ledger.storage.models import Lot, StorageBatch, StorageFacility
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import on_or_first
from hwrisk.units.scope import in_scope
from hwrisk.web.paging import whole_number


def _visible(model: Any) -> Callable[[Session, Viewer, str], bool]:
    def visible(session: Session, user: Viewer, object_id: str) -> bool:
        statement = (
            select(model.id)
            .join(UnitVersion, UnitVersion.unit_id == model.unit_id)
            .where(model.id == whole_number(object_id), on_or_first(today()), in_scope(user))
        )
        return session.scalar(statement) is not None

    return visible


def _link(model: Any, path: str) -> Callable[[Session, str], str | None]:
    def link(session: Session, object_id: str) -> str | None:
        found = session.scalar(select(model.public_id).where(model.id == whole_number(object_id)))
        return None if found is None else f"{path}/{found}"

    return link


def _unit_link(model: Any) -> Callable[[Session, str], str | None]:
    def link(session: Session, object_id: str) -> str | None:
        of_unit = select(Unit.public_id).join(model, model.unit_id == Unit.id)
        found = session.scalar(of_unit.where(model.id == whole_number(object_id)))
        return None if found is None else f"/units/{found}"

    return link


OWNERS = (
    Owner(
        kind="ledger_entry", label="台账记录", visible=_visible(LedgerEntry),
        link=_link(LedgerEntry, "/ledger/entries"),
    ),
    Owner(
        kind="storage_batch", label="贮存批次", visible=_visible(StorageBatch),
        link=_link(StorageBatch, "/storage/batches"),
    ),
    Owner(
        kind="storage_facility", label="贮存设施", visible=_visible(StorageFacility), link=_unit_link(StorageFacility)
    ),
    Owner(kind="lot", label="合并批", visible=_visible(Lot), link=_unit_link(Lot)),
    Owner(kind="unit_waste", label="单位废物", visible=_visible(UnitWaste), link=_unit_link(UnitWaste)),
)  # fmt: skip
