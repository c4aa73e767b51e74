"""What each kind of record does when it is posted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from hwrisk.db.types import ZERO
from hwrisk.errors import RuleViolation
from hwrisk.imports.cells import format_tonnes
from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.posting.followers import entrusted, received, returned, treated
from hwrisk.ledger.posting.states import BatchState, EntryState, count_use

if TYPE_CHECKING:
    from hwrisk.ledger.posting.engine import Posting

Handler = Callable[["Posting", Draft], None]
Share = tuple[BatchState, int, Decimal]
"""Batch, facility and tonnes."""


def _generated(posting: Posting, draft: Draft) -> None:
    posting.add(draft, entry_no=posting.number(draft))


def _into_store(posting: Posting, draft: Draft) -> None:
    if draft.facility_id is None:
        raise RuleViolation("请填写贮存设施编码", field="facility_id")
    first = draft.first_stored_on
    if draft.kind is EntryKind.STORED_IN:
        first = first or draft.occurred_on
    if first is not None and first > draft.occurred_on:
        raise RuleViolation("首次入库日期不得晚于本次入库（结转）日期", field="first_stored_on")
    generated = _generation(posting, draft)
    number = posting.number(draft)
    batch = BatchState(
        key=(draft.unit_id, number), id=None, waste_code=draft.waste_code, waste_name=draft.waste_name,
        facility_id=draft.facility_id, entered_on=draft.occurred_on, first_stored_on=first,
    )  # fmt: skip
    batch.row = {"quantity": draft.quantity, "tag": draft.tag, "origin": generated}
    posting.context.add_batch(batch)
    posting.new_batches.append(batch)
    _move(posting, batch, draft.facility_id, draft.occurred_on, draft.quantity)
    posting.add(
        draft, entry_no=number, batch=batch, facility_id=draft.facility_id,
        stock_delta=draft.quantity, predecessor=generated,
    )  # fmt: skip


def _generation(posting: Posting, draft: Draft) -> EntryState | None:
    if not draft.predecessor_no:
        return None
    generated = posting.preceding(draft, {EntryKind.GENERATED}, "产生")[0]
    if generated.waste_code != draft.waste_code:
        raise RuleViolation(f"废物代码与产生记录（{generated.waste_code}）不一致，请核对", field="waste_code")
    if draft.quantity > generated.left:
        posting.warn("quantity", f"入库量大于产生记录尚未入库的 {format_tonnes(max(generated.left, ZERO))} 吨，请核对")
    count_use(generated, EntryKind.STORED_IN, draft.quantity, explained=False)
    return generated


def _out(posting: Posting, draft: Draft) -> None:
    if draft.batch_no:
        batch = _batch(posting, draft)
        shares = [(batch, _facility(posting, draft, batch), draft.quantity)]
    elif draft.waste_code:
        shares = _oldest_first(posting, draft)
    else:
        raise RuleViolation("请填写入库批次编码，或填写废物代码由系统按先进先出核销", field="batch_no")
    number = posting.number(draft)
    for place, share in enumerate(shares):
        _take(posting, draft, share, **posting.part(number, place))


def _take(posting: Posting, draft: Draft, share: Share, **number: str) -> EntryState:
    batch, facility_id, quantity = share
    _move(posting, batch, facility_id, draft.occurred_on, -quantity)
    return posting.add(
        draft, batch=batch, facility_id=facility_id, quantity=quantity, stock_delta=-quantity,
        waste_code=batch.waste_code, waste_name=batch.waste_name, **number,
    )  # fmt: skip


def _oldest_first(posting: Posting, draft: Draft) -> list[Share]:
    left = draft.quantity
    shares: list[Share] = []
    for batch, facility_id, there in _in_store(posting, draft):
        share = min(left, there)
        shares.append((batch, facility_id, share))
        left -= share
        if not left:
            return shares
    may, day = format_tonnes(draft.quantity - left), f"{draft.occurred_on:%Y-%m-%d}"
    raise RuleViolation(
        f"数量 {format_tonnes(draft.quantity)} 吨大于 {draft.waste_code} 在 {day} 可出库的 {may} 吨，请核对",
        field="quantity",
    )


def _in_store(posting: Posting, draft: Draft) -> list[Share]:
    """Return what can leave on the draft's day, of its waste and facility, oldest batch first."""
    book = posting.context.book
    found = []
    for batch in sorted(posting.context.by_waste.get((draft.unit_id, draft.waste_code), []), key=lambda b: b.age_order):
        if draft.waste_name and batch.waste_name != draft.waste_name:
            continue
        for facility_id in _facilities(posting, batch):
            there = book.available((batch, facility_id), draft.occurred_on)
            if there > 0 and draft.facility_id in (None, facility_id):
                found.append((batch, facility_id, there))
    return found


