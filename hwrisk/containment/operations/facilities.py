"""Registering facilities, and recording another state of one from a day on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now, today
from hwrisk.containment.data import FIELDS, LABELS, FacilityData, check_data, data_of, shown
from hwrisk.containment.models import ContainmentKind, Facility, FacilityVersion
from hwrisk.containment.operations.history import held_on, states_from, succeed
from hwrisk.containment.searching import reindex
from hwrisk.errors import RuleViolation
from hwrisk.security.viewer import Viewer

KIND = "containment_facility"
MAX_NO = 32


def register_facility(
    session: Session,
    *,
    park_id: int,
    unit_id: int | None,
    facility_no: str,
    data: FacilityData,
    valid_from: date,
    actor: Viewer,
    reason: str = "新登记",
    recorded_at: datetime | None = None,
    is_demo: bool = False,
) -> Facility:
    """Register a facility of a park with its state from a day on.

    Raises:
        RuleViolation: the number is missing or taken in this park, or the fields do not hold together.
    """
    number = facility_no.strip()
    if not number or len(number) > MAX_NO:
        raise RuleViolation(f"请填写设施编号，不超过 {MAX_NO} 个字", field="facility_no")
    if valid_from > today():
        raise RuleViolation("生效日期不得晚于今天", field="valid_from")
    kind = session.get(ContainmentKind, data["kind_code"])
    check_data(data, kind, unit_id=unit_id)
    taken = select(Facility.id).where(Facility.park_id == park_id, Facility.facility_no == number)
    if session.scalar(taken) is not None:
        raise RuleViolation(f"该园区已有编号为“{number}”的设施，请换一个编号或变更原有设施", field="facility_no")
    facility = Facility(park_id=park_id, unit_id=unit_id, facility_no=number, is_demo=is_demo)
    session.add(facility)
    session.flush()
    version = FacilityVersion(
        facility_id=facility.id,
        valid_from=valid_from,
        recorded_at=recorded_at or now(),
        **_columns(data, reason, actor),
    )
    session.add(version)
    session.flush()
    summary = {"编号": number, "自": str(valid_from), "内容": _said(session, data)}
    audit.record(session, actor, "containment.register", KIND, facility.id, summary=summary)
    reindex(session, [facility.id])
    return facility


def change_facility(
    session: Session,
    facility: Facility,
    *,
    data: FacilityData,
    valid_from: date,
    actor: Viewer,
    reason: str,
    recorded_at: datetime | None = None,
) -> FacilityVersion:
    """Record another state of a facility from `valid_from` on; what held before that day stays.

    Raises:
        RuleViolation: nothing changes, no reason, the day lies ahead or before a state that is recorded already, or
            the fields do not hold together.
    """
    if valid_from > today():
        raise RuleViolation("生效日期不得晚于今天", field="valid_from")
    if not reason.strip():
        raise RuleViolation("请写明变更理由", field="reason")
    check_data(data, session.get(ContainmentKind, data["kind_code"]), unit_id=facility.unit_id)
    known = states_from(session, FacilityVersion, FacilityVersion.facility_id == facility.id, valid_from)
    held = held_on(known, valid_from, what="设施")
    before = data_of(held)
    if before == data:
        raise RuleViolation("与现有情形相同，没有需要变更的内容")
    new = succeed(session, held, _columns(data, reason, actor), valid_from=valid_from, at=recorded_at or now())
    old, said = _said(session, before), _said(session, data)
    changed = {LABELS[name]: [old[name], said[name]] for name in FIELDS if old[name] != said[name]}
    summary = {"编号": facility.facility_no, "自": str(valid_from), "变更": changed, "理由": reason}
    audit.record(session, actor, "containment.change", KIND, facility.id, summary=summary)
    reindex(session, [facility.id])
    return new


def _columns(data: FacilityData, reason: str, actor: Viewer) -> dict[str, Any]:
    columns: dict[str, Any] = dict(data)
    columns["trust"] = str(data["trust"])
    return columns | {"reason": reason[:200], "recorded_by": actor.label[:120]}


def _said(session: Session, data: FacilityData) -> dict[str, str]:
    kind = session.get(ContainmentKind, data["kind_code"])
    said = shown(data, {kind.code: kind.label} if kind else {})
    # Phones are kept out of the trail, which more people read than the facility.
    return said | {"duty_phone": "已填" if said["duty_phone"] else ""}
