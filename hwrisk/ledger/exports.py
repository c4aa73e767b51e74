"""Excel and PDF of the management ledger (危险废物管理台账): the very rows of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.imports.cells import format_tonnes
from hwrisk.ledger import queries
from hwrisk.ledger.queries import EntryRow, conditions_from
from hwrisk.regions.queries import region_names
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.security.permissions import Permission

COLUMNS = (
    Column("day", "日期", "occurred_on", kind="day", width=11),
    Column("no", "记录编号", "entry_no", kind="code", width=20),
    Column("kind", "环节", "kind.label", kind="code", width=12),
    Column("unit_no", "单位编号", "unit_no", kind="code", width=16),
    Column("unit", "单位名称", "unit_name", width=24),
    Column("office", "管辖单位", "office_name", width=12),
    Column("waste", "废物名称", "waste_name", width=14),
    Column("code", "废物代码", "waste_code", kind="code", width=12),
    Column("tonnes", "数量（吨）", "quantity", kind="tonnes", width=13),
    Column("delta", "库存增减（吨）", lambda row: row.stock_delta or None, kind="tonnes", width=13),
    Column("facility", "贮存设施", "facility", kind="code", width=10),
    Column("batch", "入库批次", "batch_no", kind="code", width=20),
    Column("before", "上一环节", lambda row: row.predecessor_no or row.corrects_no, kind="code", width=20),
    Column("method", "方式", "method_code", kind="code", width=6),
    Column("done", "完成日期", "completed_on", kind="day", width=11),
    Column("receiver", "接收单位", "receiver_label", width=20),
    Column("manifest", "国家联单编号", "national_no", kind="code", width=16),
    Column("state", "状态", "state_label", kind="code", width=8),
    Column("remark", "备注", "remark", width=16),
)


def _asked(request: ReportRequest) -> dict[str, Any]:
    return {"user": request.user, "as_of": request.as_of, "asked": conditions_from(request.filters)}


def _rows(session: Session, request: ReportRequest) -> Iterable[EntryRow]:
    return queries.stream_entries(session, **_asked(request))


def _count(session: Session, request: ReportRequest) -> int:
    return queries.count_entries(session, **_asked(request))


def _words(session: Session, request: ReportRequest) -> str:
    asked = conditions_from(request.filters)
    names = region_names(session, as_of=request.as_of) if asked.office or asked.admin else {}
    said: Mapping[str, str | None] = {
        "管辖单位": names.get(asked.office, "待定") if asked.office else None,
        "行政区划": names.get(asked.admin, "待定") if asked.admin else None,
        "环节": asked.kind.label if asked.kind else None,
        "废物": asked.waste,
        "自": asked.since.isoformat() if asked.since else None,
        "至": asked.until.isoformat() if asked.until else None,
        "查找": asked.text,
        "记录编号": f"粘贴的 {len(asked.pasted)} 项" if asked.pasted else None,
    }
    return "；".join(f"{label}：{value}" for label, value in said.items() if value)


def _summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    sums = queries.ledger_totals(session, **_asked(request))
    parts = (
        ("产生", sums.generated), ("入库（含结转、退回、盘盈）", sums.entered), ("出库（含盘亏）", sums.left),
        ("自行利用处置", sums.treated), ("委外", sums.entrusted), ("已接收", sums.received),
    )  # fmt: skip
    return ("合计（吨，更正已计入）：" + "　".join(f"{label} {format_tonnes(tonnes)}" for label, tonnes in parts),)


LEDGER = Report(
    id="storage-ledger",
    title="危险废物管理台账",
    permission=Permission.LEDGER_READ,
    columns=COLUMNS,
    rows=_rows,
    count=_count,
    filter_text=_words,
    summary=_summary,
    paper="A3",
)
REPORTS = (LEDGER,)
