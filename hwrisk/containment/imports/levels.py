"""Import of levels and states (存量和状态导入): each row is a confirmation and counts at once."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import LOCAL_ZONE, now, today
from hwrisk.containment import operations, queries
from hwrisk.containment.imports.common import (
    Known,
    base_version,
    facility_of,
    measure_column,
    once,
    park_of,
    prepare,
)
from hwrisk.containment.measures import VOLUME, cubic_metres
from hwrisk.containment.models import Facility, Reading, ValveState
from hwrisk.containment.operations.readings import STATES
from hwrisk.containment.queries.conditions import FacilityConditions
from hwrisk.containment.states import FacilityStatus
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
    day_column,
    text_column,
)
from hwrisk.security.permissions import Permission

TEMPLATE = Template(
    sheet="存量和状态",
    version="2026.1",
    columns=(
        text_column("park", "园区", synonyms=("化工园区", "园区名称"), example="连云港石化产业基地", width=24),
        text_column("facility", "设施", synonyms=("设施编号", "设施名称"), example="YJC-01", note="设施编号或名称"),
        measure_column("occupied", "现存量（m3）", VOLUME, is_required=False, synonyms=("现存量", "存量", "水量"),
                       example="120", note="池、围堰、河段填写；空池填 0"),
        choice_column("state", "状态", ValveState, is_required=False, note="闸、阀、泵、管填写",
                      also={"开": ValveState.OPEN, "关": ValveState.CLOSED, "完好": ValveState.READY,
                            "可用": ValveState.READY, "损坏": ValveState.FAILED}),
        day_column("confirmed_on", "确认日期", synonyms=("日期",), example="2026-11-23"),
        text_column("person", "现场确认人", is_required=False, max_length=40),
        text_column("note", "备注", is_required=False, max_length=200),
    ),
    notes=("一行一处设施的一次确认，导入后立即生效。", "同一设施同一天同样内容的重复行不产生变化。"),
)  # fmt: skip


def check(session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:
    """Return the verdict on one row; what it needs of the database is in `context.known`."""
    del session
    known, held = context.known
    faults: list[Fault] = []
    title = f"{row.values['facility']} {row.values['confirmed_on']}"
    park = park_of(row, known, faults)
    status = facility_of(row, "facility", park, known, faults) if park else None
    if status is None:
        return RowOutcome.refused(*faults, title=title)
    _check_value(row, status, faults)
    once(row, (status.facility.id, row.values["confirmed_on"]), known, "设施同一天的确认", faults)
    if faults:
        return RowOutcome.refused(*faults, title=title)
    occupied, state = row.values.get("occupied"), row.values.get("state")
    day: date = row.values["confirmed_on"]
    said = ("", str(state)) if state else (cubic_metres(occupied), "")
    if said in held.get((status.facility.id, day), ()):
        return RowOutcome.of(row, exists=True, before={}, after={}, title=title)
    payload = {
        "facility_id": status.facility.id, "occupied": None if occupied is None else str(occupied),
        "state": str(state) if state else None, "on": day.isoformat(), "person": row.values.get("person") or "",
        "note": row.values.get("note") or "",
    }  # fmt: skip
    after = {"现存量（m³）": said[0]} if occupied is not None else {"状态": ValveState(said[1]).label}
    return RowOutcome.of(row, exists=False, after=after, payload=payload, title=title)


def _check_value(row: ParsedRow, status: FacilityStatus, faults: list[Fault]) -> None:
    occupied, state = row.values.get("occupied"), row.values.get("state")
    if status.is_volume:
        if occupied is None:
            faults.append(row.fault("occupied", f"{status.kind.label}须填现存量", "以立方米计，空池填 0"))
        elif status.version.effective_volume is not None and occupied > status.version.effective_volume:
            most = cubic_metres(status.version.effective_volume)
            message = f"现存量超过有效容积 {most} 立方米"
            faults.append(row.fault("occupied", message, f"不大于 {most}；容积登记有误的先变更设施"))
        if state is not None:
            faults.append(row.fault("state", f"{status.kind.label}没有启闭状态", "留空"))
        return
    allowed = STATES[status.kind.nature]
    if occupied is not None:
        faults.append(row.fault("occupied", f"{status.kind.label}没有存量", "留空，填状态"))
    if state is None or ValveState(state) not in allowed:
        words = "、".join(item.label for item in allowed)
        faults.append(row.fault("state", f"{status.kind.label}须填它能有的状态", words))


def _prepare(session: Session, context: CheckContext, rows: Any) -> tuple[Known, dict[Any, set[tuple[str, str]]]]:
    known = prepare(session, context, rows)
    ids = {status.facility.id for status in known.facilities.values()}
    held: dict[Any, set[tuple[str, str]]] = {}
    for reading in session.scalars(select(Reading).where(Reading.facility_id.in_(sorted(ids)))):
        day = reading.confirmed_at.astimezone(LOCAL_ZONE).date()
        said = ("", str(reading.state)) if reading.state else (cubic_metres(reading.occupied), "")
        held.setdefault((reading.facility_id, day), set()).add(said)
    return known, held


def apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Record every row as a confirmation."""
    parks = {session.get_one(Facility, row.payload["facility_id"]).park_id for row in rows}
    statuses: dict[int, FacilityStatus] = {}
    for park_id in sorted(parks):
        asked = FacilityConditions(park_id=park_id)
        found = queries.statuses(session, user=context.user, as_of=context.as_of, asked=asked)
        statuses |= {status.facility.id: status for status in found}
    for row in rows:
        payload = row.payload
        given: dict[str, Any] = {
            "confirmed_at": _instant(date.fromisoformat(payload["on"])), "actor": context.user,
            "person": payload["person"], "note": payload["note"],
        }  # fmt: skip
        status = statuses[payload["facility_id"]]
        if payload["occupied"] is not None:
            operations.confirm_level(session, status, occupied=Decimal(payload["occupied"]), **given)
        else:
            operations.confirm_state(session, status, state=ValveState(payload["state"]), **given)
    return {"现场确认": len(rows)}


def _instant(day: date) -> datetime:
    return now() if day >= today() else datetime.combine(day, time(23, 59, 59), LOCAL_ZONE)


LEVELS = ImportKind(
    kind="containment-levels",
    label="三级防控存量和状态",
    permission=Permission.CONTAINMENT_REPORT,
    template=TEMPLATE,
    prepare=_prepare,
    check=check,
    apply=apply,
    base_version=base_version,
)
