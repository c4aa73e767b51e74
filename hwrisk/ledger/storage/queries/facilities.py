"""Storage facilities (贮存设施) on a day, with what lies in them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from hwrisk.db.history import in_force
from hwrisk.db.types import total
from hwrisk.errors import NotFound
from hwrisk.ledger.models import LedgerEntry
from hwrisk.ledger.storage.models import FacilityVersion, StorageFacility
from hwrisk.security.viewer import Viewer
from hwrisk.units.scope import visible_unit_ids


class FacilityRow(NamedTuple):
    """A facility and its state on a day; `version` is None before its first state and after its last."""

    facility: StorageFacility
    version: FacilityVersion | None
    tonnes: Decimal

    @property
    def is_over_capacity(self) -> bool:
        """Whether it holds more than its capacity (a warning)."""
        return self.version is not None and self.version.capacity is not None and self.tonnes > self.version.capacity


def facilities_of(session: Session, unit_id: int, *, as_of: date) -> list[FacilityRow]:
    """Return the facilities of a unit with their stock at the end of `as_of`, by code; one statement."""
    stock = (
        select(total(LedgerEntry.stock_delta))
        .where(LedgerEntry.facility_id == StorageFacility.id, LedgerEntry.occurred_on <= as_of)
        .correlate(StorageFacility)
        .scalar_subquery()
    )
    rows = session.execute(
        select(StorageFacility, FacilityVersion, stock)
        .outerjoin(
            FacilityVersion, and_(FacilityVersion.facility_id == StorageFacility.id, in_force(FacilityVersion, as_of))
        )
        .where(StorageFacility.unit_id == unit_id)
        .order_by(StorageFacility.code)
    )
    return [FacilityRow(*row) for row in rows]


def get_facility(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> FacilityRow:
    """Return one facility with its state on `as_of`.

    Raises:
        NotFound: there is none, or its unit is out of sight of `user`.
    """
    facility = session.scalars(
        select(StorageFacility).where(
            StorageFacility.public_id == public_id, StorageFacility.unit_id.in_(visible_unit_ids(user, as_of=as_of))
        )
    ).one_or_none()
    if facility is None:
        raise NotFound
    return next(row for row in facilities_of(session, facility.unit_id, as_of=as_of) if row.facility.id == facility.id)
