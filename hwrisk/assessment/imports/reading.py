"""What a row of assessment results means, and what it must be compared with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from hwrisk.assessment.heads import Entry, Head, Person
from hwrisk.assessment.imports.template import ITEM_KEY, SEPARATOR
from hwrisk.assessment.models import (
    Assessment,
    AssessmentState,
    Exclusion,
    Inspector,
    ItemResult,
    Level,
    Rating,
    Subject,
)
from hwrisk.assessment.scheme import Scheme
from hwrisk.assessment.verdicts import pack_of_year
from hwrisk.db.chunks import chunked
from hwrisk.imports import CheckContext, ParsedRow
from hwrisk.imports.cells import half_width
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import on_or_first
from hwrisk.units.scope import in_scope

_PERSON = re.compile(r"^(?P<name>[^(]+?)\s*(?:\((?P<badge>[^)]*)\))?$")
_BETWEEN = re.compile(r"[、,;，；]+")


class FoundUnit(NamedTuple):
    """A unit a row may mean."""

    id: int
    unit_no: str
    name: str
    is_visible: bool
    since: date
    """First day in the register."""


class Known(NamedTuple):
    """Read once per file, in a handful of statements."""

    units: Mapping[str, Sequence[FoundUnit]]
    """By unit number, identity number and name, in capitals."""
    schemes: Mapping[int, Scheme]
    sheets: Mapping[int, Sequence[KnownSheet]]
    """Assessments that were not withdrawn, by unit."""
    excluded: Mapping[tuple[int, int], str]
    """Reason by unit and year."""
    seen: dict[Any, int]
    """Row by what it means, for duplicates within the file."""


@dataclass(frozen=True)
class KnownSheet:
    """An assessment that is there already."""

    row: Assessment
    ratings: Mapping[str, Rating]
    people: tuple[str, ...]


def prepare(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> Known:
    """Return what the rows of one file must be compared with."""
    units = _units(session, context, rows)
    ids = sorted({unit.id for found in units.values() for unit in found})
    years = {row.values["year"] for row in rows if row.values.get("year")}
    return Known(
        units=units,
        schemes={year: Scheme(pack_of_year(session, year).parameters) for year in years},
        sheets=_sheets(session, ids),
        excluded=_excluded(session, ids),
        seen={},
    )


def head_of(values: Mapping[str, Any]) -> Head:
    """Return the head of the sheet that a row states."""
    return Head(
        year=values["year"],
        level=Level(values["level"]),
        subject=Subject(values["subject"]),
        organiser=values.get("organiser") or "",
        assessed_on=values["assessed_on"],
        people=people_of(values.get("people") or ""),
        accidents=values.get("accidents") or 0,
        has_major_accident=bool(values.get("has_major_accident")),
        comment=values.get("comment") or "",
    )


def people_of(text: str) -> tuple[Person, ...]:
    """Return the people that a cell names: 演示-张三（演示-0101）、演示-李四（演示-0102）."""
    found = []
    for part in _BETWEEN.split(half_width(text)):
        if match := _PERSON.match(part.strip()):
            found.append(Person(match["name"].strip(), (match["badge"] or "").strip()))
    return tuple(found)


def entries_of(values: Mapping[str, Any]) -> dict[str, Entry]:
    """Return the results that a row states, by item number."""
    found = {}
    for key, value in values.items():
        if key.startswith(ITEM_KEY) and value:
            rating, _, reason = str(value).partition(SEPARATOR)
            found[key.removeprefix(ITEM_KEY)] = Entry(Rating(rating), reason)
    return found


def base_version(session: Session, context: CheckContext) -> str:  # noqa: ARG001 - the scope is added by the service
    """Return a text that changes whenever an assessment, an exclusion or a unit does."""
    counted = (
        select(func.max(Assessment.id), func.count(Assessment.closed_at), func.count(Assessment.withdrawn_at)),
        select(func.sum(Assessment.lock_version), func.count()),
        select(func.max(Exclusion.id), func.count(Exclusion.withdrawn_at)),
        select(func.max(UnitVersion.id), func.count(UnitVersion.superseded_at)),
    )
    return " ".join(str(tuple(session.execute(statement).one())) for statement in counted)


def _units(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> dict[str, list[FoundUnit]]:
    asked = {str(row.values[key]) for row in rows for key in ("unit", "name") if row.values.get(key)}
    names = sorted(asked | {name.upper() for name in asked})
    visible = in_scope(context.user)
    since = (
        select(UnitVersion.unit_id, func.min(UnitVersion.valid_from).label("since"))
        .where(UnitVersion.superseded_at.is_(None))
        .group_by(UnitVersion.unit_id)
        .subquery()
    )
    found: dict[str, list[FoundUnit]] = {}
    for chunk in chunked(names):
        statement = (
            select(
                Unit.id, Unit.unit_no, Unit.identity_no, UnitVersion.name, visible.label("is_visible"), since.c.since
            )
            .join(UnitVersion, UnitVersion.unit_id == Unit.id)
            .join(since, since.c.unit_id == Unit.id)
            .where(
                or_(Unit.unit_no.in_(chunk), Unit.identity_no.in_(chunk), UnitVersion.name.in_(chunk)),
                on_or_first(context.as_of),
            )
            .order_by(Unit.unit_no)
        )
        for unit_id, number, identity, name, is_visible, first in session.execute(statement):
            unit = FoundUnit(unit_id, number, name, bool(is_visible), first)
            for key in {number, identity or number, name.upper()}:
                if unit not in found.setdefault(key, []):
                    found[key].append(unit)
    return found


def _sheets(session: Session, unit_ids: Sequence[int]) -> dict[int, list[KnownSheet]]:
    found: dict[int, list[KnownSheet]] = {}
    for chunk in chunked(unit_ids):
        rows = session.scalars(
            select(Assessment)
            .where(Assessment.unit_id.in_(chunk), Assessment.state != AssessmentState.WITHDRAWN)
            .order_by(Assessment.id)
        ).all()
        ratings: dict[int, dict[str, Rating]] = {}
        people: dict[int, list[str]] = {}
        for part in chunked([row.id for row in rows]):
            items = select(ItemResult.assessment_id, ItemResult.item_no, ItemResult.rating)
            for assessment_id, no, rating in session.execute(items.where(ItemResult.assessment_id.in_(part))):
                ratings.setdefault(assessment_id, {})[no] = rating
            named = select(Inspector.assessment_id, Inspector.name).where(Inspector.assessment_id.in_(part))
            for assessment_id, name in session.execute(named.order_by(Inspector.place)):
                people.setdefault(assessment_id, []).append(name)
        for row in rows:
            known = KnownSheet(row, ratings.get(row.id, {}), tuple(people.get(row.id, ())))
            found.setdefault(row.unit_id, []).append(known)
    return found


def _excluded(session: Session, unit_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    for chunk in chunked(unit_ids):
        rows = session.execute(
            select(Exclusion.unit_id, Exclusion.year, Exclusion.reason).where(
                Exclusion.unit_id.in_(chunk), Exclusion.withdrawn_at.is_(None)
            )
        )
        found.update(((unit_id, year), reason) for unit_id, year, reason in rows)
    return found
