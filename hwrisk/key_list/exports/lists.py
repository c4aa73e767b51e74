"""A key list as it was published, and the table offices check it by, as Excel and PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from hwrisk.errors import NotFound, RuleViolation
from hwrisk.key_list.models import KeyList, ListState
from hwrisk.key_list.official import write_official_pdf
from hwrisk.key_list.queries import entries, lists
from hwrisk.key_list.queries.entries import EntryRow
from hwrisk.regions.queries import region_names
from hwrisk.reporting import Column, Making, Parameter, Report, ReportRequest, Written
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer

LIST_TITLE = "危险废物环境重点监管单位清单"
LIST_COLUMNS = (
    Column("seq", "序号", "entry.seq_no", kind="int", width=6),
    Column("name", "单位名称", "entry.unit_name", width=32),
    Column("uscc", "统一社会信用代码", "entry.identity_no", kind="code", width=22),
    Column("admin", "行政区划", "entry.admin_name", width=12),
    Column("office", "管辖单位", "entry.office_name", width=16),
    Column("industry", "行业代码", "entry.industry", kind="code", width=10),
    Column("basis", "纳入依据", "entry.basis", width=34),
    Column("tonnes", "年产生量（吨）", "entry.tonnes", kind="tonnes", width=15),
)
XLSX_COLUMNS = (
    *LIST_COLUMNS,
    Column("year", "年度", lambda row: str(row.key_list.year), kind="code", width=8),
    Column("notice_no", "文号", "key_list.notice_no", kind="code", width=22),
    Column("published_on", "公布日期", "key_list.published_on", kind="day", width=12),
)
"""With what the import of former lists asks for, so that the file can be read back."""
WORKING_COLUMNS = (
    *LIST_COLUMNS,
    Column("unit_no", "单位编号", "unit_no", kind="code", width=17),
    Column("listed", "列入", lambda row: "列入" if row.entry.is_listed else "不列入", kind="code", width=8),
    Column("change", "变化", "entry.change.label", kind="code", width=8),
    Column("review", "核对", "entry.review.label", kind="code", width=12),
    Column("note", "说明", "entry.note", width=32),
)


def list_options(session: Session, user: Viewer, as_of: date) -> Iterable[tuple[str, str]]:
    """Return the versions in sight to choose from, the latest first."""
    for row in lists.all_lists(session, user=user, as_of=as_of):
        yield str(row.key_list.public_id), f"{row.key_list.label}清单（{row.key_list.state.label}）"


def asked_list(session: Session, request: ReportRequest) -> KeyList | None:
    """Return the version a request means: by its number, else the last of the year, else the one in force on the day.

    Raises:
        NotFound: there is none of that number in sight.
        RuleViolation: the number or the year is none, or the year has no published list.
    """
    if request.params.get("list"):
        return lists.get_list(session, list_id(request.params["list"]), user=request.user)
    if not request.params.get("year"):
        return lists.list_in_force(session, as_of=request.as_of)
    year = str(request.params["year"])
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise RuleViolation(f"年度“{year}”的写法不对，请写成四位数字，如 2026", field="year")
    found = lists.latest_of_year(session, int(year), as_of=request.as_of)
    if found is None:
        raise RuleViolation(f"截至 {request.as_of} 没有公布过 {year} 年的清单", field="year")
    return found


def list_rows(session: Session, request: ReportRequest) -> Iterable[EntryRow]:
    """Return the lines as the page of the version shows them; of a published one the listed ones alone."""
    key_list = asked_list(session, request)
    if key_list is None:
        return []
    return entries.stream_entries(session, key_list, **_asked(request))


def list_count(session: Session, request: ReportRequest) -> int:
    """Return how many lines there are."""
    key_list = asked_list(session, request)
    return 0 if key_list is None else _totals(session, key_list, request).entries


def working_rows(session: Session, request: ReportRequest) -> Iterable[EntryRow]:
    """Return every line of a version, also those that are not listed: of the draft unless a number is given."""
    key_list = _working_list(session, request)
    return [] if key_list is None else entries.stream_entries(session, key_list, **_all_asked(request))


def working_count(session: Session, request: ReportRequest) -> int:
    """Return how many lines there are."""
    key_list = _working_list(session, request)
    return 0 if key_list is None else entries.entry_totals(session, key_list, **_all_asked(request)).entries


def _working_list(session: Session, request: ReportRequest) -> KeyList | None:
    if request.params.get("list"):
        return asked_list(session, request)
    return lists.open_draft(session) or lists.list_in_force(session, as_of=request.as_of)


def _working_summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    key_list = _working_list(session, request)
    return ("没有清单",) if key_list is None else (f"{key_list.label}清单　　{notice_line(key_list)}",)


def _working_sums(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    key_list = _working_list(session, request)
    return {} if key_list is None else {"tonnes": entries.entry_totals(session, key_list, **_all_asked(request)).tonnes}


def _all_asked(request: ReportRequest) -> dict[str, Any]:
    return {"user": request.user, "as_of": request.as_of, "asked": entries.conditions_from(request.filters)}


def _asked(request: ReportRequest) -> dict[str, Any]:
    values = dict(request.filters)
    if values.get("listed") not in {entries.LISTED, entries.LEFT}:
        # An official list holds what is listed, unless the others are asked for by name, which is then printed.
        values["listed"] = entries.LISTED
    return {"user": request.user, "as_of": request.as_of, "asked": entries.conditions_from(values)}


def _totals(session: Session, key_list: KeyList, request: ReportRequest) -> entries.EntryTotals:
    return entries.entry_totals(session, key_list, **_asked(request))


def _list_sums(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    key_list = asked_list(session, request)
    return {"tonnes": None if key_list is None else _totals(session, key_list, request).tonnes}


def _list_title(session: Session, request: ReportRequest) -> str:
    key_list = asked_list(session, request)
    return LIST_TITLE if key_list is None else lists.list_title(session, key_list)


def _list_summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    key_list = asked_list(session, request)
    if key_list is None:
        return ("还没有公布的清单",)
    return (
        notice_line(key_list),
        f"口径：HJ 1259—2022 4.2；规则包 key-list {key_list.pack_version or '（照公布的清单）'}",
        *((key_list.unfinished_note,) if key_list.unfinished_note else ()),
    )


def notice_line(key_list: KeyList) -> str:
    """Return number and days of the notice, or that there is none yet."""
    if key_list.state is not ListState.PUBLISHED:
        return f"{key_list.state.label}，未公布；测算日 {key_list.judged_on:%Y-%m-%d}"
    return f"文号：{key_list.notice_no}　　公布日期：{key_list.published_on}　　执行日期：{key_list.effective_on}"


def _list_words(session: Session, request: ReportRequest) -> str:
    asked = entries.conditions_from(request.filters)
    names = region_names(session, as_of=request.as_of) if asked.office or asked.admin else {}
    said = (
        ("管辖单位", names.get(asked.office or "", "待定") if asked.office else None),
        ("行政区划", names.get(asked.admin or "", "待定") if asked.admin else None),
        ("依据", asked.basis and asked.basis.label),
        ("变化", asked.change and asked.change.label),
        ("核对", asked.review and asked.review.label),
        ("列入", None if asked.listed is None else "列入" if asked.listed else "不列入"),
        ("查找", asked.text),
        ("名单", f"粘贴的 {len(asked.pasted)} 项" if asked.pasted else None),
    )
    return "；".join(f"{label}：{value}" for label, value in said if value)


def _list_pdf(session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
    key_list = asked_list(session, request)
    is_draft = key_list is not None and key_list.state is not ListState.PUBLISHED
    return write_official_pdf(
        path,
        making,
        columns=LIST_COLUMNS,
        rows=list(list_rows(session, request)),
        head=() if key_list is None else (notice_line(key_list),),
        filters=_list_words(session, request),
        totals=_list_sums(session, request),
        is_draft=is_draft,
        remark=key_list.unfinished_note if key_list else "",
    )


def list_id(text: str) -> UUID:
    """Return the public id of a list that a request names.

    Raises:
        NotFound: it is none.
    """
    try:
        return UUID(str(text))
    except ValueError as failure:
        raise NotFound("没有这份清单，请从清单页面导出") from failure


KEY_LIST = Report(
    id="key-list",
    title=LIST_TITLE,
    permission=Permission.KEY_LIST_READ,
    columns=XLSX_COLUMNS,
    rows=list_rows,
    count=list_count,
    filter_text=_list_words,
    summary=_list_summary,
    totals=_list_sums,
    notes=("重点监管单位按 HJ 1259—2022 4.2 认定，以公布的公告为准",),
    parameters=(
        Parameter("year", "年度", is_required=False),
        Parameter("list", "清单", is_required=False, options=list_options),
    ),
    title_of=_list_title,
    writers={"pdf": _list_pdf},
)
WORKING = Report(
    id="key-list-working",
    title="重点监管单位清单核对表",
    permission=Permission.KEY_LIST_CONFIRM,
    columns=WORKING_COLUMNS,
    rows=working_rows,
    count=working_count,
    filter_text=_list_words,
    summary=_working_summary,
    totals=_working_sums,
    notes=("县（区）核对用，未经公布，不作为管理依据",),
    parameters=(Parameter("list", "清单", is_required=False, options=list_options),),
    paper="A3",
)
