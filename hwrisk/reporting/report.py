"""Reports as data: columns, what is asked for, what a writer is given, and what comes out."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal, Protocol

from sqlalchemy.orm import Session

from hwrisk.clock import local
from hwrisk.db.base import new_public_id
from hwrisk.errors import RuleViolation
from hwrisk.security import Permission, Viewer

ColumnKind = Literal["text", "code", "tonnes", "number", "int", "percent", "day", "instant"]
"""text wraps; code is short text that stays on the middle; tonnes has four decimals, number at most four;
percent is a ratio (0.9 prints 90.00%); day is a date; instant is an aware datetime, shown in Asia/Shanghai."""
Format = Literal["xlsx", "pdf"]
Getter = str | Callable[[Any], Any]

CHECKING_NOTE = "核对用，以国家（省）危险废物信息管理系统为准"
"""Stands on every printed ledger, because the lawful record is elsewhere."""
DEMO_NOTE = "（演示数据）"
"""Ends title and name of every file of made-up data, so that no print of it passes for a real list."""
MAX_FILTER_TEXT = 300
"""A pasted list of a thousand names is not printed over two pages; the register of exports keeps it whole."""
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without I, L, O, 0 and 1, which people misread on paper."""


class Progress(Protocol):
    """How a writer tells how far it is; raising from it cancels the work and leaves no file."""

    def __call__(self, done: int, total: int, message: str) -> None:
        """Take note that `done` of `total` rows are written."""


@dataclass(frozen=True)
class Column:
    """One column of a report (列): its title carries the unit, e.g. 贮存量（吨）."""

    key: str
    title: str
    getter: Getter
    """Name of an attribute (dots go deeper) or a function of the row."""
    kind: ColumnKind = field(default="text", kw_only=True)
    width: float = field(default=12, kw_only=True)
    """Width in half-width characters; on paper the share of the page."""
    target: Fraction | None = field(default=None, kw_only=True)
    """Percent only: a figure below it never prints as the target itself."""

    @property
    def read(self) -> Callable[[Any], Any]:
        """Return the function that takes the value out of a row."""
        return attrgetter(self.getter) if isinstance(self.getter, str) else self.getter


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """For whom, for which day and with which filters a report is drawn (导出请求)."""

    user: Viewer
    as_of: date
    filters: Mapping[str, str] = field(default_factory=dict)
    """Filters of the list as its address carries them."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Further parameters of the report, plain JSON values."""


@dataclass(frozen=True)
class Parameter:
    """Something a report must be told beside day and filters, such as the unit (导出参数)."""

    name: str
    label: str
    """What people are asked for, e.g. 单位编号."""
    is_required: bool = field(default=True, kw_only=True)
    options: Callable[[Session, Viewer, date], Iterable[tuple[str, str]]] | None = field(default=None, kw_only=True)
    """What may be chosen, as (value, words), where nobody knows the value by heart; None: it is typed."""


@dataclass(frozen=True, kw_only=True)
class Making:
    """What the writer of a document is given beside the request (成文要素)."""

    title: str
    stamp: Stamp
    made_at: datetime
    cutoff_at: datetime
    made_by: str
    progress: Progress | None = None
    is_demo: bool = False
    """Whether the data are made up; the title says so already, for documents that head themselves otherwise."""


