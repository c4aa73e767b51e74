"""Rows of the key list for the matrix of routes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hwrisk.clock import now
from hwrisk.key_list.models import BasisKind, Change, KeyList, KeyListEntry, ListState, Origin, ReviewState

# Everybody who reads lists at all may open a published one; whose lines are shown in it the queries decide.
OPEN: dict[str, Any] = {
    "key_list.show": lambda w: {"public_id": w.rows["key_list.published"].public_id},
    "key_list.notice": lambda w: {"public_id": w.rows["key_list.published"].public_id},
    "key_list.publish": lambda w: {"public_id": w.rows["key_list.draft"].public_id},
    "key_list.amend": lambda w: {"public_id": w.rows["key_list.published"].public_id},
    "key_list.discard": lambda w: {"public_id": w.rows["key_list.draft"].public_id},
    "key_list.add": lambda w: {"public_id": w.rows["key_list.draft"].public_id},
    "key_list.agree": lambda w: {"public_id": w.rows["key_list.draft"].public_id},
}
OWN: dict[str, Any] = {
    "key_list.entry": lambda w: {"public_id": w.rows["key_list.entry"].public_id},
    "key_list.review": lambda w: {"public_id": w.rows["key_list.entry"].public_id},
    "key_list.decide": lambda w: {"public_id": w.rows["key_list.entry"].public_id},
    "key_list.unit_figures": lambda w: {"public_id": w.ours.unit.public_id},
    "key_list.add_figure": lambda w: {"public_id": w.ours.unit.public_id},
    "key_list.add_document": lambda w: {"public_id": w.ours.unit.public_id},
}


def rows(session: Any, world: Any) -> dict[str, Any]:
    """Return a published list with a line of the first tenant, and a draft."""
    draft = KeyList(year=2027, version_no=1, judged_on=date(2026, 11, 1))
    published = KeyList(year=2026, version_no=1, judged_on=date(2026, 1, 5))
    session.add_all([draft, published])
    session.flush()
    entry = KeyListEntry(
        list_id=published.id, unit_id=world.ours.unit.id, seq_no=1, is_listed=True, origin=Origin.RULE,
        change=Change.NEW, review=ReviewState.AGREED, unit_name="演示1号化工有限公司", basis_kind=BasisKind.LICENCE,
        basis="持有危险废物经营许可证", tonnes=Decimal(1),
    )  # fmt: skip
    session.add(entry)
    session.flush()
    published.notice_no, published.state = "连环发〔2026〕1号", ListState.PUBLISHED
    published.published_on = published.effective_on = date(2026, 3, 20)
    published.published_at, published.listed_count = now(), 1
    session.flush()
    return {"key_list.draft": draft, "key_list.published": published, "key_list.entry": entry}
