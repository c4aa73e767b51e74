"""What is done about licences: registering them, asking for renewal, revoking them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.permits import searching
from hwrisk.permits.contents import Holder, TermContent
from hwrisk.permits.models import Licence, RenewalFiling
from hwrisk.permits.operations.terms import add_term, copy_term, known_terms
from hwrisk.security.viewer import Viewer


@dataclass(frozen=True, kw_only=True)
class NewLicence:
    """A licence to be registered, with its first term."""

    licence_no: str
    holder: Holder
    content: TermContent
    source: str = ""
    note: str = ""
    is_demo: bool = False


def register_licence(
    session: Session, new: NewLicence, *, actor: Viewer, recorded_at: datetime | None = None
) -> Licence:
    """Register a licence with what it says first.

    Raises:
        RuleViolation: no number or holder, the number is registered already, or the content is impossible.
    """
    number = new.licence_no.strip()
    if not number:
        raise RuleViolation("请填写许可证编号", field="licence_no")
    if new.holder.unit_id is None and not new.holder.name.strip():
        raise RuleViolation("请选择持证单位；名录以外的填写单位名称和所在地", field="holder_name")
    if session.scalar(select(Licence.id).where(Licence.licence_no == number)) is not None:
        raise RuleViolation(f"许可证编号 {number} 已登记，续期请在该证下办“换证”", field="licence_no")
    licence = Licence(
        licence_no=number, unit_id=new.holder.unit_id,
        holder_name="" if new.holder.unit_id is not None else new.holder.name.strip(),
        place=new.holder.place, office_code=None if new.holder.unit_id is not None else new.holder.office_code,
        longitude=new.holder.longitude, latitude=new.holder.latitude, source=new.source, note=new.note,
        is_demo=new.is_demo, recorded_at=recorded_at or now(),
    )  # fmt: skip
    session.add(licence)
    session.flush()
    audit.record(session, actor, "licence.register", "licence", licence.id, summary={"许可证编号": number})
    add_term(session, licence, new.content, actor=actor, recorded_at=recorded_at)
    searching.keep(session, licence)
    return licence


def file_renewal(
    session: Session,
    licence: Licence,
    *,
    filed_on: date,
    as_of: date,
    actor: Viewer,
    document_no: str = "",
    recorded_at: datetime | None = None,
) -> RenewalFiling:
    """Record that renewal of the present term was asked for, which settles the reminder.

    Raises:
        RuleViolation: no term holds, the day lies ahead or before the term, or it was recorded already.
    """
    held = next((term for term in known_terms(session, licence) if term.valid_from <= as_of <= term.expires_on), None)
    if held is None:
        raise RuleViolation(f"许可证 {licence.licence_no} 现不在有效期内，过期的应重新申请，不能登记换证申请")
    if not held.valid_from <= filed_on <= as_of:
        raise RuleViolation(f"申请日期应在 {held.valid_from:%Y-%m-%d} 至今天之间，请核对", field="filed_on")
    there = select(RenewalFiling.id).where(
        RenewalFiling.licence_id == licence.id, RenewalFiling.expires_on == held.expires_on
    )
    if session.scalar(there) is not None:
        raise RuleViolation("这一有效期的换证申请已登记过")
    filing = RenewalFiling(
        licence_id=licence.id, expires_on=held.expires_on, filed_on=filed_on, document_no=document_no,
        recorded_by=actor.label, recorded_at=recorded_at or now(),
    )  # fmt: skip
    session.add(filing)
    session.flush()
    summary = {"申请日期": str(filed_on), "有效期止": str(held.expires_on)}
    audit.record(session, actor, "licence.file_renewal", "licence", licence.id, summary=summary)
    return filing


def revoke(
    session: Session,
    licence: Licence,
    *,
    on: date,
    reason: str,
    as_of: date,
    actor: Viewer,
    recorded_at: datetime | None = None,
) -> None:
    """Record that a licence no longer holds from `on` on, because it was revoked or handed back (注销、吊销).

    Raises:
        RuleViolation: no reason, the day lies ahead, it does not hold on the day before, or a later term is recorded.
    """
    if not reason.strip():
        raise RuleViolation("请写明注销或吊销的原因和文号", field="reason")
    if on > as_of:
        raise RuleViolation("注销或吊销日期不得晚于今天", field="on")
    terms = known_terms(session, licence)
    held = next((term for term in terms if term.valid_from < on <= term.expires_on and term.revoked_on is None), None)
    if held is None:
        raise RuleViolation(f"许可证 {licence.licence_no} 在 {on:%Y-%m-%d} 之前一日不在有效期内，请核对", field="on")
    if later := [term for term in terms if term.valid_from >= on]:
        raise RuleViolation(f"{later[0].valid_from:%Y-%m-%d} 起已另有登记，请先更正后来的登记", field="on")
    at = recorded_at or now()
    held.superseded_at = at
    copy_term(session, held, at=at, valid_until=on, revoked_on=on, revocation=reason.strip(), recorded_by=actor.label)
    summary = {"自": str(on), "原因": reason.strip()}
    audit.record(session, actor, "licence.revoke", "licence", licence.id, summary=summary)
