"""Depots and kinds of materials in the search box."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.emergency.models import Depot, MaterialKind
from hwrisk.search import SearchDoc, SearchSource
from hwrisk.security.permissions import Permission

DEPOT, KIND = "material_depot", "material_kind"
CITY_ONLY = "-"
"""Stands for an office nobody is granted: without office, park or unit an entry would be found by everybody."""


def doc_of_depot(depot: Depot) -> SearchDoc:
    """Return how a depot is found, by whoever sees its office, park or unit."""
    return SearchDoc(
        kind=DEPOT,
        ref=str(depot.public_id),
        title=depot.name,
        subtitle=f"{depot.level.label} · {depot.mode.label} · {depot.keeper}",
        link=f"/emergency/depots/{depot.public_id}",
        codes=(depot.code,),
        text=depot.address,
        office_code=depot.office_code or (None if depot.park_id or depot.unit_id else CITY_ONLY),
        park_id=depot.park_id,
        unit_id=depot.unit_id,
        permission=Permission.MATERIAL_READ,
        boost=1,
    )


def doc_of_kind(kind: MaterialKind) -> SearchDoc:
    """Return how a kind of material is found."""
    return SearchDoc(
        kind=KIND,
        ref=str(kind.public_id),
        title=kind.name,
        subtitle=f"{kind.function.label} · 以{kind.unit}计",
        link=f"/emergency/kinds/{kind.public_id}",
        codes=(kind.code,),
        text=kind.aliases.replace(";", " "),
        permission=Permission.MATERIAL_READ,
    )


def _depots(session: Session) -> Iterable[SearchDoc]:
    return (doc_of_depot(row) for row in session.scalars(select(Depot).order_by(Depot.id)))


def _kinds(session: Session) -> Iterable[SearchDoc]:
    return (doc_of_kind(row) for row in session.scalars(select(MaterialKind).order_by(MaterialKind.id)))


SOURCES = (
    SearchSource(kind=DEPOT, label="物资库", rows=_depots),
    SearchSource(kind=KIND, label="应急物资", rows=_kinds),
)
