"""Working out stored verdicts anew: for the self-check, and for what a new version of the scheme would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.assessment.models import Assessment, AssessmentState, ItemResult, Level, Rating
from hwrisk.assessment.rules import Verdict, judge, marks_text
from hwrisk.assessment.scheme import PACK_ID, Scheme
from hwrisk.db.checks import Check
from hwrisk.db.chunks import chunked
from hwrisk.errors import RuleViolation
from hwrisk.rulepacks.models import RulePack
from hwrisk.rulepacks.records import VerdictChange, VerdictSource
from hwrisk.units.queries import versions_on

MOST = 200
MAX_CHANGES = 200


def closed_sheets(session: Session, *, year: int | None = None) -> Iterator[tuple[Assessment, dict[str, Rating]]]:
    """Yield every assessment that stands closed (of one year) with its ratings, by id; two statements per chunk."""
    statement = select(Assessment.id).where(Assessment.state == AssessmentState.CLOSED).order_by(Assessment.id)
    if year is not None:
        statement = statement.where(Assessment.year == year)
    for chunk in chunked(session.scalars(statement).all()):
        rows = session.scalars(select(Assessment).where(Assessment.id.in_(chunk)).order_by(Assessment.id)).all()
        ratings: dict[int, dict[str, Rating]] = {row.id: {} for row in rows}
        items = session.execute(
            select(ItemResult.assessment_id, ItemResult.item_no, ItemResult.rating).where(
                ItemResult.assessment_id.in_(chunk)
            )
        )
        for assessment_id, no, rating in items:
            ratings[assessment_id][no] = rating
        for row in rows:
            yield row, ratings[row.id]


def wrong_grades(session: Session) -> list[str]:
    """Return a sentence for each closed assessment whose score or grade, worked out anew, is not what it carries."""
    schemes = {
        pack.id: Scheme(pack.parameters)
        for pack in session.scalars(select(RulePack).where(RulePack.pack_id == PACK_ID))
    }
    problems = []
    for row, ratings in closed_sheets(session):
        verdict = _verdict(schemes[row.scheme_id], row, ratings)
        if verdict is None:
            problems.append(f"评估 {row.assessment_no} 没有一项适用，却记为{row.grade and row.grade.label}")
        elif (row.score, row.full_marks, row.grade) != (
            marks_text(verdict.score), marks_text(verdict.full), verdict.grade,
        ):  # fmt: skip
            problems.append(
                f"评估 {row.assessment_no} 记的是 {row.score}/{row.full_marks} {row.grade and row.grade.label}，"
                f"按各项结果应为 {verdict.score}/{verdict.full} {verdict.grade.label}"
            )
        if len(problems) >= MOST:
            break
    return problems


def foreign_rechecks(session: Session) -> list[str]:
    """Return a sentence for each re-check of another unit, year or sheet than its first assessment."""
    rows = session.scalars(
        select(Assessment).where(Assessment.recheck_of_id.is_not(None)).order_by(Assessment.id)
    ).all()
    firsts: dict[int | None, Assessment] = {}
    for chunk in chunked([row.recheck_of_id for row in rows if row.recheck_of_id is not None]):
        firsts.update((row.id, row) for row in session.scalars(select(Assessment).where(Assessment.id.in_(chunk))))
    return [
        f"复查 {row.assessment_no} 与首次评估 {first.assessment_no} 不是同一单位、年度或评估类型"
        for row in rows
        if (first := firsts[row.recheck_of_id])
        and (row.unit_id, row.year, row.subject) != (first.unit_id, first.year, first.subject)
    ][:MOST]


def grade_changes(
    session: Session, before: Mapping[str, Any] | None, after: Mapping[str, Any], as_of: date
) -> Sequence[VerdictChange]:
    """Return the assessments of the year of `as_of` that another version of the scheme would grade otherwise.

    Closed assessments keep the version they were made by; this says what the new one would have said.
    """
    del before
    try:
        scheme = Scheme(after)
    except (KeyError, ValueError, ZeroDivisionError) as failure:
        return [VerdictChange("评分表", "可读", f"缺少或写错：{failure}")]
    changed = []
    for row, ratings in closed_sheets(session, year=as_of.year):
        if row.level is Level.SELF or row.grade is None:
            continue
        verdict = _verdict(scheme, row, ratings)
        said = "无法评级" if verdict is None else verdict.grade.label
        if said != row.grade.label:
            changed.append((row, said))
    names = versions_on(session, [row.unit_id for row, _ in changed], as_of=as_of)
    shown = [
        VerdictChange(
            f"{names[row.unit_id].name if row.unit_id in names else row.unit_id}（{row.assessment_no}）",
            row.grade.label if row.grade else "—",
            said,
        )
        for row, said in changed[:MAX_CHANGES]
    ]
    if len(changed) > MAX_CHANGES:
        shown.append(VerdictChange(f"另有 {len(changed) - MAX_CHANGES} 件评估", "—", "—"))
    return shown


def _verdict(scheme: Scheme, row: Assessment, ratings: Mapping[str, Rating]) -> Verdict | None:
    try:
        return judge(scheme, row.subject, ratings, accidents=row.accidents, has_major_accident=row.has_major_accident)
    except RuleViolation:
        return None


CHECKS = (
    Check("assessment.grades", "评估的得分和等级与各项结果重新计算的一致", wrong_grades),
    Check("assessment.rechecks", "复查与首次评估是同一单位、年度和评估类型", foreign_rechecks),
)
VERDICTS = VerdictSource(PACK_ID, "本年度评估的等级", grade_changes)
