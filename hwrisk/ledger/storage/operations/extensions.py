"""What is done about extensions (延长贮存期限): the application, and what the licensing authority decided."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.storage.limits import limit_book
from hwrisk.ledger.storage.models import ExtensionState, StorageBatch, StorageExtension
from hwrisk.ledger.storage.operations.days import check_day

NO_EXTENSION = "none"


def apply_extension(
    session: Session, batch: StorageBatch, *, applied_on: date, hand: Hand, remark: str = ""
) -> StorageExtension:
    """Record that longer storage was applied for; the clock runs on until it is approved (到期待批).

    Raises:
        RuleViolation: the limit of the batch cannot be extended, one is pending already, or the day is wrong.
    """
    limit = limit_book(session).limit_of(batch.limit_key, batch.entered_on)
    if limit is None or limit.extension == NO_EXTENSION:
        raise RuleViolation("只有经营单位的贮存期限可以申请延长；产废单位请填写处置计划")
    check_day(applied_on, batch.entered_on, hand.as_of, field="applied_on")
    pending = select(StorageExtension.id).where(
        StorageExtension.batch_id == batch.id, StorageExtension.state == ExtensionState.PENDING
    )
    if session.scalar(pending) is not None:
        raise RuleViolation("该批次已有待批的延期申请，请先登记批复结果")
    extension = StorageExtension(
        batch_id=batch.id,
        applied_on=applied_on,
        state=ExtensionState.PENDING,
        remark=remark,
        recorded_by=hand.viewer.label,
        recorded_at=hand.recorded_at or now(),
    )
    session.add(extension)
    session.flush()
    audit.record(session, hand.viewer, "storage.apply_extension", "storage_batch", batch.id)
    return extension


def decide_extension(
    session: Session,
    extension: StorageExtension,
    *,
    approved: bool,
    decided_on: date,
    until: date | None,
    document_no: str,
    authority: str,
    hand: Hand,
) -> None:
    """Record what the licensing authority decided; an approval acts from its day on, never backwards.

    Raises:
        RuleViolation: decided already, document or authority missing, or days that cannot be.

    Source: 生态环境法典 第五百三十五条第三款 (until 2026-08-14: 固体废物污染环境防治法 第八十一条第三款).
    """
    if extension.state is not ExtensionState.PENDING:
        raise RuleViolation(f"该延期申请已登记为“{extension.state.label}”，不能重复登记")
    if not document_no.strip():
        raise RuleViolation("请填写批复文号", field="document_no")
    if not authority.strip():
        raise RuleViolation("请填写批准机关", field="authority")
    check_day(decided_on, extension.applied_on, hand.as_of, field="decided_on")
    if approved:
        if until is None:
            raise RuleViolation("请填写批准延长至的日期", field="until")
        batch = session.get_one(StorageBatch, extension.batch_id)
        last = batch.last_lawful_on or batch.entered_on
        if until <= last or until < decided_on:
            raise RuleViolation(f"延长至的日期必须晚于原期限 {last:%Y-%m-%d} 且不早于批准日期", field="until")
    extension.state = ExtensionState.APPROVED if approved else ExtensionState.REFUSED
    extension.approved_on = decided_on
    extension.until = until if approved else None
    extension.document_no, extension.authority = document_no, authority
    extension.decided_at = hand.recorded_at or now()
    session.flush()
    audit.record(
        session, hand.viewer, "storage.decide_extension", "storage_batch", extension.batch_id,
        summary={"结果": extension.state.label, "延长至": str(until or "—"), "文号": document_no},
    )  # fmt: skip