class DocumentWriter(Protocol):
    """Writes a report that is no plain table, such as a file of chapters or a notice."""

    def __call__(self, session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
        """Write the whole file to `path`; the rows it tells must be what `Report.count` says."""


def _whole_scope(_session: Session, request: ReportRequest) -> str:
    return "全市" if request.user.is_city_wide else "本账号管辖范围"


def _no_filters(_session: Session, _request: ReportRequest) -> str:
    # What was sent is not echoed: a sealed paper says nothing its exporter could have made up.
    return ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report of a room (报表); `rows` is the very query of its page."""

    id: str
    title: str
    permission: Permission
    columns: tuple[Column, ...]
    rows: Callable[[Session, ReportRequest], Iterable[Any]]
    count: Callable[[Session, ReportRequest], int]
    scope_text: Callable[[Session, ReportRequest], str] = _whole_scope
    filter_text: Callable[[Session, ReportRequest], str] = _no_filters
    """The filters that were applied, in the user's words; empty text prints 无."""
    summary: Callable[[Session, ReportRequest], tuple[str, ...]] | None = None
    """Lines above the table, such as a rate with numerator and denominator."""
    totals: Callable[[Session, ReportRequest], Mapping[str, Any]] | None = None
    """Values of the last row 合计, by key of the column."""
    cutoff: Callable[[Session, ReportRequest], datetime] | None = None
    """Instant up to which data were known; None: the instant of the export."""
    source: str = "危险废物与化工园区环境风险管理系统"
    notes: tuple[str, ...] = (CHECKING_NOTE,)
    orientation: Literal["landscape", "portrait"] = "landscape"
    paper: Literal["A4", "A3"] = "A4"
    formats: tuple[Format, ...] = ("xlsx", "pdf")
    parameters: tuple[Parameter, ...] = ()
    """What must or may be told; they come in `ReportRequest.params` under their names, as text."""
    columns_of: Callable[[Session, ReportRequest], tuple[Column, ...]] | None = None
    """The columns of this very file, where some of `columns` say nothing in it."""
    title_of: Callable[[Session, ReportRequest], str] | None = None
    """The title of this very file, where it is more than `title`: the unit, the year."""
    writers: Mapping[Format, DocumentWriter] = field(default_factory=dict)
    """Formats that are drawn as a document of their own instead of columns and rows."""

    def check_params(self, params: Mapping[str, Any]) -> None:
        """Check that what must be told is told, and nothing else.

        Raises:
            RuleViolation: a parameter is missing, or the report knows none of that name.
        """
        for parameter in self.parameters:
            if parameter.is_required and not params.get(parameter.name):
                raise RuleViolation(f"导出“{self.title}”须写明{parameter.label}", field=parameter.name)
        unknown = sorted(set(params) - {parameter.name for parameter in self.parameters})
        if unknown:
            raise RuleViolation(f"“{self.title}”没有参数 {'、'.join(unknown)}，请去掉后重试", field=unknown[0])


@dataclass(frozen=True)
class Stamp:
    """Public number of an export and its verification code (核验码), as printed and drawn in the QR.

    The hash of a file cannot stand inside the file, so paper carries the number and a random code that only the
    register of exports knows; the SHA-256 of the whole file is in that register.
    """

    export_id: uuid.UUID
    code: str

    @classmethod
    def new(cls) -> Stamp:
        """Return a fresh stamp."""
        return cls(new_public_id(), "".join(secrets.choice(_CODE_LETTERS) for _ in range(12)))

    @property
    def spaced_code(self) -> str:
        """Return the code in groups of four, for reading aloud."""
        return "-".join(self.code[i : i + 4] for i in range(0, len(self.code), 4))

    @property
    def text(self) -> str:
        """Return what the QR holds and what is written into the file's properties."""
        return f"hwrisk-export:{self.export_id}:{self.code}"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a writer is given: head, columns and rows, without any database."""

    title: str
    head: tuple[str, ...]
    """Lines under the title: scope, filters, cut-off, source, exporter, summary."""
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Iterable[Any]
    expected: int
    """How many rows are expected, for the progress."""
    stamp: Stamp
    made_at: datetime
    made_by: str
    totals: Mapping[str, Any] | None = None
    orientation: Literal["landscape", "portrait"] = "landscape"
    paper: Literal["A4", "A3"] = "A4"


@dataclass(frozen=True)
class Written:
    """What a writer says of its work."""

    rows: int
    warnings: tuple[str, ...] = ()
    """Plain Chinese: characters without a glyph, text that was too long for a cell."""


@dataclass(frozen=True, kw_only=True)
class Produced:
    """A finished file (导出结果)."""

    path: Path
    title: str
    sha256: str
    rows: int
    size: int
    """Bytes."""
    stamp: Stamp
    scope_text: str
    filter_text: str
    cutoff_at: datetime
    made_at: datetime
    warnings: tuple[str, ...] = ()


def head_lines(
    session: Session, report: Report, request: ReportRequest, *, count: int, cutoff_at: datetime, made_at: datetime
) -> tuple[str, ...]:
    """Return the lines under the title: scope, filters, days, source, exporter, and the report's own summary."""
    filters = report.filter_text(session, request) or "无"
    if len(filters) > MAX_FILTER_TEXT:
        filters = f"{filters[:MAX_FILTER_TEXT]}…（完整条件见导出登记）"
    summary = report.summary(session, request) if report.summary else ()
    return (
        f"范围：{report.scope_text(session, request)}　　筛选：{filters}",
        f"统计截止日：{request.as_of:%Y-%m-%d}　　数据截至：{local(cutoff_at):%Y-%m-%d %H:%M}　　共 {count:,} 条",
        f"来源：{report.source}　　导出人：{request.user.label}　　导出时间：{local(made_at):%Y-%m-%d %H:%M}",
        *summary,
    )


def stamp_line(stamp: Stamp) -> str:
    """Return the line that tells how paper and file are verified."""
    return f"文件编号：{stamp.export_id}　　核验码：{stamp.spaced_code}　　（在系统“文件核验”页核对编号或上传文件）"
