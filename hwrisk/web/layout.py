"""What the layout shows on every page: menu with counts, the person, the day, the banner."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from jinja2 import StrictUndefined

from hwrisk.clock import today
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.context import current_session, signed_in
from hwrisk.web.formats import FILTERS
from hwrisk.web.records import NAV_GROUPS, NavItem
from hwrisk.web.registry import registry

SYSTEM_NAME = "危险废物与化工园区环境风险管理系统"
SHORT_MENU = 18
"""A menu of so many entries fits a small screen as it is: every group stands open."""


@dataclass(frozen=True)
class MenuLink:
    """One entry of the menu as it is drawn."""

    label: str
    url: str
    count: int
    is_here: bool


@dataclass(frozen=True)
class MenuGroup:
    """Entries under one heading; the first group has none."""

    label: str
    links: tuple[MenuLink, ...]
    is_open: bool = True
    """Whether its entries show before somebody opens it."""

    @property
    def count(self) -> int:
        """How many matters wait behind its entries: what the heading says while it is closed."""
        return sum(link.count for link in self.links)

    @property
    def is_here(self) -> bool:
        """Whether the present page belongs to one of its entries."""
        return any(link.is_here for link in self.links)


class Layout:
    """What `hw` is in every template; each part is worked out when the page asks for it."""

    system_name = SYSTEM_NAME

    @property
    def viewer(self) -> Viewer | None:
        """The signed-in person, or None."""
        return signed_in()

    @property
    def today(self) -> date:
        """The present day."""
        return today()

    @property
    def is_demo(self) -> bool:
        """Whether the banner of made-up data stands."""
        return registry().is_demo

    @property
    def place(self) -> str:
        """Name of the city."""
        return registry().place

    @property
    def may_search(self) -> bool:
        """Whether the search box stands."""
        viewer = signed_in()
        return viewer is not None and viewer.may(Permission.SEARCH)

    @property
    def may_stand(self) -> bool:
        """Whether the person may be put on a duty roster and so needs a PIN."""
        viewer = signed_in()
        return viewer is not None and viewer.may(Permission.DUTY_STAND)

    @property
    def menu(self) -> list[MenuGroup]:
        """The menu of this person."""
        viewer = signed_in()
        return [] if viewer is None else menu_of(viewer)


def menu_of(viewer: Viewer) -> list[MenuGroup]:
    """Return the menu for `viewer`: groups in their fixed order, only what the person may open.

    In a long menu the group of the present page stands open; on a page of no group, those where something waits.
    """
    open_items = [item for item in registry().nav if viewer.may(item.permission)]
    groups = [
        MenuGroup(group, tuple(_link(item, viewer) for item in open_items if item.group == group))
        for group in _groups(open_items)
    ]
    if len(open_items) <= SHORT_MENU:
        return groups
    is_placed = any(group.label and group.is_here for group in groups)
    return [
        replace(group, is_open=not group.label or group.is_here or (group.count > 0 and not is_placed))
        for group in groups
    ]


def _groups(items: Iterable[NavItem]) -> list[str]:
    present = list(dict.fromkeys(item.group for item in items))
    return sorted(present, key=lambda group: NAV_GROUPS.index(group) if group in NAV_GROUPS else len(NAV_GROUPS))


def _link(item: NavItem, viewer: Viewer) -> MenuLink:
    counts = item.count is not None and not g.get("without_counts", False)
    count = item.count(current_session(), viewer, today()) if counts and item.count else 0
    return MenuLink(item.label, address_of(item.endpoint, item.args), count, _is_here(item))


def _is_here(item: NavItem) -> bool:
    if request.endpoint is None:
        return False
    entries = registry().nav
    if any(entry.endpoint == request.endpoint for entry in entries):
        view_args = request.view_args or {}
        return item.endpoint == request.endpoint and all(view_args.get(k) == v for k, v in item.args.items())
    # Pages below a list (a unit below the units) belong to its entry: they share its blueprint.
    owner = next((e for e in entries if e.endpoint.rpartition(".")[0] == request.blueprint), None)
    return owner is item


def init_layout(app: Flask) -> None:
    """Teach the templates of `app` the layout, the formats and strictness about names."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(hw=Layout(), static_url=static_url, url_with=url_with)


def address_of(endpoint: str, args: Mapping[str, str]) -> str:
    """Return the address of a page that a room named with its query arguments."""
    options: dict[str, Any] = dict(args)
    return url_for(endpoint, **options)


def url_with(**changes: Any) -> str:
    """Return the address of the present page with some query arguments changed; None takes one away."""
    kept: dict[str, Any] = {
        name: values
        for name, values in request.args.lists()
        # A name that begins with an underscore would be an instruction to url_for.
        if not name.startswith("_") and name not in changes
    }
    kept |= {name: value for name, value in changes.items() if value is not None}
    return url_for(request.endpoint or "home.index", **{**kept, **(request.view_args or {})})


def static_url(path: str) -> str:
    """Return the address of a static file with a hash of its content, so that it may be cached for ever."""
    return url_for("static", filename=path, v=_content_hash(Path(current_app.static_folder or "") / path))


@lru_cache(maxsize=256)
def _content_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
