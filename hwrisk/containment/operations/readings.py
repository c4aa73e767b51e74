"""Confirming levels and states, and recording tests: they count at once, with name and time."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now, today
from hwrisk.containment.measures import cubic_metres
from hwrisk.containment.models import (
    FacilityTest,
    Nature,
    Reading,
    TestKind,
    TestResult,
    ValveState,
)
from hwrisk.containment.states import FacilityStatus
from hwrisk.errors import RuleViolation
from hwrisk.security.viewer import Viewer

KIND = "containment_facility"
STATES = {
    Nature.VALVE: (ValveState.OPEN, ValveState.CLOSED, ValveState.FAILED, ValveState.UNKNOWN),
    Nature.CONVEYANCE: (ValveState.READY, ValveState.CLOSED, ValveState.FAILED, ValveState.UNKNOWN),
    Nature.VOLUME: (),
}
"""What may be said of each; a basin has a level instead."""


def confirm_level(
    session: Session,
    status: FacilityStatus,
    *,
    occupied: Decimal,
    confirmed_at: datetime,
    actor: Viewer,
    person: str = "",
    note: str = "",
    recorded_at: datetime | None = None,
) -> Reading:
    """Record how much of a basin is taken up, in m³, as confirmed at an instant.

    Raises:
        RuleViolation: it is no basin, the level is negative or above the effective volume, or the instant lies ahead.
    """
    if not status.is_volume:
        raise RuleViolation(f"{status.kind.label}没有存量，请填报启闭或完好状态")
    if occupied < 0:
        raise RuleViolation("现存量不能为负数", field="occupied")
    effective = status.version.effective_volume
    if effective is not None and occupied > effective:
        raise RuleViolation(
            f"现存量 {cubic_metres(occupied)} 立方米超过有效容积 {cubic_metres(effective)} 立方米，请核对；"
            "如有效容积登记有误，请先变更设施",
            field="occupied",
        )
    return _record(session, status, confirmed_at, actor, person, note, recorded_at, occupied=occupied)


def confirm_state(
    session: Session,
    status: FacilityStatus,
    *,
    state: ValveState,
    confirmed_at: datetime,
    actor: Viewer,
    person: str = "",
    note: str = "",
    recorded_at: datetime | None = None,
) -> Reading:
    """Record the state of a valve, gate, pump or pipe as confirmed at an instant.

    Raises:
        RuleViolation: it is a basin, the state is none of its kind, or the instant lies ahead.
    """
    allowed = STATES[status.kind.nature]
    if state not in allowed:
        choice = "、".join(item.label for item in allowed) or "现存量"
        raise RuleViolation(f"{status.kind.label}不能填“{state.label}”，可填：{choice}", field="state")
    return _record(session, status, confirmed_at, actor, person, note, recorded_at, state=state)


def record_test(
    session: Session,
    status: FacilityStatus,
    *,
    kind: TestKind,
    done_on: date,
    result: TestResult,
    findings: str,
    person: str,
    actor: Viewer,
    recorded_at: datetime | None = None,
) -> FacilityTest:
    """Record a valve test or an inspection.

    Raises:
        RuleViolation: a basin is not tested by opening and closing, the day lies ahead, nobody is named, or a failure
            is not described.
    """
    if kind is TestKind.VALVE_TEST and status.is_volume:
        raise RuleViolation(f"{status.kind.label}不做启闭试验，请选巡检", field="kind")
    if done_on > today():
        raise RuleViolation("日期不得晚于今天", field="done_on")
    if not person.strip():
        raise RuleViolation("请填写试验或巡检的人员", field="person")
    if result is TestResult.FAILED and not findings.strip():
        raise RuleViolation("不合格的，请写明发现的问题", field="findings")
    test = FacilityTest(
        facility_id=status.facility.id, kind=kind, done_on=done_on, result=result, findings=findings.strip(),
        person=person.strip()[:64], recorded_by=actor.label[:120], recorded_at=recorded_at or now(),
    )  # fmt: skip
    session.add(test)
    session.flush()
    summary = {"设施": status.name, "种类": kind.label, "日期": str(done_on), "结果": result.label}
    audit.record(session, actor, "containment.test", KIND, status.facility.id, summary=summary)
    return test


def _record(  # noqa: PLR0917 - one order for both readings
    session: Session,
    status: FacilityStatus,
    confirmed_at: datetime,
    actor: Viewer,
    person: str,
    note: str,
    recorded_at: datetime | None,
    *,
    occupied: Decimal | None = None,
    state: ValveState | None = None,
) -> Reading:
    if confirmed_at > now():
        raise RuleViolation("确认时间不得晚于现在", field="confirmed_on")
    by = f"{actor.label}（现场：{person.strip()}）" if person.strip() else actor.label
    reading = Reading(
        facility_id=status.facility.id, occupied=occupied, state=state, confirmed_at=confirmed_at,
        confirmed_by=by[:120], account_id=actor.account_id, note=note.strip()[:300], recorded_at=recorded_at or now(),
    )  # fmt: skip
    session.add(reading)
    session.flush()
    said = cubic_metres(occupied) + " m³" if occupied is not None else state.label if state else ""
    summary = {"设施": status.name, "确认": said, "时间": confirmed_at.isoformat()}
    audit.record(session, actor, "containment.confirm", KIND, status.facility.id, summary=summary)
    return reading
