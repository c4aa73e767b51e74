"""Import of stock (物资台账): each row says what lies of one lot in one depot."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.catalogue.chemicals.rules import plain_name
from hwrisk.clock import now
from hwrisk.db.chunks import chunked
from hwrisk.emergency import measures, rules
from hwrisk.emergency.models import Depot, MaterialKind, MaterialLot
from hwrisk.emergency.operations import lots as operations
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries.depots import choosable_depots
from hwrisk.emergency.queries.kinds import active_kinds
from hwrisk.errors import NotFound, RuleViolation
from hwrisk.imports import (
    ApplyContext,
    CheckContext,
    Fault,
    ImportKind,
    ParsedRow,
    RowOutcome,
    StagedRow,
    Template,
    TemplateColumn,
    day_column,
    text_column,
)
from hwrisk.imports.cells import Cell, CellError, line_of, near_names
from hwrisk.imports.cells.base import require
from hwrisk.security.permissions import Permission

NOTE = "物资台账导入"
_SHELF_LIFE = re.compile(r"([0-9]{1,3}) ?(年|个月|月|天|日)")
_EXAMPLE = "如 6.5、6.5吨、300千克"

LotKey = tuple[int, int, str, date | None, date | None]
"""Depot, kind, batch label, production, expiry: what makes two rows the same lot."""


def _parse_quantity(cell: Cell, _as_of: date) -> str:
    """Return the amount as it is written, checked for form; its unit is looked at once the material is known."""
    if isinstance(cell, bool):
        raise CellError("这里要填数量，不是 TRUE/FALSE", _EXAMPLE)
    text = require(line_of(cell), "数量", _EXAMPLE)
    found = measures.split_amount(text)
    if found is None:
        raise CellError("不是数量", _EXAMPLE)
    if found[0] < 0:
        raise CellError("数量不能为负数", f"{-found[0]}{found[1]}（如负号是误填）")
    return f"{found[0]:f} {found[1]}".strip()


def _parse_shelf_life(cell: Cell, _as_of: date) -> str:
    text = require(line_of(cell), "保质期")
    found = _SHELF_LIFE.fullmatch(text.replace("保质期", "").strip())
    if found is None:
        raise CellError("保质期看不懂", "如 24个月、3年、180天")
    return f"{int(found[1])} {found[2]}"


TEMPLATE = Template(
    sheet="物资台账",
    version="2026.1",
    columns=(
        text_column("depot", "物资库", synonyms=("物资库名称", "库名", "仓库", "储备点", "存放地点"), width=26,
                    note="登记的名称或编号", example="赣榆区环境应急物资库"),
        text_column("kind", "物资名称", synonyms=("名称", "物资", "资源名称", "品名"), width=20,
                    note="登记的名称、编码或任一别名", example="生石灰"),
        TemplateColumn(key="quantity", title="数量", synonyms=("储备量", "库存", "库存数量", "现有数量"),
                       parse=_parse_quantity, note="可连单位一起写；不写单位的按物资的计量单位", example="6.5吨"),
        text_column("unit", "单位", synonyms=("计量单位",), is_required=False, max_length=8, width=8, example="吨"),
        text_column("batch", "批号或型号", synonyms=("批号", "批次", "型号", "规格", "规格型号"), is_required=False,
                    max_length=64),
        day_column("produced_on", "生产日期", is_required=False, synonyms=("出厂日期", "生产日", "购置日期")),
        day_column("expires_on", "有效期至", is_required=False, may_be_future=True, example="2028-06-30",
                   synonyms=("到期日期", "失效日期", "报废日期", "有效期", "有效期限")),
        TemplateColumn(key="shelf_life", title="保质期", parse=_parse_shelf_life, is_required=False,
                       synonyms=("质保期", "保存期限"), example="24个月",
                       note="没有填有效期的，由生产日期加保质期推算"),
        day_column("confirmed_on", "盘点日期", is_required=False,
                   synonyms=("确认日期", "核实日期", "最近确认", "检查日期"), note="不填为导入当日"),
        text_column("location", "库位", is_required=False, max_length=64, synonyms=("货位", "存放位置")),
        text_column("note", "备注", is_required=False),
    ),
    notes=(
        "一行一批：同一物资库、同一物资、同一批号、生产日期和有效期的是同一批。",
        "已登记的批次数量不同时按盘点更正；数量相同、盘点日期更近的只更新确认日期。",
        "物资和物资库的名称认不出时给出相近的名称，不会自动归到别的物资。",
        "同一文件重复导入不产生变化。",
    ),
)  # fmt: skip


class KnownLot(NamedTuple):
    """A lot that is there already."""

    id: int
    lot_no: str
    remaining_milli: int
    allocated_milli: int
    last_confirmed_on: date | None


@dataclass(frozen=True)
class Known:
    """Read once per file, in three statements and one per few hundred depots."""

    depots: Mapping[str, Depot]
    """By plain name and code."""
    kinds: Mapping[str, MaterialKind]
    """By every plain name."""
    depot_names: Sequence[str]
    kind_names: Sequence[str]
    lots: Mapping[LotKey, KnownLot]
    seen: dict[LotKey, int] = field(default_factory=dict)


def _prepare(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> Known:
    depots, kinds = choosable_depots(session, user=context.user), active_kinds(session)
    by_name = {plain_name(name): depot for depot in depots for name in (depot.name, depot.code)}
    named = {plain_name(row.values["depot"]) for row in rows if row.values.get("depot")}
    wanted = {by_name[name].id for name in named if name in by_name}
    by_kind: dict[str, MaterialKind] = {}
    for kind in kinds:
        by_kind |= {plain_name(kind.name): kind, plain_name(kind.code): kind}
    for kind in kinds:
        for alias in kind.names:
            by_kind.setdefault(plain_name(alias), kind)
    return Known(
        by_name, by_kind, [depot.name for depot in depots], [name for kind in kinds for name in kind.names],
        _known_lots(session, wanted),
    )  # fmt: skip


def _known_lots(session: Session, depot_ids: set[int]) -> dict[LotKey, KnownLot]:
    found: dict[LotKey, KnownLot] = {}
    for chunk in chunked(sorted(depot_ids)):
        rows = session.execute(
            select(
                MaterialLot.depot_id, MaterialLot.kind_id, MaterialLot.batch_label, MaterialLot.produced_on,
                MaterialLot.expires_on, MaterialLot.id, MaterialLot.lot_no, MaterialLot.remaining_milli,
                MaterialLot.allocated_milli, MaterialLot.last_confirmed_on,
            )
            .where(MaterialLot.depot_id.in_(chunk))
            .order_by(MaterialLot.id)
        )  # fmt: skip
        for row in rows:
            depot_id, kind_id, batch, produced_on, expires_on, id_, lot_no, remaining, allocated, confirmed_on = row
            found[depot_id, kind_id, batch, produced_on, expires_on] = KnownLot(
                id_, lot_no, remaining, allocated, confirmed_on
            )
    return found


def _check(session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:  # noqa: ARG001 - asks nothing more
    known: Known = context.known
    faults: list[Fault] = []
    depot = known.depots.get(plain_name(row.values["depot"]))
    kind = known.kinds.get(plain_name(row.values["kind"]))
    title = f"{row.values['depot']} {row.values['kind']}"
    if depot is None:
        near = near_names(row.values["depot"], known.depot_names)
        faults.append(row.fault("depot", "没有叫这个名称的物资库，或不在您的管辖范围内", _offer(near)))
    if kind is None:
        near = near_names(row.values["kind"], known.kind_names)
        faults.append(row.fault("kind", "没有登记过叫这个名称的物资", _offer(near)))
    expires_on = _expiry(row, faults)
    milli = _amount(row, kind, faults) if kind else 0
    if faults or depot is None or kind is None:
        return RowOutcome.refused(*faults, title=title)
    key: LotKey = (depot.id, kind.id, row.values.get("batch") or "", row.values.get("produced_on"), expires_on)
    first = known.seen.setdefault(key, row.row_no)
    if first != row.row_no:
        return RowOutcome.refused(
            row.fault(None, f"与第 {first} 行是同一批物资", "合并为一行，或用批号区分"), title=title
        )
    return _verdict(row, known.lots.get(key), context, key, milli, kind.unit)


def _verdict(  # noqa: PLR0917 - the row, what is known of it, and what it says
    row: ParsedRow, lot: KnownLot | None, context: CheckContext, key: LotKey, milli: int, unit: str
) -> RowOutcome:
    title = f"{row.values['depot']} {row.values['kind']}"
    stated = row.values.get("confirmed_on")
    confirmed = stated or (context.as_of if lot is None or milli != lot.remaining_milli else lot.last_confirmed_on)
    if lot is not None and milli == lot.remaining_milli == 0:
        # Nothing is there and nothing is said to be: there is nothing to confirm.
        confirmed = lot.last_confirmed_on
    if key[3] is not None and confirmed is not None and confirmed < key[3]:
        return RowOutcome.refused(row.fault("produced_on", "生产日期晚于盘点日期", "核对两个日期"), title=title)
    if lot is None and milli == 0:
        return RowOutcome.refused(row.fault("quantity", "新批次的数量必须大于 0", "没有库存的不必填写"), title=title)
    if lot is not None and milli < lot.allocated_milli:
        promised = f"该批次有 {measures.shown(lot.allocated_milli)} {unit} 已分配给调拨，盘点不能少于此数"
        return RowOutcome.refused(row.fault("quantity", promised, "先取消或改派调拨"), title=title)
    if lot is not None and lot.last_confirmed_on and confirmed and confirmed < lot.last_confirmed_on:
        if milli != lot.remaining_milli:
            older = f"系统中 {lot.last_confirmed_on} 已有更近的盘点，不能用更早的数量更正"
            return RowOutcome.refused(row.fault("confirmed_on", older, "填写这次盘点的日期"), title=title)
        confirmed = lot.last_confirmed_on
    after = {"数量": f"{measures.shown(milli)} {unit}", "确认日期": str(confirmed or "")}
    before = None
    if lot is not None:
        before = {"数量": f"{measures.shown(lot.remaining_milli)} {unit}", "确认日期": str(lot.last_confirmed_on or "")}
    payload = {
        "lot_id": lot.id if lot else None, "depot_id": key[0], "kind_id": key[1], "batch": key[2],
        "produced_on": key[3], "expires_on": key[4], "milli": milli, "confirmed_on": confirmed,
        "location": row.values.get("location") or "", "note": row.values.get("note") or "",
    }  # fmt: skip
    return RowOutcome.of(row, exists=lot is not None, before=before, after=after, payload=payload, title=title)


def _offer(near: Sequence[str]) -> str:
    return f"{'、'.join(near)}（名称相近，请核对后填写）" if near else "按登记的名称、编号或别名填写；新的请先登记"


def _amount(row: ParsedRow, kind: MaterialKind, faults: list[Fault]) -> int:
    number, word = measures.split_amount(row.values["quantity"]) or (None, "")
    beside = row.values.get("unit") or ""
    if number is None:
        return 0
    if (times := measures.times_of(word)) is not None:
        whole = f"{measures.as_number(int(number * times[0] * measures.SCALE)):f}"
        faults.append(row.fault("quantity", f"数字后面有“{word}”，请写出完整的数字", whole + times[1]))
        return 0
    if word and beside and measures.unit_named(word) != measures.unit_named(beside):
        faults.append(row.fault("unit", f"数量里写的单位是“{word}”，与本列“{beside}”不一致", "只保留一个单位"))
        return 0
    try:
        return measures.in_milli(number, word or beside, unit=kind.unit)
    except RuleViolation as violation:
        faults.append(row.fault("quantity", violation.message))
        return 0


def _expiry(row: ParsedRow, faults: list[Fault]) -> date | None:
    """Return the last good day: as stated, or production and shelf life together."""
    produced, expires, shelf = (row.values.get(name) for name in ("produced_on", "expires_on", "shelf_life"))
    if expires is None and shelf:
        if produced is None:
            faults.append(
                row.fault("shelf_life", "只有保质期、没有生产日期，推不出有效期", "补生产日期，或直接填有效期至")
            )
            return None
        expires = _later(produced, shelf)
    try:
        rules.check_days(produced, expires)
    except RuleViolation as violation:
        faults.append(row.fault("expires_on", violation.message))
    return expires


def _later(day: date, shelf: str) -> date:
    count, unit = shelf.split()
    if unit in {"天", "日"}:
        return date.fromordinal(day.toordinal() + int(count))
    months = int(count) * (12 if unit == "年" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Bring in the new lots; correct the known ones by stock-taking, or note their confirmation."""
    hand = Hand(viewer=context.user, as_of=context.as_of, at=now())
    counts = {"入库": 0, "盘点更正": 0, "确认": 0}
    for row in rows:
        values = row.payload
        if values["lot_id"] is None:
            _add(session, values, hand)
            counts["入库"] += 1
            continue
        lot = session.get(MaterialLot, values["lot_id"])
        if lot is None:
            raise NotFound
        if values["milli"] != lot.remaining_milli:
            day = values["confirmed_on"] or context.as_of
            operations.count_stock(session, lot, counted_milli=values["milli"], on=day, hand=hand, note=NOTE)
            counts["盘点更正"] += 1
        else:
            operations.confirm_lot(session, lot, on=values["confirmed_on"], hand=hand, note=NOTE)
            counts["确认"] += 1
    return counts


def _add(session: Session, values: Mapping[str, Any], hand: Hand) -> None:
    operations.add_lot(
        session,
        session.get_one(Depot, values["depot_id"]),
        session.get_one(MaterialKind, values["kind_id"]),
        quantity_milli=values["milli"],
        received_on=values["confirmed_on"] or hand.as_of,
        confirmed_on=values["confirmed_on"],
        produced_on=values["produced_on"],
        expires_on=values["expires_on"],
        batch_label=values["batch"],
        location=values["location"],
        note=values["note"],
        hand=hand,
    )


MATERIALS = ImportKind(
    kind="materials",
    label="应急物资台账",
    permission=Permission.MATERIAL_EDIT,
    template=TEMPLATE,
    prepare=_prepare,
    check=_check,
    apply=_apply,
)
