"""Stored waste of a unit in its file (一企一档：贮存、超期、处置计划、延期)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import LOCAL_ZONE
from hwrisk.db.types import ZERO
from hwrisk.ledger.storage import queries
from hwrisk.ledger.storage.models import DisposalPlan, StorageBatch, StorageExtension
from hwrisk.ledger.storage.queries import BatchRow, FacilityRow, StorageConditions, StorageState
from hwrisk.reporting import Column
from hwrisk.reporting.dossier import Alert, Chapter, DossierTable, Fact, FileChapter
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer

MOST = 60
FACILITY_COLUMNS = (
    Column("code", "设施编码", "facility.code", kind="code", width=12),
    Column("name", "设施名称", lambda row: row.version.name if row.version else "", width=22),
    Column("kind", "类型", lambda row: row.version.kind.label if row.version else "", width=12),
    Column(
        "capacity", "贮存能力（吨）", lambda row: row.version.capacity if row.version else None, kind="tonnes", width=14
    ),
    Column("tonnes", "在库（吨）", "tonnes", kind="tonnes", width=14),
    Column("over", "提示", lambda row: "超过贮存能力" if row.is_over_capacity else "", width=14),
)
STOCK_COLUMNS = (
    Column("facility", "贮存设施", "facility", width=20),
    Column("code", "废物代码", "waste_code", kind="code", width=13),
    Column("name", "废物名称", "waste_name", width=20),
    Column("tonnes", "在库（吨）", "tonnes", kind="tonnes", width=14),
    Column("overdue", "其中超期（吨）", "overdue", kind="tonnes", width=14),
    Column("oldest", "最早入库", "oldest_label", width=14),
)
BATCH_COLUMNS = (
    Column("batch", "批次号", "batch_no", kind="code", width=20),
    Column("waste", "废物", lambda row: row.waste_name or row.waste_code, width=18),
    Column("tonnes", "在库（吨）", "in_store", kind="tonnes", width=13),
    Column("first", "首次入库", "first_shown", kind="day", width=14),
    Column("last", "最后期限", "last_on", kind="day", width=12),
    Column("state", "状态", "state_label", width=18),
    Column("basis", "依据", "basis_shown", width=26),
    Column("plan", "处置计划", "plan_label", width=20),
)
PLAN_COLUMNS = (
    Column("batch", "批次号", lambda row: row[1], kind="code", width=20),
    Column("reason", "原因", lambda row: row[0].reason, width=18),
    Column("receiver", "接收单位", lambda row: row[0].receiver, width=24),
    Column("contract", "合同编号", lambda row: row[0].contract_no, width=18),
    Column("planned", "计划处置日期", lambda row: row[0].planned_on, kind="day", width=14),
    Column("by", "登记", lambda row: row[0].recorded_at, kind="instant", width=16),
)
EXTENSION_COLUMNS = (
    Column("batch", "批次号", lambda row: row[1], kind="code", width=20),
    Column("applied", "申请日期", lambda row: row[0].applied_on, kind="day", width=12),
    Column("state", "结果", lambda row: row[0].state.label, kind="code", width=10),
    Column("on", "批复日期", lambda row: row[0].approved_on, kind="day", width=12),
    Column("until", "延长至", lambda row: row[0].until, kind="day", width=12),
    Column("no", "批复文号", lambda row: row[0].document_no, width=22),
    Column("authority", "批准机关", lambda row: row[0].authority, width=22),
)


def load(session: Session, unit_id: int, as_of: date, user: Viewer) -> Chapter | None:
    """Return facilities, stock, overdue batches, plans and extensions of a unit on a day, or None without facility."""
    facilities = queries.facilities_of(session, unit_id, as_of=as_of)
    if not facilities:
        return None
    stock = queries.unit_stock(session, unit_id, user=user, as_of=as_of)
    overdue = _batches(session, unit_id, as_of, user, StorageState.OVERDUE)
    soon = _batches(session, unit_id, as_of, user, StorageState.DUE_SOON)
    plans, extensions = _plans(session, unit_id, as_of), _extensions(session, unit_id, as_of)
    tonnes = sum((row.tonnes for row in stock), ZERO)
    late = sum((row.in_store for row in overdue), ZERO)
    facts = (
        Fact(label="在库", value=f"{tonnes:,} 吨"),
        Fact(label="其中超期", value=f"{len(overdue)} 批 {late:,} 吨" if overdue else "没有"),
        Fact(label="将到期", value=f"{len(soon)} 批" if soon else "没有"),
    )
    wanted = (
        DossierTable(title="贮存设施", columns=FACILITY_COLUMNS, rows=facilities),
        DossierTable(title="库存", columns=STOCK_COLUMNS, rows=stock[:MOST], note=_cut(stock)),
        DossierTable(title="超期批次", columns=BATCH_COLUMNS, rows=overdue[:MOST], note=_cut(overdue)),
        DossierTable(title="将到期批次", columns=BATCH_COLUMNS, rows=soon[:MOST], note=_cut(soon)),
        DossierTable(title="处置计划", columns=PLAN_COLUMNS, rows=plans[:MOST], note=_cut(plans)),
        DossierTable(title="延长贮存期限", columns=EXTENSION_COLUMNS, rows=extensions[:MOST], note=_cut(extensions)),
    )
    tables = tuple(table for table in wanted if table.rows)
    return Chapter(alerts=tuple(_alerts(overdue, soon, facilities)), facts=facts, tables=tables)


def _batches(session: Session, unit_id: int, as_of: date, user: Viewer, state: StorageState) -> list[BatchRow]:
    asked = StorageConditions(unit_id=unit_id, state=state)
    return list(queries.stream_overdue(session, user=user, as_of=as_of, asked=asked))


def _plans(session: Session, unit_id: int, as_of: date) -> list[tuple[DisposalPlan, str]]:
    end = datetime.combine(as_of + timedelta(days=1), time.min, LOCAL_ZONE)
    rows = session.execute(
        select(DisposalPlan, StorageBatch.batch_no)
        .join(StorageBatch, StorageBatch.id == DisposalPlan.batch_id)
        .where(StorageBatch.unit_id == unit_id, DisposalPlan.recorded_at < end)
        .order_by(DisposalPlan.id.desc())
    )
    return [(plan, number) for plan, number in rows]


def _extensions(session: Session, unit_id: int, as_of: date) -> list[tuple[StorageExtension, str]]:
    rows = session.execute(
        select(StorageExtension, StorageBatch.batch_no)
        .join(StorageBatch, StorageBatch.id == StorageExtension.batch_id)
        .where(StorageBatch.unit_id == unit_id, StorageExtension.applied_on <= as_of)
        .order_by(StorageExtension.applied_on.desc(), StorageExtension.id.desc())
    )
    return [(extension, number) for extension, number in rows]


def _alerts(overdue: list[BatchRow], soon: list[BatchRow], facilities: list[FacilityRow]) -> Iterable[Alert]:
    if overdue:
        late = sum((row.in_store for row in overdue), ZERO)
        without = sum(1 for row in overdue if row.planned_on is None)
        plan = f"，{without} 批没有处置计划" if without else ""
        oldest = max((row.days or 0 for row in overdue), default=0)
        days = f"，最长 {oldest} 天" if oldest else ""
        yield Alert(text=f"超期贮存 {len(overdue)} 批 {late:,} 吨{days}{plan}", state="bad")
    if soon:
        yield Alert(text=f"{len(soon)} 批将到期，最早 {soon[0].last_on}", state="warn")
    over = [row.facility.code for row in facilities if row.is_over_capacity]
    if over:
        yield Alert(text=f"贮存设施 {'、'.join(over)} 超过贮存能力", state="warn")


def _cut(rows: Sequence[object]) -> str:
    return f"只列前 {MOST} 行，其余见系统" if len(rows) > MOST else ""


CHAPTERS = (
    FileChapter(
        owner="unit", key="storage", label="贮存与超期", order=30, permission=Permission.STORAGE_READ, load=load
    ),
)  # fmt: skip
