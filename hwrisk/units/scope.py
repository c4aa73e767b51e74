"""Which units a person may see: the one predicate that lists, counts, exports and pages share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from hwrisk.db.history import in_force
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import UnitRole, UnitVersion


def in_scope(user: Viewer, *, version: Any = UnitVersion) -> ColumnElement[bool]:
    """Return the predicate that the unit described by `version` (a class or alias) is in sight of `user`.

    In sight are the units of granted offices and parks and the units granted one by one; the whole city for whoever
    sees it. The health commission sees medical institutions alone.
    """
    return and_(_granted(user, version), _of_trade(user, version))


def visible_units(
    user: Viewer, *, as_of: date, version: Any = UnitVersion, known_at: datetime | None = None
) -> ColumnElement[bool]:
    """Return the predicate that `version` is the state in force on `as_of` of a unit in sight of `user`.

    The statement joins `version` by its `unit_id`; this predicate then picks at most one row for each unit.
    """
    return and_(in_force(version, as_of, known_at), in_scope(user, version=version))


def visible_unit_ids(user: Viewer, *, as_of: date) -> Select[Any]:
    """Return the statement for the ids of the units in sight of `user` on `as_of`, for `unit_id.in_(…)`."""
    return select(UnitVersion.unit_id).where(visible_units(user, as_of=as_of))


def _granted(user: Viewer, version: Any) -> ColumnElement[bool]:
    if user.is_city_wide:
        return true()
    granted: list[ColumnElement[bool]] = []
    if user.offices:
        granted.append(version.office_code.in_(sorted(user.offices)))
    if user.parks:
        granted.append(version.park_id.in_(sorted(user.parks)))
    if user.units:
        granted.append(version.unit_id.in_(sorted(user.units)))
    return or_(false(), *granted)


def _of_trade(user: Viewer, version: Any) -> ColumnElement[bool]:
    return version.role == UnitRole.MEDICAL if user.role is Role.HEALTH else true()
