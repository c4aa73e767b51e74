"""Yearly figures of generated waste from elsewhere than the ledger as Excel and PDF."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.key_list.queries import figures
from hwrisk.regions.queries import region_names
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.security.permissions import Permission

FIGURE_COLUMNS = (
    Column("unit", "单位编号", "unit_no", kind="code", width=18),
    Column("name", "单位名称", "unit_name", width=32),
    Column("office", "管辖单位", "office_name", width=18),
    Column("year", "年度", lambda row: str(row.year), kind="code", width=8),
    Column("tonnes", "年产生量（吨）", "tonnes", kind="tonnes", width=16),
    Column("source", "数据来源", "source", width=26),
    Column("by", "登记人", "recorded_by", width=20),
    Column("at", "登记时间", "recorded_at", kind="instant", width=18),
)


def _figures_asked(request: ReportRequest) -> dict[str, Any]:
    return {"user": request.user, "as_of": request.as_of, "asked": figures.conditions_from(request.filters)}


def _figure_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    return figures.stream_figures(session, **_figures_asked(request))


def _figure_count(session: Session, request: ReportRequest) -> int:
    return figures.count_figures(session, **_figures_asked(request))


def _figure_words(session: Session, request: ReportRequest) -> str:
    asked = figures.conditions_from(request.filters)
    names = region_names(session, as_of=request.as_of) if asked.office else {}
    said = (
        ("年度", f"{asked.year}年" if asked.year else None),
        ("管辖单位", names.get(asked.office or "", "待定") if asked.office else None),
        ("查找", asked.text),
        ("名单", f"粘贴的 {len(asked.pasted)} 项" if asked.pasted else None),
    )
    return "；".join(f"{label}：{value}" for label, value in said if value)


FIGURES = Report(
    id="annual-generation",
    title="危险废物年度产生量",
    permission=Permission.KEY_LIST_READ,
    columns=FIGURE_COLUMNS,
    rows=_figure_rows,
    count=_figure_count,
    filter_text=_figure_words,
    notes=("台账以外来源的年度产生量；台账有记录的年度以台账为准",),
)
