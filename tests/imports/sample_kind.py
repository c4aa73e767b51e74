"""A small import kind on a table of its own, outside the application's metadata."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from sqlalchemy import Column, Date, Integer, MetaData, String, Table, func, insert, select, update
from sqlalchemy.orm import Session

from hwrisk.db.types import Labelled, TonnesType
from hwrisk.imports import (
    ApplyContext,
    CheckContext,
    CheckedRow,
    ImportKind,
    Outcome,
    ParsedRow,
    RowOutcome,
    StagedRow,
    Template,
    choice_column,
    code_column,
    day_column,
    text_column,
    tonnes_column,
    waste_code_column,
)
from hwrisk.security import Permission, Viewer

AS_OF = date(2026, 11, 23)
METADATA = MetaData()
STORE = Table(
    "sample_store",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("number", String(40), unique=True),
    Column("unit", String(200)),
    Column("code", String(10)),
    Column("quantity", TonnesType),
    Column("stored_on", Date),
)
USER = Viewer.system()
HEAD = ["批次编号", "单位名称", "废物代码", "数量（t）", "入库日期", "状态", "备注"]
GOOD = ["HWRK-001", "演示化工", "900-041-49", 1.5, date(2026, 3, 1), "在库", None]


class State(Labelled):
    """State of a sample row."""

    IN = "in", "在库"
    OUT = "out", "出库"


TEMPLATE = Template(
    sheet="入库记录",
    version="2026.1",
    unique_by=("number",),
    columns=(
        code_column("number", "批次编号", synonyms=("批次号",)),
        text_column("unit", "单位名称", synonyms=("企业名称", "单位")),
        waste_code_column("code", synonyms=("危废代码",)),
        tonnes_column("quantity", "数量（t）", positive=True, synonyms=("重量",)),
        day_column("stored_on", "入库日期"),
        choice_column("state", "状态", State, is_required=False),
        text_column("note", "备注", is_required=False, max_length=20),
    ),
)


def prepare(session: Session, _context: CheckContext, rows: Sequence[ParsedRow]) -> dict[str, Any]:
    numbers = [row.values["number"] for row in rows]
    found = session.execute(select(STORE).where(STORE.c.number.in_(numbers)))
    return {row.number: row for row in found}


def check(_session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:
    if row.values["unit"] == "没有的单位":
        return RowOutcome.refused(row.fault("unit", "没有这个单位", "先登记单位"))
    stored = context.known.get(row.values["number"])
    before = None if stored is None else {"数量（t）": stored.quantity, "单位名称": stored.unit}
    after = {"数量（t）": row.values["quantity"], "单位名称": row.values["unit"]}
    outcome = RowOutcome.of(row, exists=stored is not None, before=before, after=after, title=row.values["number"])
    if row.values["code"] == "900-999-49":
        outcome.warn(row.fault("code", "名录外代码（待核）"))
    return outcome


def check_all(_session: Session, _context: CheckContext, rows: Sequence[CheckedRow]) -> None:
    total = Decimal(0)
    for each in rows:
        total += each.row.values["quantity"]
        if total > 1_000_000:
            each.outcome.refuse(each.row.fault("quantity", "全表合计超过 1000000 吨"))


def apply(session: Session, _context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    columns = ("number", "unit", "code", "quantity", "stored_on")
    for row in rows:
        values = {name: row.payload[name] for name in columns}
        if row.outcome is Outcome.NEW:
            session.execute(insert(STORE).values(**values))
        else:
            session.execute(update(STORE).where(STORE.c.number == values["number"]).values(**values))
    return {"written": len(rows)}


def kind(**changes: Any) -> ImportKind:
    fields: dict[str, Any] = {
        "kind": "sample", "label": "样例入库", "permission": Permission.IMPORT_RUN, "template": TEMPLATE,
        "prepare": prepare, "check": check, "check_all": check_all, "apply": apply,
    }  # fmt: skip
    return ImportKind(**(fields | changes))


def counted_version(session: Session, _context: CheckContext) -> str:
    return str(session.scalar(select(func.count()).select_from(STORE)))


def write_xlsx(path: Path, rows: Sequence[Sequence[Any]], *, sheet: str = "入库记录") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path
