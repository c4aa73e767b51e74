"""Which facilities and which parks' defences a person may see.

The park of a facility decides, and beside it the enterprise it belongs to. An operator (运维单位) holds grants of parks
and units like anybody else, but a park opens to it the park's own facilities alone, never those of its enterprises.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from hwrisk.containment.models import Facility
from hwrisk.parks.models import Park
from hwrisk.parks.scope import visible_parks
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer


def visible_facilities(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate on `Facility` for what `user` sees."""
    if user.is_city_wide:
        return true()
    in_park: ColumnElement[bool] = Facility.park_id.in_(select(Park.id).where(visible_parks(user)))
    if user.role is Role.OPERATOR:
        in_park = and_(in_park, Facility.unit_id.is_(None))
    own = Facility.unit_id.in_(sorted(user.units)) if user.units else false()
    return or_(in_park, own)


def whole_parks(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate on `Park` for the parks whose three tiers `user` sees as a whole: not an operator."""
    return false() if user.role is Role.OPERATOR else visible_parks(user)


def sees_facilities_of(user: Viewer, unit_id: int) -> bool:
    """Tell whether the facilities of an enterprise in sight are in sight too: to an operator those of its own alone."""
    return user.role is not Role.OPERATOR or unit_id in user.units
