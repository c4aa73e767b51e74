"""Excel and PDF of materials: the very rows of the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.emergency import measures
from hwrisk.emergency.documents.contacts import write_contacts
from hwrisk.emergency.documents.order import order_count, order_title, write_order
from hwrisk.emergency.models import LotState
from hwrisk.emergency.queries import depots, dispatch, lots
from hwrisk.emergency.rules import masked_phone
from hwrisk.regions.queries import region_names
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.reporting.report import Parameter
from hwrisk.security.permissions import Permission

NOTES = (
    "应急物资台账由物资库管理单位登记；状态由数量和日期推出，临期、未确认的天数为市局内部设置（待核）",
    "可调数量为未过期且已确认的库存减去已分配和保底；过期和未确认的不计入",
)


def _milli(name: str) -> Any:
    def read(row: Any) -> Any:
        return measures.as_number(getattr(row, name))

    return read


def _lot_amount(row: lots.LotRow) -> Any:
    return measures.as_number(row.lot.remaining_milli)


STOCK_COLUMNS = (
    Column("depot_code", "物资库编号", "depot.code", kind="code", width=10),
    Column("depot", "物资库", "depot.name", width=24),
    Column("kind_code", "物资编码", "kind.code", kind="code", width=10),
    Column("kind", "物资", "kind.name", width=18),
    Column("function", "功能类别", "kind.function.label", width=14),
    Column("lots", "批次数", "lots", kind="int", width=7),
    Column("total", "库存", _milli("total_milli"), kind="number", width=10),
    Column("usable", "可用", _milli("usable_milli"), kind="number", width=10),
    Column("allocated", "已分配", _milli("allocated_milli"), kind="number", width=9),
    Column("reserve", "保底", _milli("reserve_milli"), kind="number", width=9),
    Column("free", "可调", _milli("free_milli"), kind="number", width=10),
    Column("unconfirmed", "未确认", _milli("unconfirmed_milli"), kind="number", width=9),
    Column("expired", "已过期", _milli("expired_milli"), kind="number", width=9),
    Column("unit", "计量单位", "kind.unit", kind="code", width=8),
    Column("earliest", "最早到期", "earliest_expiry", kind="day", width=11),
)
LOT_COLUMNS = (
    Column("lot_no", "批次号", "lot.lot_no", kind="code", width=16),
    Column("depot", "物资库", "depot.name", width=24),
    Column("kind_code", "物资编码", "kind.code", kind="code", width=10),
    Column("kind", "物资", "kind.name", width=18),
    Column("batch", "批号或型号", "lot.batch_label", width=14),
    Column("amount", "库存", _lot_amount, kind="number", width=10),
    Column("unit", "计量单位", "kind.unit", kind="code", width=8),
    Column("produced", "生产日期", "lot.produced_on", kind="day", width=11),
    Column("expires", "有效期至", "lot.expires_on", kind="day", width=11),
    Column("confirmed", "最近确认", "lot.last_confirmed_on", kind="day", width=11),
    Column("state", "状态", "state.label", kind="code", width=9),
    Column("location", "库位", "lot.location", width=10),
    Column("note", "备注", "lot.note", width=14),
)
DEPOT_COLUMNS = (
    Column("code", "编号", "depot.code", kind="code", width=9),
    Column("name", "物资库", "depot.name", width=24),
    Column("level", "级别", "depot.level.label", kind="code", width=8),
    Column("mode", "储备方式", "depot.mode.label", kind="code", width=12),
    Column("office", "管辖单位", "office", width=14),
    Column("keeper", "管理单位", "depot.keeper", width=20),
    Column("address", "地址", "depot.address", width=24),
    Column("longitude", "经度", "depot.longitude", kind="number", width=10),
    Column("latitude", "纬度", "depot.latitude", kind="number", width=10),
    Column("phone", "值班电话（首尾）", "phone", kind="code", width=14),
    Column("shared", "共享", lambda row: "是" if row.depot.is_shared else "否", kind="code", width=6),
    Column("kinds", "品种数", "kinds", kind="int", width=7),
    Column("lots", "批次数", "lots", kind="int", width=7),
    Column("source", "来源", "depot.source", width=20),
)
DISPATCH_COLUMNS = (
    Column("number", "单号", "request.number", kind="code", width=14),
    Column("incident", "事由", "request.incident", width=26),
    Column("place", "使用地点", "request.place", width=14),
    Column("kind", "物资", "kind.name", width=16),
    Column("amount", "申请数量", lambda row: measures.as_number(row.request.amount_milli), kind="number", width=9),
    Column("given", "已分配", _milli("allocated_milli"), kind="number", width=9),
    Column("away", "尚未核销", _milli("away_milli"), kind="number", width=9),
    Column("unit", "计量单位", "kind.unit", kind="code", width=8),
    Column("needed", "最迟送达", "request.needed_at", kind="instant", width=16),
    Column("requester", "申请人", "request.requester", width=18),
    Column("asked", "申请时间", "request.recorded_at", kind="instant", width=16),
    Column("state", "状态", "request.state.label", kind="code", width=12),
)


class _DepotLine:
    """A depot with the names an export prints."""

    def __init__(self, row: depots.DepotRow, offices: Mapping[str, str]) -> None:
        self.depot, self.kinds, self.lots = row
        self.office = offices.get(row.depot.office_code or "", "")
        self.phone = masked_phone(row.depot.duty_phone)


def _stock_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    return lots.stock_rows(session, request.user, lots.conditions_of(request.filters), as_of=request.as_of)


def _stock_count(session: Session, request: ReportRequest) -> int:
    return lots.count_stock(session, request.user, lots.conditions_of(request.filters), as_of=request.as_of)


def _lot_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    return lots.lot_rows(session, request.user, lots.conditions_of(request.filters), as_of=request.as_of)


def _lot_count(session: Session, request: ReportRequest) -> int:
    asked = lots.conditions_of(request.filters)
    return lots.lot_totals(session, request.user, asked, as_of=request.as_of).lots


def _expiring(request: ReportRequest) -> lots.LotConditions:
    return lots.conditions_of({**request.filters, "attention": "1"})


def _expiring_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    return lots.lot_rows(session, request.user, _expiring(request), as_of=request.as_of)


def _expiring_count(session: Session, request: ReportRequest) -> int:
    return lots.lot_totals(session, request.user, _expiring(request), as_of=request.as_of).lots


def _expiring_summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    totals = lots.lot_totals(session, request.user, _expiring(request), as_of=request.as_of)
    return ("　　".join(f"{state.label} {totals.by_state[state]} 批" for state in lots.ATTENTION),)


def _depot_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    offices = region_names(session, as_of=request.as_of)
    rows = depots.depot_rows(session, request.user, depots.conditions_of(request.filters))
    return [_DepotLine(row, offices) for row in rows]


def _depot_count(session: Session, request: ReportRequest) -> int:
    return depots.count_depots(session, request.user, depots.conditions_of(request.filters))


def _dispatch_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    return dispatch.dispatch_rows(session, request.user, dispatch.conditions_of(request.filters))


def _dispatch_count(session: Session, request: ReportRequest) -> int:
    return dispatch.count_dispatches(session, request.user, dispatch.conditions_of(request.filters))


def _words(session: Session, request: ReportRequest) -> str:
    """Return the conditions of a request in the words of the pages."""
    names = {
        "text": "查找", "function": "功能类别", "office": "管辖单位", "depot": "物资库", "kind": "物资编码",
        "state": "状态", "level": "级别", "mode": "储备方式", "shared": "只看共享", "open": "只看未办结",
        "attention": "只看过期、临期和未确认", "with_empty": "含已无库存", "as_of": "状态截至",
    }  # fmt: skip
    offices = region_names(session, as_of=request.as_of) if "office" in request.filters else {}
    return "；".join(
        f"{label}：{_shown(name, request.filters[name], offices)}"
        for name, label in names.items()
        if request.filters.get(name)
    )


def _shown(name: str, value: str, offices: Mapping[str, str]) -> str:
    if name == "state" and value in set(LotState):
        return LotState(value).label
    return "是" if value == "1" else offices.get(value, value)


def _report(id_: str, title: str, columns: tuple[Column, ...], rows: Any, count: Any, **more: Any) -> Report:
    return Report(
        id=id_, title=title, permission=Permission.MATERIAL_READ, columns=columns, rows=rows, count=count,
        filter_text=_words, **({"notes": NOTES} | more),
    )  # fmt: skip


ORDER = Report(
    id="dispatch-order",
    title="应急物资调拨单",
    permission=Permission.MATERIAL_READ,
    columns=DISPATCH_COLUMNS,
    rows=_dispatch_rows,
    count=order_count,
    formats=("pdf",),
    parameters=(Parameter("order", "调拨单号"),),
    title_of=order_title,
    writers={"pdf": write_order},
    notes=NOTES,
)
CONTACTS = Report(
    id="depot-contacts",
    title="应急物资库联系卡",
    permission=Permission.MATERIAL_PHONE,
    columns=DEPOT_COLUMNS,
    rows=_depot_rows,
    count=_depot_count,
    filter_text=_words,
    formats=("pdf",),
    writers={"pdf": write_contacts},
    notes=NOTES,
)
REPORTS = (
    _report("material-stock", "应急物资库存表", STOCK_COLUMNS, _stock_rows, _stock_count, paper="A3"),
    _report("material-lots", "应急物资批次台账", LOT_COLUMNS, _lot_rows, _lot_count, paper="A3"),
    _report(
        "material-expiring",
        "过期、临期和未确认物资清单",
        LOT_COLUMNS,
        _expiring_rows,
        _expiring_count,
        summary=_expiring_summary,
        paper="A3",
    ),
    _report("depots", "应急物资库名录", DEPOT_COLUMNS, _depot_rows, _depot_count, paper="A3"),
    _report("dispatch-orders", "应急物资调拨台账", DISPATCH_COLUMNS, _dispatch_rows, _dispatch_count, paper="A3"),
    ORDER,
    CONTACTS,
)
