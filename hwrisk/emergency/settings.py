"""What the bureau has set for materials: the rule pack `emergency-stock`, all of it unverified (待核)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk.rulepacks import Trust
from hwrisk.rulepacks.queries import parameters

PACK_ID = "emergency-stock"


class StockSettings(NamedTuple):
    """The settings on a day."""

    expiring_days: int
    """A lot is 临期 from so many days before its last good day on."""
    confirm_days: int
    """A confirmation counts for so many days, the day itself not counted."""
    speed_kmh: int
    road_factor: Decimal
    """What a straight line is multiplied by for the way by road."""
    loading_minutes: int
    reminder_leads: tuple[int, ...]
    counted_modes: frozenset[str]
    """Storage modes whose stock counts as at hand."""
    is_unverified: bool
    version: str

    def expiring_before(self, as_of: date) -> date:
        """Return the day up to which (inclusive) an expiry is near on `as_of`."""
        return as_of + timedelta(days=self.expiring_days)

    def confirmed_since(self, as_of: date) -> date:
        """Return the first day whose confirmation still counts on `as_of`."""
        return as_of - timedelta(days=self.confirm_days)

    def minutes(self, straight_km: float) -> int:
        """Return the estimated minutes from call to arrival (估算) over a straight line of so many kilometres."""
        road_km = Decimal(str(straight_km)) * self.road_factor
        return self.loading_minutes + ceil(road_km * 60 / self.speed_kmh)

    def road_km(self, straight_km: float) -> float:
        """Return the estimated kilometres by road."""
        return float(Decimal(str(straight_km)) * self.road_factor)


def read_settings(values: Mapping[str, Any], *, trust: Trust = Trust.UNVERIFIED, version: str = "") -> StockSettings:
    """Return the settings of one version of the pack."""
    return StockSettings(
        expiring_days=int(values["expiring_days"]),
        confirm_days=int(values["confirm_days"]),
        speed_kmh=int(values["speed_kmh"]),
        road_factor=Decimal(values["road_factor"]),
        loading_minutes=int(values["loading_minutes"]),
        reminder_leads=tuple(int(days) for days in values["reminder_leads"]),
        counted_modes=frozenset(values["counted_modes"]),
        is_unverified=trust is Trust.UNVERIFIED,
        version=version,
    )


def stock_settings(session: Session, *, as_of: date) -> StockSettings:
    """Return the settings in force on `as_of`."""
    pack = parameters(session, PACK_ID, on=as_of)
    return read_settings(pack.parameters, trust=pack.trust, version=pack.version)
