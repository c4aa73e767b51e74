"""The way of a filing: the operator fills in, the park checks, the county accepts; returns name reasons by field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.containment.data import FIELDS, FacilityData, check_data, from_plain, to_plain
from hwrisk.containment.models import (
    ContainmentKind,
    Facility,
    FacilityVersion,
    Filing,
    FilingAct,
    FilingState,
    FilingStep,
)
from hwrisk.containment.operations.facilities import change_facility, register_facility
from hwrisk.errors import EditConflict, Refused, RuleViolation
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

KIND = "containment_filing"
WHOLE = ""
REASON_FIELDS = frozenset({*FIELDS, "facility_no", "valid_from", WHOLE})
OPEN_STATES = (FilingState.SUBMITTED, FilingState.CHECKED, FilingState.RETURNED)
AUTHORITY = frozenset({Role.CITY, Role.COUNTY})


def submit(
    session: Session,
    *,
    park_id: int,
    unit_id: int | None,
    facility: Facility | None,
    facility_no: str,
    data: FacilityData,
    valid_from: date,
    reason: str,
    actor: Viewer,
    at: datetime | None = None,
) -> Filing:
    """File the data of a new facility, or other data of one there is; nothing changes until they are accepted.

    What a park administration files itself has been checked by it.

    Raises:
        RuleViolation: the fields do not hold together, or a filing of this facility is under way already.
    """
    _check(session, facility_no, data, unit_id)
    if facility is not None:
        under_way = select(Filing.id).where(Filing.facility_id == facility.id, Filing.state.in_(OPEN_STATES))
        if session.scalar(under_way) is not None:
            raise RuleViolation("这个设施已有一份数据在办理中，请等它办完，或先撤回")
    values = to_plain(data) | {"facility_no": facility_no.strip(), "valid_from": str(valid_from), "reason": reason}
    at = at or now()
    filing = Filing(
        park_id=park_id, unit_id=unit_id, facility_id=facility.id if facility else None,
        base_version_id=latest_version(session, facility) if facility else None, values=values, reasons={},
        state=_first_state(actor), filed_by_id=actor.account_id, filed_by=actor.label[:120], filed_at=at,
        recorded_at=at,
    )  # fmt: skip
    session.add(filing)
    session.flush()
    _step(session, filing, FilingAct.SUBMIT, actor, at=at)
    return filing


def resubmit(
    session: Session,
    filing: Filing,
    *,
    data: FacilityData,
    facility_no: str,
    valid_from: date,
    reason: str,
    seen: int,
    actor: Viewer,
) -> None:
    """File a returned filing again, put right.

    Raises:
        EditConflict: somebody acted on it since it was shown.
        RuleViolation: it was not returned, or the fields do not hold together.
    """
    _current(session, filing, seen, FilingState.RETURNED)
    _check(session, facility_no, data, filing.unit_id)
    filing.values = to_plain(data) | {
        "facility_no": facility_no.strip(), "valid_from": str(valid_from), "reason": reason,
    }  # fmt: skip
    if filing.facility_id is not None:
        filing.base_version_id = latest_version(session, session.get_one(Facility, filing.facility_id))
    filing.reasons, filing.state = {}, _first_state(actor)
    _step(session, filing, FilingAct.RESUBMIT, actor)


def approve(session: Session, filing: Filing, *, seen: int, actor: Viewer, remark: str = "") -> None:
    """Note that the park has checked a filing; it goes on to the county.

    Raises:
        EditConflict: somebody acted on it since it was shown.
        RuleViolation: it does not wait for the park.
        Refused: the person checks no filings.
    """
    _may(actor, Permission.CONTAINMENT_CHECK)
    _current(session, filing, seen, FilingState.SUBMITTED)
    filing.state = FilingState.CHECKED
    _step(session, filing, FilingAct.CHECK, actor, remark=remark)


def return_filing(session: Session, filing: Filing, *, reasons: Mapping[str, str], seen: int, actor: Viewer) -> None:
    """Return a filing to whoever filed it, with reasons by field ("" for the whole).

    Raises:
        EditConflict: somebody acted on it since it was shown.
        RuleViolation: no reason is given, or the filing does not wait for this person.
        Refused: the person checks no filings.
    """
    _may(actor, Permission.CONTAINMENT_CHECK)
    waits = (FilingState.SUBMITTED, FilingState.CHECKED) if actor.role in AUTHORITY else (FilingState.SUBMITTED,)
    _current(session, filing, seen, *waits)
    given = {field: text.strip()[:200] for field, text in reasons.items() if text.strip() and field in REASON_FIELDS}
    if not given:
        raise RuleViolation("退回须写明理由：写在有问题的那一项旁边，或写在总的理由里", field="whole")
    filing.reasons, filing.state = given, FilingState.RETURNED
    _step(session, filing, FilingAct.RETURN, actor)


def accept(session: Session, filing: Filing, *, seen: int, base_seen: int | None, actor: Viewer) -> Facility:
    """Accept a filing: now its data hold, from the day it names.

    Args:
        base_seen: state of the facility the person compared it with, or None for a new facility.

    Raises:
        EditConflict: somebody acted on it, or changed the facility, since it was shown.
        RuleViolation: the park has not checked it, or the data can no longer be recorded.
        Refused: the person accepts no filings.
    """
    _may(actor, Permission.CONTAINMENT_ACCEPT)
    _current(session, filing, seen, FilingState.CHECKED)
    values = filing.values
    data, valid_from = from_plain(values), date.fromisoformat(values["valid_from"])
    if filing.facility_id is None:
        facility = register_facility(
            session, park_id=filing.park_id, unit_id=filing.unit_id, facility_no=values["facility_no"], data=data,
            valid_from=valid_from, actor=actor, reason=values.get("reason") or "报送后接收",
        )  # fmt: skip
        filing.facility_id = facility.id
    else:
        facility = session.get_one(Facility, filing.facility_id)
        if latest_version(session, facility) not in (filing.base_version_id, base_seen):
            raise EditConflict("这份数据报送以后，设施的情形又变更过；请对照两边后决定")
        reason = values.get("reason") or "报送后接收"
        change_facility(session, facility, data=data, valid_from=valid_from, actor=actor, reason=reason)
    filing.state = FilingState.ACCEPTED
    _step(session, filing, FilingAct.ACCEPT, actor)
    return facility


def withdraw(session: Session, filing: Filing, *, seen: int, actor: Viewer) -> None:
    """Take a filing back; only whoever filed it may.

    Raises:
        EditConflict: somebody acted on it since it was shown.
        RuleViolation: somebody else filed it, or it is settled already.
    """
    if actor.account_id is None or actor.account_id != filing.filed_by_id:
        raise RuleViolation("只有报送人可以撤回；认为内容有问题的，请退回并写明理由")
    _current(session, filing, seen, *OPEN_STATES)
    filing.state = FilingState.WITHDRAWN
    _step(session, filing, FilingAct.WITHDRAW, actor)


def latest_version(session: Session, facility: Facility) -> int:
    """Return a number that grows with every state of a facility, for telling that somebody else was quicker."""
    found = select(func.max(FacilityVersion.id)).where(FacilityVersion.facility_id == facility.id)
    return session.scalar(found) or 0


def _first_state(actor: Viewer) -> FilingState:
    return FilingState.CHECKED if actor.role is Role.PARK else FilingState.SUBMITTED


def _check(session: Session, facility_no: str, data: FacilityData, unit_id: int | None) -> None:
    if not facility_no.strip():
        raise RuleViolation("请填写设施编号", field="facility_no")
    check_data(data, session.get(ContainmentKind, data["kind_code"]), unit_id=unit_id)


def _may(actor: Viewer, permission: Permission) -> None:
    if not actor.may(permission):
        raise Refused(f"您的账号没有“{permission.label}”权限")


def _current(session: Session, filing: Filing, seen: int, *states: FilingState) -> None:
    # Whoever acts at the same time waits here, and is then told of the conflict.
    session.refresh(filing, with_for_update=True)
    if filing.version != seen:
        raise EditConflict(f"您打开这一页之后，别人已办理过，现在是“{filing.state.label}”")
    if filing.state not in states:
        raise RuleViolation(f"这份数据现在是“{filing.state.label}”，不能这样办理")


def _step(
    session: Session, filing: Filing, act: FilingAct, actor: Viewer, *, remark: str = "", at: datetime | None = None
) -> None:
    if act is not FilingAct.SUBMIT:
        filing.version += 1
    snapshot: dict[str, Any] = dict(filing.values)
    session.add(
        FilingStep(
            filing_id=filing.id, act=act, by=actor.label[:120], values=snapshot, reasons=dict(filing.reasons),
            remark=remark[:500], recorded_at=at or now(),
        )
    )  # fmt: skip
    session.flush()
    summary = {"设施": str(filing.values.get("name", "")), "状态": filing.state.label, "理由": dict(filing.reasons)}
    audit.record(session, actor, f"containment.filing.{act.value}", KIND, filing.id, summary=summary)