def _moved(posting: Posting, draft: Draft) -> None:
    batch = _batch(posting, draft)
    origin = _facility(posting, draft, batch)
    if draft.to_facility_id is None or draft.to_facility_id == origin:
        raise RuleViolation("请填写移入的贮存设施，且不得与移出的相同", field="to_facility_id")
    out = _take(posting, draft, (batch, origin, draft.quantity), entry_no=posting.number(draft))
    _move(posting, batch, draft.to_facility_id, draft.occurred_on, draft.quantity)
    posting.add(
        draft, entry_no=posting.number(draft, EntryKind.MOVED_IN), kind=EntryKind.MOVED_IN, batch=batch,
        facility_id=draft.to_facility_id, stock_delta=draft.quantity, predecessor=out,
        waste_code=batch.waste_code, waste_name=batch.waste_name,
    )  # fmt: skip


def _counted(posting: Posting, draft: Draft) -> None:
    batch = _batch(posting, draft)
    facility_id = _facility(posting, draft, batch)
    delta = draft.quantity if draft.kind is EntryKind.STOCKTAKE_GAIN else -draft.quantity
    if not draft.remark.strip():
        raise RuleViolation("盘盈盘亏必须说明原因", field="remark")
    _move(posting, batch, facility_id, draft.occurred_on, delta)
    posting.add(
        draft, entry_no=posting.number(draft), batch=batch, facility_id=facility_id, stock_delta=delta,
        waste_code=batch.waste_code, waste_name=batch.waste_name,
    )  # fmt: skip


def _batch(posting: Posting, draft: Draft) -> BatchState:
    if not draft.batch_no:
        raise RuleViolation("请填写入库批次编码", field="batch_no")
    key = (draft.unit_id, draft.batch_no)
    batch = posting.context.batches.get(key)
    if batch is None:
        posting.refuse_behind_fault(key, field="batch_no")
        raise RuleViolation(f"没有找到批次“{draft.batch_no}”，请核对入库批次编码", field="batch_no")
    if draft.waste_code and draft.waste_code != batch.waste_code:
        raise RuleViolation(
            f"废物代码 {draft.waste_code} 与批次 {draft.batch_no} 的 {batch.waste_code} 不一致，请核对",
            field="waste_code",
        )
    if draft.occurred_on < batch.entered_on:
        raise RuleViolation(f"日期早于批次入库日期 {batch.entered_on:%Y-%m-%d}，请核对", field="occurred_on")
    return batch


def _facility(posting: Posting, draft: Draft, batch: BatchState) -> int:
    """Return where the draft takes from: as it says, else where the whole quantity lies, else where the most does."""
    if draft.facility_id is not None:
        return draft.facility_id
    there = {f: posting.context.book.on((batch, f), draft.occurred_on) for f in _facilities(posting, batch)}
    whole = [f for f, stock in there.items() if stock >= draft.quantity]
    return whole[0] if whole else max(there, key=lambda f: there[f])


def _facilities(posting: Posting, batch: BatchState) -> list[int]:
    """Return the facilities the batch ever lay in, the one it entered first."""
    ever = [f for f in posting.context.book.facilities(batch) if isinstance(f, int) and f != batch.facility_id]
    return [batch.facility_id, *ever]


def _move(posting: Posting, batch: BatchState, facility_id: int, day: date, delta: Decimal) -> None:
    posting.context.book.post((batch, facility_id), day, delta)
    batch.moved += delta


HANDLERS: dict[EntryKind, Handler] = {
    EntryKind.GENERATED: _generated,
    EntryKind.OPENING: _into_store,
    EntryKind.STORED_IN: _into_store,
    EntryKind.STORED_OUT: _out,
    EntryKind.SELF_TREATED: treated,
    EntryKind.ENTRUSTED: entrusted,
    EntryKind.RECEIVED: received,
    EntryKind.RETURNED: returned,
    EntryKind.MOVED_OUT: _moved,
    EntryKind.STOCKTAKE_GAIN: _counted,
    EntryKind.STOCKTAKE_LOSS: _counted,
}
"""The kinds that can be posted; 移库（入） comes with 移库（出）, 调整 and 撤销 from `corrections`."""
