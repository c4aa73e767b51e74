"""Keeping the search index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from hwrisk.db import fulltext
from hwrisk.db.chunks import chunked
from hwrisk.search import rules
from hwrisk.search.models import TABLE, SearchEntry
from hwrisk.search.records import SearchDoc, SearchSource

TITLE_LENGTH = 300
PLAIN_LENGTH = 400


def index(session: Session, docs: Iterable[SearchDoc]) -> int:
    """Put `docs` into the index, or bring them up to date there, and return how many there were.

    Called by the operation that writes the thing, in its transaction.
    """
    count = 0
    for chunk in chunked(docs):
        _index_chunk(session, chunk)
        count += len(chunk)
    return count


def remove(session: Session, kind: str, refs: Iterable[str]) -> int:
    """Take things out of the index, and return how many were there."""
    count = 0
    for chunk in chunked(refs):
        gone = delete(SearchEntry).where(SearchEntry.kind == kind, SearchEntry.ref.in_(chunk))
        count += len(session.scalars(gone.returning(SearchEntry.id)).all())
    return count


def rebuild(session: Session, sources: Sequence[SearchSource]) -> dict[str, int]:
    """Bring the index in line with all rows of `sources`, and return how many things there are, by kind."""
    counts = {}
    for source in sources:
        seen: set[str] = set()
        for chunk in chunked(source.rows(session)):
            _index_chunk(session, chunk)
            seen.update(doc.ref for doc in chunk)
        stored = session.scalars(select(SearchEntry.ref).where(SearchEntry.kind == source.kind)).all()
        remove(session, source.kind, [ref for ref in stored if ref not in seen])
        counts[source.kind] = len(seen)
    fulltext.repair(session, TABLE)
    return counts


def _index_chunk(session: Session, docs: Sequence[SearchDoc]) -> None:
    latest = {(doc.kind, doc.ref): doc for doc in docs}
    for kind in {doc.kind for doc in docs}:
        refs = [ref for of_kind, ref in latest if of_kind == kind]
        found = session.scalars(select(SearchEntry).where(SearchEntry.kind == kind, SearchEntry.ref.in_(refs)))
        entries = {entry.ref: entry for entry in found}
        new = []
        for ref in refs:
            values = _values(latest[kind, ref])
            if ref not in entries:
                new.append({"kind": kind, "ref": ref, **values})
                continue
            for name, value in values.items():
                setattr(entries[ref], name, value)
        if new:
            session.execute(insert(SearchEntry), new)
    session.flush()


def _values(doc: SearchDoc) -> dict[str, Any]:
    title, subtitle = doc.title[:TITLE_LENGTH], doc.subtitle[:TITLE_LENGTH]
    return {
        "title": title,
        "subtitle": subtitle,
        "link": doc.link,
        "office_code": doc.office_code,
        "park_id": doc.park_id,
        "unit_id": doc.unit_id,
        "permission": str(doc.permission or ""),
        "boost": doc.boost,
        # A single sign may stand for several letters once it is made plain.
        "plain_title": rules.plain(title)[:PLAIN_LENGTH],
        "plain_codes": "".join(f" {rules.plain(code)} " for code in doc.codes),
        "tokens": rules.tokens(title, (*doc.codes, doc.subtitle, doc.text)),
    }
