"""Containment on the pages of a park and of a unit, in their files, and among the reminders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.containment import queries
from hwrisk.containment.measures import cubic_metres
from hwrisk.containment.pictures import link_of, situation
from hwrisk.containment.queries import FacilityConditions
from hwrisk.containment.queries.parks import tiers_of
from hwrisk.containment.scope import whole_parks
from hwrisk.containment.settings import settings_on
from hwrisk.containment.states import TIERS, FacilityStatus
from hwrisk.notices.records import Due, ReminderSource
from hwrisk.parks.models import Park
from hwrisk.reporting import Column
from hwrisk.reporting.dossier import Alert, Chapter, DossierTable, Fact, FileChapter
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.web.records import Panel

READ = Permission.CONTAINMENT_READ
SHOWN = 40
MANY = 5


def load_park(session: Session, park_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    """Return what the page of a park shows of its three tiers."""
    park = _whole_park(session, park_id, user)
    if park is None:
        return None
    found = queries.statuses(session, user=user, as_of=as_of, asked=FacilityConditions(park_id=park_id))
    return "containment/_park_panel.html", {
        "tiers": tiers_of(found),
        "progress": queries.park_progress(session, park, as_of=as_of),
        "url": url_for("containment.park", public_id=park.public_id),
    }


def load_unit(session: Session, unit_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    """Return what the page of a unit shows of its facilities, or None where it has none."""
    found = queries.statuses(session, user=user, as_of=as_of, asked=FacilityConditions(unit_id=unit_id))
    return ("containment/_unit_panel.html", {"facilities": found}) if found else None


def unit_chapter(session: Session, unit_id: int, as_of: date, user: Viewer) -> Chapter | None:
    """Return the chapter of an enterprise's file, or None where it has no facility."""
    found = queries.statuses(session, user=user, as_of=as_of, asked=FacilityConditions(unit_id=unit_id))
    if not found:
        return None
    return Chapter(alerts=_alerts(found), facts=_facts(found), tables=(_table(found),), notes=_notes(found))


def park_chapter(session: Session, park_id: int, as_of: date, user: Viewer) -> Chapter | None:
    """Return the chapter of a park's file: tiers, facilities, ways, checks and check list."""
    park = _whole_park(session, park_id, user)
    if park is None:
        return None
    found = queries.statuses(session, user=user, as_of=as_of, asked=FacilityConditions(park_id=park_id))
    args = {"public_id": str(park.public_id)}
    progress = queries.park_progress(session, park, as_of=as_of)
    links = queries.connection_page_rows(queries.links_of(session, park_id, as_of=as_of), found)
    checks = [r for r in queries.volume_checks(session, user=user, park_id=park_id).rows if r.check.as_of <= as_of]
    facts = (
        *(
            Fact(
                label=tier.label,
                value=(
                    f"{tier.facilities} 处设施，有效容积 {cubic_metres(tier.effective)} m³，"
                    f"可用 {cubic_metres(tier.room)} m³"
                ),
                note=tier.sign.word,
            )
            for tier in tiers_of(found)
        ),
        Fact(
            label="建设清单",
            value=f"{progress.done} / {len(progress.items)} 项完成",
            note="规划所列重点园区" if progress.key else "不在规划所列重点园区内",
            unverified=True,
        ),
    )
    tables = (
        _table(found, endpoint="containment.park", args=args),
        DossierTable(title="设施连接", columns=LINK_COLUMNS, rows=links, endpoint="containment.connections", args=args),
        DossierTable(title="容积校核", columns=CHECK_COLUMNS, rows=checks, endpoint="containment.checks", args=args),
        DossierTable(
            title="三级防控建设清单", columns=ITEM_COLUMNS, rows=progress.items, endpoint="containment.checklist",
            args=args,
        ),
    )  # fmt: skip
    return Chapter(alerts=_alerts(found), facts=facts, tables=tables, notes=_notes(found))


def _whole_park(session: Session, park_id: int, user: Viewer) -> Park | None:
    return session.scalars(select(Park).where(Park.id == park_id, whole_parks(user))).one_or_none()


def _alerts(found: list[FacilityStatus]) -> tuple[Alert, ...]:
    bad = [status for status in found if status.in_use and status.sign.kind == "bad"]
    alerts = [
        Alert(text=f"{s.name}：{s.sign.word}", endpoint="containment.facility", args={"public_id": str(s.public_id)})
        for s in bad[:MANY]
    ]
    if len(bad) > MANY:
        alerts.append(Alert(text=f"另有 {len(bad) - MANY} 处防控设施报警或故障"))
    if stale := sum(1 for status in found if status.is_unconfirmed):
        alerts.append(Alert(text=f"{stale} 处防控设施的存量或状态不明、过期，按较差的一种计", state="warn"))
    return tuple(alerts)


