"""Waste codes in the search box."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.catalogue.models import CatalogueCode, CatalogueEdition
from hwrisk.search import SearchDoc, SearchSource
from hwrisk.security.permissions import Permission

KIND = "waste_code"


def _docs(session: Session) -> Iterator[SearchDoc]:
    """Yield each code once, as its latest edition has it."""
    rows = session.scalars(
        select(CatalogueCode)
        .join(CatalogueEdition, CatalogueEdition.edition == CatalogueCode.edition)
        .order_by(CatalogueCode.waste_code, CatalogueEdition.effective_from.desc())
    )
    last = ""
    for row in rows:
        if row.waste_code == last:
            continue
        last = row.waste_code
        yield SearchDoc(
            kind=KIND,
            ref=row.waste_code,
            title=f"{row.waste_code} {row.short_name}",
            subtitle=f"{row.category} {row.category_name} · {row.edition}年版",
            link=f"/catalogue/codes/{row.waste_code}",
            codes=(row.waste_code,),
            text=row.industry,
            permission=Permission.CATALOGUE_READ,
        )


SOURCE = SearchSource(kind=KIND, label="废物代码", rows=_docs)
