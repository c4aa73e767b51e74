"""Keeping the search index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
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
        for ref in refs:
            entry = entries.get(ref)
            if entry is None:
                entry = SearchEntry(kind=kind, ref=ref)
                session.add(entry)
            _fill(entry, latest[kind, ref])
    session.flush()


def _fill(entry: SearchEntry, doc: SearchDoc) -> None:
    entry.title, entry.subtitle, entry.link = doc.title[:TITLE_LENGTH], doc.subtitle[:TITLE_LENGTH], doc.link
    entry.office_code, entry.park_id, entry.unit_id = doc.office_code, doc.park_id, doc.unit_id
    entry.permission = str(doc.permission or "")
    entry.boost = doc.boost
    # A single sign may stand for several letters once it is made plain.
    entry.plain_title = rules.plain(entry.title)[:PLAIN_LENGTH]
    entry.plain_codes = "".join(f" {rules.plain(code)} " for code in doc.codes)
    entry.tokens = rules.tokens(entry.title, (*doc.codes, doc.subtitle, doc.text))
