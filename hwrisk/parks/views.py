"""Pages of the park register (化工园区) and of published figures."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.parks.queries import Topic, conflicts, facts_of, get_park, parks, published_facts
from hwrisk.regions.queries import region_names
from hwrisk.rulepacks import Trust
from hwrisk.security import Permission
from hwrisk.web import (
    Filter,
    current_session,
    current_user,
    page,
    page_or_partial,
    panels_for,
    read_filters,
    requires,
)

bp = Blueprint("parks", __name__, url_prefix="/parks")
FACT_FILTERS = (
    Filter("topic", "类别", "choice", [(topic.value, topic.label) for topic in Topic]),
    Filter("text", "名称、指标或备注"),
    Filter("conflicting", "只看相互矛盾的", "flag"),
)


@bp.get("/")
@requires(Permission.PARK_READ)
def index() -> Response:
    """List the parks in sight."""
    session = current_session()
    return page(
        "parks/index.html",
        rows=parks(session, user=current_user()),
        names=region_names(session, as_of=today()),
        trust=Trust,
    )


@bp.get("/<uuid:public_id>")
@requires(Permission.PARK_READ)
def show(public_id: UUID) -> Response:
    """Show one park with everything published about it; what contradicts stands side by side."""
    session = current_session()
    park = get_park(session, public_id, user=current_user())
    facts = facts_of(session, park)
    return page(
        "parks/show.html",
        park=park,
        facts=facts,
        conflicts=conflicts(facts),
        panels=panels_for("park", park.id, as_of=today()),
        names=region_names(session, as_of=today()),
        trust=Trust,
    )


@bp.get("/published")
@requires(Permission.PARK_READ)
def published() -> Response:
    """List published figures of the whole city with their sources."""
    filters = read_filters(FACT_FILTERS, request.args)
    topic = filters.get("topic")
    rows = published_facts(
        current_session(),
        topic=Topic(topic) if topic else None,
        text=filters.get("text"),
        conflicting=filters.is_set("conflicting"),
    )
    return page_or_partial(
        "parks/published.html", "parks/_facts.html", facts=rows, filters=filters, trust=Trust, topics=Topic
    )
