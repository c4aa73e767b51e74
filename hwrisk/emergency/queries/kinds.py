"""Kinds of materials, their names, and the candidates for substances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from hwrisk.catalogue.chemicals.models import ChemicalSubstance
from hwrisk.emergency.models import MaterialFunction, MaterialKind, MaterialLot, ReviewState, SubstanceMaterial
from hwrisk.errors import NotFound


class CandidateRow(NamedTuple):
    """A candidate with its substance and, where it names one, its kind of material."""

    candidate: SubstanceMaterial
    substance: ChemicalSubstance
    kind: MaterialKind | None


def kinds_matching(*, text: str | None = None, function: MaterialFunction | None = None) -> Select[Any]:
    """Return the statement for the kinds that match all words of `text` in name, alias, code or pinyin."""
    statement = select(MaterialKind)
    if function is not None:
        statement = statement.where(MaterialKind.function == function)
    columns = (MaterialKind.name, MaterialKind.code, MaterialKind.aliases, MaterialKind.pinyin, MaterialKind.category)
    for word in (text or "").split():
        statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return statement


def active_kinds(session: Session) -> Sequence[MaterialKind]:
    """Return the kinds in use, by code."""
    return session.scalars(
        select(MaterialKind).where(MaterialKind.is_active.is_(True)).order_by(MaterialKind.code)
    ).all()


def get_kind(session: Session, public_id: UUID) -> MaterialKind:
    """Return the kind with this public id.

    Raises:
        NotFound: there is none.
    """
    found = session.scalars(select(MaterialKind).where(MaterialKind.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def names_of_kinds(kinds: Iterable[MaterialKind]) -> dict[str, int]:
    """Return the id of every kind by each of its names; a name proper goes before an alias of another kind."""
    rows = list(kinds)
    found = {name: row.id for row in rows for name in (row.name, row.code)}
    for row in rows:
        for alias in row.names:
            found.setdefault(alias, row.id)
    return found


def lots_of_kind(session: Session, kind_id: int) -> int:
    """Return how many lots of a kind were ever recorded, in whoever's depots."""
    return session.scalar(select(func.count()).select_from(MaterialLot).where(MaterialLot.kind_id == kind_id)) or 0


def candidates_matching(*, text: str | None = None, review: ReviewState | None = None) -> Select[Any]:
    """Return the statement for candidates (see `CandidateRow`) by substance name, alias or CAS."""
    # The type of a statement has one parameter or several, by the version of SQLAlchemy.
    columns_of: Any = select(SubstanceMaterial, ChemicalSubstance, MaterialKind)
    statement: Select[Any] = columns_of.join(
        ChemicalSubstance, ChemicalSubstance.id == SubstanceMaterial.substance_id
    ).outerjoin(MaterialKind, MaterialKind.id == SubstanceMaterial.kind_id)
    if review is not None:
        statement = statement.where(SubstanceMaterial.review == review)
    columns = (
        ChemicalSubstance.name, ChemicalSubstance.cas, ChemicalSubstance.aliases, ChemicalSubstance.pinyin,
        MaterialKind.name,
    )  # fmt: skip
    for word in (text or "").split():
        statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return statement


def candidates_of(session: Session, substance_ids: Iterable[int]) -> list[CandidateRow]:
    """Return the candidates of substances, reviewed ones first; what was rejected is left out."""
    rows = session.execute(
        candidates_matching().where(
            SubstanceMaterial.substance_id.in_(sorted(set(substance_ids))),
            SubstanceMaterial.review != ReviewState.REJECTED,
        )
    )
    found = [CandidateRow(*row) for row in rows]
    return sorted(found, key=lambda row: (row.candidate.review is not ReviewState.REVIEWED, row.candidate.ref))


def get_candidate(session: Session, public_id: UUID) -> SubstanceMaterial:
    """Return the candidate with this public id, with its substance.

    Raises:
        NotFound: there is none.
    """
    found = session.scalars(
        select(SubstanceMaterial)
        .join(SubstanceMaterial.substance)
        .options(contains_eager(SubstanceMaterial.substance))
        .where(SubstanceMaterial.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
