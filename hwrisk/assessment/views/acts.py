"""What is done with one assessment: closing, second reading, withdrawing, objections, evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.assessment import operations, queries
from hwrisk.assessment.forms import AnswerForm, EvidenceForm, ObjectionForm, ReasonForm
from hwrisk.assessment.models import Assessment
from hwrisk.assessment.queries import SheetFile
from hwrisk.assessment.views.blueprint import bp, may_close, may_edit
from hwrisk.assessment.views.filling import close_now
from hwrisk.attachments import attach, store
from hwrisk.clock import today
from hwrisk.errors import BadFile, NotFound, RuleViolation
from hwrisk.security.permissions import Permission
from hwrisk.web import BaseForm, current_session, current_user, page, registry, required, requires, saving, unit_of_work

MAX_FILE = 20 * 1024 * 1024
Act = Callable[[Session, Assessment], object]


@bp.post("/sheets/<uuid:public_id>/close")
@requires(Permission.ASSESSMENT_CLOSE)
def close(public_id: UUID) -> Response:
    """Close an assessment as it stands."""
    _file(public_id)
    try:
        close_now(public_id)
    except RuleViolation as violation:
        flash(violation.message, "danger")
    return _back(public_id)


@bp.post("/sheets/<uuid:public_id>/confirm")
@requires(Permission.ASSESSMENT_CLOSE)
def confirm(public_id: UUID) -> Response:
    """Confirm a vetoed verdict as its second reader."""
    _file(public_id)
    try:
        with unit_of_work() as session:
            row = queries.get_assessment(session, public_id, user=current_user(), as_of=today())
            operations.confirm_veto(session, row, actor=current_user(), as_of=today())
    except RuleViolation as violation:
        flash(violation.message, "danger")
    else:
        flash("已复核确认，评估按不达标办结", "success")
    return _back(public_id)


@bp.route("/sheets/<uuid:public_id>/return", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_CLOSE)
def give_back(public_id: UUID) -> Response:
    """Give a vetoed sheet back as a draft (退回)."""
    form = ReasonForm()

    def act(session: Session, row: Assessment) -> None:
        operations.return_veto(session, row, reason=form.reason.data or "", actor=current_user())

    return _answer(public_id, form, act, heading="退回评估表", done="已退回，评估表恢复为草稿")


@bp.route("/sheets/<uuid:public_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_WRITE)
def withdraw(public_id: UUID) -> Response:
    """Take an assessment back, or give a draft up."""
    form = ReasonForm()

    def act(session: Session, row: Assessment) -> None:
        operations.withdraw(session, row, reason=form.reason.data or "", actor=current_user())

    note = "撤回后不再计入达标率，原有内容保留可查；需要的请重新登记评估。"
    return _answer(public_id, form, act, heading="撤回评估", done="评估已撤回", note=note)


@bp.route("/sheets/<uuid:public_id>/objection", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_WRITE)
def objection(public_id: UUID) -> Response:
    """Record an objection of the unit (异议)."""
    form = ObjectionForm(data={"raised_on": today()})

    def act(session: Session, row: Assessment) -> None:
        operations.raise_objection(
            session,
            row,
            raised_on=required(form.raised_on.data),
            text=form.text.data or "",
            actor=current_user(),
            as_of=today(),
        )

    until = operations.objection_until(current_session(), _file(public_id).row.assessment)
    note = f"异议期限到 {until:%Y-%m-%d} 为止（本局设置，待核）。" if until else ""
    return _answer(public_id, form, act, heading="提出异议", done="异议已登记，等待答复", note=note)


@bp.route("/objections/<uuid:public_id>/answer", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_CLOSE)
def answer(public_id: UUID) -> Response:
    """Answer an objection (异议答复)."""
    user = current_user()
    asked = queries.get_objection(current_session(), public_id, user=user, as_of=today())
    sheet_id = required(current_session().get(Assessment, asked.assessment_id)).public_id
    form = AnswerForm(data={"answered_on": today()})

    def act(session: Session, _row: Assessment) -> None:
        operations.answer_objection(
            session,
            queries.get_objection(session, public_id, user=user, as_of=today()),
            is_upheld=form.result.data == "upheld",
            answer=form.answer.data or "",
            answered_on=required(form.answered_on.data),
            actor=user,
            as_of=today(),
        )

    note = f"{asked.raised_on:%Y-%m-%d} 提出：{asked.text}"
    return _answer(sheet_id, form, act, heading="答复异议", done="异议已答复", note=note)


@bp.route("/sheets/<uuid:public_id>/evidence", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_WRITE)
def evidence(public_id: UUID) -> Response:
    """Attach a photograph or document to an assessment (证据附件)."""
    file = _file(public_id)
    user = current_user()
    if not (may_edit(user, file.row.assessment) or may_close(user, file.row.assessment)):
        raise NotFound
    form = EvidenceForm()
    if form.validate_on_submit():
        try:
            _attach(public_id, form)
        except (RuleViolation, BadFile) as refusal:
            form.refuse(RuleViolation(refusal.message, field="file"))
        else:
            flash("附件已保存", "success")
            return _back(public_id)
    return page(
        "assessment/act.html", form=form, file=file, heading="添加证据附件", enctype="multipart/form-data",
        note="照片、PDF 或 Office 文件，单个不超过 20 MB。", save="上传",
    )  # fmt: skip


def _attach(public_id: UUID, form: EvidenceForm) -> None:
    sent = form.file.data
    if sent is None or not sent.filename:
        raise RuleViolation("请选择要上传的文件")
    # The file is written before the transaction begins, so that nobody waits for an upload.
    stored = store(
        cast(BinaryIO, sent.stream),
        file_name=sent.filename,
        directory=registry().settings.attachments_dir,
        max_bytes=MAX_FILE,
    )
    with unit_of_work() as session:
        row = queries.get_assessment(session, public_id, user=current_user(), as_of=today())
        attach(
            session, stored, owner_kind="assessment", owner_id=row.id, actor=current_user(), note=form.note.data or ""
        )


def _file(public_id: UUID) -> SheetFile:
    return queries.sheet_file(current_session(), public_id, user=current_user(), as_of=today())


def _back(public_id: UUID) -> Response:
    return redirect(url_for(".sheet", public_id=public_id))


def _answer(public_id: UUID, form: BaseForm, act: Act, *, heading: str, done: str, **context: Any) -> Response:
    """Show the form, or do what it says and go back to the sheet."""
    file = _file(public_id)
    if form.validate_on_submit():
        with saving(form) as session:
            act(session, queries.get_assessment(session, public_id, user=current_user(), as_of=today()))
        if form.is_saved:
            flash(done, "success")
            return _back(public_id)
    return page(
        "assessment/act.html",
        form=form,
        file=file,
        heading=heading,
        **{"note": "", "save": "保存", "enctype": ""} | context,
    )
