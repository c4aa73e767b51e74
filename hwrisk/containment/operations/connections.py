"""Registering connections, and recording another state of one from a day on."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now, today
from hwrisk.containment.measures import cubic_metres
from hwrisk.containment.models import (
    Connection,
    ConnectionVersion,
    ContainmentKind,
    Facility,
    FacilityVersion,
    Means,
    Nature,
    ServiceState,
)
from hwrisk.containment.operations.history import held_on, states_from, succeed
from hwrisk.db.history import in_force
from hwrisk.errors import RuleViolation
from hwrisk.security.viewer import Viewer

KIND = "containment_connection"
MAX_NO = 32


def register_connection(
    session: Session,
    *,
    park_id: int,
    connection_no: str,
    start: Facility,
    end: Facility,
    means: Means,
    flow: Decimal | None,
    through: Facility | None,
    service: ServiceState,
    valid_from: date,
    actor: Viewer,
    note: str = "",
    recorded_at: datetime | None = None,
) -> Connection:
    """Register a way for water between two facilities of a park, with its flow in m³/h.

    Raises:
        RuleViolation: no number or flow, the number is taken, both ends are one, a facility is of another park, or
            what stands in between is a basin.
    """
    number = connection_no.strip()
    if not number or len(number) > MAX_NO:
        raise RuleViolation(f"请填写连接编号，不超过 {MAX_NO} 个字", field="connection_no")
    if start.id == end.id:
        raise RuleViolation("起点和终点不能是同一个设施", field="end")
    if any(facility is not None and facility.park_id != park_id for facility in (start, end, through)):
        raise RuleViolation("连接两端和中间设备须在同一个园区", field="end")
    exact = _flow(flow)
    _check_through(session, start, end, through)
    taken = select(Connection.id).where(Connection.park_id == park_id, Connection.connection_no == number)
    if session.scalar(taken) is not None:
        raise RuleViolation(f"该园区已有编号为“{number}”的连接，请换一个编号或变更原有连接", field="connection_no")
    if valid_from > today():
        raise RuleViolation("生效日期不得晚于今天", field="valid_from")
    connection = Connection(park_id=park_id, connection_no=number, from_id=start.id, to_id=end.id)
    session.add(connection)
    session.flush()
    session.add(
        ConnectionVersion(
            connection_id=connection.id, means=means, flow=exact, through_id=through.id if through else None,
            service=service, note=note[:300], reason="新登记", recorded_by=actor.label[:120], valid_from=valid_from,
            recorded_at=recorded_at or now(),
        )
    )  # fmt: skip
    session.flush()
    summary = {"编号": number, "流量": f"{cubic_metres(exact)} m³/h", "方式": means.label, "自": str(valid_from)}
    audit.record(session, actor, "containment.connect", KIND, connection.id, summary=summary)
    return connection


def change_connection(
    session: Session,
    connection: Connection,
    *,
    means: Means,
    flow: Decimal | None,
    through: Facility | None,
    service: ServiceState,
    valid_from: date,
    actor: Viewer,
    reason: str,
    note: str = "",
) -> ConnectionVersion:
    """Record another state of a connection from a day on; what held before stays.

    Raises:
        RuleViolation: no flow or reason, nothing changes, or the day does not fit.
    """
    exact = _flow(flow)
    if not reason.strip():
        raise RuleViolation("请写明变更理由", field="reason")
    if valid_from > today():
        raise RuleViolation("生效日期不得晚于今天", field="valid_from")
    if through is not None and through.park_id != connection.park_id:
        raise RuleViolation("中间设备须在同一个园区", field="through")
    start, end = session.get_one(Facility, connection.from_id), session.get_one(Facility, connection.to_id)
    _check_through(session, start, end, through)
    known = states_from(session, ConnectionVersion, ConnectionVersion.connection_id == connection.id, valid_from)
    held = held_on(known, valid_from, what="连接")
    values = {
        "means": means, "flow": exact, "through_id": through.id if through else None, "service": service,
        "note": note[:300],
    }  # fmt: skip
    if all(getattr(held, name) == value for name, value in values.items()):
        raise RuleViolation("与现有情形相同，没有需要变更的内容")
    values |= {"reason": reason[:200], "recorded_by": actor.label[:120]}
    new = succeed(session, held, values, valid_from=valid_from, at=now())
    summary = {"编号": connection.connection_no, "流量": f"{cubic_metres(exact)} m³/h", "理由": reason}
    audit.record(session, actor, "containment.reconnect", KIND, connection.id, summary=summary)
    return new


def _flow(flow: Decimal | None) -> Decimal:
    if flow is None:
        raise RuleViolation("请填写流量（立方米/小时）；重力自流的填设计流量，没有流量就算不出时间", field="flow")
    if flow <= 0:
        raise RuleViolation("流量必须大于 0 立方米/小时", field="flow")
    return flow


def _check_through(session: Session, start: Facility, end: Facility, through: Facility | None) -> None:
    if through is None:
        return
    if through.id in (start.id, end.id):
        raise RuleViolation("中间设备不能同时是起点或终点", field="through")
    nature = session.scalar(
        select(ContainmentKind.nature)
        .join(FacilityVersion, FacilityVersion.kind_code == ContainmentKind.code)
        .where(FacilityVersion.facility_id == through.id, in_force(FacilityVersion, today()))
    )
    if nature is Nature.VOLUME:
        raise RuleViolation("中间设备应为闸阀、泵或管线；经过池子的，请分成两段连接", field="through")
