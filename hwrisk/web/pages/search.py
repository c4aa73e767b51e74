"""The search box (全站查找): hits of everything this person may see, and suggestions while typing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hwrisk.search import find
from hwrisk.security.permissions import Permission
from hwrisk.web.access import requires
from hwrisk.web.context import current_session, current_user
from hwrisk.web.records import NavItem
from hwrisk.web.registry import registry
from hwrisk.web.rendering import page

bp = Blueprint("search", __name__, url_prefix="/search")
SUGGESTED = 8
SHOWN = 50
MAX_QUESTION = 60


@bp.get("/")
@requires(Permission.SEARCH)
def index() -> Response:
    """Show what was found, by kind where one is chosen."""
    labels, question = _labels(), _question()
    kind = request.args.get("kind") if request.args.get("kind") in labels else None
    hits = find(current_session(), question, user=current_user(), kinds=[kind] if kind else None, limit=SHOWN)
    return page(
        "web/search.html", question=question, hits=hits, labels=labels, kind=kind, most=SHOWN, also=_also(question)
    )


@bp.get("/suggest")
@requires(Permission.SEARCH)
def suggest() -> Response:
    """Give the best hits while somebody types."""
    question = _question()
    hits = find(current_session(), question, user=current_user(), limit=SUGGESTED)
    return page("web/_suggestions.html", question=question, hits=hits, labels=_labels())


def _question() -> str:
    return request.args.get("q", "").replace("\x00", "").strip()[:MAX_QUESTION]


def _also(question: str) -> list[tuple[str, str]]:
    """Return label and address of the pages of this person that answer such a question themselves."""
    asked = [item for item in registry().nav if item.question and question and current_user().may(item.permission)]
    return [(item.label, _asking(item, question)) for item in asked]


def _asking(item: NavItem, question: str) -> str:
    values: dict[str, Any] = {**item.args, item.question: question}
    return url_for(item.endpoint, **values)


def _labels() -> dict[str, str]:
    return {source.kind: source.label for source in registry().search_sources}
