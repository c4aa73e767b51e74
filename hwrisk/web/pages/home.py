"""The to-do page (待办): headline figures, and what waits for this person."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from flask import Blueprint
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.access import requires
from hwrisk.web.context import current_session, current_user
from hwrisk.web.layout import address_of
from hwrisk.web.records import Figure, NavItem, Todo
from hwrisk.web.registry import registry
from hwrisk.web.rendering import page

bp = Blueprint("home", __name__)
NAV = (NavItem("待办", "home.index", Permission.HOME_READ),)


class ShownTodo(NamedTuple):
    """One line of the page."""

    label: str
    todo: Todo
    url: str


class ShownFigure(NamedTuple):
    """One figure of the page."""

    label: str
    figure: Figure
    url: str


@bp.get("/")
@requires(Permission.HOME_READ)
def index() -> Response:
    """Show what waits for the signed-in person."""
    user, as_of = current_user(), today()
    return page("web/home.html", as_of=as_of, figures=_figures(user, as_of), todos=_todos(user, as_of))


def _todos(user: Viewer, as_of: date) -> list[ShownTodo]:
    shown = []
    for item in registry().todos:
        if not user.may(item.permission):
            continue
        todo = item.count(current_session(), user, as_of)
        if todo.count:
            shown.append(ShownTodo(item.label, todo, address_of(item.endpoint, todo.args)))
    return shown


def _figures(user: Viewer, as_of: date) -> list[ShownFigure]:
    shown = []
    for item in registry().figures:
        figure = item.value(current_session(), user, as_of) if user.may(item.permission) else None
        if figure is not None:
            shown.append(ShownFigure(item.label, figure, address_of(item.endpoint, figure.args)))
    return shown
