"""Excel and PDF of the balance and of where the waste goes: the very rows of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.capacity import showing
from hwrisk.capacity.asked import Marks, stored_run, view_of, year_of
from hwrisk.capacity.models import CapacityRun
from hwrisk.capacity.operations import draw
from hwrisk.capacity.showing import BalanceRow, FlowRow
from hwrisk.db.types import ZERO
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.reporting.report import Parameter
from hwrisk.security.permissions import Permission
from hwrisk.web.formats import rate, tonnes

NOTES = (
    "非官方口径（待核）：国家没有公布统一的计算公式；能力按每月15日有效的许可证折算，共用生产线按运输问题分配，不重复计算",
    "“可用能力”是可接收该类别的生产线能力之和，各类别之间共用，不能相加；缺口和余量给出下限和上限",
)
PARAMETERS = (
    Parameter("year", "年度", is_required=False),
    Parameter("run", "测算编号", is_required=False),
)


def _name(row: BalanceRow) -> str:
    return row.code or row.category or row.office_name


BALANCE_COLUMNS = (
    Column("name", "类别（代码、管辖单位）", _name, kind="code", width=14),
    Column("method", "方式", "method", kind="code", width=7),
    Column("office", "管辖单位", "office_name", width=12),
    Column("generated", "产生（吨）", "generated", kind="tonnes", width=13),
    Column("own", "自行利用处置（吨）", "own", kind="tonnes", width=13),
    Column("demand", "委外需求（吨）", "demand", kind="tonnes", width=13),
    Column("city", "委外：市内（吨）", "city", kind="tonnes", width=13),
    Column("province", "委外：省内市外（吨）", "province", kind="tonnes", width=13),
    Column("outside", "委外：省外境外（吨）", lambda row: row.outside + row.abroad, kind="tonnes", width=13),
    Column("collected", "交收集单位（吨）", "collected", kind="tonnes", width=13),
    Column("unknown", "去向不明（吨）", "unknown", kind="tonnes", width=12),
    Column("licensed", "可用能力（吨）", "licensed", kind="tonnes", width=13),
    Column("load", "市内接收占能力", "load", kind="percent", width=10),
    Column("gap", "缺口（吨）", "gap", width=18),
    Column("spare", "余量（吨）", "spare", width=18),
)
FLOW_COLUMNS = (
    Column("code", "废物代码", "code", kind="code", width=14),
    Column("category", "类别", "category", kind="code", width=8),
    Column("office", "产生地管辖单位", "office_name", width=18),
    Column("plant", "接收单位", "plant", width=30),
    Column("line", "许可证/生产线", "line", kind="code", width=24),
    Column("tonnes", "测算去量（吨）", "tonnes", kind="tonnes", width=16),
    Column("km", "直线距离（千米，估算）", "km", kind="number", width=14),
)


def run_of(session: Session, request: ReportRequest) -> CapacityRun:
    """Return the run a request is about: the one named, the latest kept of the year, else one drawn for the export."""
    told = {**request.filters, **{name: str(value) for name, value in request.params.items() if value}}
    found = stored_run(session, told, as_of=request.as_of)
    if found is not None:
        return found
    return draw(session, year=year_of(told) or request.as_of.year, as_of=request.as_of)


def _balance(session: Session, request: ReportRequest) -> list[BalanceRow]:
    return showing.balance_rows(run_of(session, request), view_of(request.filters, request.user))


def _balance_count(session: Session, request: ReportRequest) -> int:
    return len(_balance(session, request))


def _balance_sums(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    sums = showing.balance_totals(_balance(session, request))
    sums["outside"] = (sums["outside"] or ZERO) + (sums["abroad"] or ZERO)
    known = {column.key for column in BALANCE_COLUMNS}
    return {name: value for name, value in sums.items() if name in known and value is not None}


def _flows(session: Session, request: ReportRequest) -> list[FlowRow]:
    return showing.flow_rows(run_of(session, request), view_of(request.filters, request.user))


def _flow_count(session: Session, request: ReportRequest) -> int:
    return len(_flows(session, request))


def _flow_sums(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    return {"tonnes": sum((row.tonnes for row in _flows(session, request)), ZERO)}


def _summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    run = run_of(session, request)
    marks = Marks(session, as_of=run.as_of)
    sums = showing.sums_of(run, landfill_methods=marks.landfill_methods)
    lines = [
        f"测算：{run.year} 年 {run.name}，台账和许可证截至 {run.as_of:%Y-%m-%d}；口径版本 {run.pack_version}（待核）",
        f"全市委外需求 {tonnes(sums.demand)} 吨，市内能力 {tonnes(sums.capacity)} 吨，"
        f"可安排 {tonnes(sums.treated)} 吨，缺口 {tonnes(sums.gap)} 吨，测算负荷 {rate(sums.load)}",
        f"本地利用处置率 {rate(sums.local_rate)}；填埋占比 {rate(sums.landfill)}"
        f"（参照 {marks.landfill_year} 年 {marks.landfill_percent} %，分母口径待核）；"
        f"去向不明 {tonnes(sums.unknown)} 吨",
    ]
    words = showing.scenario_words(showing.scenario_of(run))
    return (*lines, f"情景：{'；'.join(words)}") if words else tuple(lines)


def _title(name: str) -> Any:
    def title_of(session: Session, request: ReportRequest) -> str:
        run = run_of(session, request)
        what = "" if run.base_id is None else f"（情景：{run.name}）"
        return f"{run.year}年{name}{what}"

    return title_of


def _words(_session: Session, request: ReportRequest) -> str:
    asked = view_of(request.filters, request.user)
    parts = (
        ("汇总", asked.level.label), ("类别", asked.category), ("方式", asked.method), ("管辖单位", asked.office),
    )  # fmt: skip
    return "；".join(f"{label}：{words}" for label, words in parts if words)


REPORTS = (
    Report(
        id="capacity-balance",
        title="危险废物利用处置能力平衡表",
        permission=Permission.CAPACITY_READ,
        columns=BALANCE_COLUMNS,
        rows=_balance,
        count=_balance_count,
        totals=_balance_sums,
        summary=_summary,
        filter_text=_words,
        title_of=_title("危险废物利用处置能力平衡表"),
        parameters=PARAMETERS,
        notes=NOTES,
        paper="A3",
    ),
    Report(
        id="capacity-flows",
        title="危险废物测算流向表",
        permission=Permission.CAPACITY_READ,
        columns=FLOW_COLUMNS,
        rows=_flows,
        count=_flow_count,
        totals=_flow_sums,
        summary=_summary,
        filter_text=_words,
        title_of=_title("危险废物测算流向表"),
        parameters=PARAMETERS,
        notes=(*NOTES[:1], "流向为测算结果，不是实际转移；距离为管辖单位外廓形心至设施的直线距离（估算）"),
    ),
)
