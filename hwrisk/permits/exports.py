"""Excel and PDF of licences and their load: the very rows of the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.db.types import ZERO
from hwrisk.permits import project_export, queries
from hwrisk.permits.contents import grants_label
from hwrisk.permits.models import HolderPlace
from hwrisk.permits.queries import LicenceRow, LineLoad, RenewalState
from hwrisk.regions.queries import region_names
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.security.permissions import Permission

NOTE = "许可内容以发证机关颁发的许可证为准；本表供核对和预警"


def _lines(row: LicenceRow) -> str:
    return "\n".join(
        f"{line.line_no} {line.name}：{'、'.join(sorted(line.methods))}，{grants_label(line.grants)}，"
        f"{line.quantity.normalize():f} 吨/年"
        for line in row.term.lines
    )


def _known(row: LicenceRow | LineLoad, value: Any) -> Any:
    # Who is outside the register states nothing here: an empty cell, never a 0 that nobody reported.
    return None if row.is_unstated else value


def _compared(name: str) -> Callable[[LineLoad], Any]:
    """Return the getter of a figure that rows of whole licences alone have."""

    def read(row: LineLoad) -> Any:
        return None if row.compared is None else getattr(row.compared, name)

    return read


COLUMNS = (
    Column("licence_no", "许可证编号", "licence_no", kind="code", width=18),
    Column("holder", "持证单位", "holder", width=24),
    Column("where", "管辖单位（市外写所在地）", "where", width=14),
    Column("kind", "类别", "kind.label", kind="code", width=7),
    Column("authority", "发证机关", "authority", width=16),
    Column("issued_on", "发证日期", "issued_on", kind="day", width=11),
    Column("valid_from", "有效期起", "valid_from", kind="day", width=11),
    Column("expires_on", "有效期止", "expires_on", kind="day", width=11),
    Column("state", "状态", "state.label", width=14),
    Column("due_on", "换证申请截止", "renewal_due_on", kind="day", width=11),
    Column("filed_on", "换证申请", "filed_on", kind="day", width=11),
    Column("quantity", "核准规模（吨/年）", "quantity", kind="tonnes", width=14),
    Column("received", "本年接收（吨）", lambda row: _known(row, row.received), kind="tonnes", width=14),
    Column("share", "占核准规模", lambda row: _known(row, row.load.share), kind="percent", width=10),
    Column("lines", "生产线、利用处置方式和核准类别", _lines, width=46),
)
LOAD_COLUMNS = (
    Column("licence_no", "许可证编号", "licence.licence_no", kind="code", width=18),
    Column("holder", "持证单位", "licence.holder", width=26),
    Column("where", "管辖单位（市外写所在地）", "licence.where", width=14),
    Column("line", "生产线", lambda row: f"{row.line_no} {row.line_name}".strip(), width=20),
    Column("methods", "利用处置方式", "methods", kind="code", width=12),
    Column("categories", "核准类别", "categories", width=24),
    Column("licensed", "核准规模（吨/年）", "licensed", kind="tonnes", width=14),
    Column("received", "本年接收（吨）", lambda row: _known(row, row.received), kind="tonnes", width=14),
    Column("treated", "本年利用处置（吨）", lambda row: _known(row, row.treated), kind="tonnes", width=14),
    Column("share", "占核准规模", lambda row: _known(row, row.load.share), kind="percent", width=10),
    Column("state", "预警", lambda row: _known(row, row.load.label) or "不在本系统填报", width=14),
    Column("stated", "填报接收，已满月份（吨）", _compared("stated"), kind="tonnes", width=14),
    Column("ledger", "台账接收，同期（吨）", _compared("ledger"), kind="tonnes", width=14),
    Column("difference", "填报减台账（吨）", _compared("difference"), kind="tonnes", width=14),
)


def _asked(request: ReportRequest) -> dict[str, Any]:
    return {"user": request.user, "as_of": request.as_of, "asked": queries.conditions_from(request.filters)}


def _rows(session: Session, request: ReportRequest) -> Iterable[LicenceRow]:
    return queries.stream_licences(session, **_asked(request))


def _count(session: Session, request: ReportRequest) -> int:
    return queries.count_licences(session, **_asked(request))


def _loads(session: Session, request: ReportRequest) -> list[LineLoad]:
    asked = queries.load_conditions(request.filters)
    return queries.line_loads(session, user=request.user, as_of=request.as_of, asked=asked)


def _load_count(session: Session, request: ReportRequest) -> int:
    return len(_loads(session, request))


def _load_sums(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    # Lines are parts of their licences: only the rows for whole licences are added up.
    whole = [row for row in _loads(session, request) if row.is_whole]
    sums = {name: sum((getattr(row, name) for row in whole), ZERO) for name in ("licensed", "received", "treated")}
    compared = [row.compared for row in whole if row.compared is not None]
    names = ("stated", "ledger", "difference")
    return sums | {name: sum((getattr(pair, name) or ZERO for pair in compared), ZERO) for name in names}


def _load_summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    alarms = "、".join(f"{alarm} %" for alarm in queries.permit_settings(session, as_of=request.as_of).alarms)
    return (
        f"统计期：{request.as_of.year}年1月1日至{request.as_of:%Y-%m-%d}；按持证单位填报的经营量与核准年经营规模比较；"
        f"预警线：{alarms}（首条由市局确定，待核）；合计每份许可证只加一次",
        compared_words(request.as_of),
    )


def compared_words(as_of: date) -> str:
    """Return which months stated quantities and ledger are compared over."""
    until = queries.full_months_until(as_of)
    if until is None:
        return "填报与台账按已满月份对照，本年还没有满月"
    return (
        f"对照期：{until.year}年1月至{until.month}月；台账接收为各移出单位台账的接收确认合计，"
        "相差的原因通常是移出单位未确认、接收单位漏报，或者接收了市外的废物"
    )


def _words(session: Session, request: ReportRequest) -> str:
    asked = queries.conditions_from(request.filters)
    names = region_names(session, as_of=request.as_of)
    parts = (
        ("管辖单位", names.get(asked.office, asked.office) if asked.office else None),
        ("所在地", asked.place.label if isinstance(asked.place, HolderPlace) else None),
        ("类别", asked.kind.label if asked.kind else None),
        ("状态", asked.state.label if isinstance(asked.state, RenewalState) else None),
        ("预警", f"达到 {request.filters['alarm']} % 及以上" if request.filters.get("alarm") else None),
        ("查找", asked.text),
    )
    return "；".join(f"{label}：{words}" for label, words in parts if words)


REPORTS = (
    Report(
        id="permits",
        title="危险废物经营许可证一览表",
        permission=Permission.PERMIT_READ,
        columns=COLUMNS,
        rows=_rows,
        count=_count,
        filter_text=_words,
        notes=(NOTE,),
        paper="A3",
    ),
    Report(
        id="permit-load",
        title="经营许可证核准规模与经营量对照表",
        permission=Permission.PERMIT_READ,
        columns=LOAD_COLUMNS,
        rows=_loads,
        count=_load_count,
        totals=_load_sums,
        summary=_load_summary,
        filter_text=_words,
        notes=(NOTE, "超过批准年经营规模20%以上的，须重新申请领取许可证（危险废物经营许可证管理办法第十二条）"),
        paper="A3",
    ),
    project_export.REPORT,
)
