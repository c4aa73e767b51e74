"""Pages of one batch: its file, and the forms about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.storage import operations, queries
from hwrisk.ledger.storage.forms import (
    APPROVED,
    USUAL_REASONS,
    DecisionForm,
    ExtensionForm,
    MergeForm,
    PlanForm,
    TagForm,
)
from hwrisk.ledger.storage.models import BatchTag, ExtensionState, StorageBatch
from hwrisk.ledger.storage.queries import BatchFile
from hwrisk.ledger.storage.views.blueprint import bp
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    BaseForm,
    choices,
    current_session,
    current_user,
    page,
    requested_as_of,
    required,
    requires,
    saving,
    with_draft,
)

Act = Callable[[Session, StorageBatch, Hand], object]


@bp.get("/batches/<uuid:public_id>")
@requires(Permission.STORAGE_READ)
def batch(public_id: UUID) -> Response:
    """Show everything about one batch on a day."""
    user, day = current_user(), requested_as_of()
    return page(
        "storage/batch.html",
        file=queries.batch_file(current_session(), public_id, user=user, as_of=day),
        as_of=day,
        pending=ExtensionState.PENDING,
        may_plan=user.may(Permission.STORAGE_PLAN),
        may_extend=user.may(Permission.STORAGE_EXTEND),
        may_correct=user.may(Permission.LEDGER_CORRECT),
        may_write=user.may(Permission.LEDGER_WRITE),
    )


@bp.route("/batches/<uuid:public_id>/plan", methods=["GET", "POST"])
@requires(Permission.STORAGE_PLAN)
def plan(public_id: UUID) -> Response:
    """Record a disposal plan (处置计划)."""
    file = _file(public_id)
    latest = file.plans[0] if file.plans else None
    form = with_draft(PlanForm, f"storage.plan.{public_id}", obj=latest)

    def act(session: Session, found: StorageBatch, hand: Hand) -> None:
        operations.plan_disposal(
            session,
            found,
            reason=form.reason.data or "",
            planned_on=required(form.planned_on.data),
            receiver=form.receiver.data or "",
            contract_no=form.contract_no.data or "",
            person=form.person.data or "",
            hand=hand,
        )

    return _answer(file, form, act, heading="处置计划", done="处置计划已保存", reasons=USUAL_REASONS)


@bp.route("/batches/<uuid:public_id>/extension", methods=["GET", "POST"])
@requires(Permission.STORAGE_PLAN)
def extension(public_id: UUID) -> Response:
    """Record an application to store longer (延期申请)."""
    file = _file(public_id)
    form = with_draft(ExtensionForm, f"storage.extension.{public_id}", data={"applied_on": today()})

    def act(session: Session, found: StorageBatch, hand: Hand) -> None:
        operations.apply_extension(
            session, found, applied_on=required(form.applied_on.data), hand=hand, remark=form.remark.data or ""
        )

    note = "申请不停止计时：批准之日前仍按原期限计算，到期未批的列为“到期待批”。"
    return _answer(file, form, act, heading="延期申请", done="延期申请已登记", note=note)


@bp.route("/extensions/<uuid:public_id>/decision", methods=["GET", "POST"])
@requires(Permission.STORAGE_EXTEND)
def decide(public_id: UUID) -> Response:
    """Record what the licensing authority decided (延期批复)."""
    user = current_user()
    asked = queries.get_extension(current_session(), public_id, user=user, as_of=today())
    of_batch = required(current_session().get(StorageBatch, asked.batch_id))
    form = with_draft(DecisionForm, f"storage.decision.{public_id}")

    def act(session: Session, _batch: StorageBatch, hand: Hand) -> None:
        operations.decide_extension(
            session,
            queries.get_extension(session, public_id, user=user, as_of=today()),
            approved=form.decision.data == APPROVED,
            decided_on=required(form.decided_on.data),
            until=form.until.data,
            document_no=form.document_no.data or "",
            authority=form.authority.data or "",
            hand=hand,
        )

    note = f"{asked.applied_on:%Y-%m-%d} 申请。批准自批复之日起生效，不溯及以前；以颁发许可证机关的批复文件为准。"
    return _answer(_file(of_batch.public_id), form, act, heading="延期批复", done="批复结果已登记", note=note)


@bp.route("/batches/<uuid:public_id>/circumstance", methods=["GET", "POST"])
@requires(Permission.LEDGER_CORRECT)
def circumstance(public_id: UUID) -> Response:
    """Set the special circumstance of a batch (特殊情形)."""
    file = _file(public_id)
    form = with_draft(TagForm, f"storage.tag.{public_id}", data={"tag": file.row.tag.value})

    def act(session: Session, found: StorageBatch, hand: Hand) -> None:
        operations.retag(session, found, tag=BatchTag(form.tag.data), hand=hand)

    note = "关停遗留、涉案查封、待鉴别的批次仍计入处置率，单列显示。"
    return _answer(file, form, act, heading="特殊情形", done="特殊情形已保存", note=note)


@bp.route("/batches/<uuid:public_id>/merge", methods=["GET", "POST"])
@requires(Permission.LEDGER_WRITE)
def merge(public_id: UUID) -> Response:
    """Put batches that were mixed or repacked together into one lot (合并)."""
    file, user = _file(public_id), current_user()
    this = queries.get_batch(current_session(), public_id, user=user, as_of=today())
    others = queries.mergeable_with(current_session(), this, as_of=today())
    form = with_draft(MergeForm, f"storage.merge.{public_id}", data={"merged_on": today()})
    form.batches.choices = choices(
        (str(other.public_id), f"{other.batch_no}（{other.entered_on:%Y-%m-%d} 入库，在库 {other.remaining} 吨）")
        for other in others
    )

    def act(session: Session, found: StorageBatch, hand: Hand) -> None:
        chosen = [queries.get_batch(session, UUID(text), user=user, as_of=today()) for text in form.batches.data or ()]
        operations.merge(session, [found, *chosen], merged_on=required(form.merged_on.data), hand=hand)

    note = "合并后各批次的贮存期限自合并之日起按其中最早的批次计算，此操作不能撤回。"
    return _answer(file, form, act, heading="合并批次", done="批次已合并", note=note)


def _file(public_id: UUID) -> BatchFile:
    return queries.batch_file(current_session(), public_id, user=current_user(), as_of=today())


def _answer(file: BatchFile, form: BaseForm, act: Act, *, heading: str, done: str, **context: Any) -> Response:
    """Show the form, or do what it says and go back to the batch."""
    public_id = file.row.public_id
    if form.validate_on_submit():
        with saving(form) as session:
            found = queries.get_batch(session, public_id, user=current_user(), as_of=today())
            act(session, found, Hand(viewer=current_user(), as_of=today()))
        if form.is_saved:
            flash(done, "success")
            return redirect(url_for(".batch", public_id=public_id))
    return page("storage/batch_form.html", form=form, file=file, heading=heading, **context)
