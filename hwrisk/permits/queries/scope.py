"""Who sees which licences: the one predicate that lists, pages, exports and services share."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, or_, true

from hwrisk.permits.models import Licence
from hwrisk.security.permissions import AUTHORITY
from hwrisk.security.viewer import Viewer
from hwrisk.units.scope import visible_unit_ids


def in_sight(user: Viewer, *, as_of: date) -> ColumnElement[bool]:
    """Return the predicate on `Licence` for what `user` sees on `as_of`.

    Licences of units in sight; those of holders outside the register belong to nobody's district and are seen by
    everybody with the permission, because any consignor may have to look its receiver up.
    """
    if user.is_city_wide:
        return true()
    return or_(Licence.unit_id.is_(None), Licence.unit_id.in_(visible_unit_ids(user, as_of=as_of)))


def in_hand(user: Viewer, *, as_of: date) -> ColumnElement[bool]:
    """Return the predicate on `Licence` for what `user` may state something of on `as_of`.

    Everybody may look up a holder outside the register; only an authority writes of one, and an enterprise of itself.
    """
    if user.role in AUTHORITY:
        return in_sight(user, as_of=as_of)
    return Licence.unit_id.in_(visible_unit_ids(user, as_of=as_of))
