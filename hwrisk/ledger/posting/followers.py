"""What becomes of waste that left: own treatment, loads, receipts, returns; a split record is followed whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from hwrisk.db.types import PLACES, ZERO
from hwrisk.errors import RuleViolation
from hwrisk.imports.cells import format_tonnes
from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.models import EntryKind, Removal
from hwrisk.ledger.posting.states import EntryState, count_use

if TYPE_CHECKING:
    from hwrisk.ledger.posting.engine import Posting

BEFORE = {EntryKind.STORED_OUT, EntryKind.GENERATED}
"""What may be treated or entrusted: what left store, or what never was in it."""


def treated(posting: Posting, draft: Draft) -> None:
    """Post 自行利用处置."""
    before = posting.preceding(draft, BEFORE, "出库")
    if not draft.method_code:
        raise RuleViolation("请填写利用处置方式代码", field="method_code")
    completed_on = draft.completed_on or draft.occurred_on
    if completed_on < draft.occurred_on:
        raise RuleViolation("完毕时间不得早于开始日期", field="completed_on")
    _follow(posting, draft, before, completed_on=completed_on, removal=Removal.SELF)


def entrusted(posting: Posting, draft: Draft) -> None:
    """Post 委外利用处置."""
    before = posting.preceding(draft, BEFORE, "出库")
    if not draft.receiver_name.strip():
        raise RuleViolation("请填写接收单位", field="receiver_name")
    if draft.receiver_kind is None:
        raise RuleViolation("请填写接收单位类型", field="receiver_kind")
    _follow(posting, draft, before, completed_on=None, removal=Removal.ENTRUST)


def _follow(
    posting: Posting, draft: Draft, before: Sequence[EntryState], *, completed_on: date | None, removal: Removal
) -> None:
    left = sum((max(state.left, ZERO) for state in before), ZERO)
    if draft.quantity > left:
        raise RuleViolation(
            f"数量 {format_tonnes(draft.quantity)} 吨大于所依据记录尚未登记去向的 {format_tonnes(left)} 吨，请核对",
            field="quantity",
        )
    number = posting.number(draft)
    shares = _shares(draft.quantity, before)
    for place, (state, quantity) in enumerate(shares):
        count_use(state, draft.kind, quantity, explained=False)
        posting.add(
            draft, quantity=quantity, waste_code=state.waste_code, waste_name=state.waste_name,
            completed_on=completed_on, removal=removal, predecessor=state, **posting.part(number, place),
        )  # fmt: skip


def received(posting: Posting, draft: Draft) -> None:
    """Post 接收确认: what the receiver says arrived of a load."""
    loads = posting.preceding(draft, {EntryKind.ENTRUSTED}, "委外")
    if any(load.is_received for load in loads):
        raise RuleViolation(f"委外记录 {draft.predecessor_no} 已登记接收，不能重复", field="predecessor_no")
    sent = sum((load.quantity for load in loads), ZERO)
    back = sum((load.used for load in loads), ZERO)
    explained = bool(draft.difference_explained)
    if back and draft.quantity + back > sent:
        raise RuleViolation(
            f"接收量与已退回的 {format_tonnes(back)} 吨之和超过委外量 {format_tonnes(sent)} 吨", field="quantity"
        )
    if draft.quantity + back != sent and not explained:
        posting.warn("quantity", f"接收量与委外量 {format_tonnes(sent)} 吨不一致且未说明，只按较小者计为已处置")
    number = posting.number(draft)
    for place, (load, quantity) in enumerate(_received_shares(draft.quantity, loads, explained=explained)):
        count_use(load, draft.kind, quantity, explained=explained)
        posting.add(
            draft, quantity=quantity, waste_code=load.waste_code, waste_name=load.waste_name,
            completed_on=draft.occurred_on, predecessor=load, difference_explained=explained,
            **posting.part(number, place),
        )  # fmt: skip


def returned(posting: Posting, draft: Draft) -> None:
    """Post 退回入库: what comes back goes into the batch it left, and keeps its age."""
    loads = posting.preceding(draft, {EntryKind.ENTRUSTED}, "委外")
    left = sum((load.left for load in loads), ZERO)
    if draft.quantity > left:
        raise RuleViolation(
            f"退回量 {format_tonnes(draft.quantity)} 吨大于尚未接收或退回的 {format_tonnes(left)} 吨", field="quantity"
        )
    number = posting.number(draft)
    for place, (load, quantity) in enumerate(_shares(draft.quantity, loads)):
        out = load.predecessor
        if out is None or out.batch is None:
            raise RuleViolation("该委外未经贮存，退回的废物请另行登记入库", field="predecessor_no")
        facility_id = draft.facility_id or out.facility_id or out.batch.facility_id
        posting.context.book.post((out.batch, facility_id), draft.occurred_on, quantity)
        out.batch.moved += quantity
        count_use(load, draft.kind, quantity, explained=False)
        posting.add(
            replace(draft, waste_code=load.waste_code, waste_name=load.waste_name),
            quantity=quantity, batch=out.batch, facility_id=facility_id, stock_delta=quantity, predecessor=load,
            **posting.part(number, place),
        )  # fmt: skip


def _shares(quantity: Decimal, states: Sequence[EntryState]) -> list[tuple[EntryState, Decimal]]:
    """Divide `quantity` over records in their order, no more to each than is left of it."""
    shares = []
    for state in states:
        share = min(quantity, state.left)
        if share > 0:
            shares.append((state, share))
            quantity -= share
    return shares


def _received_shares(
    quantity: Decimal, loads: Sequence[EntryState], *, explained: bool
) -> list[tuple[EntryState, Decimal]]:
    """Divide what arrived over the loads in their order; what is more than was sent counts to the last.

    A difference that is explained completes all that was sent, so that no part of a load may go without its receipt.
    """
    waiting = [load for load in loads if load.left > 0] or [loads[-1]]
    shares = []
    for behind, load in zip(range(len(waiting) - 1, -1, -1), waiting, strict=True):
        kept = PLACES * behind if explained else ZERO
        share = min(max(quantity - kept, min(quantity, PLACES)), load.left) if behind else quantity
        if share > 0:
            shares.append((load, share))
            quantity -= share
    return shares
