"""All indicators at a glance: the headline of each, and both by supervising office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.indicators.indicator import Indicator
from hwrisk.indicators.models import ScopeKind, ValueState
from hwrisk.indicators.queries import on_the_spot, reads_stored_values, running_values
from hwrisk.indicators.readings import Reading, combined
from hwrisk.indicators.registry import INDICATORS
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import CITY_LEVEL, regions
from hwrisk.security.viewer import Viewer


@dataclass(frozen=True)
class OfficeLine:
    """One office, with its headline value of every indicator that has one."""

    name: str
    readings: Mapping[str, Reading]
    """By the id of the indicator."""


@dataclass(frozen=True)
class Overview:
    """The headlines of a day."""

    indicators: Sequence[Indicator[Any]]
    heads: Sequence[Reading]
    """One for each indicator that has a value."""
    offices: Sequence[OfficeLine]

    @property
    def as_of(self) -> date | None:
        """The earliest day a headline speaks of, or None where there is none."""
        return min((head.as_of for head in self.heads), default=None)

    @property
    def known_at(self) -> datetime | None:
        """The earliest data cut-off of the headlines."""
        return min((head.known_at for head in self.heads), default=None)


def overview(session: Session, *, user: Viewer, as_of: date, is_past: bool = False) -> Overview:
    """Return the headline of every indicator for what `user` sees, and all of them by office.

    As the jobs last left them; `is_past` asks for what the day itself gives, worked out on the spot.
    """
    heads: list[Reading] = []
    by_office: dict[str, dict[str, Reading]] = {}
    for indicator in INDICATORS:
        readings = _readings(session, indicator, user=user, as_of=as_of, is_past=is_past)
        if not readings:
            continue
        heads.append(combined([r for r in readings if r.scope.kind is readings[0].scope.kind]))
        for reading in readings:
            if reading.scope.kind is ScopeKind.OFFICE:
                by_office.setdefault(reading.scope.code, {})[indicator.id] = reading
    offices = regions(session, RegionKind.OFFICE, as_of=as_of)
    bureaus = {"", *(region.code for region in offices if region.level == CITY_LEVEL)}
    lines = [
        OfficeLine(next(iter(found.values())).scope_name, found)
        for code, found in by_office.items()
        if code not in bureaus or any(r.state is not ValueState.NOT_APPLICABLE for r in found.values())
    ]
    return Overview(INDICATORS, heads, lines)


def _readings(
    session: Session, indicator: Indicator[Any], *, user: Viewer, as_of: date, is_past: bool
) -> Sequence[Reading]:
    kind = indicator.running[0]
    if reads_stored_values(user) and not is_past:
        return running_values(session, indicator, user=user, as_of=as_of, kind=kind)
    return on_the_spot(session, indicator, as_of=as_of, user=user, kind=kind).readings
