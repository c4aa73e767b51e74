"""Closing an assessment, the second reading of a veto, and taking it back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.assessment.heads import Head
from hwrisk.assessment.models import Assessment, AssessmentState, Level
from hwrisk.assessment.operations import checks
from hwrisk.assessment.operations.drafting import KIND, check_draft, entries_of, people_of, scheme_of
from hwrisk.assessment.rules import Verdict, judge, marks_text
from hwrisk.assessment.scheme import Scheme
from hwrisk.assessment.searching import index_assessments, unindex
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.security.viewer import Viewer


def close(
    session: Session, assessment: Assessment, *, actor: Viewer, as_of: date, recorded_at: datetime | None = None
) -> Verdict:
    """Close an assessment: score and grade are computed and kept for good; a veto waits for its second reader first.

    Raises:
        RuleViolation: compulsory items without result (named), too few inspectors, a wrong day, or a re-check that may
            not follow.
    """
    session.refresh(assessment, with_for_update=True)
    check_draft(assessment)
    verdict = verdict_for_closing(session, assessment, actor=actor, as_of=as_of)
    at = recorded_at or now()
    assessment.submitted_at, assessment.submitted_by = at, actor.label
    assessment.submitted_account_id = actor.account_id
    if verdict.vetoes and assessment.level is not Level.SELF:
        assessment.state, assessment.veto_items = AssessmentState.WAITING, "、".join(verdict.vetoes)
        session.flush()
        _record(session, actor, "assessment.submit_veto", assessment, 否决项=assessment.veto_items)
    else:
        _finish(session, assessment, verdict, actor=actor, at=at)
    return verdict


def confirm_veto(
    session: Session, assessment: Assessment, *, actor: Viewer, as_of: date, recorded_at: datetime | None = None
) -> Verdict:
    """Confirm a vetoed verdict as its second reader and close the assessment.

    Raises:
        RuleViolation: it does not wait for one, or the reader is who submitted it.
    """
    session.refresh(assessment, with_for_update=True)
    _check_reader(assessment, actor)
    verdict = verdict_for_closing(session, assessment, actor=actor, as_of=as_of)
    _finish(session, assessment, verdict, actor=actor, at=recorded_at or now())
    return verdict


def return_veto(session: Session, assessment: Assessment, *, reason: str, actor: Viewer) -> None:
    """Give a vetoed sheet back as a draft, with the reason of the second reader.

    Raises:
        RuleViolation: it does not wait, the reader is who submitted it, or there is no reason.
    """
    session.refresh(assessment, with_for_update=True)
    _check_reader(assessment, actor)
    if not reason.strip():
        raise RuleViolation("请写明退回理由", field="reason")
    assessment.state, assessment.veto_items = AssessmentState.DRAFT, ""
    assessment.submitted_at, assessment.submitted_by, assessment.submitted_account_id = None, "", None
    assessment.lock_version += 1
    session.flush()
    _record(session, actor, "assessment.return_veto", assessment, 理由=reason.strip())


def withdraw(
    session: Session, assessment: Assessment, *, reason: str, actor: Viewer, recorded_at: datetime | None = None
) -> None:
    """Take an assessment back with its reason; a closed one stays readable and no longer counts.

    Raises:
        RuleViolation: no reason, taken back already, another level's, or a re-check rests on it.
    """
    session.refresh(assessment, with_for_update=True)
    checks.check_hand(actor, assessment.level)
    if assessment.state is AssessmentState.WITHDRAWN:
        raise RuleViolation("该评估已经撤回")
    if assessment.state is not AssessmentState.DRAFT:
        checks.check_closer(actor)
    if not reason.strip():
        raise RuleViolation("请写明撤回理由", field="reason")
    if checks.has_recheck(session, assessment):
        raise RuleViolation("该评估已有复查，请先撤回复查")
    before = assessment.state
    assessment.state, assessment.withdrawn_at = AssessmentState.WITHDRAWN, recorded_at or now()
    assessment.withdrawn_by, assessment.withdrawn_reason = actor.label, reason.strip()
    session.flush()
    unindex(session, assessment)
    _record(session, actor, "assessment.withdraw", assessment, 原状态=before.label, 理由=reason.strip())


def verdict_for_closing(session: Session, assessment: Assessment, *, actor: Viewer, as_of: date) -> Verdict:
    """Return what a sheet comes to, after making sure that everything needed for closing is there.

    Raises:
        RuleViolation: something is missing or cannot be.
    """
    checks.check_closer(actor)
    checks.check_hand(actor, assessment.level)
    scheme, head = scheme_of(session, assessment), head_of(session, assessment)
    entries = entries_of(session, assessment.id)
    checks.check_head(head, as_of=as_of)
    checks.check_unit(
        session,
        unit_id=assessment.unit_id,
        year=assessment.year,
        assessed_on=assessment.assessed_on,
        level=assessment.level,
    )
    checks.check_entries(scheme, assessment.subject, entries)
    ratings = {no: entry.rating for no, entry in entries.items()}
    checks.check_complete(scheme, assessment.subject, ratings)
    checks.check_people(assessment.level, head.people, least=scheme.least_inspectors)
    if assessment.recheck_of_id is not None:
        before = checks.before_of(session, assessment.recheck_of_id)
        checks.check_recheck(head, assessment.unit_id, before, scheme=scheme)
    return judge(
        scheme,
        assessment.subject,
        ratings,
        accidents=assessment.accidents,
        has_major_accident=assessment.has_major_accident,
    )


def present_verdict(scheme: Scheme, session: Session, assessment: Assessment) -> Verdict | None:
    """Return what the items of a sheet come to as they stand now, or None while none applies."""
    ratings = {no: entry.rating for no, entry in entries_of(session, assessment.id).items()}
    try:
        return judge(
            scheme,
            assessment.subject,
            ratings,
            accidents=assessment.accidents,
            has_major_accident=assessment.has_major_accident,
        )
    except RuleViolation:
        return None


def head_of(session: Session, assessment: Assessment) -> Head:
    """Return the head of a sheet as it stands."""
    return Head(
        year=assessment.year,
        level=assessment.level,
        subject=assessment.subject,
        organiser=assessment.organiser,
        assessed_on=assessment.assessed_on,
        people=people_of(session, assessment.id),
        accidents=assessment.accidents,
        has_major_accident=assessment.has_major_accident,
        comment=assessment.comment,
        rectify_by=assessment.rectify_by,
    )


def put_verdict(assessment: Assessment, verdict: Verdict, *, closed_by: str, at: datetime) -> None:
    """Write a verdict onto an assessment and close it; the only place where a grade is set."""
    assessment.score, assessment.full_marks = marks_text(verdict.score), marks_text(verdict.full)
    assessment.grade, assessment.veto_items = verdict.grade, "、".join(verdict.vetoes)
    assessment.state, assessment.closed_at, assessment.closed_by = AssessmentState.CLOSED, at, closed_by


def _finish(session: Session, assessment: Assessment, verdict: Verdict, *, actor: Viewer, at: datetime) -> None:
    put_verdict(assessment, verdict, closed_by=actor.label, at=at)
    session.flush()
    index_assessments(session, [assessment])
    _record(
        session,
        actor,
        "assessment.close",
        assessment,
        得分=f"{assessment.score}/{assessment.full_marks}",
        等级=verdict.grade.label,
        否决项=assessment.veto_items,
    )


def _check_reader(assessment: Assessment, actor: Viewer) -> None:
    if assessment.state is not AssessmentState.WAITING:
        raise RuleViolation(f"该评估为“{assessment.state.label}”，没有等待复核的否决项")
    checks.check_closer(actor)
    checks.check_hand(actor, assessment.level)
    if actor.account_id == assessment.submitted_account_id:
        raise RuleViolation("否决项须由另一名人员复核，请换一个账号确认")


def _record(session: Session, actor: Viewer, action: str, assessment: Assessment, **more: str) -> None:
    summary = {"编号": assessment.assessment_no, **more}
    audit.record(session, actor, action, KIND, assessment.id, summary=summary)
