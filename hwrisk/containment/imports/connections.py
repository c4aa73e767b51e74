"""Import of connections (设施连接导入)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import today
from hwrisk.containment import operations
from hwrisk.containment.imports.common import (
    Known,
    base_version,
    facility_of,
    measure_column,
    once,
    park_of,
    prepare,
)
from hwrisk.containment.measures import FLOW, cubic_metres
from hwrisk.containment.models import Connection, ConnectionVersion, Facility, Means, Nature, ServiceState
from hwrisk.db.history import in_force
from hwrisk.imports import (
    ApplyContext,
    CheckContext,
    Fault,
    ImportKind,
    ParsedRow,
    RowOutcome,
    StagedRow,
    Template,
    choice_column,
    code_column,
    day_column,
    text_column,
)
from hwrisk.security.permissions import Permission

REASON = "连接导入"
TEMPLATE = Template(
    sheet="设施连接",
    version="2026.1",
    columns=(
        text_column("park", "园区", synonyms=("化工园区", "园区名称"), example="连云港石化产业基地", width=24),
        code_column("no", "连接编号", synonyms=("编号",), max_length=32, example="LJ-01", width=14),
        text_column("start", "从", synonyms=("起点", "起点设施"), example="YJC-01", note="设施编号或名称"),
        text_column("end", "到", synonyms=("终点", "终点设施"), example="YJC-02", note="设施编号或名称"),
        text_column("through", "中间设备", is_required=False, note="闸阀、泵或管线的编号或名称"),
        choice_column("means", "输送方式", Means, also={"自流": Means.GRAVITY, "泵": Means.PUMP}),
        measure_column(
            "flow", "流量（m3/h）", FLOW, positive=True, is_required=False, is_compulsory=True, synonyms=("流量",),
            example="300", note="重力自流的填设计流量",
        ),
        choice_column("service", "投用情况", ServiceState, is_required=False, note="不填为在用"),
        text_column("note", "备注", is_required=False, max_length=200),
        day_column("valid_from", "生效日期", is_required=False, note="不填为导入当日"),
    ),
    notes=("一行一段有方向的连接；经过池子的请分成两段。", "同一文件重复导入不产生变化。"),
    unique_by=("park", "no"),
)  # fmt: skip


def check(session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:
    """Return the verdict on one row; what it needs of the database is in `context.known`."""
    known, held_rows = context.known
    del session
    faults: list[Fault] = []
    title = f"{row.values['no']} {row.values['start']} → {row.values['end']}"
    park = park_of(row, known, faults)
    if park is None:
        return RowOutcome.refused(*faults, title=title)
    start, end = (facility_of(row, key, park, known, faults) for key in ("start", "end"))
    through = facility_of(row, "through", park, known, faults)
    if row.values.get("flow") is None:
        faults.append(
            row.fault("flow", "没有填流量；没有流量就算不出时间，重力自流的也要填设计流量", "立方米/小时，如 300")
        )
    if start is not None and end is not None and start.facility.id == end.facility.id:
        faults.append(row.fault("end", "起点和终点是同一个设施", "改成另一个设施"))
    if through is not None and through.kind.nature is Nature.VOLUME:
        faults.append(row.fault("through", "中间设备应为闸阀、泵或管线", "经过池子的分成两段连接"))
    if through is not None and through.facility.id in {s.facility.id for s in (start, end) if s}:
        faults.append(row.fault("through", "中间设备不能同时是起点或终点", "留空或填另一个设备"))
    held = held_rows.get((park.id, row.values["no"]))
    if held is not None and start is not None and end is not None:
        link, _ = held
        if (link.from_id, link.to_id) != (start.facility.id, end.facility.id):
            faults.append(row.fault("no", "这个编号已登记为另外两端的连接", "换一个编号"))
    once(row, (park.id, row.values["no"]), known, "连接", faults)
    if faults or start is None or end is None:
        return RowOutcome.refused(*faults, title=title)
    after = _said(
        Means(row.values["means"]), row.values["flow"],
        ServiceState(row.values.get("service") or (held[1].service if held else ServiceState.IN_USE)),
        through.facility.id if through else None,
    )  # fmt: skip
    before = _said(held[1].means, held[1].flow, held[1].service, held[1].through_id) if held else None
    payload = {
        "park_id": park.id, "connection_id": held[0].id if held else None, "no": row.values["no"],
        "start": start.facility.id, "end": end.facility.id, "through": through.facility.id if through else None,
        "means": str(row.values["means"]), "flow": str(row.values["flow"]),
        "service": str(row.values.get("service") or (held[1].service if held else ServiceState.IN_USE)),
        "note": row.values.get("note") or "",
        "valid_from": (row.values.get("valid_from") or context.as_of).isoformat(),
    }  # fmt: skip
    return RowOutcome.of(row, exists=held is not None, before=before, after=after, payload=payload, title=title)


def _said(means: Means, flow: Decimal, service: ServiceState, through_id: int | None) -> dict[str, Any]:
    return {
        "输送方式": means.label, "流量（m³/h）": cubic_metres(Decimal(flow)), "投用情况": service.label,
        "中间设备编号": through_id or "",
    }  # fmt: skip


def _prepare(session: Session, context: CheckContext, rows: Any) -> tuple[Known, dict[Any, Any]]:
    held = session.execute(
        select(Connection, ConnectionVersion)
        .join(ConnectionVersion, ConnectionVersion.connection_id == Connection.id)
        .where(in_force(ConnectionVersion, context.as_of))
    )
    found = {(link.park_id, link.connection_no): (link, version) for link, version in held}
    return prepare(session, context, rows), found


def apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Register the new connections and record the changes of the known ones."""
    new = 0
    for row in rows:
        payload = row.payload
        through = session.get_one(Facility, payload["through"]) if payload["through"] else None
        common: dict[str, Any] = {
            "means": Means(payload["means"]), "flow": Decimal(payload["flow"]), "through": through,
            "service": ServiceState(payload["service"]), "note": payload["note"],
            "valid_from": today().fromisoformat(payload["valid_from"]), "actor": context.user,
        }  # fmt: skip
        if payload["connection_id"] is None:
            new += 1
            operations.register_connection(
                session, park_id=payload["park_id"], connection_no=payload["no"],
                start=session.get_one(Facility, payload["start"]), end=session.get_one(Facility, payload["end"]),
                **common,
            )  # fmt: skip
        else:
            connection = session.get_one(Connection, payload["connection_id"])
            operations.change_connection(session, connection, reason=REASON, **common)
    return {"新增连接": new, "变更连接": len(rows) - new}


CONNECTIONS = ImportKind(
    kind="containment-connections",
    label="三级防控设施连接",
    permission=Permission.CONTAINMENT_CHECK,
    template=TEMPLATE,
    prepare=_prepare,
    check=check,
    apply=apply,
    base_version=base_version,
)
