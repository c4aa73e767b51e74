"""The wastes of units: which stream they belong to, and which codes the catalogue does not list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.ledger.models import UnitWaste
from hwrisk.ledger.storage.queries.conditions import words
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.scope import visible_unit_ids, visible_units
from hwrisk.web.paging import Page, SortKey, page_of


class WasteRow(NamedTuple):
    """A waste of a unit."""

    waste: UnitWaste
    unit_public_id: UUID
    unit_name: str


@dataclass(frozen=True, kw_only=True)
class WasteConditions:
    """What the list is narrowed by."""

    outside: bool = False
    """Codes outside the catalogue alone (名录外代码（待核）)."""
    unconfirmed: bool = False
    """Wastes whose stream nobody has confirmed yet alone."""
    text: str | None = None


def wastes_page(
    session: Session, *, user: Viewer, as_of: date, asked: WasteConditions, cursor: str | None = None
) -> Page[WasteRow]:
    """Return one page of the wastes in sight, the newest first."""
    statement = _narrowed(
        select(UnitWaste, Unit.public_id, UnitVersion.name).select_from(UnitWaste), user, as_of, asked
    )
    keys = (SortKey(UnitWaste.id, lambda row: row[0].id, descending=True),)
    found = page_of(session, statement, keys=keys, cursor=cursor, scalars=False)
    return Page([WasteRow(*row) for row in found.rows], found.next_cursor, found.previous_cursor)


def count_outside(session: Session, *, user: Viewer, as_of: date) -> int:
    """Return how many wastes in sight have a code outside the catalogue."""
    asked = WasteConditions(outside=True)
    return session.scalar(_narrowed(select(func.count()).select_from(UnitWaste), user, as_of, asked)) or 0


def get_waste(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> UnitWaste:
    """Return the waste with this public id.

    Raises:
        NotFound: there is none, or its unit is out of sight of `user`.
    """
    waste = session.scalars(
        select(UnitWaste).where(
            UnitWaste.public_id == public_id, UnitWaste.unit_id.in_(visible_unit_ids(user, as_of=as_of))
        )
    ).one_or_none()
    if waste is None:
        raise NotFound
    return waste


def _narrowed(statement: Any, user: Viewer, as_of: date, asked: WasteConditions) -> Any:
    found = statement.join(Unit, Unit.id == UnitWaste.unit_id).join(UnitVersion, UnitVersion.unit_id == Unit.id)
    found = found.where(visible_units(user, as_of=as_of))
    if asked.outside:
        found = found.where(UnitWaste.outside_catalogue)
    if asked.unconfirmed:
        found = found.where(UnitWaste.confirmed_by == "")
    return found.where(*words(asked.text, UnitWaste.waste_code, UnitWaste.waste_name))
