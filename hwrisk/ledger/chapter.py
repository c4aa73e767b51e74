"""The ledger of a unit in its file (一企一档：废物种类、台账汇总、更正)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import case, extract, func, literal, select
from sqlalchemy.orm import Session, aliased

from hwrisk.catalogue.models import StreamTag
from hwrisk.db.types import ZERO, TonnesType, total
from hwrisk.ledger.models import EntryKind, LedgerEntry, LedgerStatement, UnitWaste
from hwrisk.reporting import Column
from hwrisk.reporting.dossier import Alert, Chapter, DossierTable, Fact, FileChapter
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit

MOST_WASTES, MOST_YEARS, MOST_CORRECTIONS = 100, 120, 40


class YearLine(NamedTuple):
    """One waste of a unit in one year; tonnes, corrections worked in, stock at the end of the year or of the day."""

    year: int
    waste_code: str
    waste_name: str
    generated: Decimal
    stored: Decimal
    treated: Decimal
    entrusted: Decimal
    stock: Decimal


WASTE_COLUMNS = (
    Column("code", "废物代码", "waste_code", kind="code", width=13),
    Column("name", "废物名称", "waste_name", width=26),
    Column("stream", "废物流", "stream", width=16),
    Column("state", "核对", "state", width=22),
)
YEAR_COLUMNS = (
    Column("year", "年度", lambda row: f"{row.year}年", kind="code", width=8),
    Column("code", "废物代码", "waste_code", kind="code", width=13),
    Column("name", "废物名称", "waste_name", width=20),
    Column("generated", "产生（吨）", "generated", kind="tonnes", width=13),
    Column("stored", "入库（吨）", "stored", kind="tonnes", width=13),
    Column("treated", "自行利用处置（吨）", "treated", kind="tonnes", width=13),
    Column("entrusted", "委外（吨）", "entrusted", kind="tonnes", width=13),
    Column("stock", "年末库存（吨）", "stock", kind="tonnes", width=13),
)
CORRECTION_COLUMNS = (
    Column("on", "记录日期", "occurred_on", kind="day", width=12),
    Column("no", "编号", "entry_no", kind="code", width=20),
    Column("kind", "更正", "kind.label", kind="code", width=8),
    Column("waste", "废物", lambda row: row.waste_name or row.waste_code, width=18),
    Column("tonnes", "数量（吨）", "quantity", kind="tonnes", width=13),
    Column("why", "原因", "remark", width=28),
    Column("by", "办理人", "recorded_by", width=18),
    Column("at", "办理时间", "recorded_at", kind="instant", width=16),
)


class WasteLine(NamedTuple):
    """A waste of a unit, its stream and whether it was checked."""

    waste_code: str
    waste_name: str
    stream: str
    state: str


def load(session: Session, unit_id: int, as_of: date, user: Viewer) -> Chapter | None:  # noqa: ARG001 - one form
    """Return wastes, yearly sums and corrections of a unit up to a day; None for a unit outside the register."""
    unit = session.get_one(Unit, unit_id)
    if not unit.is_supervised:
        return None
    years = year_lines(session, unit_id, as_of=as_of)
    wastes = _wastes(session, unit_id)
    corrections = _corrections(session, unit_id, as_of=as_of)
    covered = _covered(session, unit_id, as_of=as_of)
    last = session.scalar(
        select(func.max(LedgerEntry.occurred_on)).where(
            LedgerEntry.unit_id == unit_id, LedgerEntry.occurred_on <= as_of
        )
    )
    facts = (
        Fact(label="台账确认至", value=f"{covered:%Y-%m-%d}（不含当日）" if covered else "尚未确认"),
        Fact(label="最近一条记录", value=f"{last:%Y-%m-%d}" if last else "没有记录"),
    )
    args = {"text": unit.unit_no}
    tables = (
        DossierTable(
            title="废物种类和废物流", columns=WASTE_COLUMNS, rows=wastes[:MOST_WASTES],
            note=_cut(wastes, MOST_WASTES),
        ),
        DossierTable(
            title="按年度、废物汇总", columns=YEAR_COLUMNS, rows=years[:MOST_YEARS], note=_cut(years, MOST_YEARS),
            endpoint="ledger.index", args=args,
        ),
        DossierTable(
            title="更正记录", columns=CORRECTION_COLUMNS, rows=corrections[:MOST_CORRECTIONS],
            note=_cut(corrections, MOST_CORRECTIONS), endpoint="ledger.index", args=args,
        ),
    )  # fmt: skip
    return Chapter(alerts=tuple(_alerts(wastes, covered, as_of)), facts=facts, tables=tables)


def year_lines(session: Session, unit_id: int, *, as_of: date) -> list[YearLine]:
    """Return what a unit's ledger adds up to by year and waste, the latest year first; one statement.

    A cancellation or adjustment counts with the kind of the record it corrects.
    """
    corrected = aliased(LedgerEntry)
    kind = func.coalesce(corrected.kind, LedgerEntry.kind)
    signed = case((LedgerEntry.kind == EntryKind.CANCELLED, -LedgerEntry.quantity), else_=LedgerEntry.quantity)
    year = extract("year", LedgerEntry.occurred_on)
    rows = session.execute(
        select(
            year, LedgerEntry.waste_code, func.max(LedgerEntry.waste_name),
            _sum_if(kind == EntryKind.GENERATED, signed), _sum_if(kind == EntryKind.STORED_IN, LedgerEntry.stock_delta),
            _sum_if(kind == EntryKind.SELF_TREATED, signed), _sum_if(kind == EntryKind.ENTRUSTED, signed),
            total(LedgerEntry.stock_delta),
        )
        .outerjoin(corrected, corrected.id == func.coalesce(LedgerEntry.cancels_id, LedgerEntry.adjusts_id))
        .where(LedgerEntry.unit_id == unit_id, LedgerEntry.occurred_on <= as_of)
        .group_by(year, LedgerEntry.waste_code)
        .order_by(year, LedgerEntry.waste_code)
    )  # fmt: skip
    stock: dict[str, Decimal] = {}
    found = []
    for at, code, name, generated, stored, treated, entrusted, delta in rows:
        stock[code] = stock.get(code, ZERO) + delta
        found.append(YearLine(int(at), code, name or "", generated, stored, treated, entrusted, stock[code]))
    return sorted(found, key=lambda line: (-line.year, line.waste_code))


def _covered(session: Session, unit_id: int, *, as_of: date) -> date | None:
    """Return the first day no longer confirmed, seen from a day: what was confirmed beyond that day is left out."""
    last = session.scalar(
        select(func.max(LedgerStatement.covers_until)).where(
            LedgerStatement.unit_id == unit_id, LedgerStatement.covers_from <= as_of
        )
    )
    return None if last is None else min(last, as_of + timedelta(days=1))


def _wastes(session: Session, unit_id: int) -> list[WasteLine]:
    rows = session.execute(
        select(UnitWaste, StreamTag.label)
        .outerjoin(StreamTag, StreamTag.tag == func.coalesce(UnitWaste.tag_confirmed, UnitWaste.tag_proposed))
        .where(UnitWaste.unit_id == unit_id)
        .order_by(UnitWaste.waste_code, UnitWaste.waste_name)
    )
    return [WasteLine(w.waste_code, w.waste_name, label or "", _waste_state(w)) for w, label in rows]


def _waste_state(waste: UnitWaste) -> str:
    parts = ["代码在名录外（待核）"] if waste.outside_catalogue else []
    if waste.tag_confirmed is None and waste.tag_proposed is not None:
        parts.append("废物流待确认")
    return "；".join(parts)


def _corrections(session: Session, unit_id: int, *, as_of: date) -> list[LedgerEntry]:
    return list(
        session.scalars(
            select(LedgerEntry)
            .where(
                LedgerEntry.unit_id == unit_id,
                LedgerEntry.occurred_on <= as_of,
                LedgerEntry.kind.in_((EntryKind.CANCELLED, EntryKind.ADJUSTED)),
            )
            .order_by(LedgerEntry.id.desc())
            .limit(MOST_CORRECTIONS + 1)
        )
    )


def _alerts(wastes: Iterable[WasteLine], covered: date | None, as_of: date) -> Iterable[Alert]:
    outside = sum(1 for waste in wastes if "名录外" in waste.state)
    if outside:
        yield Alert(text=f"{outside} 种废物的代码在名录外（待核）", state="warn")
    begin = as_of.replace(day=1)
    if covered is None or covered < begin:
        until = f"只确认到 {covered:%Y-%m-%d}" if covered else "尚未确认"
        yield Alert(text=f"台账{until}，之后有无漏报不详", state="warn")


def _sum_if(condition: Any, tonnes: Any) -> Any:
    return total(case((condition, tonnes), else_=literal(ZERO, TonnesType())))


def _cut(rows: list[Any], most: int) -> str:
    return f"只列前 {most} 行，其余见台账" if len(rows) > most else ""


CHAPTERS = (
    FileChapter(
        owner="unit", key="ledger", label="危险废物台账", order=20, permission=Permission.LEDGER_READ, load=load
    ),
)  # fmt: skip
