"""Excel and PDF of stored waste: the very rows of the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.catalogue.queries import stream_tags
from hwrisk.ledger.storage import queries
from hwrisk.ledger.storage.models import BatchTag
from hwrisk.ledger.storage.queries import StorageState, conditions_from
from hwrisk.regions.queries import region_names
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.security.permissions import Permission


def _state(row: queries.BatchRow) -> str:
    is_pending = row.state is StorageState.PENDING
    return f"{row.state_label}，{row.overdue_label}" if is_pending else row.state_label


OVERDUE_COLUMNS = (
    Column("batch", "批次号", "batch_no", kind="code", width=18),
    Column("unit_no", "单位编号", "unit_no", kind="code", width=16),
    Column("unit", "单位名称", "unit_name", width=24),
    Column("office", "管辖单位", "office_name", width=12),
    Column("unit_note", "单位情况", "unit_situation", width=16),
    Column("waste", "废物名称", "waste_name", width=14),
    Column("code", "废物代码", "waste_code", kind="code", width=12),
    Column("stream", "废物流", "stream_label", width=10),
    Column("tag", "特殊情形", "tag_label", width=10),
    Column("facility", "贮存设施", "facility", width=14),
    Column("tonnes", "在库（吨）", "in_store", kind="tonnes", width=13),
    Column("left", "当日出库（吨）", "left", kind="tonnes", width=13),
    Column("first", "首次入库", "first_shown", kind="day", width=12),
    Column("last", "最后期限", "last_on", kind="day", width=12),
    Column("extended", "延期", lambda row: "已延期" if row.is_extended else "", kind="code", width=8),
    Column("state", "状态", _state, width=18),
    Column("reason", "原因", "reason", width=14),
    Column("plan", "处置计划", "plan_label", width=18),
    Column("basis", "期限依据", "basis_shown", width=30),
)
STOCK_COLUMNS = (
    Column("unit_no", "单位编号", "unit_no", kind="code", width=16),
    Column("unit", "单位名称", "unit_name", width=26),
    Column("office", "管辖单位", "office_name", width=12),
    Column("facility", "贮存设施", "facility", width=16),
    Column("waste", "废物名称", "waste_name", width=16),
    Column("code", "废物代码", "waste_code", kind="code", width=12),
    Column("stream", "废物流", "stream_label", width=10),
    Column("tonnes", "在库（吨）", "tonnes", kind="tonnes", width=14),
    Column("overdue", "其中超期（吨）", "overdue", kind="tonnes", width=14),
    Column("batches", "批次数", "batches", kind="int", width=8),
    Column("oldest", "最早入库", "oldest_label", width=14),
    Column("capacity", "设施能力（吨）", "capacity", kind="tonnes", width=14),
    Column("note", "提示", "capacity_note", width=24),
)


def _asked(request: ReportRequest) -> dict[str, Any]:
    return {"user": request.user, "as_of": request.as_of, "asked": conditions_from(request.filters)}


def _overdue_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    return queries.stream_overdue(session, **_asked(request))


def _overdue_count(session: Session, request: ReportRequest) -> int:
    return queries.overdue_totals(session, **_asked(request)).batches


def _overdue_sums(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    sums = queries.overdue_totals(session, **_asked(request))
    return {"tonnes": sums.tonnes, "left": sums.left}


def _stock_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    return queries.stream_stock(session, **_asked(request))


def _stock_count(session: Session, request: ReportRequest) -> int:
    return queries.stock_totals(session, **_asked(request)).rows


def _stock_sums(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    sums = queries.stock_totals(session, **_asked(request))
    return {"tonnes": sums.tonnes, "overdue": sums.overdue}


def _overdue_words(session: Session, request: ReportRequest) -> str:
    state = conditions_from(request.filters).state
    label = "已超期（含到期待批）" if state is StorageState.OVERDUE else state.label
    return "；".join([f"状态：{label}", *_words(session, request)])


def _stock_words(session: Session, request: ReportRequest) -> str:
    return "；".join(_words(session, request))


def _words(session: Session, request: ReportRequest) -> list[str]:
    """Return the conditions of a request in the words of the page."""
    asked = conditions_from(request.filters)
    names = region_names(session, as_of=request.as_of) if asked.office or asked.admin else {}
    streams = {tag.tag: tag.label for tag in stream_tags(session)} if asked.stream else {}
    said = (
        ("管辖单位", names.get(asked.office or "", "待定") if asked.office else None),
        ("行政区划", names.get(asked.admin or "", "待定") if asked.admin else None),
        ("废物流", streams.get(asked.stream or "", asked.stream)),
        ("特殊情形", asked.tag.label if isinstance(asked.tag, BatchTag) else None),
        ("原因", asked.reason),
        ("无处置计划", "是" if asked.without_plan else None),
        ("查找", asked.text),
        ("批次号", f"粘贴的 {len(asked.pasted)} 项" if asked.pasted else None),
    )
    return [f"{label}：{value}" for label, value in said if value]


def _bases(session: Session, request: ReportRequest) -> tuple[str, ...]:
    said = [
        f"{basis.title}{f'（{basis.text}）' if basis.text else ''}{'［待核］' if basis.is_unverified else ''}"
        for basis in queries.limit_bases(session, as_of=request.as_of)
    ]
    return (f"口径：{'；'.join(said)}",)


OVERDUE = Report(
    id="overdue-storage",
    title="超期贮存清单",
    permission=Permission.STORAGE_READ,
    columns=OVERDUE_COLUMNS,
    rows=_overdue_rows,
    count=_overdue_count,
    filter_text=_overdue_words,
    summary=_bases,
    totals=_overdue_sums,
    paper="A3",
)
STOCK = Report(
    id="storage-stock",
    title="贮存库存表",
    permission=Permission.STORAGE_READ,
    columns=STOCK_COLUMNS,
    rows=_stock_rows,
    count=_stock_count,
    filter_text=_stock_words,
    totals=_stock_sums,
)
REPORTS = (OVERDUE, STOCK)
