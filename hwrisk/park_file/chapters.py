"""Chapters of the park file that belong to no room above the hall: published figures, and the enterprises."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.history import in_force
from hwrisk.parks.models import Park, PublishedFact
from hwrisk.parks.queries import conflicts, facts_of
from hwrisk.reporting import Column
from hwrisk.reporting.dossier import Alert, Chapter, DossierTable, Fact, FileChapter
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import UnitRow
from hwrisk.units.scope import visible_units

SHOWN = 60


class SideBySide(NamedTuple):
    """One published figure among those that contradict it."""

    attribute: str
    fact: PublishedFact


def published(session: Session, park_id: int, as_of: date, user: Viewer) -> Chapter | None:  # noqa: ARG001 - one form
    """Return what was published about the park, contradicting figures side by side; nothing is chosen among them."""
    facts = [fact for fact in facts_of(session, session.get_one(Park, park_id)) if (fact.year or 0) <= as_of.year]
    if not facts:
        return None
    groups = conflicts(facts)
    rows = [SideBySide(group.facts[0].attribute, fact) for group in groups for fact in group.facts]
    tables = [DossierTable(title="公开数据，照原文", columns=FACT_COLUMNS, rows=facts)]
    if rows:
        note = "口径不同或来源不一致，原样并存，不作取舍"
        tables.insert(0, DossierTable(title="相互矛盾的数据，并列", columns=CONFLICT_COLUMNS, rows=rows, note=note))
    alerts = (Alert(text=f"{len(groups)} 项公开数据相互矛盾，并列待核", state="note"),) if groups else ()
    return Chapter(alerts=alerts, tables=tuple(tables))


def enterprises(session: Session, park_id: int, as_of: date, user: Viewer) -> Chapter | None:
    """Return the enterprises of the park in sight, by status; long lists are cut and say so."""
    statement = (
        select(Unit, UnitVersion)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(
            UnitVersion.park_id == park_id,
            in_force(UnitVersion, as_of),
            UnitVersion.unit_id.in_(select(UnitVersion.unit_id).where(visible_units(user, as_of=as_of))),
        )
        .order_by(UnitVersion.status, Unit.unit_no)
    )
    rows = [UnitRow(*row) for row in session.execute(statement)]
    if not rows:
        return None
    states = groupby(rows, key=lambda row: row.version.status)
    facts = tuple(Fact(label=status.label, value=f"{len(list(found))} 家") for status, found in states)
    code = session.get_one(Park, park_id).code
    note = f"只列前 {SHOWN} 家，共 {len(rows)} 家" if len(rows) > SHOWN else ""
    table = DossierTable(
        title="园区企业",
        columns=UNIT_COLUMNS,
        rows=rows[:SHOWN],
        note=note,
        endpoint="units.index",
        args={"park": code},
    )
    return Chapter(facts=facts, tables=(table,))


def _value(fact: PublishedFact) -> str:
    return f"{fact.value or '未公布'} {fact.unit}".strip()


def _source(fact: PublishedFact) -> str:
    return fact.source + Trust(fact.trust).suffix


FACT_COLUMNS = (
    Column("ref", "编号", "ref", kind="code", width=9),
    Column("attribute", "指标", "attribute", width=22),
    Column("value", "数值（原文）", _value, width=18),
    Column("year", "年份", lambda f: str(f.year or "未写明"), kind="code", width=8),
    Column("status", "口径和说明", lambda f: "；".join(t for t in (f.qualifier, f.note) if t), width=26),
    Column("source", "来源", _source, width=30),
)
CONFLICT_COLUMNS = (
    Column("attribute", "事项", "attribute", width=20),
    Column("value", "数值（原文）", lambda r: _value(r.fact), width=16),
    Column("said", "指标（原文）", "fact.attribute", width=20),
    Column("year", "年份", lambda r: str(r.fact.year or "未写明"), kind="code", width=8),
    Column("note", "说明", "fact.note", width=22),
    Column("source", "来源", lambda r: _source(r.fact), width=30),
)
UNIT_COLUMNS = (
    Column("no", "单位编号", "unit_no", kind="code", width=17),
    Column("name", "单位名称", "name", width=28),
    Column("status", "状态", "version.status.label", kind="code", width=11),
    Column("role", "单位类型", "version.role.label", width=11),
    Column("class", "管理类别", lambda r: r.version.management_class.label if r.version.management_class else "未定",
           kind="code", width=10),
)  # fmt: skip
CHAPTERS = (
    FileChapter(
        owner="park", key="published", label="公开数据", order=10, permission=Permission.PARK_READ, load=published
    ),
    FileChapter(
        owner="park", key="units", label="园区企业", order=20, permission=Permission.UNIT_READ, load=enterprises
    ),
)
