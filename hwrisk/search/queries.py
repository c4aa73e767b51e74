"""Asking the search index."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from hwrisk.db import fulltext
from hwrisk.search import rules
from hwrisk.search.models import TABLE, TOKENS, SearchEntry
from hwrisk.security.viewer import Viewer


class Hit(NamedTuple):
    """One thing found."""

    kind: str
    ref: str
    title: str
    subtitle: str
    link: str
    unit_id: int | None


def find(
    session: Session, text: str, *, user: Viewer, kinds: Collection[str] | None = None, limit: int = 20
) -> list[Hit]:
    """Return what `user` may see of the things that hold every word of `text`, best first.

    First come titles and codes that are the question, then titles that begin with it, that hold it, and the rest; among
    equals by boost, then the shorter title. A text without letters or digits finds nothing.
    """
    question = rules.question_of(text)
    if not question.groups:
        return []
    rows = session.execute(
        select(
            SearchEntry.kind,
            SearchEntry.ref,
            SearchEntry.title,
            SearchEntry.subtitle,
            SearchEntry.link,
            SearchEntry.unit_id,
        )
        .where(
            fulltext.matching(session, TABLE, TOKENS, question.groups),
            visible_entries(user),
            true() if kinds is None else SearchEntry.kind.in_(sorted(kinds)),
        )
        .order_by(_tier(question), SearchEntry.boost.desc(), func.length(SearchEntry.title), SearchEntry.id)
        .limit(limit)
    )
    return [Hit(*row) for row in rows]


def visible_entries(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate of the entries in sight of `user`, by scope and by permission."""
    allowed = SearchEntry.permission.in_(["", *sorted(user.permissions)])
    if user.is_city_wide:
        return allowed
    everybody = and_(SearchEntry.office_code.is_(None), SearchEntry.park_id.is_(None), SearchEntry.unit_id.is_(None))
    return and_(
        allowed,
        or_(
            everybody,
            SearchEntry.office_code.in_(sorted(user.offices)),
            SearchEntry.park_id.in_(sorted(user.parks)),
            SearchEntry.unit_id.in_(sorted(user.units)),
        ),
    )


def _tier(question: rules.Question) -> ColumnElement[int]:
    is_it = or_(
        SearchEntry.plain_title == question.plain,
        SearchEntry.plain_codes.contains(f" {question.plain} ", autoescape=True),
    )
    begins = SearchEntry.plain_title.startswith(question.plain, autoescape=True)
    holds = SearchEntry.plain_title.contains(question.plain, autoescape=True)
    return case((is_it, 0), (begins, 1), (holds, 2), else_=3)
