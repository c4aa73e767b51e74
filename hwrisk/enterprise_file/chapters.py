"""Chapters that rest on several rooms and services: its part in the indicators, attachments, the trail of changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import String, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from hwrisk.attachments.queries import attachments_of
from hwrisk.audit.models import AuditEntry
from hwrisk.clock import LOCAL_ZONE
from hwrisk.errors import NotFound
from hwrisk.indicators.queries import on_the_spot
from hwrisk.indicators.registry import INDICATORS
from hwrisk.key_list.models import KeyListEntry
from hwrisk.ledger.models import LedgerEntry
from hwrisk.reporting import Column
from hwrisk.reporting.dossier import Chapter, DossierTable, FileChapter
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

MOST_ACTS = 60
ACTS = {
    "unit.register": "登记单位", "unit.record": "登记变更", "unit.identity": "更正身份标识",
    "unit.facts": "更正基本信息", "unit.supervise": "纳入监管名录",
    "ledger.cancel": "撤销台账记录", "ledger.adjust": "调整台账记录",
    "annual_generation.record": "登记年度产生量", "generation_document.record": "登记文件核定情况",
    "key_list.agree": "清单核对：同意", "key_list.object": "清单核对：有异议", "key_list.include": "清单：市局列入",
    "key_list.strike": "清单：市局不列入", "key_list.add": "清单：增列", "attachment.add": "上传附件",
    "attachment.remove": "删除附件",
}  # fmt: skip
"""What acts are called; others are shown by what they touched."""


TOLD = ("编号", "unit", "said", "reason", "原因", "source", "document")
"""What of a summary is told in the file."""


class Share(NamedTuple):
    """The part of a unit in an indicator."""

    title: str
    period: str
    text: str
    numerator: str
    denominator: str
    target: str


SHARE_COLUMNS = (
    Column("title", "指标", "title", width=28),
    Column("period", "统计期", "period", width=20),
    Column("text", "本单位", "text", kind="code", width=16),
    Column("numerator", "分子", "numerator", kind="code", width=16),
    Column("denominator", "分母", "denominator", kind="code", width=16),
    Column("target", "目标", "target", kind="code", width=12),
)
FILE_COLUMNS = (
    Column("name", "文件", "file_name", width=34),
    Column("note", "说明", "note", width=28),
    Column("by", "上传", "uploader_label", width=20),
    Column("at", "时间", "uploaded_at", kind="instant", width=16),
    Column("sha", "SHA-256（前 16 位）", lambda row: row.sha256[:16], kind="code", width=20),
)
ACT_COLUMNS = (
    Column("at", "时间", "at", kind="instant", width=16),
    Column("who", "办理人", "actor_label", width=26),
    Column("act", "事项", lambda row: ACTS.get(row.action, "其他变更"), width=22),
    Column("what", "内容", lambda row: words_of(row.summary), width=50),
)


def indicators(session: Session, unit_id: int, as_of: date, user: Viewer) -> Chapter | None:
    """Return what the unit adds to each indicator in the running period of the day, worked out on the spot."""
    # One who sees this unit alone: the indicators then reckon its own sums.
    only = replace(
        user, is_city_wide=False, role=Role.ENTERPRISE, offices=frozenset(), parks=frozenset(),
        units=frozenset({unit_id}),
    )  # fmt: skip
    shares = []
    for indicator in INDICATORS:
        try:
            found = on_the_spot(session, indicator, as_of=as_of, user=only).readings
        except NotFound:
            continue
        for reading in found[:1]:
            measure = reading.measure
            shares.append(
                Share(
                    title=reading.title, period=reading.period.label, text=reading.text,
                    numerator=f"{reading.numerator.normalize():f} {measure}",
                    denominator=f"{reading.denominator.normalize():f} {measure}",
                    target=f"{reading.target_percent} %",
                )
            )  # fmt: skip
    if not shares:
        return None
    table = DossierTable(title="本单位在两率中的部分", columns=SHARE_COLUMNS, rows=shares)
    return Chapter(tables=(table,), notes=("按所选日期即时核算，与已结账的指标值可能不同。",))


def attachments(session: Session, unit_id: int, as_of: date, user: Viewer) -> Chapter | None:  # noqa: ARG001 - one form
    """Return the files attached to the unit by the end of the day, or None."""
    end = _end_of(as_of)
    rows = [row for row in attachments_of(session, "unit", unit_id) if row.uploaded_at < end]
    if not rows:
        return None
    return Chapter(tables=(DossierTable(title="附件", columns=FILE_COLUMNS, rows=rows),))


def changes(session: Session, unit_id: int, as_of: date, user: Viewer) -> Chapter | None:  # noqa: ARG001 - one form
    """Return the latest acts on the unit, its corrections and its lines of lists, by the end of the day; or None."""
    corrected = select(cast(func.coalesce(LedgerEntry.cancels_id, LedgerEntry.adjusts_id), String)).where(
        LedgerEntry.unit_id == unit_id, or_(LedgerEntry.cancels_id.is_not(None), LedgerEntry.adjusts_id.is_not(None))
    )
    lines = select(cast(KeyListEntry.id, String)).where(KeyListEntry.unit_id == unit_id)
    about = or_(
        and_(AuditEntry.kind == "unit", AuditEntry.object_id == str(unit_id)),
        and_(AuditEntry.kind == "ledger_entry", AuditEntry.object_id.in_(corrected)),
        and_(AuditEntry.kind == "key_list_entry", AuditEntry.object_id.in_(lines)),
    )
    rows = session.scalars(
        select(AuditEntry).where(about, AuditEntry.at < _end_of(as_of)).order_by(AuditEntry.id.desc()).limit(MOST_ACTS)
    ).all()
    if not rows:
        return None
    note = f"只列最近 {MOST_ACTS} 条" if len(rows) == MOST_ACTS else ""
    return Chapter(tables=(DossierTable(title="变更记录", columns=ACT_COLUMNS, rows=rows, note=note),))


def words_of(summary: Mapping[str, Any]) -> str:
    """Return what an act says of itself in Chinese: number, unit, reason, source."""
    return "；".join(str(summary[name]) for name in TOLD if summary.get(name))


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, LOCAL_ZONE)


CHAPTERS = (
    FileChapter(
        owner="unit", key="indicators", label="指标贡献", order=800, permission=Permission.INDICATOR_READ,
        load=indicators,
    ),
    FileChapter(
        owner="unit", key="attachments", label="附件", order=850, permission=Permission.UNIT_READ, load=attachments
    ),
    FileChapter(
        owner="unit", key="changes", label="变更记录", order=950, permission=Permission.UNIT_READ, load=changes
    ),
)  # fmt: skip
