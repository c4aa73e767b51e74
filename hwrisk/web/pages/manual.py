"""The manual on the site (使用手册)."""

from __future__ import annotations

from flask import Blueprint, send_file
from werkzeug.wrappers import Response

from hwrisk.errors import NotFound
from hwrisk.security.permissions import Permission
from hwrisk.web.access import requires
from hwrisk.web.manual import chapter_keys, get_chapter, picture_path
from hwrisk.web.records import NavItem
from hwrisk.web.rendering import page

bp = Blueprint("manual", __name__, url_prefix="/help")
NAV = (NavItem("使用手册", "manual.index", Permission.HOME_READ),)


@bp.get("/")
@requires(Permission.HOME_READ)
def index() -> Response:
    """List the chapters."""
    chapters = [chapter for key in chapter_keys() if (chapter := get_chapter(key)) is not None]
    return page("web/manual.html", chapters=chapters)


@bp.get("/<key>")
@requires(Permission.HOME_READ)
def chapter(key: str) -> Response:
    """Show one chapter, with the one before and the one after."""
    found = get_chapter(key)
    if found is None:
        raise NotFound
    keys = chapter_keys()
    place = keys.index(key)
    before = get_chapter(keys[place - 1]) if place else None
    after = get_chapter(keys[place + 1]) if place + 1 < len(keys) else None
    return page("web/manual_chapter.html", chapter=found, before=before, after=after)


@bp.get("/pictures/<name>")
@requires(Permission.HOME_READ)
def picture(name: str) -> Response:
    """Give one picture of the manual."""
    path = picture_path(name)
    if path is None:
        raise NotFound
    return send_file(path, mimetype="image/png", max_age=3600)
