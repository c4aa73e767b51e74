"""What is done about batches: disposal plans and special circumstances; a unit's word on its ledger."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.models import LedgerStatement
from hwrisk.ledger.storage.models import BatchTag, DisposalPlan, StorageBatch
from hwrisk.ledger.storage.rules import ONE_DAY


def plan_disposal(
    session: Session,
    batch: StorageBatch,
    *,
    reason: str,
    planned_on: date,
    receiver: str,
    contract_no: str,
    person: str,
    hand: Hand,
) -> DisposalPlan:
    """Record how a batch shall be disposed of (处置计划); the latest plan counts, and it never moves the limit.

    Raises:
        RuleViolation: no reason, or a planned day that has passed.
    """
    if not reason.strip():
        raise RuleViolation("请填写超期（将到期）原因", field="reason")
    if planned_on < hand.as_of:
        raise RuleViolation("计划处置日期不得早于今天", field="planned_on")
    plan = DisposalPlan(
        batch_id=batch.id,
        reason=reason,
        receiver=receiver,
        contract_no=contract_no,
        planned_on=planned_on,
        person=person,
        recorded_by=hand.viewer.label,
        recorded_at=hand.recorded_at or now(),
    )
    session.add(plan)
    session.flush()
    audit.record(session, hand.viewer, "storage.plan", "storage_batch", batch.id, summary={"计划日期": str(planned_on)})
    return plan


def retag(session: Session, batch: StorageBatch, *, tag: BatchTag, hand: Hand) -> None:
    """Set the circumstance of a batch (关停遗留, 涉案查封, 待鉴别); it stays in the rate, in a column of its own."""
    before, batch.tag = batch.tag, tag
    session.flush()
    summary = {"原": before.label, "现": tag.label}
    audit.record(session, hand.viewer, "storage.tag", "storage_batch", batch.id, summary=summary)


def confirm_ledger(
    session: Session, *, unit_id: int, covers_from: date, covers_until: date, is_zero: bool, hand: Hand
) -> LedgerStatement:
    """Record a unit's word that its ledger is complete on [covers_from, covers_until), zero reports included.

    Raises:
        RuleViolation: the period is empty or reaches beyond today.
    """
    if covers_from >= covers_until:
        raise RuleViolation("确认期间的起日必须早于止日", field="covers_until")
    if covers_until > hand.as_of + ONE_DAY:
        raise RuleViolation("只能确认到今天为止的台账", field="covers_until")
    statement = LedgerStatement(
        unit_id=unit_id,
        covers_from=covers_from,
        covers_until=covers_until,
        is_zero=is_zero,
        made_by=hand.viewer.label,
        recorded_at=hand.recorded_at or now(),
    )
    session.add(statement)
    session.flush()
    audit.record(
        session,
        hand.viewer,
        "ledger.confirm",
        "unit",
        unit_id,
        summary={"起": str(covers_from), "止": str(covers_until)},
    )
    return statement
