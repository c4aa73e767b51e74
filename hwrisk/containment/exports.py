"""Reports of containment: facilities, one check, the check list, the card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.containment import queries
from hwrisk.containment.cards import card_of, write_card
from hwrisk.containment.models import MarkState
from hwrisk.containment.queries import conditions_from
from hwrisk.containment.queries.checklists import ItemProgress, ParkProgress
from hwrisk.containment.scope import whole_parks
from hwrisk.containment.showing import show_check
from hwrisk.containment.states import TIERS, FacilityStatus
from hwrisk.errors import RuleViolation
from hwrisk.parks.models import Park
from hwrisk.reporting import Column, Parameter, Report, ReportRequest
from hwrisk.reporting.values import rounded_ratio
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer

NOTE = "按现在掌握的资料；不明或过期未确认的按较差的一种计，见“怎样计”一栏"


def _last(status: FacilityStatus) -> Any:
    reading = status.level or status.state
    return reading.confirmed_at if reading else None


def _by(status: FacilityStatus) -> str:
    reading = status.level or status.state
    return reading.confirmed_by if reading else ""


def _state(status: FacilityStatus) -> str:
    return status.state.state.label if status.state and status.state.state else ""


def _how(status: FacilityStatus) -> str:
    if status.is_volume:
        return status.room().why
    return (status.outlet() if status.kind.is_outward else status.passage()).why


FACILITY_COLUMNS = (
    Column("no", "设施编号", "facility.facility_no", kind="code", width=13),
    Column("name", "设施名称", "version.name", width=20),
    Column("park", "园区", "park_name", width=18),
    Column("tier", "层级", "tier_label", width=12),
    Column("kind", "设施类型", "kind.label", width=14),
    Column("owner", "权属", "owner_label", width=20),
    Column("operator", "运维单位", "version.operator_name", width=16),
    Column("order", "下令岗位", "version.ordering_post", width=14),
    Column("service", "投用情况", "version.service.label", kind="code", width=10),
    Column("volume", "有效容积（m³）", "version.effective_volume", kind="number", width=13),
    Column("occupied", "现存量（m³）", "occupied", kind="number", width=12),
    Column("room", "可用（m³）", lambda s: s.room().room if s.is_volume else None, kind="number", width=12),
    Column("state", "状态", _state, kind="code", width=9),
    Column("confirmed", "确认时间", _last, kind="instant", width=16),
    Column("by", "确认人", _by, width=16),
    Column("test", "试验到期", lambda s: s.test_due_on if s.valve_test else None, kind="day", width=11),
    Column("sign", "情况", lambda s: s.sign.word, width=11),
    Column("how", "怎样计", _how, width=26),
    Column("source", "数据来源", lambda s: s.version.source + Trust(s.version.trust).suffix, width=20),
)


def _facility_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    asked = conditions_from(request.filters)
    return queries.statuses(session, user=request.user, as_of=request.as_of, asked=asked)


def _facility_count(session: Session, request: ReportRequest) -> int:
    asked = conditions_from(request.filters)
    return queries.count_facilities(session, user=request.user, as_of=request.as_of, asked=asked)


def _facility_words(session: Session, request: ReportRequest) -> str:
    asked = conditions_from(request.filters)
    kinds = {kind.code: kind.label for kind in queries.kinds(session)} if asked.kind else {}
    said = (
        ("园区", asked.park),
        ("层级", TIERS.get(asked.tier) if asked.tier else None),
        ("设施类型", kinds.get(asked.kind, asked.kind) if asked.kind else None),
        ("投用情况", asked.service.label if asked.service else None),
        ("需要处理", asked.attention.label if asked.attention else None),
        ("查找", asked.text),
    )
    return "；".join(f"{label}：{value}" for label, value in said if value)


class SheetRow(NamedTuple):
    """One line of the sheet of a check."""

    part: str
    item: str
    value: str
    unit: str
    note: str


def check_sheet(session: Session, request: ReportRequest) -> list[SheetRow]:
    """Return the sheet of one check: terms, tiers, basins, ways, outlets and assumptions."""
    shown = show_check(session, _check(session, request))
    rows = [SheetRow("计算口径", shown.method, shown.formula, "", shown.method_source + shown.method_trust.suffix)]
    rows += [SheetRow("各项", f"{t.symbol} {t.title}", t.value, t.unit, t.how + t.trust.suffix) for t in shown.terms]
    rows.append(SheetRow("结果", "需要容积 V总", shown.required, "m³", f"消防历时 {shown.hours} h"))
    for tier in shown.tiers:
        rows += [
            SheetRow(
                tier.label, "至本级可用容积（不计时间）", tier.reachable, "m³", f"本级现有可用 {tier.standing} m³"
            ),
            SheetRow(tier.label, "消防历时内来得及进入", tier.in_time, "m³", f"转输 {tier.fill}"),
            SheetRow(tier.label, "至本级的缺口", tier.gap, "m³", f"{tier.verdict}；缺口出现：{tier.opens}"),
        ]
        rows += [SheetRow(tier.label, "外排口", name, "", "按开启计") for name in tier.open_outlets]
    rows += [SheetRow("去向", f"{p.no} {p.name}", p.stored, "m³", f"可用 {p.room} m³；{p.why}") for p in shown.places]
    rows += [
        SheetRow("连接", way["name"], way["carried"], "m³", f"{way['flow']} m³/h，{way['means']}；{way['why']}")
        for way in shown.ways
    ]
    rows += [SheetRow("外排口", row["name"], "开" if row["is_open"] else "关", "", row["why"]) for row in shown.outlets]
    rows += [SheetRow("假定", text, "", "", "") for text in shown.assumptions]
    if shown.rain_source:
        rows.append(SheetRow("来源", "降雨数据", shown.rain_source, "", ""))
    return rows


def _check(session: Session, request: ReportRequest) -> Any:
    return queries.get_check(session, _uuid(request, "check", "校核编号"), user=request.user)


def _check_title(session: Session, request: ReportRequest) -> str:
    row = _check(session, request)
    return f"事故水容积校核表（{row.check.name}，{row.check.as_of:%Y-%m-%d}）"


def _check_lines(session: Session, request: ReportRequest) -> tuple[str, ...]:
    row = _check(session, request)
    park = session.get_one(Park, row.check.park_id)
    shown = show_check(session, row)
    return (
        f"园区：{park.name}　　事故企业：{row.unit_name or '—'}　　设施情况截至：{row.check.as_of:%Y-%m-%d}",
        f"需要 {shown.required} m³，缺口 {shown.gap} m³，结论：{shown.verdict}　　校核人：{row.check.recorded_by}",
    )


class ChecklistRow(NamedTuple):
    """One item of one park."""

    park: ParkProgress
    row: ItemProgress


def _checklist_rows(session: Session, request: ReportRequest) -> Sequence[ChecklistRow]:
    from_park = request.filters.get("park")
    parks = _progress(session, request)
    return [ChecklistRow(p, row) for p in parks if not from_park or p.park.code == from_park for row in p.items]


def _checklist_words(session: Session, request: ReportRequest) -> str:
    from_park = request.filters.get("park")
    if not from_park:
        return ""
    name = session.scalar(select(Park.name).where(Park.code == from_park, whole_parks(request.user)))
    return f"园区：{name or '不在管辖范围内'}"


def _progress(session: Session, request: ReportRequest) -> list[ParkProgress]:
    parks = session.scalars(select(Park).where(whole_parks(request.user)).order_by(Park.code)).all()
    return [queries.park_progress(session, park, as_of=request.as_of) for park in parks]


def _checklist_summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    found = queries.coverage(session, user=request.user, as_of=request.as_of)
    if found.share is None:
        return ("查看范围内没有规划所列重点园区",)
    target = found.checklist.target
    percent = rounded_ratio(Fraction(found.share), target) * 100
    return (
        f"重点园区三级防控覆盖率：{found.done} ÷ {len(found.parks)} = {percent:.2f} %，"
        f"规划目标 {found.checklist.target_until:%Y-%m-%d} 前 {target * 100} %",
    )


CHECKLIST_COLUMNS = (
    Column("park", "园区", "park.park.name", width=22),
    Column("key", "重点园区", lambda r: "是" if r.park.key else "", kind="code", width=9),
    Column("tier", "层级", lambda r: TIERS.get(r.row.item.tier, "整体"), width=12),
    Column("item", "事项", "row.item.title", width=34),
    Column("state", "建设情况", "row.state.label", kind="code", width=10),
    Column("document", "证明文件", lambda r: r.row.mark.document if r.row.mark else "", width=24),
    Column("since", "自何日起", lambda r: r.row.mark.valid_from if r.row.mark else None, kind="day", width=11),
    Column("remark", "说明", lambda r: r.row.mark.remark if r.row.mark else "", width=20),
    Column("source", "事项来源", lambda r: r.row.item.source + r.row.item.trust.suffix, width=24),
    Column("done", "已完成", lambda r: int(r.row.state is MarkState.DONE), kind="int", width=8),
)


def _uuid(request: ReportRequest, name: str, label: str) -> UUID:
    try:
        return UUID(str(request.params.get(name, "")).strip())
    except ValueError as error:
        raise RuleViolation(f"{label}不对，请在报表导出页选择，或在它自己的页面上导出", field=name) from error


def _facility_options(session: Session, user: Viewer, as_of: date) -> Iterable[tuple[str, str]]:
    for status in queries.statuses(session, user=user, as_of=as_of):
        yield str(status.facility.public_id), f"{status.park_name} {status.facility.facility_no} {status.version.name}"


def _check_options(session: Session, user: Viewer, _as_of: date) -> Iterable[tuple[str, str]]:
    for row in queries.volume_checks(session, user=user).rows:
        yield str(row.check.public_id), f"{row.check.name}（{row.check.as_of:%Y-%m-%d}，{row.unit_name or '园区'}）"


def _card_count(session: Session, request: ReportRequest) -> int:
    card_of(session, _uuid(request, "facility", "设施编号"), user=request.user, as_of=request.as_of)
    return 1


def _card_title(session: Session, request: ReportRequest) -> str:
    facility = _uuid(request, "facility", "设施编号")
    card = card_of(session, facility, user=request.user, as_of=request.as_of, is_printed=True)
    return f"岗位应急处置卡（{card.name}{'，含完整值班电话' if card.has_whole_phone else ''}）"


FACILITIES = Report(
    id="containment-facilities",
    title="三级防控设施表",
    permission=Permission.CONTAINMENT_READ,
    columns=FACILITY_COLUMNS,
    rows=_facility_rows,
    count=_facility_count,
    filter_text=_facility_words,
    notes=(NOTE,),
    paper="A3",
)
CHECK = Report(
    id="containment-check",
    title="事故水容积校核表",
    permission=Permission.CONTAINMENT_READ,
    columns=(
        Column("part", "部分", "part", width=13),
        Column("item", "项目", "item", width=34),
        Column("value", "数值", "value", width=20),
        Column("unit", "单位", "unit", kind="code", width=7),
        Column("note", "依据和说明", "note", width=44),
    ),
    rows=check_sheet,
    count=lambda session, request: len(check_sheet(session, request)),
    parameters=(Parameter("check", "校核", options=_check_options),),
    title_of=_check_title,
    summary=_check_lines,
    notes=("按所存的情景、口径和设施情况；不明的按较差的一种计，逐项列在“假定”中",),
)
CHECKLIST = Report(
    id="containment-checklist",
    title="园区三级防控建设清单",
    permission=Permission.CONTAINMENT_READ,
    columns=CHECKLIST_COLUMNS,
    rows=_checklist_rows,
    count=lambda session, request: len(_checklist_rows(session, request)),
    filter_text=_checklist_words,
    summary=_checklist_summary,
    notes=("清单事项由规划文字和二手验收资料归并，待核",),
)
CARD = Report(
    id="containment-card",
    title="岗位应急处置卡",
    permission=Permission.CONTAINMENT_READ,
    columns=(),
    rows=lambda _session, _request: (),
    count=_card_count,
    parameters=(Parameter("facility", "设施", options=_facility_options),),
    title_of=_card_title,
    writers={"pdf": write_card},
    formats=("pdf",),
    notes=(),
)
REPORTS = (FACILITIES, CHECK, CHECKLIST, CARD)
