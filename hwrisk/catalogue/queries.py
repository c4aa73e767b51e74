"""Which edition of the catalogue holds on a day, and what it says of a code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.orm import Session

from hwrisk.catalogue.models import CatalogueCode, CatalogueEdition, StreamTag, TreatmentMethod
from hwrisk.db.chunks import chunked
from hwrisk.errors import NotFound
from hwrisk.imports.cells.codes import UNSORTED

CodeSelect = Select[Any]
OUTSIDE = "名录外代码（待核）"


class ServingEdition(NamedTuple):
    """The edition that codes of a day are checked against; `note` says why it is not the one in force, if so."""

    edition: CatalogueEdition
    note: str


class CodeVerdict(NamedTuple):
    """What the catalogue says of a well-formed code on a day."""

    is_listed: bool
    edition: str
    """Edition it was checked against; empty when none is loaded."""
    note: str
    """Why another edition than the one in force served, or empty."""

    @property
    def label(self) -> str:
        """名录内, or 名录外代码（待核）."""
        return "名录内" if self.is_listed else OUTSIDE


class EditionRow(NamedTuple):
    """An edition and how many codes of it are loaded."""

    edition: CatalogueEdition
    codes_loaded: int


def editions(session: Session) -> list[EditionRow]:
    """Return all editions with their loaded codes, latest first."""
    loaded = select(CatalogueCode.edition, func.count().label("codes")).group_by(CatalogueCode.edition).subquery()
    rows = session.execute(
        select(CatalogueEdition, func.coalesce(loaded.c.codes, 0))
        .outerjoin(loaded, loaded.c.edition == CatalogueEdition.edition)
        .order_by(CatalogueEdition.effective_from.desc())
    )
    return [EditionRow(*row) for row in rows]


def edition_on(session: Session, day: date) -> ServingEdition:
    """Return the edition that codes of `day` are checked against.

    That is the one in force if its codes are loaded, else the latest loaded one before it, else the first loaded one.

    Raises:
        NotFound: no edition has any code loaded.
    """
    serving = _serving(editions(session), day)
    if serving is None:
        raise NotFound("还没有导入任何一版国家危险废物名录，请先运行 hwrisk seed")
    return serving


def judge_codes(session: Session, pairs: Iterable[tuple[str, date]]) -> dict[tuple[str, date], CodeVerdict]:
    """Return for each (code, day) whether the edition serving that day lists it; one statement per few hundred codes.

    900-000-XX counts as listed: it is the code for what fits no other.
    """
    asked = set(pairs)
    if not asked:
        return {}
    known = editions(session)
    serving = {day: _serving(known, day) for day in {day for _, day in asked}}
    listed = _listed(session, {code for code, _ in asked})
    return {(code, day): _verdict(code, serving[day], listed) for code, day in asked}


def codes_matching(
    edition: str, *, text: str | None = None, category: str | None = None, hazard: str | None = None
) -> CodeSelect:
    """Return the statement for the codes of `edition` whose code, short name, industry or category matches `text`."""
    statement = select(CatalogueCode).where(CatalogueCode.edition == edition)
    if category:
        statement = statement.where(CatalogueCode.category == category)
    if hazard:
        statement = statement.where(_has_hazard(hazard))
    for word in (text or "").split():
        columns = (
            CatalogueCode.waste_code, CatalogueCode.short_name, CatalogueCode.industry,
            CatalogueCode.category, CatalogueCode.category_name,
        )  # fmt: skip
        statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return statement


def count_codes(session: Session, statement: CodeSelect) -> int:
    """Return how many codes a statement of `codes_matching` finds."""
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def categories(session: Session, edition: str) -> list[tuple[str, str]]:
    """Return code and name of the categories of `edition`, by code."""
    rows = session.execute(
        select(CatalogueCode.category, CatalogueCode.category_name)
        .where(CatalogueCode.edition == edition)
        .distinct()
        .order_by(CatalogueCode.category)
    )
    return [(category, name) for category, name in rows]


def code_history(session: Session, waste_code: str) -> Sequence[CatalogueCode]:
    """Return what every loaded edition says of a full code, latest edition first."""
    return session.scalars(
        select(CatalogueCode)
        .join(CatalogueEdition, CatalogueEdition.edition == CatalogueCode.edition)
        .where(CatalogueCode.waste_code == waste_code)
        .order_by(CatalogueEdition.effective_from.desc())
    ).all()


def treatment_methods(session: Session) -> Sequence[TreatmentMethod]:
    """Return the codes of recovery and disposal methods, by group and code."""
    return session.scalars(select(TreatmentMethod).order_by(TreatmentMethod.group, TreatmentMethod.code)).all()


def stream_tags(session: Session) -> Sequence[StreamTag]:
    """Return the stream tags, streams before circumstances."""
    return session.scalars(select(StreamTag).order_by(StreamTag.kind.desc(), StreamTag.tag)).all()


def _serving(known: Sequence[EditionRow], day: date) -> ServingEdition | None:
    loaded = [row.edition for row in known if row.codes_loaded]
    if not loaded:
        return None
    in_force = next((row for row in known if row.edition.effective_from <= day), None)
    before = [edition for edition in loaded if edition.effective_from <= day]
    chosen = before[0] if before else loaded[-1]
    if in_force is None:
        return ServingEdition(chosen, f"{chosen.edition}年版以前的名录未导入，暂按{chosen.edition}年版核对（待核）")
    if in_force.edition is not chosen:
        note = f"{in_force.edition.edition}年版未导入，暂按{chosen.edition}年版核对（待核）"
        return ServingEdition(chosen, note)
    return ServingEdition(chosen, "")


def _listed(session: Session, codes: set[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for chunk in chunked(sorted(codes)):
        rows = session.execute(
            select(CatalogueCode.edition, CatalogueCode.waste_code).where(CatalogueCode.waste_code.in_(chunk))
        )
        found.update((edition, code) for edition, code in rows)
    return found


def _verdict(code: str, serving: ServingEdition | None, listed: set[tuple[str, str]]) -> CodeVerdict:
    if serving is None:
        return CodeVerdict(code == UNSORTED, "", "没有导入任何一版名录")
    edition = serving.edition.edition
    return CodeVerdict(code == UNSORTED or (edition, code) in listed, edition, serving.note)


def _has_hazard(letter: str) -> ColumnElement[bool]:
    # Stored as T,C,I,R,In: I must not find In.
    padded: ColumnElement[str] = literal(",") + CatalogueCode.hazard + ","
    return padded.contains(f",{letter},", autoescape=True)
