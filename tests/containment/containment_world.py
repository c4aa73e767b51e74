"""A small park for tests: an enterprise with a basin and valves, a public basin behind a pump, a river reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.containment.data import BLANK, FacilityData
from hwrisk.containment.models import (
    Connection,
    Facility,
    Means,
    ServiceState,
    TestKind,
    TestResult,
    ValveState,
)
from hwrisk.containment.operations import (
    confirm_level,
    confirm_state,
    record_test,
    register_connection,
    register_facility,
)
from hwrisk.containment.queries import facility_status
from hwrisk.parks.models import Park
from hwrisk.security import Viewer
from hwrisk.units.models import IdentityKind, Unit, UnitRole, UnitStatus
from hwrisk.units.operations import UnitChange, register_unit

SYSTEM = Viewer.system()
FIRST = date(2024, 1, 1)
TODAY = date(2026, 11, 23)
CARD = {
    "method": "qsy", "v4": "20", "qa": "960", "n": "80", "f": "0.9",
    "units": [{"name": "苯罐组", "v1": "80", "fire": [{"flow": "90", "hours": "4"}], "v3": "150"}],
}  # fmt: skip


@dataclass
class World:
    """What was made."""

    park: Park
    unit: Unit
    basin: Facility
    valve: Facility
    pump: Facility
    public: Facility
    reach: Facility
    gate: Facility
    to_public: Connection
    to_reach: Connection


def data(name: str, kind: str, **more: Any) -> FacilityData:
    """Return the fields of a facility; a test names what it is about."""
    values: Any = dict(BLANK) | {"name": name, "kind_code": kind} | more
    if values["effective_volume"] is not None and not values["source"]:
        values["source"] = "竣工图"
    found: FacilityData = values
    return found


def make_unit(session: Session, park: Park, number: int = 1) -> Unit:
    """Register an enterprise of a park."""
    return register_unit(
        session,
        identity_kind=IdentityKind.INDIVIDUAL, identity_no=f"SANJI{number:04d}", identity_reason="测试",
        valid_from=FIRST, actor=SYSTEM,
        state=UnitChange(
            name=f"演示防控{number}号化工有限公司", status=UnitStatus.OPERATING, role=UnitRole.GENERATOR,
            office_code=park.office_code, park_id=park.id,
        ),
    )  # fmt: skip


def make(session: Session, park: Park, unit: Unit | None, number: str, fields: FacilityData) -> Facility:
    """Register a facility since 2024."""
    return register_facility(
        session, park_id=park.id, unit_id=unit.id if unit else None, facility_no=number, data=fields,
        valid_from=FIRST, actor=SYSTEM,
    )  # fmt: skip


def level(session: Session, facility: Facility, occupied: str, *, days_ago: int = 0) -> None:
    """Confirm how much is taken up."""
    confirm_level(
        session, facility_status(session, facility.public_id, user=SYSTEM, as_of=TODAY), occupied=Decimal(occupied),
        confirmed_at=_ago(days_ago), actor=SYSTEM,
    )  # fmt: skip


def state(session: Session, facility: Facility, which: ValveState, *, days_ago: int = 0) -> None:
    """Confirm a state."""
    confirm_state(
        session, facility_status(session, facility.public_id, user=SYSTEM, as_of=TODAY), state=which,
        confirmed_at=_ago(days_ago), actor=SYSTEM,
    )  # fmt: skip


def passed(session: Session, facility: Facility, *, days_ago: int = 0, result: TestResult = TestResult.PASSED) -> None:
    """Record a valve test."""
    record_test(
        session, facility_status(session, facility.public_id, user=SYSTEM, as_of=TODAY), kind=TestKind.VALVE_TEST,
        done_on=TODAY - timedelta(days=days_ago), result=result, findings="卡涩", person="演示-张三", actor=SYSTEM,
    )  # fmt: skip


def make_world(session: Session, code: str = "LYG-P-GNHG", number: int = 1) -> World:
    """Make the park, everything confirmed today: 100 m³ at home, 300 in the park, 500 in the river."""
    park = session.scalars(select(Park).where(Park.code == code)).one()
    unit = make_unit(session, park, number)
    basin = make(session, park, unit, "QY-01", data("厂内事故池", "enterprise-basin", effective_volume=Decimal(120)))
    valve = make(session, park, unit, "QY-02", data("雨水切断阀", "shutoff-valve"))
    pump = make(session, park, None, "YQ-01", data("一号提升泵站", "park-pump"))
    public = make(session, park, None, "YQ-02", data("公共应急池", "public-basin", effective_volume=Decimal(400)))
    reach = make(session, park, None, "SX-01", data("中心河北段", "river-reach", effective_volume=Decimal(500)))
    gate = make(session, park, None, "YQ-03", data("园区节制闸", "park-gate"))
    common: dict[str, Any] = {
        "park_id": park.id, "service": ServiceState.IN_USE, "valid_from": FIRST, "actor": SYSTEM,
    }  # fmt: skip
    to_public = register_connection(
        session, connection_no="L1", start=basin, end=public, means=Means.PUMP, flow=Decimal(60), through=pump, **common
    )
    to_reach = register_connection(
        session, connection_no="L2", start=public, end=reach, means=Means.GRAVITY, flow=Decimal(30), through=gate,
        **common,
    )  # fmt: skip
    level(session, basin, "20")
    level(session, public, "100")
    level(session, reach, "0")
    state(session, valve, ValveState.CLOSED)
    state(session, pump, ValveState.READY)
    state(session, gate, ValveState.OPEN)
    for device in (valve, pump, gate):
        passed(session, device)
    return World(park, unit, basin, valve, pump, public, reach, gate, to_public, to_reach)


def _ago(days: int) -> datetime:
    return now() - timedelta(days=days, minutes=1)