def _facts(found: list[FacilityStatus]) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            label=tier.label, value=f"{tier.facilities} 处，可用容积 {cubic_metres(tier.room)} m³", note=tier.sign.word
        )
        for tier in tiers_of(found)
        if tier.facilities
    )


def _notes(found: list[FacilityStatus]) -> tuple[str, ...]:
    unknown = [s.name for s in found if s.is_volume and s.version.effective_volume is None]
    return (f"有效容积不明、按没有容积计：{'、'.join(unknown)}",) if unknown else ()


def _table(found: list[FacilityStatus], *, endpoint: str = "", args: Any = None) -> DossierTable:
    note = f"只列前 {SHOWN} 处，共 {len(found)} 处" if len(found) > SHOWN else ""
    return DossierTable(
        title="防控设施", columns=FACILITY_COLUMNS, rows=found[:SHOWN], note=note, endpoint=endpoint, args=args or {}
    )


FACILITY_COLUMNS = (
    Column("no", "编号", "facility.facility_no", kind="code", width=12),
    Column("name", "设施", "version.name", width=20),
    Column("tier", "层级", lambda s: TIERS[s.kind.tier], width=12),
    Column("kind", "类型", "kind.label", width=14),
    Column("owner", "权属", "owner_label", width=18),
    Column("about", "情况", situation, width=26),
    Column("sign", "状态", lambda s: s.sign.word, width=11),
    Column("source", "来源", lambda s: s.version.source + Trust(s.version.trust).suffix, width=20),
)
LINK_COLUMNS = (
    Column("no", "编号", "link.connection.connection_no", kind="code", width=12),
    Column("from", "从", lambda r: r.start.name if r.start else "—", width=20),
    Column("to", "到", lambda r: r.end.name if r.end else "—", width=20),
    Column("flow", "流量（m³/h）", "link.version.flow", kind="number", width=12),
    Column("usable", "怎样计", lambda r: "可用" if r.is_usable else "按不能用计", width=10),
    Column("why", "依据", "why", width=30),
)
CHECK_COLUMNS = (
    Column("day", "日期", "check.as_of", kind="day", width=11),
    Column("name", "情景", "check.name", width=22),
    Column("unit", "事故企业", "unit_name", width=22),
    Column("required", "需要（m³）", "check.required", kind="number", width=12),
    Column("gap", "缺口（m³）", "check.gap", kind="number", width=12),
)
ITEM_COLUMNS = (
    Column("tier", "层级", lambda r: TIERS.get(r.item.tier, "整体"), width=12),
    Column("item", "事项", "item.title", width=34),
    Column("state", "建设情况", "state.label", kind="code", width=10),
    Column("document", "证明文件", lambda r: r.mark.document if r.mark else "", width=24),
)
PANELS = (
    Panel(owner="park", key="containment", label="三级防控", order=30, permission=READ, load=load_park),
    Panel(owner="unit", key="containment", label="三级防控设施", order=70, permission=READ, load=load_unit),
)
CHAPTERS = (
    FileChapter(owner="park", key="containment", label="三级防控", order=30, permission=READ, load=park_chapter),
    FileChapter(owner="unit", key="containment", label="三级防控设施", order=70, permission=READ, load=unit_chapter),
)


def _leads(session: Session, on: date) -> tuple[int, ...]:
    return (settings_on(session, on).lead_days,)


def due(session: Session, *, as_of: date) -> Iterator[Due]:
    """Yield every confirmation and test of the city that is overdue or due within the lead, once per thing and day."""
    settings = settings_on(session, as_of)
    soon = as_of + timedelta(days=settings.lead_days)
    for status in queries.statuses(session, user=Viewer.system(), as_of=as_of):
        first = status.version.valid_from
        if status.asks_confirmation:
            days = settings.level_days if status.is_volume else settings.state_days
            what = "现存量" if status.is_volume else "状态"
            yield from _one(
                status, "confirm", status.confirm_due_on or first + timedelta(days=days), f"确认{what}", soon
            )
        if not status.is_volume and status.in_use:
            never = first + timedelta(days=settings.valve_test_days)
            on = (status.test_due_on if status.valve_test else None) or never
            yield from _one(status, "test", on, "启闭试验", soon)


def _one(status: FacilityStatus, kind: str, on: date, what: str, soon: date) -> Iterator[Due]:
    if on > soon:
        return
    own = status.facility.unit_id is not None
    yield Due(
        key=f"{status.public_id}:{kind}:{on}",
        on=on,
        title=f"{status.name}应于 {on} 前{what}",
        body=f"{status.park_name}，{status.kind.label}，运维单位：{status.version.operator_name or '未登记'}",
        link=link_of(status),
        to_role=None if own else Role.OPERATOR,
        to_park=None if own else status.facility.park_id,
        to_unit=status.facility.unit_id,
    )


REMINDERS = (ReminderSource(kind="containment", label="防控设施确认和试验", leads=_leads, due=due, has_own_todos=True),)
