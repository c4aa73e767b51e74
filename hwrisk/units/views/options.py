"""Choices of filters and forms that come from the database, for the person who asks."""

from __future__ import annotations

from sqlalchemy import select

from hwrisk.clock import today
from hwrisk.parks.models import Park
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import regions
from hwrisk.security.viewer import Viewer
from hwrisk.units.queries import UNDECIDED
from hwrisk.web import current_session, current_user

Options = list[tuple[str, str]]
NONE = ("", "待定")


def office_options() -> Options:
    """Return the offices a person may ask for, and 待定 for who sees the whole city."""
    user = current_user()
    found = [(r.code, r.name) for r in regions(current_session(), RegionKind.OFFICE, as_of=today())]
    if user.offices and not user.is_city_wide:
        return [option for option in found if option[0] in user.offices]
    return [*found, (UNDECIDED, "待定")]


def admin_options() -> Options:
    """Return the administrative divisions, and 待定."""
    found = [(r.code, r.name) for r in regions(current_session(), RegionKind.ADMIN, as_of=today())]
    return [*found, (UNDECIDED, "待定")]


def park_options() -> Options:
    """Return code and name of all parks."""
    return [(code, name) for code, name in current_session().execute(select(Park.code, Park.name).order_by(Park.code))]


def assignable_offices(user: Viewer) -> Options:
    """Return the offices `user` may put a unit under: the city every one, a county branch its own."""
    found = [(r.code, r.name) for r in regions(current_session(), RegionKind.OFFICE, as_of=today())]
    return [NONE, *found] if user.is_city_wide else [option for option in found if option[0] in user.offices]


def assignable_admins() -> Options:
    """Return the administrative divisions a unit may lie in."""
    return [NONE, *((r.code, r.name) for r in regions(current_session(), RegionKind.ADMIN, as_of=today()))]
