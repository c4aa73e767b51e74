"""What is done about storage: facilities, extensions, disposal plans, lots, ledger confirmations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.models import LedgerStatement
from hwrisk.ledger.storage.limits import limit_book
from hwrisk.ledger.storage.models import (
    BatchTag,
    DisposalPlan,
    ExtensionState,
    FacilityKind,
    FacilityVersion,
    Lot,
    LotMember,
    StorageBatch,
    StorageExtension,
    StorageFacility,
)
from hwrisk.ledger.storage.rules import ONE_DAY, first_overdue_day
from hwrisk.security.viewer import Viewer

NO_EXTENSION = "none"


def register_facility(
    session: Session,
    *,
    unit_id: int,
    code: str,
    name: str,
    kind: FacilityKind,
    capacity: Decimal | None,
    valid_from: date,
    actor: Viewer,
    spot_grade: str = "",
) -> StorageFacility:
    """Register a storage facility of a unit with its kind and capacity from a day on.

    Raises:
        RuleViolation: no code, the unit has the code already, or the capacity is not above zero.
    """
    if not code.strip():
        raise RuleViolation("请填写贮存设施编码", field="code")
    if capacity is not None and capacity <= 0:
        raise RuleViolation("贮存能力必须大于 0 吨，不清楚的请留空", field="capacity")
    known = select(StorageFacility.id).where(StorageFacility.unit_id == unit_id, StorageFacility.code == code)
    if session.scalar(known) is not None:
        raise RuleViolation(f"该单位已有编码为“{code}”的贮存设施", field="code")
    facility = StorageFacility(unit_id=unit_id, code=code)
    session.add(facility)
    session.flush()
    session.add(
        FacilityVersion(
            facility_id=facility.id,
            name=name,
            kind=kind,
            spot_grade=spot_grade,
            capacity=capacity,
            valid_from=valid_from,
        )
    )
    session.flush()
    audit.record(session, actor, "facility.register", "storage_facility", facility.id, summary={"编码": code})
    return facility


def apply_extension(
    session: Session, batch: StorageBatch, *, applied_on: date, hand: Hand, remark: str = ""
) -> StorageExtension:
    """Record that longer storage was applied for; the clock runs on until it is approved (到期待批).

    Raises:
        RuleViolation: the limit of the batch cannot be extended, one is pending already, or the day is wrong.
    """
    limit = limit_book(session).limit_of(batch)
    if limit is None or limit.extension == NO_EXTENSION:
        raise RuleViolation("只有经营单位的贮存期限可以申请延长；产废单位请填写处置计划")
    _check_day(applied_on, batch.entered_on, hand.as_of, field="applied_on")
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
    if not document_no.strip() or not authority.strip():
        raise RuleViolation("请填写批复文号和批准机关", field="document_no")
    _check_day(decided_on, extension.applied_on, hand.as_of, field="decided_on")
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


def merge(session: Session, batches: Sequence[StorageBatch], *, merged_on: date, hand: Hand) -> Lot:
    """Put batches that were mixed or repacked together into one lot; from that day all have the age of the oldest.

    Raises:
        RuleViolation: fewer than two, different units or wastes, in a lot already, empty, or a wrong day.
    """
    _check_mergeable(session, batches)
    _check_day(merged_on, max(batch.entered_on for batch in batches), hand.as_of, field="merged_on")
    at = hand.recorded_at or now()
    lot = Lot(
        unit_id=batches[0].unit_id, lot_no=f"HB{merged_on:%Y%m%d}-{batches[0].id}", merged_on=merged_on, recorded_at=at
    )
    session.add(lot)
    session.flush()
    session.add_all(
        LotMember(lot_id=lot.id, batch_id=batch.id, joined_on=merged_on, recorded_at=at) for batch in batches
    )
    own = [first_overdue_day(batch.last_lawful_on, batch.entered_on) for batch in batches if batch.limit_key]
    for batch in batches:
        if batch.limit_key:
            batch.overdue_from = first_overdue_day(batch.last_lawful_on, batch.entered_on, lot=(merged_on, own))
    session.flush()
    numbers = "、".join(batch.batch_no for batch in batches)
    audit.record(session, hand.viewer, "storage.merge", "lot", lot.id, summary={"批次": numbers})
    return lot


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


def _check_day(day: date, earliest: date, as_of: date, *, field: str) -> None:
    if day > as_of:
        raise RuleViolation("日期不得晚于今天，请核对", field=field)
    if day < earliest:
        raise RuleViolation(f"日期不得早于 {earliest:%Y-%m-%d}，请核对", field=field)


def _check_mergeable(session: Session, batches: Sequence[StorageBatch]) -> None:
    if len({batch.id for batch in batches}) < 2:
        raise RuleViolation("合并至少需要两个批次")
    if len({(batch.unit_id, batch.waste_code) for batch in batches}) > 1:
        raise RuleViolation("只能合并同一单位、同一废物代码的批次")
    if empty := [batch.batch_no for batch in batches if batch.remaining <= 0]:
        raise RuleViolation(f"批次 {'、'.join(empty)} 已无库存，不能合并")
    ids = [batch.id for batch in batches]
    if session.scalar(select(LotMember.id).where(LotMember.batch_id.in_(ids)).limit(1)) is not None:
        raise RuleViolation("其中有批次已经合并过，不能再次合并")
