"""Writing what a licence says over time: terms are added, cut and superseded, never overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.permits.contents import TermContent, check_content
from hwrisk.permits.models import Licence, LicenceLine, LicenceTerm, LineGrant, LineMethod, TermAct
from hwrisk.permits.rules import ONE_DAY
from hwrisk.security.viewer import Viewer

KEPT = (
    "licence_id", "kind", "act", "authority", "issued_on", "expires_on", "annual_cap", "revoked_on", "revocation",
    "document_no", "note", "recorded_by",
)  # fmt: skip


def add_term(
    session: Session, licence: Licence, content: TermContent, *, actor: Viewer, recorded_at: datetime | None = None
) -> LicenceTerm:
    """Record a further term of a licence (首次颁发, 换证, 重新申请).

    Raises:
        RuleViolation: it overlaps a term of the same number, or says what no licence can say.
    """
    check_content(content)
    refuse_overlap(licence.licence_no, known_terms(session, licence), content)
    term = _write(session, licence.id, content, recorded_by=actor.label, at=recorded_at or now())
    _audit(session, actor, "licence.term", licence, content)
    return term


def change_term(
    session: Session, licence: Licence, content: TermContent, *, actor: Viewer, recorded_at: datetime | None = None
) -> LicenceTerm:
    """Record that a licence reads otherwise from a day within its term on (变更); what held before stays.

    Raises:
        RuleViolation: it does not hold on that day, a later term is recorded, or the content is impossible.
    """
    check_content(content)
    terms = known_terms(session, licence)
    held = next((term for term in terms if _holds(term, content.valid_from)), None)
    if held is None:
        raise RuleViolation(
            f"许可证 {licence.licence_no} 在 {content.valid_from:%Y-%m-%d} 不在有效期内，不能变更；换证请办“换证”",
            field="valid_from",
        )
    refuse_overlap(licence.licence_no, [term for term in terms if term is not held], content)
    at = recorded_at or now()
    held.superseded_at = at
    if held.valid_from < content.valid_from:
        copy_term(session, held, at=at, valid_until=content.valid_from)
    term = _write(session, licence.id, content, recorded_by=actor.label, at=at)
    _audit(session, actor, "licence.change", licence, content)
    return term


def correct_term(
    session: Session,
    licence: Licence,
    term: LicenceTerm,
    content: TermContent,
    *,
    actor: Viewer,
    recorded_at: datetime | None = None,
) -> LicenceTerm:
    """Record that a term was entered wrongly (更正): the former row stays, superseded.

    Raises:
        RuleViolation: it would overlap another term of the number, the term was revoked, or the content is impossible.
    """
    check_content(content)
    if term.revoked_on is not None:
        raise RuleViolation("这段有效期已登记注销或吊销，不能更正")
    others = [other for other in known_terms(session, licence) if other.id != term.id]
    refuse_overlap(licence.licence_no, others, content)
    at = recorded_at or now()
    term.superseded_at = at
    corrected = _write(session, licence.id, content, recorded_by=actor.label, at=at)
    _audit(session, actor, "licence.correct", licence, content)
    return corrected


def known_terms(session: Session, licence: Licence) -> Sequence[LicenceTerm]:
    """Return the terms of a licence as known now, the earliest first, locked until the end of the unit of work."""
    session.scalars(select(Licence.id).where(Licence.id == licence.id).with_for_update()).one()
    return session.scalars(
        select(LicenceTerm)
        .where(LicenceTerm.licence_id == licence.id, LicenceTerm.superseded_at.is_(None))
        .order_by(LicenceTerm.valid_from)
    ).all()


def refuse_overlap(licence_no: str, terms: Sequence[LicenceTerm], content: TermContent) -> None:
    """Refuse a term that overlaps another of the same number.

    Raises:
        RuleViolation: it does; both periods are named.
    """
    for term in terms:
        if term.valid_until is None or term.valid_from >= content.valid_until:
            continue
        if content.valid_from < term.valid_until:
            last = term.valid_until - ONE_DAY
            raise RuleViolation(
                f"许可证编号 {licence_no} 在 {term.valid_from:%Y-%m-%d} 至 {last:%Y-%m-%d} 已有登记，"
                f"与所填的 {content.valid_from:%Y-%m-%d} 至 {content.expires_on:%Y-%m-%d} 重叠；"
                "内容变化请办“变更”，换证请核对起止日期",
                field="valid_from",
            )


def copy_term(session: Session, term: LicenceTerm, *, at: datetime, **changes: Any) -> LicenceTerm:
    """Write a superseded term again with `changes`, its lines with it."""
    values = {name: getattr(term, name) for name in KEPT} | {
        "valid_from": term.valid_from, "valid_until": term.valid_until, "recorded_at": at,
    } | changes  # fmt: skip
    made = LicenceTerm(**values)
    session.add(made)
    session.flush()
    for line in session.scalars(select(LicenceLine).where(LicenceLine.term_id == term.id)).all():
        again = LicenceLine(term_id=made.id, line_no=line.line_no, name=line.name, quantity=line.quantity)
        session.add(again)
        session.flush()
        session.add_all(
            LineMethod(line_id=again.id, method_code=code)
            for code in session.scalars(select(LineMethod.method_code).where(LineMethod.line_id == line.id)).all()
        )
        session.add_all(
            LineGrant(line_id=again.id, mode=grant.mode, category=grant.category, waste_code=grant.waste_code)
            for grant in session.scalars(select(LineGrant).where(LineGrant.line_id == line.id)).all()
        )
    session.flush()
    return made


def _write(session: Session, licence_id: int, content: TermContent, *, recorded_by: str, at: datetime) -> LicenceTerm:
    term = LicenceTerm(
        licence_id=licence_id, kind=content.kind, act=content.act, authority=content.authority.strip(),
        issued_on=content.issued_on, expires_on=content.expires_on, annual_cap=content.annual_cap,
        document_no=content.document_no, note=content.note, recorded_by=recorded_by,
        valid_from=content.valid_from, valid_until=content.valid_until, recorded_at=at,
    )  # fmt: skip
    session.add(term)
    session.flush()
    for line in content.lines:
        row = LicenceLine(term_id=term.id, line_no=line.line_no, name=line.name, quantity=line.quantity)
        session.add(row)
        session.flush()
        session.add_all(LineMethod(line_id=row.id, method_code=code) for code in line.methods)
        session.add_all(
            LineGrant(line_id=row.id, mode=grant.mode, category=grant.category, waste_code=grant.waste_code)
            for grant in dict.fromkeys(line.grants)
        )
    session.flush()
    return term


def _holds(term: LicenceTerm, on: date) -> bool:
    return term.valid_from <= on and (term.valid_until is None or on < term.valid_until)


def _audit(session: Session, actor: Viewer, action: str, licence: Licence, content: TermContent) -> None:
    summary = {
        "许可证编号": licence.licence_no, "事项": content.act.label,
        "有效期": f"{content.valid_from:%Y-%m-%d} 至 {content.expires_on:%Y-%m-%d}",
        "生产线": "；".join(f"{line.line_no} {line.quantity} 吨/年" for line in content.lines),
    }  # fmt: skip
    audit.record(session, actor, action, "licence", licence.id, summary=summary)


USUAL_ACTS = (TermAct.ISSUED, TermAct.RENEWED, TermAct.REISSUED)
"""What a further term may be; a change is recorded by `change_term`."""
