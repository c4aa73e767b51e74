"""Which parks a person may see."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, true

from hwrisk.parks.models import Park
from hwrisk.security.viewer import Viewer


def visible_parks(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate on `Park` for what `user` sees: granted parks, and the parks of granted offices."""
    if user.is_city_wide:
        return true()
    granted: list[ColumnElement[bool]] = []
    if user.parks:
        granted.append(Park.id.in_(sorted(user.parks)))
    if user.offices:
        granted.append(Park.office_code.in_(sorted(user.offices)))
    return or_(false(), *granted)
