"""Which depots a person may see: the one predicate that lists, maps, exports, look-up and pages share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from hwrisk.emergency.models import Depot, DispatchRequest
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

AUTHORITIES = frozenset({Role.CITY, Role.COUNTY, Role.COMMAND, Role.DUTY})
"""Roles that find the shared depots of enterprises and institutions in the look-up."""


def visible_depots(user: Viewer, *, depot: Any = Depot) -> ColumnElement[bool]:
    """Return the predicate that `depot` (the class or an alias) is in sight of `user`.

    Command, duty post and city see all; a county its office's, a park its own, an enterprise the one it keeps.
    """
    if user.is_city_wide:
        return true()
    granted: list[ColumnElement[bool]] = []
    if user.offices:
        granted.append(depot.office_code.in_(sorted(user.offices)))
    if user.parks:
        granted.append(depot.park_id.in_(sorted(user.parks)))
    if user.units:
        granted.append(depot.unit_id.in_(sorted(user.units)))
    return or_(false(), *granted)


def findable_depots(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate for what the look-up finds: depots in use in sight, and for authorities the shared ones."""
    seen = visible_depots(user)
    if user.role in AUTHORITIES:
        seen = or_(seen, Depot.is_shared.is_(True))
    return and_(Depot.is_active.is_(True), seen)


def visible_requests(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate for dispatches in sight: of the own office or park, one's own, all for the whole city.

    Whoever keeps a depot sees the dispatches that take from it through `queries.dispatch`, which adds to this.
    """
    if user.is_city_wide:
        return true()
    granted: list[ColumnElement[bool]] = []
    if user.offices:
        granted.append(DispatchRequest.office_code.in_(sorted(user.offices)))
    if user.parks:
        granted.append(DispatchRequest.park_id.in_(sorted(user.parks)))
    if user.account_id is not None:
        granted.append(DispatchRequest.requester_id == user.account_id)
    return or_(false(), *granted)
