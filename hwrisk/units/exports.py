"""The unit list as Excel and PDF (单位名录)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.parks.models import Park
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.security.permissions import Permission
from hwrisk.units import listing
from hwrisk.units.listing import UnitLine
from hwrisk.units.queries import count_units

NOTE = "单位名录由生态环境部门维护；“未纳入”的名称来自公开资料，未纳入监管名录，所载内容待核"


def _version(name: str) -> Callable[[UnitLine], Any]:
    def read(line: UnitLine) -> Any:
        value = getattr(line.row.version, name)
        return getattr(value, "label", value)

    return read


def _unit(name: str) -> Callable[[UnitLine], Any]:
    def read(line: UnitLine) -> Any:
        value = getattr(line.row.unit, name)
        return getattr(value, "label", value)

    return read


def _status(line: UnitLine) -> str:
    # What a public source says of it nobody has verified.
    return line.row.version.status.label + ("" if line.row.unit.is_supervised else "（待核）")


COLUMNS = (
    Column("unit_no", "单位编号", _unit("unit_no"), kind="code", width=17),
    Column("name", "单位名称", _version("name"), width=28),
    Column("identity_kind", "身份标识种类", _unit("identity_kind"), width=15),
    Column("identity_no", "身份标识号码", _unit("identity_no"), kind="code", width=20),
    Column("office", "管辖单位", "office", width=15),
    Column("admin", "行政区划", "admin", width=10),
    Column("park", "化工园区", "park", width=18),
    Column("role", "单位类型", _version("role"), width=11),
    Column("status", "状态", _status, width=12),
    Column("class", "管理类别", _version("management_class"), width=10),
    Column("class_computed", "计算类别", _version("class_computed"), width=10),
    Column("licence_no", "经营许可证编号", _version("licence_no"), kind="code", width=16),
    Column("address", "地址", _version("address"), width=24),
    Column("started_on", "投运日期", _unit("started_on"), kind="day", width=11),
    Column("supervised", "监管名录", lambda line: "已纳入" if line.row.unit.is_supervised else "未纳入", width=9),
)


def rows(session: Session, request: ReportRequest) -> list[UnitLine]:
    """Return the lines of the list, as its page shows them."""
    return listing.lines(session, request.user, request.filters, as_of=request.as_of)


def count(session: Session, request: ReportRequest) -> int:
    """Return how many lines there are."""
    return count_units(session, request.user, listing.conditions_of(request.filters), as_of=request.as_of)


def _filter_text(session: Session, request: ReportRequest) -> str:
    parks = dict(session.execute(select(Park.code, Park.name)).all())
    return listing.in_words(request.filters, listing.names_on(session, request.as_of), parks)


REPORT = Report(
    id="units",
    title="单位名录",
    permission=Permission.UNIT_READ,
    columns=COLUMNS,
    rows=rows,
    count=count,
    filter_text=_filter_text,
    notes=(NOTE,),
    paper="A3",
)
