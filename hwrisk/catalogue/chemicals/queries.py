"""Which substance a word means, and what the lists say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.catalogue.chemicals.models import ChemicalListing, ChemicalSubstance, ListSystem
from hwrisk.errors import NotFound


class ListedIn(NamedTuple):
    """What one system says of a substance; empty entries: the list does not have it."""

    system: ListSystem
    entries: tuple[ChemicalListing, ...]


def all_substances(session: Session) -> Sequence[ChemicalSubstance]:
    """Return all substances, by name."""
    return session.scalars(select(ChemicalSubstance).order_by(ChemicalSubstance.name, ChemicalSubstance.id)).all()


def get_substance(session: Session, public_id: UUID) -> ChemicalSubstance:
    """Return the substance with this public id.

    Raises:
        NotFound: there is none.
    """
    found = session.scalars(select(ChemicalSubstance).where(ChemicalSubstance.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def listings_of(session: Session, substance_ids: Iterable[int]) -> dict[int, tuple[ListedIn, ...]]:
    """Return what each of the three systems says of each substance, every system present, in one statement."""
    wanted = sorted(set(substance_ids))
    rows = session.scalars(
        select(ChemicalListing).where(ChemicalListing.substance_id.in_(wanted)).order_by(ChemicalListing.id)
    ).all()
    return {
        substance_id: tuple(
            ListedIn(system, tuple(r for r in rows if r.substance_id == substance_id and r.system is system))
            for system in ListSystem
        )
        for substance_id in wanted
    }
