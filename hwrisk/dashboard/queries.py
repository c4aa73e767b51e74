"""What the dashboard asks that no single room answers: overdue stock by supervising office, all indicators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.db.types import ZERO, total
from hwrisk.errors import NotFound
from hwrisk.indicators.indicator import Indicator
from hwrisk.indicators.models import ValueState
from hwrisk.indicators.queries import PastValue, on_the_spot, past_values, reads_stored_values, running_values
from hwrisk.indicators.readings import Reading, combined
from hwrisk.indicators.registry import INDICATORS
from hwrisk.ledger.storage.models import StorageBatch
from hwrisk.ledger.storage.queries import is_overdue, stock_on
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import CITY_LEVEL, regions
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import UnitVersion
from hwrisk.units.scope import visible_units

UNDETERMINED = "待定"
"""Stands for units whose supervising office no source states."""


class OfficeOverdue(NamedTuple):
    """Overdue stock of one supervising office: number of batches, and tonnes in store at the end of the day."""

    code: str
    """Empty for units whose office no source states."""
    name: str
    batches: int
    tonnes: Decimal


class RateNow(NamedTuple):
    """One indicator as the dashboard shows it."""

    indicator: Indicator[Any]
    readings: Sequence[Reading]
    """Values of the headline's period, of every scope in sight."""
    heads: Sequence[Reading]
    """The headline of each running period, the first of them the one that counts."""
    past: Sequence[PastValue[Any]]
    """Closed periods of the headline's scope, latest first."""

    @property
    def head(self) -> Reading:
        """The headline."""
        return self.heads[0]


def overdue_by_office(session: Session, *, user: Viewer, as_of: date) -> list[OfficeOverdue]:
    """Return the overdue stock in sight of `user` on `as_of`, by supervising office in the official order.

    Whoever sees the city or whole offices gets each of these, those without overdue stock as 0; others only the
    offices in which something is overdue.
    """
    lying = (
        select(UnitVersion.office_code.label("office"), stock_on(as_of).label("in_store"))
        .select_from(StorageBatch)
        .join(UnitVersion, UnitVersion.unit_id == StorageBatch.unit_id)
        .where(visible_units(user, as_of=as_of), is_overdue(as_of))
        .subquery()
    )
    rows = session.execute(select(lying.c.office, func.count(), total(lying.c.in_store)).group_by(lying.c.office))
    found = {row[0] or "": (row[1], row[2]) for row in rows}
    offices = regions(session, RegionKind.OFFICE, as_of=as_of)
    lines = [
        OfficeOverdue(office.code, office.name, *found.get(office.code, (0, ZERO)))
        for office in offices
        if office.code in found or (office.parent_code and (user.is_city_wide or office.code in user.offices))
    ]
    if "" in found:
        lines.append(OfficeOverdue("", UNDETERMINED, *found[""]))
    return lines


def rates_now(session: Session, *, user: Viewer, as_of: date) -> list[RateNow]:
    """Return every indicator that has a value for what `user` sees, as the jobs last left them."""
    found = []
    offices = regions(session, RegionKind.OFFICE, as_of=as_of)
    # 待定, and the bureau's own office, say nothing unless they have a unit.
    bureaus = {"", *(office.code for office in offices if office.level == CITY_LEVEL)}
    for indicator in INDICATORS:
        running = _running(session, indicator, user=user, as_of=as_of)
        if running:
            heads = [combined([r for r in of_kind if r.scope.kind is of_kind[0].scope.kind]) for of_kind in running]
            shown = [r for r in running[0] if r.state is not ValueState.NOT_APPLICABLE or r.scope.code not in bureaus]
            found.append(RateNow(indicator, shown, heads, _past(session, indicator, heads[0], user)))
    return found


def _running(session: Session, indicator: Indicator[Any], *, user: Viewer, as_of: date) -> list[Sequence[Reading]]:
    """Return the values of each running period, the headline's first; none where that has none."""
    if reads_stored_values(user):
        stored = [running_values(session, indicator, user=user, as_of=as_of, kind=kind) for kind in indicator.running]
        return [values for values in stored if values] if stored[0] else []
    try:
        return [on_the_spot(session, indicator, as_of=as_of, user=user, kind=indicator.running[0]).readings]
    except NotFound:
        return []


def _past(session: Session, indicator: Indicator[Any], head: Reading, user: Viewer) -> Sequence[PastValue[Any]]:
    # A sum of several offices was never closed as one.
    if head.public_id is None:
        return []
    return past_values(session, indicator, user=user, scope=head.scope)
