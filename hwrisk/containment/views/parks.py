"""The three tiers of all parks, and of one park at a glance (三级防控总览)."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, url_for
from werkzeug.wrappers import Response

from hwrisk.containment import pictures, queries
from hwrisk.containment.queries import FacilityConditions
from hwrisk.containment.queries.parks import tiers_of
from hwrisk.containment.settings import settings_on
from hwrisk.containment.states import TIERS
from hwrisk.containment.views.blueprint import bp, rights
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.web import current_session, current_user, page, requested_as_of, requires

DESK_ROLES = frozenset({Role.OPERATOR, Role.ENTERPRISE})


@bp.get("/")
@requires(Permission.CONTAINMENT_READ)
def index() -> Response:
    """Show the parks in sight with their three tiers; who sees no whole park is led to the desk."""
    user, day, session = current_user(), requested_as_of(), current_session()
    if user.role in DESK_ROLES:
        return redirect(url_for("desk.index"))
    return page(
        "containment/index.html",
        rows=queries.defences(session, user=user, as_of=day),
        coverage=queries.coverage(session, user=user, as_of=day),
        needs=queries.attention_counts(session, user=user, as_of=day),
        as_of=day,
        may=rights(user),
    )


@bp.get("/parks/<uuid:public_id>")
@requires(Permission.CONTAINMENT_READ)
def park(public_id: UUID) -> Response:
    """Show one park: three tiers, every facility at a glance, diagram and map."""
    user, day, session = current_user(), requested_as_of(), current_session()
    shown = queries.get_whole_park(session, public_id, user=user)
    found = queries.statuses(session, user=user, as_of=day, asked=FacilityConditions(park_id=shown.id))
    links = queries.connection_page_rows(queries.links_of(session, shown.id, as_of=day), found)
    return page(
        "containment/park.html",
        park=shown,
        tiers=tiers_of(found),
        tier_labels=TIERS,
        facilities=found,
        connections=links,
        diagram=pictures.diagram(found, links),
        map=pictures.park_map(shown.name, found, links),
        progress=queries.park_progress(session, shown, as_of=day),
        checks=queries.volume_checks(session, user=user, park_id=shown.id),
        settings=settings_on(session, day),
        trust=Trust,
        as_of=day,
        may=rights(user),
    )


@bp.get("/coverage")
@requires(Permission.CONTAINMENT_READ)
def coverage() -> Response:
    """Explain the coverage of the key parks down to the items."""
    day = requested_as_of()
    return page(
        "containment/coverage.html",
        coverage=queries.coverage(current_session(), user=current_user(), as_of=day),
        as_of=day,
        may=rights(current_user()),
    )
