"""All names the look-up knows, read in short statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.catalogue.chemicals.models import ChemicalSubstance
from hwrisk.catalogue.chemicals.rules import plain_name
from hwrisk.emergency.lookup.words import Named
from hwrisk.emergency.models import Depot, MaterialKind, Place
from hwrisk.emergency.scope import findable_depots
from hwrisk.regions.geodesy import Point
from hwrisk.security.viewer import Viewer


class Origin(NamedTuple):
    """Where one looks from."""

    label: str
    point: Point
    is_rough: bool
    """Whether the point is the rough middle of an area (约略位置)."""


class Names(NamedTuple):
    """What may be meant, by kind of thing; the depots, of which there may be thousands, are asked for when needed."""

    substances: Sequence[Named]
    kinds: Sequence[Named]
    places: Sequence[Named]
    origins: Mapping[int, Origin]
    """Of the places, by id."""
    cas: Mapping[str, int]
    """Substance by CAS number."""


def read_names(session: Session) -> Names:
    """Return every substance, every kind in use, and the places."""
    substances = session.execute(
        select(ChemicalSubstance.id, ChemicalSubstance.name, ChemicalSubstance.aliases, ChemicalSubstance.pinyin,
               ChemicalSubstance.cas)
    ).all()  # fmt: skip
    kinds = session.execute(
        select(MaterialKind.id, MaterialKind.name, MaterialKind.aliases, MaterialKind.pinyin, MaterialKind.code)
        .where(MaterialKind.is_active.is_(True))
        .order_by(MaterialKind.code)
    ).all()
    places = session.execute(
        select(Place.id, Place.name, Place.aliases, Place.longitude, Place.latitude).order_by(Place.id)
    ).all()
    return Names(
        [Named(id_, _plain(f"{name};{aliases}"), pinyin) for id_, name, aliases, pinyin, _ in substances],
        [Named(id_, _plain(f"{name};{aliases};{code}"), pinyin) for id_, name, aliases, pinyin, code in kinds],
        [Named(id_, _plain(f"{name};{aliases}"), "") for id_, name, aliases, _, _ in places],
        {
            id_: Origin(name, Point(float(longitude), float(latitude)), is_rough=True)
            for id_, name, _, longitude, latitude in places
        },
        {cas: id_ for id_, _, _, _, cas in substances if cas},
    )


def read_depots(session: Session, *, user: Viewer) -> list[Named]:
    """Return the names of the depots findable by `user`, by code."""
    rows = session.execute(
        select(Depot.id, Depot.name, Depot.code, Depot.pinyin).where(findable_depots(user)).order_by(Depot.code)
    )
    return [Named(id_, _plain(f"{name};{code}"), pinyin) for id_, name, code, pinyin in rows]


@lru_cache(maxsize=32_768)
def _plain(names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain for name in names.split(";") if (plain := plain_name(name))))
