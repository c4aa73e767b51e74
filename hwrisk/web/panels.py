"""Panels: what upper rooms show on the page of a lower one, e.g. the stock on the page of a unit."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from flask import current_app
from jinja2.environment import TemplateModule

from hwrisk.web.context import current_session, current_user
from hwrisk.web.registry import registry


class ShownPanel(NamedTuple):
    """A panel ready to show; `{{ panel.body }}` draws it."""

    key: str
    label: str
    body: TemplateModule


def panels_for(owner: str, owner_id: int, *, as_of: date) -> list[ShownPanel]:
    """Return the panels of the page of `owner` `owner_id` that this person may see and that have something to show."""
    viewer = current_user()
    shown = []
    for panel in sorted(registry().panels, key=lambda item: (item.order, item.key)):
        if panel.owner != owner or not viewer.may(panel.permission):
            continue
        loaded = panel.load(current_session(), owner_id, as_of, viewer)
        if loaded is not None:
            template, context = loaded
            body = current_app.jinja_env.get_template(template).make_module(context)
            shown.append(ShownPanel(panel.key, panel.label, body))
    return shown
