"""Reports of the disposal rate: the sheet by office and district, and the batches behind one value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.db.types import ZERO
from hwrisk.errors import NotFound
from hwrisk.indicators.models import PeriodKind, ScopeKind
from hwrisk.indicators.overdue.computing import APART, TITLE
from hwrisk.indicators.overdue.explanation import FIGURES, RowDetail, RowFigures, stream_details
from hwrisk.indicators.overdue.reading import TAGS, OverdueReading
from hwrisk.indicators.overdue.record import OVERDUE_RATE
from hwrisk.indicators.queries import headline, readings_on
from hwrisk.indicators.showing import value_and_rows
from hwrisk.ledger.storage.models import BatchTag
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.reporting.report import CHECKING_NOTE
from hwrisk.security.permissions import Permission

WHOLE = Fraction(1)
DEFINITION = (
    "口径：分母为批次在期内首个超期日的在库量，加超期后出库尚未完成处置的量；分子为其中期内已完成利用处置的量"
    "（自行利用处置以完毕时间为准，委外以接收日期为准）。在途、盘亏、退回单列，不计已处置；"
    "交收集、贮存单位是否计入按规则包设置（默认单列不计，待核）。"
)
DEFINITION_LIMIT = (
    "经营单位贮存期限一年，2026-08-15 前依固体废物污染环境防治法第八十一条第三款，"
    "其后依生态环境法典第五百三十五条第三款；"
    "产废单位 365 天为本局管理规则（待核），不称违法。"
)
LABELS = {
    "due": "应处置量（吨）",
    "completed": "已处置量（吨）",
    "in_transit": "在途（吨）",
    "to_collector": "交收集贮存单位（吨）",
    "lost": "盘亏（吨）",
    "returned": "退回（吨）",
    "in_store": "仍在库（吨）",
}
"""Headings of the tonnes of a value, the same on page and paper."""


def sheet_rows(session: Session, request: ReportRequest) -> list[OverdueReading]:
    """Return the values of the period asked for, of all scopes in sight: city, offices, districts."""
    kind = _kind(request.filters)
    return [
        r for r in readings_on(session, OVERDUE_RATE, user=request.user, as_of=request.as_of) if r.period.kind is kind
    ]


def detail_rows(session: Session, request: ReportRequest) -> Iterable[RowDetail]:
    """Return the batches behind the value asked for, by first overdue day."""
    return stream_details(session, _value(session, request)[1])


def _kind(filters: Mapping[str, str]) -> PeriodKind:
    try:
        return PeriodKind(filters.get("period") or PeriodKind.YEAR_TO_DATE)
    except ValueError as failure:
        raise NotFound(f"没有“{filters.get('period')}”这种统计期") from failure


def _value(session: Session, request: ReportRequest) -> tuple[OverdueReading, list[RowFigures]]:
    ref = request.filters.get("value", "")
    if not ref:
        ref = readings_on(session, OVERDUE_RATE, user=request.user, as_of=request.as_of)[0].ref
    reading, rows = value_and_rows(session, ref, user=request.user)
    if not isinstance(reading, OverdueReading):
        raise NotFound
    return reading, list(rows)


def _sheet_filter(session: Session, request: ReportRequest) -> str:
    rows = sheet_rows(session, request)
    return f"统计期：{rows[0].period.label}" if rows else ""


def _sheet_cutoff(session: Session, request: ReportRequest) -> datetime:
    return sheet_rows(session, request)[0].known_at


def _sheet_summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    kind = _kind(request.filters)
    reading = headline(session, OVERDUE_RATE, user=request.user, as_of=request.as_of, kind=kind)
    reading = reading or sheet_rows(session, request)[0]
    return (_in_words(reading),)


def _detail_scope(session: Session, request: ReportRequest) -> str:
    return _value(session, request)[0].scope_name


def _detail_filter(session: Session, request: ReportRequest) -> str:
    reading = _value(session, request)[0]
    return f"统计期：{reading.period.label}（{reading.stage.label}）"


def _detail_summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    return (_in_words(_value(session, request)[0]),)


def _detail_cutoff(session: Session, request: ReportRequest) -> datetime:
    return _value(session, request)[0].known_at


def _detail_totals(session: Session, request: ReportRequest) -> dict[str, Any]:
    rows = _value(session, request)[1]
    return {name: sum((getattr(row, name) for row in rows), ZERO) for name in FIGURES}


def _in_words(reading: OverdueReading) -> str:
    return (
        f"{reading.scope_name} {reading.period.label} {TITLE}：{reading.text}　　"
        f"已处置 {reading.numerator:,} 吨 / 应处置 {reading.denominator:,} 吨　　"
        f"目标 {reading.target_percent} %　　{reading.verdict}"
    )


def _scope_kind(reading: OverdueReading) -> str:
    return "" if reading.scope.kind is ScopeKind.CITY else reading.scope.kind.label


def _tag_due(tag: BatchTag) -> Any:
    return lambda reading: reading.tag_due(tag)


def _part(name: str) -> Any:
    return lambda reading: reading.part(name)


RATE_SHEET = Report(
    id="overdue-disposal-rate",
    title="超期贮存危险废物处置率表",
    permission=Permission.INDICATOR_READ,
    columns=(
        Column("kind", "划分", _scope_kind, width=10),
        Column("scope", "统计范围", "scope_name", width=20),
        Column("due", LABELS["due"], "denominator", kind="tonnes", width=14),
        Column("completed", LABELS["completed"], "numerator", kind="tonnes", width=14),
        # The target is that of the plan; a rate below the whole never prints as 100.00 %.
        Column("rate", "处置率", lambda r: r.share if r.share is not None else r.text, kind="percent", target=WHOLE),
        Column("verdict", "结果", "verdict", width=10),
        Column("unreported", "未报（家）", "unreported_units", kind="int", width=9),
        *(Column(name, LABELS[name], _part(name), kind="tonnes", width=13) for name in APART),
        *(Column(tag.value, f"其中{tag.label}（吨）", _tag_due(tag), kind="tonnes", width=13) for tag in TAGS),
    ),
    rows=sheet_rows,
    count=lambda session, request: len(sheet_rows(session, request)),
    filter_text=_sheet_filter,
    summary=_sheet_summary,
    cutoff=_sheet_cutoff,
    notes=(CHECKING_NOTE, DEFINITION, DEFINITION_LIMIT),
)

RATE_ROWS = Report(
    id="overdue-disposal-rows",
    title="超期贮存处置率批次明细",
    permission=Permission.INDICATOR_READ,
    columns=(
        Column("batch", "批次号", "batch_no", kind="code", width=18),
        Column("unit", "单位", "unit_name", width=26),
        Column("waste_code", "废物代码", "waste_code", kind="code", width=12),
        Column("waste_name", "废物名称", "waste_name", width=14),
        Column("facility", "贮存设施", "facility", width=14),
        Column("first_stored_on", "首次入库", lambda d: d.first_stored_on or "不详", kind="day", width=11),
        Column("counted_on", "期内首个超期日", "counted_on", kind="day", width=11),
        *(
            Column(name, LABELS[name], f"figures.{name}", kind="tonnes", width=12)
            for name in FIGURES
        ),
        Column("tag", "特殊情形", "tag_label", width=9),
        Column("stream", "废物流", "stream_label", width=9),
        Column("reason", "原因", "reason", width=12),
    ),
    rows=detail_rows,
    count=lambda session, request: len(_value(session, request)[1]),
    scope_text=_detail_scope,
    filter_text=_detail_filter,
    summary=_detail_summary,
    totals=_detail_totals,
    cutoff=_detail_cutoff,
    notes=(CHECKING_NOTE, DEFINITION, DEFINITION_LIMIT),
    paper="A3",
)  # fmt: skip

REPORTS = (RATE_SHEET, RATE_ROWS)
