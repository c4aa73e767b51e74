"""What waits for the person who asks, and their headline figures, as the rooms offer them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from hwrisk.web.context import current_session, current_user
from hwrisk.web.layout import address_of
from hwrisk.web.records import Figure, HomeFigure, Todo, TodoItem


class ShownTodo(NamedTuple):
    """One matter that waits, with the address of its rows."""

    label: str
    todo: Todo
    url: str


class ShownFigure(NamedTuple):
    """One figure, with the address of its rows."""

    label: str
    figure: Figure
    url: str


def shown_todos(items: Iterable[TodoItem], *, as_of: date) -> list[ShownTodo]:
    """Return what waits for the signed-in person on `as_of`, in the order of the rooms; nothing that counts 0."""
    user, shown = current_user(), []
    for item in items:
        if not user.may(item.permission):
            continue
        todo = item.count(current_session(), user, as_of)
        if todo.count:
            shown.append(ShownTodo(item.label, todo, address_of(item.endpoint, todo.args)))
    return shown


def shown_figures(items: Iterable[HomeFigure], *, as_of: date) -> list[ShownFigure]:
    """Return the figures of the signed-in person on `as_of`, in the order of the rooms."""
    user, shown = current_user(), []
    for item in items:
        figure = item.value(current_session(), user, as_of) if user.may(item.permission) else None
        if figure is not None:
            shown.append(ShownFigure(item.label, figure, address_of(item.endpoint, figure.args)))
    return shown
