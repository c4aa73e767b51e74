"""Rows of invented sheets on their way into the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from hwrisk.assessment.models import Assessment, AssessmentState, Inspector, ItemResult, Rating
from hwrisk.assessment.operations.drafting import next_numbers
from hwrisk.assessment.scheme import Scheme
from hwrisk.assessment.searching import index_assessments
from hwrisk.db.chunks import chunked
from hwrisk.demo.parts.context import DemoContext


@dataclass
class Made:
    """Rows of sheets on their way into the database, together so that they go in by the thousand."""

    context: DemoContext
    scheme: Scheme
    until: date
    """Last day on which something may have happened."""
    since: Mapping[int, date]
    """First day of each unit in the register."""
    assessments: list[dict[str, Any]] = field(default_factory=list)
    sheets: list[dict[str, tuple[Rating, str]]] = field(default_factory=list)
    people: list[Sequence[tuple[str, str]]] = field(default_factory=list)
    rechecks: dict[int, int] = field(default_factory=dict)
    """Place of the first assessment by place of its re-check."""


def write(made: Made, *, pack_id: int, version: str, year: int) -> int:
    """Put the rows into the database, sheets before their re-checks; return how many rows that made."""
    session = made.context.session
    numbers = next_numbers(session, year, len(made.assessments))
    for row, number in zip(made.assessments, numbers, strict=True):
        row |= {"assessment_no": number, "scheme_id": pack_id, "scheme_version": version}
    again = set(made.rechecks)
    # A re-check names its first assessment, whose id is known only once it is in.
    firsts = [row for place, row in enumerate(made.assessments) if place not in again]
    _insert(session, Assessment, firsts)
    ids = _ids(session, [row["assessment_no"] for row in firsts])
    for place, first in made.rechecks.items():
        made.assessments[place]["recheck_of_id"] = ids[made.assessments[first]["assessment_no"]]
    later = [made.assessments[place] for place in sorted(again)]
    _insert(session, Assessment, later)
    ids |= _ids(session, [row["assessment_no"] for row in later])
    items, people = list(_items(made, ids)), list(_people(made, ids))
    _insert(session, ItemResult, items)
    _insert(session, Inspector, people)
    for chunk in chunked(sorted(ids.values())):
        rows = session.scalars(
            select(Assessment).where(Assessment.id.in_(chunk), Assessment.state == AssessmentState.CLOSED)
        ).all()
        index_assessments(session, rows)
    return len(made.assessments) + len(items) + len(people)


def _items(made: Made, ids: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for row, sheet in zip(made.assessments, made.sheets, strict=True):
        for no, (rating, reason) in sheet.items():
            yield {
                "assessment_id": ids[row["assessment_no"]], "item_no": no, "rating": rating, "reason": reason,
                "evidence": "",
            }  # fmt: skip


def _people(made: Made, ids: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for row, people in zip(made.assessments, made.people, strict=True):
        for place, (name, badge_no) in enumerate(people, start=1):
            yield {"assessment_id": ids[row["assessment_no"]], "place": place, "name": name, "badge_no": badge_no}


def _insert(session: Session, model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.execute(insert(model), list(rows))


def _ids(session: Session, numbers: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunked(numbers):
        found.update(
            session.execute(
                select(Assessment.assessment_no, Assessment.id).where(Assessment.assessment_no.in_(chunk))
            ).all()
        )
    return found
