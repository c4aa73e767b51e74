"""What is done about lots (合并批): batches that were mixed or repacked into one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.storage.models import Lot, LotMember, StorageBatch
from hwrisk.ledger.storage.operations.days import check_day
from hwrisk.ledger.storage.recomputing import recompute_limits


def merge(session: Session, batches: Sequence[StorageBatch], *, merged_on: date, hand: Hand) -> Lot:
    """Put batches that were mixed or repacked together into one lot; from that day all have the age of the oldest.

    Raises:
        RuleViolation: fewer than two, different units or wastes, in a lot already, empty, or a wrong day.
    """
    # A form may name one batch twice.
    batches = list({batch.id: batch for batch in batches}.values())
    _check_mergeable(session, batches)
    check_day(merged_on, max(batch.entered_on for batch in batches), hand.as_of, field="merged_on")
    at = hand.recorded_at or now()
    lot = Lot(
        unit_id=batches[0].unit_id, lot_no=f"HB{merged_on:%Y%m%d}-{batches[0].id}", merged_on=merged_on, recorded_at=at
    )
    session.add(lot)
    session.flush()
    session.add_all(
        LotMember(lot_id=lot.id, batch_id=batch.id, joined_on=merged_on, recorded_at=at) for batch in batches
    )
    session.flush()
    recompute_limits(session, [batch.id for batch in batches])
    numbers = "、".join(batch.batch_no for batch in batches)
    audit.record(session, hand.viewer, "storage.merge", "lot", lot.id, summary={"批次": numbers})
    return lot


def _check_mergeable(session: Session, batches: Sequence[StorageBatch]) -> None:
    if len(batches) < 2:
        raise RuleViolation("合并至少需要两个批次")
    if len({(batch.unit_id, batch.waste_code) for batch in batches}) > 1:
        raise RuleViolation("只能合并同一单位、同一废物代码的批次")
    if empty := [batch.batch_no for batch in batches if batch.remaining <= 0]:
        raise RuleViolation(f"批次 {'、'.join(empty)} 已无库存，不能合并")
    ids = [batch.id for batch in batches]
    if session.scalar(select(LotMember.id).where(LotMember.batch_id.in_(ids)).limit(1)) is not None:
        raise RuleViolation("其中有批次已经合并过，不能再次合并")
