"""Assessments: a closed one of our unit, a draft that waits for its second reader, a drawing, an exclusion."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from hwrisk.assessment.models import (
    Assessment,
    AssessmentState,
    Exclusion,
    Grade,
    Level,
    SampleDraw,
    Subject,
    UnitObjection,
)
from hwrisk.assessment.verdicts import pack_of_year
from hwrisk.clock import now, today


def _unit(world: Any) -> dict[str, Any]:
    return {"public_id": world.ours.unit.public_id}


def _closed(world: Any) -> dict[str, Any]:
    return {"public_id": world.rows["assessment_closed"].public_id}


OWN: dict[str, Any] = {
    "assessment.sheet": _closed,
    "assessment.edit": lambda world: {"public_id": world.rows["assessment_draft"].public_id},
    "assessment.begin": _unit,
    "assessment.recheck": _closed,
    "assessment.close": _closed,
    "assessment.confirm": _closed,
    "assessment.give_back": _closed,
    "assessment.withdraw": _closed,
    "assessment.objection": _closed,
    "assessment.evidence": _closed,
    "assessment.answer": lambda world: {"public_id": world.rows["assessment_objection"].public_id},
    "assessment.exclude": _unit,
    "assessment.readmit": lambda world: {"public_id": world.rows["assessment_exclusion"].public_id},
    "assessment.withdraw_draw": lambda world: {"public_id": world.rows["assessment_draw"].public_id},
}
OPEN: dict[str, Any] = {}


def rows(session: Session, world: Any) -> dict[str, Any]:
    """Make the example rows, all of our unit."""
    unit, day = world.ours.unit, today()
    pack = pack_of_year(session, day.year)
    common = {
        "unit_id": unit.id, "year": day.year, "subject": Subject.OPERATOR, "organiser": "演示分局", "assessed_on": day,
        "scheme_id": pack.id, "scheme_version": pack.version,
    }  # fmt: skip
    closed = Assessment(
        assessment_no="PG-2026-800001", level=Level.COUNTY, state=AssessmentState.CLOSED, score="10", full_marks="22",
        grade=Grade.NOT_MET, closed_at=now(), **common,
    )  # fmt: skip
    draft = Assessment(assessment_no="PG-2026-800002", level=Level.COUNTY, **common)
    exclusion = Exclusion(year=day.year, unit_id=unit.id, excluded_on=day, reason="停产", evidence="停产报告")
    draw = SampleDraw(year=day.year, office_code=world.ours.office, drawn_on=day, asked=1, pool=1, seed="演示")
    session.add_all([closed, draft, exclusion, draw])
    session.flush()
    objection = UnitObjection(assessment_id=closed.id, raised_on=day, text="演示异议")
    session.add(objection)
    session.flush()
    return {
        "assessment_closed": closed,
        "assessment_draft": draft,
        "assessment_objection": objection,
        "assessment_exclusion": exclusion,
        "assessment_draw": draw,
    }
