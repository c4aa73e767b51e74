"""Published lists in the search box, by year and notice number."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.key_list.models import KeyList, ListState
from hwrisk.key_list.queries.lists import list_title
from hwrisk.search import SearchDoc, SearchSource
from hwrisk.security.permissions import Permission

KIND = "key_list"


def all_docs(session: Session) -> Iterable[SearchDoc]:
    """Yield every published list."""
    rows = session.scalars(select(KeyList).where(KeyList.state == ListState.PUBLISHED).order_by(KeyList.id)).all()
    return (doc_of(session, row) for row in rows)


def doc_of(session: Session, key_list: KeyList) -> SearchDoc:
    """Return how a published list is found."""
    return SearchDoc(
        kind=KIND,
        ref=str(key_list.public_id),
        title=list_title(session, key_list),
        subtitle=f"{key_list.notice_no} · {key_list.published_on} 公布 · {key_list.listed_count} 家",
        link=f"/key-list/{key_list.public_id}",
        codes=(key_list.notice_no,),
        permission=Permission.KEY_LIST_READ,
        boost=1,
    )


SOURCE = SearchSource(kind=KIND, label="重点监管单位清单", rows=all_docs)
