"""The blueprints, and what several of their pages need."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask import Blueprint
from sqlalchemy import select

from hwrisk.clock import today
from hwrisk.containment import queries
from hwrisk.containment.cards import prints_whole_phone
from hwrisk.containment.measures import cubic_metres
from hwrisk.containment.models import ServiceState
from hwrisk.containment.scope import sees_facilities_of, whole_parks
from hwrisk.containment.states import TIERS
from hwrisk.parks.models import Park
from hwrisk.parks.scope import visible_parks
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.queries import UnitConditions, unit_rows
from hwrisk.web import current_session, current_user
from hwrisk.web.listing import Choices

bp = Blueprint("containment", __name__, url_prefix="/containment")
desk_bp = Blueprint("desk", __name__, url_prefix="/desk")
AUTHORITY = frozenset({Role.CITY, Role.COUNTY})


def rights(user: Viewer) -> dict[str, bool]:
    """Return what the buttons of these pages ask."""
    return {
        "report": user.may(Permission.CONTAINMENT_REPORT),
        "edit": user.may(Permission.CONTAINMENT_EDIT),
        "decide": user.role in AUTHORITY and user.may(Permission.CONTAINMENT_EDIT),
        "check": user.may(Permission.CONTAINMENT_CHECK),
        "accept": user.may(Permission.CONTAINMENT_ACCEPT),
        "volume": user.may(Permission.CONTAINMENT_VOLUME),
        "export": user.may(Permission.EXPORT_RUN),
        "import": user.may(Permission.IMPORT_RUN) and user.may(Permission.CONTAINMENT_EDIT),
        "phone": prints_whole_phone(user),
        "sees_whole": user.role is not Role.OPERATOR and user.role is not Role.ENTERPRISE,
    }


def parks_in_sight() -> list[Park]:
    """Return the parks whose defences the person sees as a whole, by code."""
    statement = select(Park).where(whole_parks(current_user())).order_by(Park.code)
    return list(current_session().scalars(statement))


def park_options() -> Choices:
    """Return the parks of the person, for filters: (code, name)."""
    rows = current_session().scalars(select(Park).where(visible_parks(current_user())).order_by(Park.code))
    return [(park.code, park.name) for park in rows]


def tier_options() -> Choices:
    """Return the tiers, for filters."""
    return [(str(tier), label) for tier, label in TIERS.items()]


def kind_options() -> Choices:
    """Return the kinds of facilities, for filters and forms."""
    return [(kind.code, f"{kind.label}（{TIERS[kind.tier]}）") for kind in queries.kinds(current_session())]


def service_options() -> Choices:
    """Return the states of service, for filters."""
    return [(state.value, state.label) for state in ServiceState]


def unit_options(park: Park, user: Viewer, *, as_of: date | None = None) -> list[tuple[str, str]]:
    """Return the enterprises of a park whose facilities the person sees, for forms: (public id, name)."""
    rows = unit_rows(current_session(), user, UnitConditions(park=park.code), as_of=as_of or today())
    return [(str(row.public_id), row.name) for row in rows if sees_facilities_of(user, row.id)]


@bp.app_template_filter("m3")
def shown_m3(value: Decimal | None) -> str:
    """Return m³ as pages show them: separated thousands, no trailing zeros, — where there is no figure."""
    return cubic_metres(value)
