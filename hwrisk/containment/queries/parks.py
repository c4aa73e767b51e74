"""Parks and how their three tiers stand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.containment.queries.facilities import statuses
from hwrisk.containment.scope import whole_parks
from hwrisk.containment.settings import NOTHING
from hwrisk.containment.states import TIERS, FacilityStatus, Sign
from hwrisk.db.history import in_force
from hwrisk.errors import NotFound
from hwrisk.parks.models import Park
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import UnitRow


class TierDefence(NamedTuple):
    """One tier of a park on a day: how many facilities, the room that counts, and what is wrong; volumes in m³."""

    tier: int
    label: str
    facilities: int
    effective: Decimal
    """Effective volume of all basins in use whose volume is known, those of V3 included."""
    room: Decimal
    """What counts as room: effective less present, unknown as none."""
    unknown_volumes: int
    unconfirmed: int
    alarms: int
    failed: int

    @property
    def sign(self) -> Sign:
        """How it stands at a glance."""
        if not self.facilities:
            return Sign("note", "没有登记设施")
        if self.alarms or self.failed:
            return Sign("bad", f"{self.alarms + self.failed} 处要处理")
        if self.unconfirmed or self.unknown_volumes:
            return Sign("warn", f"{self.unconfirmed + self.unknown_volumes} 处不明或过期")
        return Sign("good", "正常")


class ParkDefence(NamedTuple):
    """A park with its three tiers on a day."""

    park: Park
    tiers: tuple[TierDefence, ...]

    @property
    def facilities(self) -> int:
        """How many facilities all tiers have."""
        return sum(tier.facilities for tier in self.tiers)


def defences(session: Session, *, user: Viewer, as_of: date) -> list[ParkDefence]:
    """Return the parks `user` sees as a whole with their tiers, by code; constant in statements."""
    parks = session.scalars(select(Park).where(whole_parks(user)).order_by(Park.code)).all()
    by_park: dict[int, list[FacilityStatus]] = {}
    for status in statuses(session, user=user, as_of=as_of):
        by_park.setdefault(status.facility.park_id, []).append(status)
    return [ParkDefence(park, tiers_of(by_park.get(park.id, []))) for park in parks]


def tiers_of(found: list[FacilityStatus]) -> tuple[TierDefence, ...]:
    """Return the three tiers of a park's facilities."""
    return tuple(_tier(tier, [s for s in found if s.kind.tier == tier]) for tier in TIERS)


def _tier(tier: int, found: list[FacilityStatus]) -> TierDefence:
    used = [status for status in found if status.in_use]
    basins = [status for status in used if status.is_volume]
    known = [s.version.effective_volume for s in basins if s.version.effective_volume is not None]
    bad = [s for s in used if s.sign.kind == "bad" and not s.is_alarm]
    return TierDefence(
        tier, TIERS[tier], len(found), sum(known, NOTHING), sum((s.room().room for s in basins), NOTHING),
        len(basins) - len(known), sum(1 for s in used if s.is_unconfirmed), sum(1 for s in basins if s.is_alarm),
        len(bad),
    )  # fmt: skip


def get_whole_park(session: Session, public_id: UUID, *, user: Viewer) -> Park:
    """Return the park with this public id whose three tiers `user` sees as a whole.

    Raises:
        NotFound: there is none, or it is out of sight.
    """
    park = session.scalars(select(Park).where(Park.public_id == public_id, whole_parks(user))).one_or_none()
    if park is None:
        raise NotFound
    return park


def units_of_park(session: Session, park_id: int, *, as_of: date) -> list[UnitRow]:
    """Return the enterprises of a park on a day, by name; the caller has made sure that the park is in sight."""
    rows = session.execute(
        select(Unit, UnitVersion)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(UnitVersion.park_id == park_id, in_force(UnitVersion, as_of))
        .order_by(UnitVersion.name, Unit.id)
    )
    return [UnitRow(*row) for row in rows]
