"""The blueprint of the pages of emergency materials, and what several of them need."""

from __future__ import annotations

from datetime import date

from flask import Blueprint
from sqlalchemy import select

from hwrisk.clock import today
from hwrisk.emergency.measures import shown
from hwrisk.emergency.models import DepotLevel, LotState, MaterialFunction, StorageMode
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries.kinds import active_kinds
from hwrisk.parks.models import Park
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import regions
from hwrisk.web import Filters, current_session, current_user

bp = Blueprint("emergency", __name__, url_prefix="/emergency")
Options = list[tuple[str, str]]
FUNCTIONS = [(item.value, item.label) for item in MaterialFunction]
LEVELS = [(item.value, item.label) for item in DepotLevel]
MODES = [(item.value, item.label) for item in StorageMode]
STATES = [(item.value, item.label) for item in LotState]


@bp.app_template_filter("milli")
def _milli(value: int | None) -> str:
    """Return an amount in thousandths as it is written."""
    return shown(value)


def hand() -> Hand:
    """Return the signed-in person, acting today."""
    return Hand(viewer=current_user(), as_of=today())


def as_of_of(filters: Filters) -> date:
    """Return the day a list is drawn for, never one ahead."""
    asked = filters.day("as_of")
    return min(asked, today()) if asked else today()


def scope_label() -> str:
    """Return whose materials the person sees, for the head of a list."""
    return "全市" if current_user().is_city_wide else "本账号管辖范围"


def office_options() -> Options:
    """Return the offices a person may ask for."""
    user = current_user()
    found = [(r.code, r.name) for r in regions(current_session(), RegionKind.OFFICE, as_of=today())]
    return found if user.is_city_wide or not user.offices else [each for each in found if each[0] in user.offices]


def park_options() -> Options:
    """Return the parks by id that a person may put a depot under."""
    user = current_user()
    rows = current_session().execute(select(Park.id, Park.name).order_by(Park.code)).all()
    allowed = rows if user.is_city_wide or not user.parks else [row for row in rows if row[0] in user.parks]
    return [(str(id_), name) for id_, name in allowed]


def kind_options() -> Options:
    """Return the kinds in use by code, with their units."""
    return [(kind.code, f"{kind.name}（{kind.unit}）") for kind in active_kinds(current_session())]
