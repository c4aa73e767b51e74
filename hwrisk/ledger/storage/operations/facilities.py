"""What is done about storage facilities (贮存设施): registering them and recording another state from a day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now, today
from hwrisk.errors import RuleViolation
from hwrisk.ledger.storage.models import FacilityKind, FacilityVersion, StorageBatch, StorageFacility
from hwrisk.ledger.storage.recomputing import recompute_limits
from hwrisk.security.viewer import Viewer


def register_facility(
    session: Session,
    *,
    unit_id: int,
    code: str,
    name: str,
    kind: FacilityKind,
    capacity: Decimal | None,
    valid_from: date,
    actor: Viewer,
    spot_grade: str = "",
) -> StorageFacility:
    """Register a storage facility of a unit with its kind and capacity from a day on.

    Raises:
        RuleViolation: no code, the unit has the code already, or the capacity is not above zero.
    """
    if not code.strip():
        raise RuleViolation("请填写贮存设施编码", field="code")
    _check_state(kind, spot_grade, capacity)
    known = select(StorageFacility.id).where(StorageFacility.unit_id == unit_id, StorageFacility.code == code)
    if session.scalar(known) is not None:
        raise RuleViolation(f"该单位已有编码为“{code}”的贮存设施", field="code")
    facility = StorageFacility(unit_id=unit_id, code=code)
    session.add(facility)
    session.flush()
    session.add(
        FacilityVersion(
            facility_id=facility.id,
            name=name,
            kind=kind,
            spot_grade=spot_grade,
            capacity=capacity,
            valid_from=valid_from,
        )
    )
    session.flush()
    audit.record(session, actor, "facility.register", "storage_facility", facility.id, summary={"编码": code})
    return facility


def change_facility(
    session: Session,
    facility: StorageFacility,
    *,
    name: str,
    kind: FacilityKind,
    capacity: Decimal | None,
    valid_from: date,
    actor: Viewer,
    spot_grade: str = "",
) -> int:
    """Record another state of a facility from `valid_from` on, and return how many batches' limits changed by it.

    What held before that day stays. A state recorded for the same day is replaced; later ones are never covered up.

    Raises:
        RuleViolation: nothing changes, a later state is recorded already, the day lies ahead or before the facility
            was registered, or the capacity is not above zero.
    """
    _check_state(kind, spot_grade, capacity)
    if valid_from > today():
        raise RuleViolation("变更日期不得晚于今天", field="valid_from")
    known = session.scalars(
        select(FacilityVersion)
        .where(
            FacilityVersion.facility_id == facility.id,
            FacilityVersion.superseded_at.is_(None),
            or_(FacilityVersion.valid_until.is_(None), FacilityVersion.valid_until > valid_from),
        )
        .order_by(FacilityVersion.valid_from)
        .with_for_update()
    ).all()
    held = next((version for version in known if version.valid_from <= valid_from), None)
    if held is None:
        raise RuleViolation("变更日期早于该设施登记的日期，请核对", field="valid_from")
    if later := [version for version in known if version.valid_from > valid_from]:
        raise RuleViolation(
            f"{later[0].valid_from:%Y-%m-%d} 已登记过后来的情形，变更日期不得早于该日", field="valid_from"
        )
    if (held.name, held.kind, held.spot_grade, held.capacity) == (name, kind, spot_grade, capacity):
        raise RuleViolation("与现有情形相同，没有需要变更的内容")
    _succeed(session, held, valid_from, name=name, kind=kind, spot_grade=spot_grade, capacity=capacity)
    before = {"类型": held.kind.label, "能力（吨）": str(held.capacity or "—")}
    after = {"类型": kind.label, "能力（吨）": str(capacity or "—")}
    summary = {"设施": facility.code, "自": str(valid_from), "原": before, "现": after}
    audit.record(session, actor, "facility.change", "storage_facility", facility.id, summary=summary)
    if (held.kind, held.spot_grade) == (kind, spot_grade):
        return 0
    there = session.scalars(
        select(StorageBatch.id).where(StorageBatch.facility_id == facility.id, StorageBatch.entered_on >= valid_from)
    ).all()
    return recompute_limits(session, there)


def _succeed(
    session: Session,
    held: FacilityVersion,
    valid_from: date,
    *,
    name: str,
    kind: FacilityKind,
    spot_grade: str,
    capacity: Decimal | None,
) -> None:
    at = now()
    held.superseded_at = at
    if held.valid_from < valid_from:
        # What was known of the days before stays true; it is written again with its end.
        session.add(
            FacilityVersion(
                facility_id=held.facility_id,
                name=held.name,
                kind=held.kind,
                spot_grade=held.spot_grade,
                capacity=held.capacity,
                valid_from=held.valid_from,
                valid_until=valid_from,
                recorded_at=at,
            )
        )
    session.add(
        FacilityVersion(
            facility_id=held.facility_id,
            name=name,
            kind=kind,
            spot_grade=spot_grade,
            capacity=capacity,
            valid_from=valid_from,
            valid_until=held.valid_until,
            recorded_at=at,
        )
    )
    session.flush()


def _check_state(kind: FacilityKind, spot_grade: str, capacity: Decimal | None) -> None:
    if capacity is not None and capacity <= 0:
        raise RuleViolation("贮存能力必须大于 0 吨，不清楚的请留空", field="capacity")
    if spot_grade and kind is not FacilityKind.SPOT:
        raise RuleViolation("只有贮存点才分级，请留空", field="spot_grade")
