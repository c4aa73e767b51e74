"""What each kind of record does when it is posted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from hwrisk.db.types import ZERO
from hwrisk.errors import RuleViolation
from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.models import EntryKind, Removal
from hwrisk.ledger.posting_context import BatchState, EntryState, count_use
from hwrisk.ledger.rules import receipt_completes

if TYPE_CHECKING:
    from hwrisk.ledger.posting import Posting

Handler = Callable[["Posting", int, Draft], None]


def _generated(posting: Posting, _place: int, draft: Draft) -> None:
    posting.add(draft, entry_no=posting.number(draft))


def _into_store(posting: Posting, place: int, draft: Draft) -> None:
    if draft.facility_id is None:
        raise RuleViolation("请填写贮存设施编码", field="facility_id")
    first = draft.first_stored_on
    if draft.kind is EntryKind.STORED_IN:
        first = first or draft.occurred_on
    if first is not None and first > draft.occurred_on:
        raise RuleViolation("首次入库日期不得晚于本次入库（结转）日期", field="first_stored_on")
    generated = _generation(posting, place, draft)
    number = posting.number(draft)
    batch = BatchState(
        key=(draft.unit_id, number), id=None, waste_code=draft.waste_code, waste_name=draft.waste_name,
        facility_id=draft.facility_id, entered_on=draft.occurred_on, first_stored_on=first,
    )  # fmt: skip
    batch.row = {"quantity": draft.quantity, "tag": draft.tag, "origin": generated}
    posting.context.batches[batch.key] = batch
    posting.new_batches.append(batch)
    _move(posting, batch, draft.facility_id, draft.occurred_on, draft.quantity)
    posting.add(
        draft, entry_no=number, batch=batch, facility_id=draft.facility_id,
        stock_delta=draft.quantity, predecessor=generated,
    )  # fmt: skip


def _generation(posting: Posting, place: int, draft: Draft) -> EntryState | None:
    if not draft.predecessor_no:
        return None
    generated = posting.predecessor(draft, {EntryKind.GENERATED}, "产生")
    if generated.waste_code != draft.waste_code:
        raise RuleViolation(f"废物代码与产生记录（{generated.waste_code}）不一致，请核对", field="waste_code")
    if draft.quantity > generated.quantity:
        posting.warn(place, "quantity", f"入库量大于产生记录的产生量 {generated.quantity} 吨，请核对")
    return generated


def _out(posting: Posting, _place: int, draft: Draft) -> None:
    if draft.batch_no:
        batch = _batch(posting, draft)
        _take(posting, draft, batch, _facility(posting, draft, batch), draft.quantity, own=True)
        return
    if not draft.waste_code:
        raise RuleViolation("请填写入库批次编码，或填写废物代码由系统按先进先出核销", field="batch_no")
    for place, (batch, facility_id, quantity) in enumerate(_oldest_first(posting, draft)):
        _take(posting, draft, batch, facility_id, quantity, own=place == 0)


def _take(posting: Posting, draft: Draft, batch: BatchState, facility_id: int, quantity: Decimal, *, own: bool) -> None:
    _move(posting, batch, facility_id, draft.occurred_on, -quantity)
    posting.add(
        draft, entry_no=posting.number(draft, own=own), batch=batch, facility_id=facility_id, quantity=quantity,
        stock_delta=-quantity, waste_code=batch.waste_code, waste_name=batch.waste_name,
    )  # fmt: skip


def _oldest_first(posting: Posting, draft: Draft) -> list[tuple[BatchState, int, Decimal]]:
    left, shares = draft.quantity, []
    candidates = [
        batch for batch in posting.context.batches.values()
        if batch.key[0] == draft.unit_id and batch.waste_code == draft.waste_code
        and (not draft.waste_name or batch.waste_name == draft.waste_name)
    ]  # fmt: skip
    for batch in sorted(candidates, key=lambda b: b.age_order):
        facility_id = draft.facility_id or batch.facility_id
        share = min(left, posting.context.book.available((batch, facility_id), draft.occurred_on))
        if share > 0:
            shares.append((batch, facility_id, share))
            left -= share
        if not left:
            return shares
    there = draft.quantity - left
    raise RuleViolation(
        f"数量 {draft.quantity} 吨大于 {draft.waste_code} 在 {draft.occurred_on:%Y-%m-%d} 可出库的 {there} 吨，请核对",
        field="quantity",
    )


def _treated(posting: Posting, _place: int, draft: Draft) -> None:
    before = posting.predecessor(draft, {EntryKind.STORED_OUT, EntryKind.GENERATED}, "出库")
    if not draft.method_code:
        raise RuleViolation("请填写利用处置方式代码", field="method_code")
    completed_on = draft.completed_on or draft.occurred_on
    if completed_on < draft.occurred_on:
        raise RuleViolation("完毕时间不得早于开始日期", field="completed_on")
    _follow(posting, draft, before, completed_on=completed_on)


def _entrusted(posting: Posting, _place: int, draft: Draft) -> None:
    before = posting.predecessor(draft, {EntryKind.STORED_OUT, EntryKind.GENERATED}, "出库")
    if draft.receiver_kind is None or not draft.receiver_name:
        raise RuleViolation("请填写接收单位和接收单位类型", field="receiver_name")
    _follow(posting, draft, before, completed_on=None, removal=Removal.ENTRUST)


def _follow(
    posting: Posting, draft: Draft, before: EntryState, *, completed_on: date | None, removal: Removal = Removal.SELF
) -> None:
    left = before.quantity - before.used
    if draft.quantity > left:
        raise RuleViolation(f"数量 {draft.quantity} 吨大于所依据记录尚未登记去向的 {left} 吨，请核对", field="quantity")
    count_use(before, draft.kind, draft.quantity, explained=False)
    posting.add(
        draft, entry_no=posting.number(draft), waste_code=before.waste_code, waste_name=before.waste_name,
        completed_on=completed_on, removal=removal, predecessor=before,
    )  # fmt: skip


def _received(posting: Posting, place: int, draft: Draft) -> None:
    load = posting.predecessor(draft, {EntryKind.ENTRUSTED}, "委外")
    if load.is_received:
        raise RuleViolation(f"委外记录 {draft.predecessor_no} 已登记接收，不能重复", field="predecessor_no")
    explained = bool(draft.difference_explained)
    completes = receipt_completes(load.quantity, draft.quantity, explained=explained)
    if load.used + completes > load.quantity:
        raise RuleViolation(f"接收量与已退回的 {load.used} 吨之和超过委外量 {load.quantity} 吨", field="quantity")
    if draft.quantity != load.quantity and not explained:
        posting.warn(place, "quantity", f"接收量与委外量 {load.quantity} 吨不一致且未说明，只按较小者计为已处置")
    count_use(load, draft.kind, draft.quantity, explained=explained)
    posting.add(
        draft, entry_no=posting.number(draft), waste_code=load.waste_code, waste_name=load.waste_name,
        completed_on=draft.occurred_on, predecessor=load, difference_explained=explained,
    )  # fmt: skip


def _returned(posting: Posting, _place: int, draft: Draft) -> None:
    load = posting.predecessor(draft, {EntryKind.ENTRUSTED}, "委外")
    out = load.predecessor
    if out is None or out.batch is None:
        raise RuleViolation("该委外未经贮存，退回的废物请另行登记入库", field="predecessor_no")
    if load.used + draft.quantity > load.quantity:
        raise RuleViolation(
            f"退回量 {draft.quantity} 吨大于尚未接收或退回的 {load.quantity - load.used} 吨", field="quantity"
        )
    facility_id = draft.facility_id or out.facility_id or out.batch.facility_id
    _move(posting, out.batch, facility_id, draft.occurred_on, draft.quantity)
    count_use(load, draft.kind, draft.quantity, explained=False)
    posting.add(
        draft, entry_no=posting.number(draft), batch=out.batch, facility_id=facility_id, stock_delta=draft.quantity,
        waste_code=load.waste_code, waste_name=load.waste_name, predecessor=load,
    )  # fmt: skip


def _moved(posting: Posting, _place: int, draft: Draft) -> None:
    batch = _batch(posting, draft)
    origin = _facility(posting, draft, batch)
    if draft.to_facility_id is None or draft.to_facility_id == origin:
        raise RuleViolation("请填写移入的贮存设施，且不得与移出的相同", field="to_facility_id")
    _take(posting, draft, batch, origin, draft.quantity, own=True)
    _move(posting, batch, draft.to_facility_id, draft.occurred_on, draft.quantity)
    posting.add(
        draft, entry_no=posting.number(draft, EntryKind.MOVED_IN, own=False), kind=EntryKind.MOVED_IN, batch=batch,
        facility_id=draft.to_facility_id, stock_delta=draft.quantity,
        waste_code=batch.waste_code, waste_name=batch.waste_name,
    )  # fmt: skip


def _counted(posting: Posting, _place: int, draft: Draft) -> None:
    batch = _batch(posting, draft)
    facility_id = _facility(posting, draft, batch)
    delta = draft.quantity if draft.kind is EntryKind.STOCKTAKE_GAIN else -draft.quantity
    if not draft.remark:
        raise RuleViolation("盘盈盘亏必须说明原因", field="remark")
    _move(posting, batch, facility_id, draft.occurred_on, delta)
    posting.add(
        draft, entry_no=posting.number(draft), batch=batch, facility_id=facility_id, stock_delta=delta,
        waste_code=batch.waste_code, waste_name=batch.waste_name,
    )  # fmt: skip


def _batch(posting: Posting, draft: Draft) -> BatchState:
    batch = posting.context.batches.get((draft.unit_id, draft.batch_no))
    if batch is None:
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
    if draft.facility_id is not None:
        return draft.facility_id
    book = posting.context.book
    if book.on((batch, batch.facility_id), draft.occurred_on) > ZERO:
        return batch.facility_id
    held = [f for f in posting.context.facilities if book.on((batch, f), draft.occurred_on) > ZERO]
    return held[0] if held else batch.facility_id


def _move(posting: Posting, batch: BatchState, facility_id: int, day: date, delta: Decimal) -> None:
    posting.context.book.post((batch, facility_id), day, delta)
    batch.moved += delta


HANDLERS: dict[EntryKind, Handler] = {
    EntryKind.GENERATED: _generated,
    EntryKind.OPENING: _into_store,
    EntryKind.STORED_IN: _into_store,
    EntryKind.STORED_OUT: _out,
    EntryKind.SELF_TREATED: _treated,
    EntryKind.ENTRUSTED: _entrusted,
    EntryKind.RECEIVED: _received,
    EntryKind.RETURNED: _returned,
    EntryKind.MOVED_OUT: _moved,
    EntryKind.STOCKTAKE_GAIN: _counted,
    EntryKind.STOCKTAKE_LOSS: _counted,
}
