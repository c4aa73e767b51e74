"""Yearly figures of many units from a file (年度产生量)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.errors import RuleViolation
from hwrisk.imports import (
    ApplyContext,
    CheckContext,
    ImportKind,
    ParsedRow,
    RowOutcome,
    StagedRow,
    Template,
    text_column,
    tonnes_column,
    whole_column,
)
from hwrisk.key_list.imports.units import UNIT_COLUMN, unit_of, units_named
from hwrisk.key_list.models import AnnualGeneration
from hwrisk.key_list.operations.figures import Figure, check_figure, record_figures, standing_figures
from hwrisk.ledger.imports.known import Known
from hwrisk.security.permissions import Permission
from hwrisk.units.models import UnitVersion

TEMPLATE = Template(
    sheet="年度产生量",
    version="2026-1",
    columns=(
        UNIT_COLUMN,
        whole_column(
            "year", "年度", minimum=2000, maximum=2100, synonyms=("年份", "统计年度"), example="2025", width=10
        ),
        tonnes_column("tonnes", "年产生量（吨）", synonyms=("年产生量", "产生量")),
        text_column("source", "数据来源", synonyms=("来源", "依据"), example="2025年度申报", width=24),
    ),
    notes=(
        "一行一个单位的一个年度；单位为吨，公斤数请除以 1000。",
        "只登记已过完的年度；台账有记录的年度以台账为准，这里的数只作核对。",
        "同一单位同一年度再次导入的，新的数据替代旧的，旧的保留可查。",
    ),
    unique_by=("unit", "year"),
)


@dataclass
class _Known:
    units: Known
    standing: dict[tuple[int, int], AnnualGeneration] = field(default_factory=dict)
    seen: dict[tuple[int, int], int] = field(default_factory=dict)


def prepare(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> _Known:
    """Read what the check needs, in a handful of statements."""
    known = _Known(units_named(session, context, rows))
    ids = {ref.id for refs in known.units.units.values() for ref in refs}
    known.standing = standing_figures(session, ids)
    return known


def check(_session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:
    """Return the verdict on one row."""
    known: _Known = context.known
    unit, fault = unit_of(row, known.units)
    if unit is None or fault is not None:
        return RowOutcome.refused(*([fault] if fault else []), title=str(row.values["unit"]))
    values = row.values
    figure = Figure(unit.id, values["year"], values["tonnes"], values["source"])
    title = f"{unit.name} {figure.year}年"
    try:
        check_figure(figure, as_of=context.as_of)
    except RuleViolation as violation:
        return RowOutcome.refused(row.fault(violation.field, violation.message), title=title)
    first = known.seen.setdefault((unit.id, figure.year), row.row_no)
    if first != row.row_no:
        return RowOutcome.refused(
            row.fault("unit", f"与第 {first} 行是同一单位同一年度", "每个年度只留一行"), title=title
        )
    before = known.standing.get((unit.id, figure.year))
    return RowOutcome.of(
        row,
        exists=before is not None,
        before={"年产生量（吨）": before.tonnes, "数据来源": before.source} if before else None,
        after={"年产生量（吨）": figure.tonnes, "数据来源": figure.source},
        payload=dict(figure._asdict()),
        title=title,
    )


def apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Record the figures."""
    figures = [_figure(row.payload) for row in rows]
    return {"年度产生量": record_figures(session, figures, as_of=context.as_of, actor=context.user)}


def base_version(session: Session, _context: CheckContext) -> str:
    """Return a text that changes whenever a figure or a unit does."""
    counted = (
        select(func.max(AnnualGeneration.id), func.count(AnnualGeneration.superseded_at)),
        select(func.max(UnitVersion.id), func.count(UnitVersion.superseded_at)),
    )
    return " ".join(str(tuple(session.execute(statement).one())) for statement in counted)


def _figure(payload: dict[str, Any]) -> Figure:
    return Figure(payload["unit_id"], payload["year"], Decimal(payload["tonnes"]), payload["source"])


ANNUAL = ImportKind(
    kind="annual-generation",
    label="年度产生量",
    permission=Permission.KEY_LIST_CONFIRM,
    template=TEMPLATE,
    prepare=prepare,
    check=check,
    apply=apply,
    base_version=base_version,
)
