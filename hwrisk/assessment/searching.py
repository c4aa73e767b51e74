"""Closed assessments in the search box."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.assessment.models import Assessment, AssessmentState
from hwrisk.clock import today
from hwrisk.search import SearchDoc, SearchSource, index, remove
from hwrisk.security.permissions import Permission
from hwrisk.units.models import UnitVersion
from hwrisk.units.queries import on_or_first

KIND = "assessment"


def doc_of(row: Assessment, version: UnitVersion) -> SearchDoc:
    """Return how a closed assessment is found while its unit is in the state `version`."""
    grade = row.grade.label if row.grade else ""
    again = "复查" if row.recheck_of_id else "评估"
    return SearchDoc(
        kind=KIND,
        ref=str(row.public_id),
        title=f"{row.assessment_no} {row.year} 年{row.level.label}{again}",
        subtitle=f"{version.name} · {row.subject.label} · {row.assessed_on:%Y-%m-%d} · {grade}",
        link=f"/assessment/sheets/{row.public_id}",
        codes=(row.assessment_no,),
        office_code=version.office_code,
        park_id=version.park_id,
        unit_id=row.unit_id,
        permission=Permission.ASSESSMENT_READ,
    )


def all_docs(session: Session) -> Iterable[SearchDoc]:
    """Yield every closed assessment with its unit as it stands today."""
    rows = session.execute(
        select(Assessment, UnitVersion)
        .join(UnitVersion, UnitVersion.unit_id == Assessment.unit_id)
        .where(Assessment.state == AssessmentState.CLOSED, on_or_first(today()))
        .order_by(Assessment.id)
    )
    return (doc_of(row, version) for row, version in rows)


def index_assessments(session: Session, rows: Iterable[Assessment]) -> None:
    """Let closed assessments be found."""
    by_unit: dict[int, list[Assessment]] = {}
    for row in rows:
        by_unit.setdefault(row.unit_id, []).append(row)
    versions = session.scalars(
        select(UnitVersion).where(UnitVersion.unit_id.in_(sorted(by_unit)), on_or_first(today()))
    )
    index(session, (doc_of(row, version) for version in versions for row in by_unit[version.unit_id]))


def unindex(session: Session, row: Assessment) -> None:
    """Let an assessment no longer be found."""
    remove(session, KIND, [str(row.public_id)])


SOURCE = SearchSource(kind=KIND, label="规范化评估", rows=all_docs)
