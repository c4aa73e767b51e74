"""A list that was published before this system was there, from a file (历年清单)."""

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
    CheckedRow,
    ImportKind,
    Outcome,
    ParsedRow,
    RowOutcome,
    StagedRow,
    Template,
    day_column,
    text_column,
    tonnes_column,
    whole_column,
)
from hwrisk.imports.cells import format_tonnes
from hwrisk.key_list.imports.units import UNIT_COLUMN, unit_of, units_named
from hwrisk.key_list.models import KeyList, KeyListEntry, ListState
from hwrisk.key_list.operations import FormerLine, take_former
from hwrisk.ledger.imports.known import Known
from hwrisk.security.permissions import Permission
from hwrisk.units.models import UnitVersion
from hwrisk.units.queries import UnitRow, units_by_id, versions_on

ONE_LIST = ("year", "notice_no", "published_on")
"""What every row of the file must say alike: one file is one list."""
TEMPLATE = Template(
    sheet="重点监管单位清单",
    version="2026-1",
    columns=(
        UNIT_COLUMN,
        whole_column("year", "年度", minimum=2010, maximum=2100, example="2025", width=10),
        text_column(
            "notice_no", "文号", max_length=100, synonyms=("公告文号", "通知文号"), example="连环发〔2025〕1号"
        ),
        day_column("published_on", "公布日期", synonyms=("公布时间", "发布日期"), example="2025-03-20"),
        text_column("basis", "纳入依据", is_required=False, max_length=300, synonyms=("依据", "认定依据"), width=28),
        tonnes_column("tonnes", "年产生量（吨）", synonyms=("年产生量",), is_required=False),
    ),
    notes=(
        "一个文件是一份已公布的清单，每一行的年度、文号、公布日期都相同。",
        "导入后即为已公布的清单，不可修改；各单位的管理类别自公布之日起按清单核定，到下一份清单执行为止。",
        "同一份清单重复导入不产生变化。",
    ),
    unique_by=("unit",),
)


@dataclass
class _Known:
    units: Known
    listed: dict[tuple[int, int], KeyListEntry] = field(default_factory=dict)
    """Lines of published lists by year and unit."""
    lists: dict[int, KeyList] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)


def prepare(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> _Known:
    """Read what the check needs, in a handful of statements."""
    known = _Known(units_named(session, context, rows))
    years = {row.values["year"] for row in rows}
    first = select(KeyList).where(
        KeyList.year.in_(years), KeyList.state == ListState.PUBLISHED, KeyList.version_no == 1
    )
    known.lists = {row.year: row for row in session.scalars(first)}
    ids = {row.id: row.year for row in known.lists.values()}
    entries = session.scalars(select(KeyListEntry).where(KeyListEntry.list_id.in_(ids), KeyListEntry.is_listed))
    known.listed = {(ids[entry.list_id], entry.unit_id): entry for entry in entries}
    return known


def check(_session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:
    """Return the verdict on one row."""
    known: _Known = context.known
    unit, fault = unit_of(row, known.units)
    if unit is None or fault is not None:
        return RowOutcome.refused(*([fault] if fault else []), title=str(row.values["unit"]))
    first = known.seen.setdefault(unit.id, row.row_no)
    if first != row.row_no:
        return RowOutcome.refused(
            row.fault("unit", f"与第 {first} 行是同一家单位", "每家单位只留一行"), title=unit.name
        )
    values = row.values
    basis, tonnes = values.get("basis") or "照公布的清单", values.get("tonnes")
    title = f"{unit.name} {values['year']}年"
    stands = known.lists.get(values["year"])
    if stands is not None:
        entry = known.listed.get((values["year"], unit.id))
        if entry is not None and (stands.notice_no, stands.published_on, entry.tonnes, entry.basis) == (
            values["notice_no"], values["published_on"], tonnes, basis,
        ):  # fmt: skip
            return RowOutcome(outcome=Outcome.UNCHANGED, title=title)
        return RowOutcome.refused(
            row.fault("year", f"{stands.label}清单已公布（{stands.notice_no}），不能用导入修改", "在该清单上办理调整"),
            title=title,
        )
    payload = {
        "unit_id": unit.id, "year": values["year"], "notice_no": values["notice_no"],
        "published_on": values["published_on"], "basis": basis, "tonnes": tonnes,
    }  # fmt: skip
    after = {"年度": values["year"], "文号": values["notice_no"], "纳入依据": basis, "年产生量（吨）": _shown(tonnes)}
    return RowOutcome(outcome=Outcome.NEW, after=after, payload=payload, title=title)


def check_all(_session: Session, _context: CheckContext, rows: Sequence[CheckedRow]) -> None:
    """Refuse a file that is more than one list."""
    if not rows:
        return
    first = rows[0].row
    titles = {key: first.layout.titles.get(key, key) for key in ONE_LIST}
    for each in rows:
        for key in ONE_LIST:
            if each.row.values[key] != first.values[key]:
                message = f"与第 {first.row_no} 行的{titles[key]}不同，一个文件只能是一份清单"
                each.outcome.refuse(each.row.fault(key, message, str(first.values[key])))


def apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Take the file as a published list.

    Raises:
        RuleViolation: the year has got a list meanwhile, or the notice is not right.
    """
    if not rows:
        return {"列入单位": 0}
    payloads = [row.payload for row in rows]
    head = payloads[0]
    units = units_by_id(session, [payload["unit_id"] for payload in payloads])
    versions = versions_on(session, units, as_of=context.as_of)
    lines = [_line(payload, units, versions) for payload in payloads]
    take_former(
        session, lines, year=head["year"], notice_no=head["notice_no"], published_on=head["published_on"],
        source="导入公布的清单", as_of=context.as_of, actor=context.user,
    )  # fmt: skip
    return {"列入单位": len(lines)}


def base_version(session: Session, _context: CheckContext) -> str:
    """Return a text that changes whenever a list or a unit does."""
    counted: tuple[Any, ...] = (
        select(func.max(KeyList.id), func.count(KeyList.published_at)),
        select(func.max(UnitVersion.id), func.count(UnitVersion.superseded_at)),
    )
    return " ".join(str(tuple(session.execute(statement).one())) for statement in counted)


def _line(payload: dict[str, Any], units: dict[int, Any], versions: dict[int, UnitVersion]) -> FormerLine:
    unit = units[payload["unit_id"]]
    if unit.id not in versions:
        raise RuleViolation(f"单位 {unit.unit_no} 今天没有有效的情形，请先核对单位名录")
    tonnes = payload["tonnes"]
    return FormerLine(UnitRow(unit, versions[unit.id]), payload["basis"], None if tonnes is None else Decimal(tonnes))


def _shown(tonnes: Decimal | None) -> str:
    return "" if tonnes is None else format_tonnes(tonnes)


FORMER = ImportKind(
    kind="key-list",
    label="重点监管单位清单（历年已公布）",
    permission=Permission.KEY_LIST_PUBLISH,
    template=TEMPLATE,
    prepare=prepare,
    check=check,
    check_all=check_all,
    apply=apply,
    base_version=base_version,
)
