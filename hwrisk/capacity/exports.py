"""Excel and PDF of the balance and of where the waste goes: the very rows of the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.capacity import queries, showing
from hwrisk.capacity.asked import Marks, stored_run, view_of, year_of
from hwrisk.capacity.models import CapacityRun
from hwrisk.capacity.operations import draw
from hwrisk.capacity.queries import Destination
from hwrisk.capacity.queries.destinations import place_sums
from hwrisk.capacity.rules import last_counted_day
from hwrisk.capacity.showing import BalanceRow, FlowRow, Level
from hwrisk.db.types import ZERO
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.reporting.report import Parameter
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.formats import rate, tonnes

NOTES = (
    "非官方口径（待核）：国家没有公布统一的计算公式；能力按每月15日有效的许可证折算，共用生产线按运输问题分配，不重复计算",
    "产生 = 自行利用处置 + 委外合计 + 转入贮存（负数为动用以前的贮存）；"
    "委外合计 = 市内 + 省内市外 + 省外境外 + 交收集单位 + 去向不明",
    "委外需求按废物代码和管辖单位逐项取“产生减自行”（不足零的按零）后相加，自行处置动用以前贮存的，需求大于产生减自行之差",
    "可用能力是可接收该类别的生产线能力之和，各类别之间共用，不能相加；合计行的能力按生产线各算一次；"
    "缺口、余量共用时在下限与上限之间，合计行为全市确定值",
)


def _run_options(session: Session, _user: Viewer, _as_of: date) -> Iterable[tuple[str, str]]:
    for run in queries.recent_runs(session):
        yield str(run.public_id), f"{run.year}年 {run.name}（截至 {run.as_of:%Y-%m-%d}）"


PARAMETERS = (
    Parameter("year", "年度", is_required=False),
    Parameter("run", "测算", is_required=False, options=_run_options),
)


def _name(row: BalanceRow) -> str:
    return row.code or row.category or row.office_name


def _of(name: str) -> Callable[[BalanceRow], Any]:
    """Return the getter of a figure that categories of the whole city alone have."""

    def read(row: BalanceRow) -> Any:
        return None if row.computed is None else getattr(row.computed, name)

    return read


def _tonnes(key: str, title: str, getter: Any = None) -> Column:
    return Column(key, f"{title}（吨）", getter or key, kind="tonnes", width=12)


BALANCE_COLUMNS = (
    Column("name", "类别（代码、管辖单位）", _name, kind="code", width=13),
    Column("method", "方式", "method", kind="code", width=6),
    Column("office", "管辖单位", "office_name", width=12),
    _tonnes("generated", "产生"),
    _tonnes("own", "自行利用处置"),
    _tonnes("entrusted", "委外合计"),
    _tonnes("city", "市内"),
    _tonnes("province", "省内市外"),
    _tonnes("beyond", "省外境外"),
    _tonnes("collected", "交收集单位"),
    _tonnes("unknown", "去向不明"),
    _tonnes("stored", "转入贮存"),
    _tonnes("demand", "委外需求"),
    _tonnes("licensed", "可用能力", _of("licensed")),
    Column("load", "市内实收占可用能力", "load", kind="percent", width=10),
    _tonnes("treated", "测算可安排", _of("treated")),
    _tonnes("gap_low", "缺口下限", _of("gap_low")),
    _tonnes("gap_high", "缺口上限", _of("gap_high")),
    _tonnes("spare_low", "余量下限", _of("spare_low")),
    _tonnes("spare_high", "余量上限", _of("spare_high")),
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

DESTINATION_COLUMNS = (
    Column("name", "接收单位（照台账）", "name", width=30),
    Column("licence_no", "许可证编号（照台账）", "licence_no", kind="code", width=20),
    Column("kind", "接收单位类型", "kind_label", width=14),
    Column("place", "去向", "place.label", kind="code", width=12),
    Column("basis", "判定依据", "basis", width=28),
    Column("tonnes", "委外量（吨）", "tonnes", kind="tonnes", width=16),
    Column("returned", "另有退回（吨）", "returned", kind="tonnes", width=14),
    Column("records", "记录数", "records", kind="int", width=9),
)


def run_of(session: Session, request: ReportRequest) -> CapacityRun:
    """Return the run a request is about: the one named, the latest kept of the year, else one drawn for the export."""
    told = {**request.filters, **{name: str(value) for name, value in request.params.items() if value}}
    found = stored_run(session, told, as_of=request.as_of)
    if found is not None:
        return found
    return draw(session, year=year_of(told) or request.as_of.year, as_of=request.as_of)


_BROKEN_DOWN_BY = {
    Level.CATEGORY: ("类别", ()),
    Level.CODE: ("废物代码", ()),
    Level.METHOD: ("类别", ("method",)),
    Level.OFFICE: ("管辖单位", ()),
    Level.FULL: ("类别", ("method", "office")),
}
_OF_THE_CITY = ("licensed", "load", "treated", "gap_low", "gap_high", "spare_low", "spare_high")


def _balance_columns(_session: Session, request: ReportRequest) -> tuple[Column, ...]:
    """Return the columns that say something at the level asked for; what the whole city alone has stays with it."""
    asked = view_of(request.filters, request.user)
    title, further = _BROKEN_DOWN_BY[asked.level]
    idle = {"method", "office"} - set(further) | (set() if asked.is_whole else set(_OF_THE_CITY))
    shown = [column for column in BALANCE_COLUMNS if column.key not in idle]
    return (replace(shown[0], title=title), *shown[1:])


def _balance(session: Session, request: ReportRequest) -> list[BalanceRow]:
    return showing.balance_rows(run_of(session, request), view_of(request.filters, request.user))


def _balance_count(session: Session, request: ReportRequest) -> int:
    return len(_balance(session, request))


def _balance_sums(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    run, asked = run_of(session, request), view_of(request.filters, request.user)
    sums = showing.balance_totals(showing.balance_rows(run, asked), asked)._asdict()
    if asked.is_whole and asked.category is None:
        spare = run.capacity - run.treated
        sums |= {"licensed": run.capacity, "treated": run.treated, "gap_low": run.gap, "gap_high": run.gap}
        sums |= {"spare_low": spare, "spare_high": spare}
    return {name: value for name, value in sums.items() if value is not None}


def _flows(session: Session, request: ReportRequest) -> list[FlowRow]:
    return showing.flow_rows(run_of(session, request), view_of(request.filters, request.user))


def _flow_count(session: Session, request: ReportRequest) -> int:
    return len(_flows(session, request))


def _flow_sums(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    return {"tonnes": sum((row.tonnes for row in _flows(session, request)), ZERO)}


def _destinations(session: Session, request: ReportRequest) -> list[Destination]:
    return queries.destinations(session, user=request.user, year=_year(request), as_of=request.as_of)


def _destination_count(session: Session, request: ReportRequest) -> int:
    return len(_destinations(session, request))


def _destination_sums(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    rows = _destinations(session, request)
    return {
        "tonnes": sum((row.tonnes for row in rows), ZERO),
        "returned": sum((row.returned for row in rows), ZERO),
        "records": sum(row.records for row in rows),
    }


def _destination_summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    sums = place_sums(_destinations(session, request))
    return (
        f"统计期：{_year(request)}年1月1日至{last_counted_day(_year(request), request.as_of):%Y-%m-%d}",
        "；".join(f"{place.label} {tonnes(quantity)} 吨" for place, quantity in sums),
    )


def _year(request: ReportRequest) -> int:
    return year_of({**request.filters, **request.params}) or request.as_of.year


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
        columns_of=_balance_columns,
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
    Report(
        id="capacity-destinations",
        title="危险废物委外去向表",
        permission=Permission.CAPACITY_READ,
        columns=DESTINATION_COLUMNS,
        rows=_destinations,
        count=_destination_count,
        totals=_destination_sums,
        summary=_destination_summary,
        filter_text=lambda _session, _request: "",
        parameters=PARAMETERS[:1],
        title_of=lambda _session, request: f"{_year(request)}年危险废物委外去向表",
        notes=("去向按许可证编号，再按单位名称与登记的许可证、单位名录核对；对不上的列为去向不明，不作推测",),
    ),
)
