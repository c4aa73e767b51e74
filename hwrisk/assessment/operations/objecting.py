"""What a unit has against its verdict (异议), and the answer."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.assessment.models import Assessment, AssessmentState, Level, UnitObjection
from hwrisk.assessment.operations import checks
from hwrisk.assessment.operations.closing import withdraw
from hwrisk.assessment.operations.drafting import KIND, scheme_of
from hwrisk.clock import local_day, now
from hwrisk.errors import RuleViolation
from hwrisk.security.viewer import Viewer

UPHELD = "异议成立"


def objection_until(session: Session, assessment: Assessment) -> date | None:
    """Return the last day on which the unit may object, or None while the assessment is not closed.

    Source: the number of days is a setting of the scheme (待核).
    """
    if assessment.closed_at is None:
        return None
    return local_day(assessment.closed_at) + timedelta(days=scheme_of(session, assessment).objection_days)


def raise_objection(
    session: Session, assessment: Assessment, *, raised_on: date, text: str, actor: Viewer, as_of: date
) -> UnitObjection:
    """Record that the unit objects to its verdict.

    Raises:
        RuleViolation: the verdict does not stand, is its own, the days are over, one waits already, or no reason.
    """
    session.refresh(assessment, with_for_update=True)
    until = objection_until(session, assessment)
    if assessment.state is not AssessmentState.CLOSED or until is None:
        raise RuleViolation(f"该评估为“{assessment.state.label}”，不能提出异议")
    if assessment.level is Level.SELF:
        raise RuleViolation("自评由本单位办理，有误的请撤回后重新自评")
    if not text.strip():
        raise RuleViolation("请写明异议的内容和理由", field="text")
    if raised_on > as_of:
        raise RuleViolation("提出日期不得晚于今天，请核对", field="raised_on")
    if raised_on > until:
        raise RuleViolation(f"异议期限到 {until:%Y-%m-%d} 为止，已经超过", field="raised_on")
    waiting = select(UnitObjection.id).where(
        UnitObjection.assessment_id == assessment.id, UnitObjection.answered_at.is_(None)
    )
    if session.scalar(waiting) is not None:
        raise RuleViolation("已有一件异议等待答复，请等答复后再提")
    row = UnitObjection(
        assessment_id=assessment.id, raised_on=raised_on, text=text.strip(), recorded_by=actor.label, recorded_at=now()
    )
    session.add(row)
    session.flush()
    summary = {"编号": assessment.assessment_no, "日期": str(raised_on)}
    audit.record(session, actor, "assessment.object", KIND, assessment.id, summary=summary)
    return row


def answer_objection(
    session: Session,
    objection: UnitObjection,
    *,
    is_upheld: bool,
    answer: str,
    answered_on: date,
    actor: Viewer,
    as_of: date,
) -> None:
    """Answer an objection; where it is upheld the verdict is taken back and the unit is to be assessed anew.

    Raises:
        RuleViolation: answered already, another level's, no text, a wrong day, or a re-check rests on the verdict.
    """
    # Two answers at once: the second waits for the first and finds the objection answered.
    session.refresh(objection, with_for_update=True)
    assessment = session.get_one(Assessment, objection.assessment_id)
    checks.check_closer(actor)
    checks.check_hand(actor, assessment.level)
    if objection.answered_at is not None:
        raise RuleViolation("该异议已经答复，不能重复答复")
    if not answer.strip():
        raise RuleViolation("请写明答复内容", field="answer")
    if not objection.raised_on <= answered_on <= as_of:
        raise RuleViolation(f"答复日期应在 {objection.raised_on:%Y-%m-%d} 至今天之间，请核对", field="answered_on")
    objection.is_upheld, objection.answer = is_upheld, answer.strip()
    objection.answered_on, objection.answered_by, objection.answered_at = answered_on, actor.label, now()
    session.flush()
    summary = {"编号": assessment.assessment_no, "结果": UPHELD if is_upheld else "异议不成立"}
    audit.record(session, actor, "assessment.answer", KIND, assessment.id, summary=summary)
    if is_upheld:
        withdraw(session, assessment, reason=f"{UPHELD}：{answer.strip()}"[:200], actor=actor)
