"""What a list of facilities is narrowed by; each condition is one predicate for list, count, to-do and export alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, func, not_, or_, select, type_coerce
from sqlalchemy.orm import aliased

from hwrisk.clock import LOCAL_ZONE
from hwrisk.containment.models import (
    ContainmentKind,
    Facility,
    FacilityTest,
    FacilityVersion,
    Nature,
    Reading,
    ServiceState,
    TestKind,
    ValveState,
)
from hwrisk.containment.settings import ContainmentSettings
from hwrisk.db.types import Labelled
from hwrisk.parks.models import Park


class Attention(Labelled):
    """Why a facility needs somebody (需要处理)."""

    ALARM = "alarm", "占用报警"
    UNCONFIRMED = "unconfirmed", "未确认或已过期"
    TEST = "test", "启闭试验到期"
    INSPECTION = "inspection", "巡检到期"
    FAILED = "failed", "故障或外排口开启"


@dataclass(frozen=True, kw_only=True)
class FacilityConditions:
    """What a list of facilities is narrowed by; None sets no condition."""

    park: str | None = None
    """Code of a park."""
    park_id: int | None = None
    unit_id: int | None = None
    tier: int | None = None
    kind: str | None = None
    service: ServiceState | None = None
    attention: Attention | None = None
    text: str | None = None


def conditions_from(values: Mapping[str, str]) -> FacilityConditions:
    """Return the conditions an address states; what it does not understand sets none."""
    tier = values.get("tier", "")
    return FacilityConditions(
        park=values.get("park") or None,
        tier=int(tier) if tier in {"1", "2", "3"} else None,
        kind=values.get("kind") or None,
        service=ServiceState.of(values.get("service")),
        attention=Attention.of(values.get("need")),
        text=values.get("text") or None,
    )


def end_of(day: date) -> datetime:
    """Return the instant at which a day in Asia/Shanghai is over."""
    return datetime.combine(day + timedelta(days=1), time(), LOCAL_ZONE)


def latest_readings(as_of: date, *, of_level: bool) -> Any:
    """Return the class of the last level, or the last state, of every facility by the end of `as_of`."""
    told = Reading.occupied.is_not(None) if of_level else Reading.state.is_not(None)
    order = (Reading.confirmed_at.desc(), Reading.id.desc())
    place = func.row_number().over(partition_by=Reading.facility_id, order_by=order).label("place")
    ranked = select(Reading.id, place).where(told, Reading.confirmed_at < end_of(as_of)).subquery()
    return aliased(
        Reading, select(Reading).join(ranked, ranked.c.id == Reading.id).where(ranked.c.place == 1).subquery()
    )


def latest_tests(as_of: date, kind: TestKind) -> Any:
    """Return the class of the last test of a kind of every facility by the end of `as_of`."""
    order = (FacilityTest.done_on.desc(), FacilityTest.id.desc())
    place = func.row_number().over(partition_by=FacilityTest.facility_id, order_by=order).label("place")
    ranked = select(FacilityTest.id, place).where(FacilityTest.kind == kind, FacilityTest.done_on <= as_of).subquery()
    chosen = select(FacilityTest).join(ranked, ranked.c.id == FacilityTest.id).where(ranked.c.place == 1).subquery()
    return aliased(FacilityTest, chosen)


def predicates(asked: FacilityConditions, *, as_of: date, settings: ContainmentSettings) -> list[ColumnElement[bool]]:
    """Return the predicates on Facility, FacilityVersion and ContainmentKind of a statement that joins the three."""
    plain: list[tuple[Any, Any]] = [
        (Facility.park_id, asked.park_id),
        (Facility.unit_id, asked.unit_id),
        (ContainmentKind.tier, asked.tier),
        (ContainmentKind.code, asked.kind),
        (FacilityVersion.service, asked.service),
    ]
    found = [column == value for column, value in plain if value is not None]
    if asked.park:
        found.append(Facility.park_id.in_(select(Park.id).where(Park.code == asked.park)))
    if asked.attention is not None:
        found.append(needs(asked.attention, as_of=as_of, settings=settings))
    columns = (FacilityVersion.name, Facility.facility_no, FacilityVersion.place, FacilityVersion.operator_name)
    found += [
        or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in (asked.text or "").split()
    ]
    return found


def needs(what: Attention, *, as_of: date, settings: ContainmentSettings) -> ColumnElement[bool]:
    """Return the predicate that a facility in use needs somebody for `what`; the same as its status says."""
    is_volume = ContainmentKind.nature == Nature.VOLUME
    in_use = FacilityVersion.service == ServiceState.IN_USE
    level, state = latest_readings(as_of, of_level=True), latest_readings(as_of, of_level=False)
    if what is Attention.ALARM:
        share = settings.alarm_share
        # Both are whole 0.1 litre; compared as plain numbers the scale does not matter.
        taken = type_coerce(level.occupied, BigInteger) * share.denominator
        room = type_coerce(FacilityVersion.effective_volume, BigInteger) * share.numerator
        return and_(in_use, is_volume, _exists(level, taken > room))
    if what is Attention.UNCONFIRMED:
        fresh_level = _exists(level, level.confirmed_at >= end_of(as_of - timedelta(days=settings.level_days + 1)))
        fresh_state = _exists(
            state,
            and_(
                state.confirmed_at >= end_of(as_of - timedelta(days=settings.state_days + 1)),
                state.state != ValveState.UNKNOWN,
            ),
        )
        return and_(in_use, or_(and_(is_volume, not_(fresh_level)), and_(not_(is_volume), not_(fresh_state))))
    if what is Attention.FAILED:
        test = latest_tests(as_of, TestKind.VALVE_TEST)
        broken = _exists(state, state.state == ValveState.FAILED)
        outward = and_(ContainmentKind.is_outward, _exists(state, state.state == ValveState.OPEN))
        return and_(in_use, not_(is_volume), or_(broken, outward, _exists(test, test.result == "failed")))
    if what is Attention.TEST:
        test = latest_tests(as_of, TestKind.VALVE_TEST)
        since = as_of - timedelta(days=settings.valve_test_days)
        return and_(in_use, not_(is_volume), not_(_exists(test, test.done_on >= since)))
    test = latest_tests(as_of, TestKind.INSPECTION)
    return and_(in_use, not_(_exists(test, test.done_on >= as_of - timedelta(days=settings.inspection_days))))


def _exists(row: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(row.id)
        .where(row.facility_id == Facility.id, condition)
        .correlate(Facility, FacilityVersion, ContainmentKind)
        .exists()
    )
