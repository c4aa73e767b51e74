"""The key list in the file of a unit (一企一档分章)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.key_list.queries import entries, lists
from hwrisk.key_list.queries.entries import UnitEntry
from hwrisk.key_list.queries.facts import get_unit_row, judged_unit
from hwrisk.reporting import Column
from hwrisk.reporting.dossier import Alert, Chapter, DossierTable, Fact, FileChapter
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer

COLUMNS = (
    Column("list", "清单", lambda row: row.key_list.label, width=14),
    Column("listed", "列入", lambda row: "列入" if row.entry.is_listed else "退出", kind="code", width=8),
    Column("basis", "纳入依据", "entry.basis", width=36),
    Column("tonnes", "年产生量（吨）", "entry.tonnes", kind="tonnes", width=14),
    Column("notice", "文号", "key_list.notice_no", width=22),
    Column("on", "公布日期", "key_list.published_on", kind="day", width=12),
)


class YearLine(NamedTuple):
    """Tonnes of one year with their source, as the rules took them."""

    year: int
    tonnes: Decimal
    source: str
    other: str


FIGURE_COLUMNS = (
    Column("year", "年度", lambda row: f"{row.year}年", kind="code", width=8),
    Column("tonnes", "产生量（吨）", "tonnes", kind="tonnes", width=16),
    Column("source", "来源", "source", width=24),
    Column("other", "两处数据不一致", "other", width=36),
)


def load(session: Session, unit_id: int, as_of: date, user: Viewer) -> Chapter | None:
    """Return what the file of a unit says of the key list on a day."""
    rows = entries.entries_of_unit(session, unit_id, as_of=as_of, user=user)
    try:
        verdict = judged_unit(session, get_unit_row(session, unit_id, as_of=as_of), on=as_of, as_of=as_of)
    except NotFound:
        return None
    current = lists.list_in_force(session, as_of=as_of)
    listed = _is_listed(rows, current.id if current else None)
    computed = verdict.management_class.label if verdict.management_class else "不能判定（缺少数据）"
    facts = (
        Fact(label="现行清单", value=_standing(current.label if current else "", listed=listed)),
        Fact(label="规则测算", value=f"{computed}；{verdict.basis}", unverified=verdict.is_unverified),
        Fact(label="条款", value=verdict.clause or "—"),
    )
    tables = [DossierTable(title="列入情况", columns=COLUMNS, rows=rows)] if rows else []
    if verdict.figures:
        figures = [YearLine(**{**figure, "tonnes": Decimal(figure["tonnes"])}) for figure in verdict.figures]
        tables.append(DossierTable(title="近年产生量", columns=FIGURE_COLUMNS, rows=figures))
    alerts = _alerts(is_listed=listed, is_key=verdict.is_key, has_list=current is not None)
    return Chapter(alerts=alerts, facts=facts, tables=tuple(tables))


def _is_listed(rows: list[UnitEntry], current_id: int | None) -> bool:
    return any(row.key_list.id == current_id and row.entry.is_listed for row in rows)


def _standing(label: str, *, listed: bool) -> str:
    if not label:
        return "还没有公布的清单"
    return f"{'列入' if listed else '未列入'}{label}清单"


def _alerts(*, is_listed: bool, is_key: bool, has_list: bool) -> tuple[Alert, ...]:
    if has_list and is_key and not is_listed:
        return (Alert(text="按规则应为重点监管单位，现行清单没有列入", state="warn"),)
    return ()


CHAPTERS = (
    FileChapter(
        owner="unit", key="key-list", label="重点监管单位清单", order=70, permission=Permission.KEY_LIST_READ, load=load
    ),
)  # fmt: skip
