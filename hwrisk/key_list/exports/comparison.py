"""The comparison of two versions of the key list as Excel and PDF."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.key_list.comparing import Comparison, compare_lists
from hwrisk.key_list.exports.lists import list_id, list_options, notice_line
from hwrisk.key_list.queries import lists
from hwrisk.key_list.rules import DifferenceKind
from hwrisk.reporting import Column, Parameter, Report, ReportRequest
from hwrisk.security.permissions import Permission

COMPARISON_TITLE = "重点监管单位清单比较表"
COMPARISON_COLUMNS = (
    Column("kind", "差异", "kind.label", kind="code", width=10),
    Column("name", "单位名称", lambda row: (row.after or row.before).unit_name, width=32),
    Column("before_basis", "前一份依据", lambda row: row.before.basis if row.before else "", width=32),
    Column(
        "before", "前一份年产生量（吨）", lambda row: row.before.tonnes if row.before else None, kind="tonnes", width=15
    ),
    Column("after_basis", "后一份依据", lambda row: row.after.basis if row.after else "", width=32),
    Column(
        "after", "后一份年产生量（吨）", lambda row: row.after.tonnes if row.after else None, kind="tonnes", width=15
    ),
    Column("change", "增减（吨）", "tonnes_change", kind="tonnes", width=14),
)


def comparison_of(session: Session, request: ReportRequest) -> Comparison | None:
    """Return the comparison a request asks for: of two versions by number, else of the last two published ones."""
    published = lists.published_lists(session, as_of=request.as_of)
    before, after = (
        lists.get_list(session, list_id(request.params[name]), user=request.user) if request.params.get(name) else None
        for name in ("before", "after")
    )
    before = before or (published[1] if len(published) > 1 else None)
    after = after or (published[0] if published else None)
    if before is None or after is None:
        return None
    return compare_lists(session, before, after, user=request.user, as_of=request.as_of)


def _comparison_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    found = comparison_of(session, request)
    return found.rows if found else []


def _comparison_count(session: Session, request: ReportRequest) -> int:
    return len(list(_comparison_rows(session, request)))


def _comparison_title(session: Session, request: ReportRequest) -> str:
    found = comparison_of(session, request)
    return COMPARISON_TITLE if found is None else f"{COMPARISON_TITLE}（{found.before.label}→{found.after.label}）"


def _comparison_summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    found = comparison_of(session, request)
    if found is None:
        return ("至少要有两份已公布的清单才能比较",)
    return (
        f"前一份：{notice_line(found.before)}",
        f"后一份：{notice_line(found.after)}",
        "，".join(f"{kind.label} {found.counts[kind]} 家" for kind in DifferenceKind),
    )


COMPARISON = Report(
    id="key-list-comparison",
    title=COMPARISON_TITLE,
    permission=Permission.KEY_LIST_READ,
    columns=COMPARISON_COLUMNS,
    rows=_comparison_rows,
    count=_comparison_count,
    summary=_comparison_summary,
    notes=("依据变化指依据种类或年产生量不同；只改名称的不算变化",),
    parameters=(
        Parameter("before", "前一份清单", is_required=False, options=list_options),
        Parameter("after", "后一份清单", is_required=False, options=list_options),
    ),
    title_of=_comparison_title,
)
