"""The to-do page (待办): headline figures, and what waits for this person."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.security.permissions import Permission
from hwrisk.web.access import requires
from hwrisk.web.desk import shown_figures, shown_todos
from hwrisk.web.records import NavItem
from hwrisk.web.registry import registry
from hwrisk.web.rendering import page

bp = Blueprint("home", __name__)
NAV = (NavItem("待办", "home.index", Permission.HOME_READ),)


@bp.get("/")
@requires(Permission.HOME_READ)
def index() -> Response:
    """Show what waits for the signed-in person."""
    as_of = today()
    return page(
        "web/home.html",
        as_of=as_of,
        figures=shown_figures(registry().figures, as_of=as_of),
        todos=shown_todos(registry().todos, as_of=as_of),
    )
