"""Imports (导入): choose a kind, upload, look at the preview, accept all or nothing."""

from __future__ import annotations

import io
import tempfile
import uuid
from datetime import date
from pathlib import Path

from flask import Blueprint, flash, redirect, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.errors import BadFile, NotFound, RuleViolation
from hwrisk.imports import ImportKind, accept, blank_template, discard, error_workbook, recheck, stage
from hwrisk.imports.models import OPEN, ImportBatch, ImportRow, ImportStatus
from hwrisk.imports.packing import unpack
from hwrisk.imports.queries import PAGE, batch_in_sight, preview_rows, recent_batches
from hwrisk.imports.records import Outcome
from hwrisk.imports.staging import faults_of
from hwrisk.jobs import enqueue
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.access import requires
from hwrisk.web.context import current_session, current_user, idle_database, unit_of_work
from hwrisk.web.forms import BaseForm, FileField
from hwrisk.web.paging import whole_number
from hwrisk.web.records import NavItem
from hwrisk.web.registry import registry
from hwrisk.web.rendering import page, page_or_partial
from hwrisk.web.work import IMPORT, IMPORT_ACCEPT, imports_folder, incoming_path

bp = Blueprint("imports", __name__, url_prefix="/imports")
INLINE_BYTES = 512 * 1024
"""Files up to this size are checked while the person waits, larger ones by the task worker."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABS = ((None, "全部"), *((outcome, outcome.label) for outcome in Outcome))


def undecided(session: Session, user: Viewer, _as_of: date) -> int:
    """Return how many checked files of `user` wait for a decision."""
    own = [batch for batch in recent_batches(session, user=user) if batch.account_id == user.account_id]
    return sum(1 for batch in own if batch.status is ImportStatus.READY)


NAV = (NavItem("导入", "imports.index", Permission.IMPORT_RUN, "导入与导出", count=undecided),)


class UploadForm(BaseForm):
    """A file to import (上传文件)."""

    file = FileField("Excel（.xlsx）或 CSV 文件")


@bp.get("/")
@requires(Permission.IMPORT_RUN)
def index() -> Response:
    """Show the kinds of files this person may import, and their latest imports."""
    batches = recent_batches(current_session(), user=current_user())
    return page("web/imports.html", kinds=_open_kinds(), batches=batches, labels=_labels())


@bp.route("/<kind>", methods=["GET", "POST"])
@requires(Permission.IMPORT_RUN)
def upload(kind: str) -> Response:
    """Take a file, check it, and show what it would change."""
    chosen = _kind(kind)
    form = UploadForm()
    if request.method == "POST":
        try:
            return redirect(_take(chosen, form.file.data if form.validate() else None))
        except BadFile as failure:
            form.refuse(RuleViolation(failure.message, field="file"))
    return page("web/import_upload.html", kind=chosen, form=form, largest=registry().settings.upload_mib)


@bp.get("/<kind>/template")
@requires(Permission.IMPORT_RUN)
def template(kind: str) -> Response:
    """Give the empty workbook to fill in."""
    chosen = _kind(kind)
    return send_file(
        io.BytesIO(blank_template(chosen)),
        mimetype=XLSX,
        as_attachment=True,
        download_name=f"{chosen.label}导入模板.xlsx",
    )


@bp.get("/batches/<uuid:public_id>")
@requires(Permission.IMPORT_RUN)
def preview(public_id: uuid.UUID) -> Response:
    """Show what an upload would do, row by row, with before and after."""
    batch = batch_in_sight(current_session(), public_id, user=current_user())
    outcome = next((o for o in Outcome if o.value == request.args.get("outcome")), None)
    is_warned = "warned" in request.args
    rows = preview_rows(
        current_session(),
        batch,
        outcome=outcome,
        warned=is_warned,
        after_row=whole_number(request.args.get("after")) or 0,
        limit=PAGE + 1,
    )
    return page_or_partial(
        "web/import_preview.html",
        "web/_import_rows.html",
        batch=batch,
        label=_labels().get(batch.kind, batch.kind),
        rows=[_shown(row) for row in rows[:PAGE]],
        after=rows[PAGE - 1].row_no if len(rows) > PAGE else None,
        outcome=outcome,
        is_warned=is_warned,
        counts=_counts(batch),
        tabs=TABS,
        is_open=batch.status in OPEN,
        may_accept=batch.status is ImportStatus.READY,
    )


@bp.post("/batches/<uuid:public_id>/accept")
@requires(Permission.IMPORT_RUN)
def accept_batch(public_id: uuid.UUID) -> Response:
    """Write all new and changed rows, or nothing; a large file is written by the task worker."""
    batch = batch_in_sight(current_session(), public_id, user=current_user())
    kind = _kind(batch.kind)
    back = url_for(".preview", public_id=public_id)
    if batch.total > registry().settings.inline_task_rows and batch.status is ImportStatus.READY:
        return redirect(_enqueue(IMPORT_ACCEPT, {"kind": kind.kind, "batch": str(public_id)}))
    try:
        done = accept(idle_database(), kind, public_id, user=current_user(), as_of=today())
    except RuleViolation as violation:
        flash(violation.message, "danger")
        return redirect(back)
    flash(
        f"已导入：新增 {done.new_count} 行，变更 {done.changed_count} 行，无变化 {done.unchanged_count} 行", "success"
    )
    return redirect(back)


@bp.post("/batches/<uuid:public_id>/recheck")
@requires(Permission.IMPORT_RUN)
def recheck_batch(public_id: uuid.UUID) -> Response:
    """Check the staged rows again, against the data of now."""
    batch = batch_in_sight(current_session(), public_id, user=current_user())
    recheck(idle_database(), _kind(batch.kind), public_id, user=current_user(), as_of=today())
    flash("已按现在的数据重新检查", "success")
    return redirect(url_for(".preview", public_id=public_id))


@bp.post("/batches/<uuid:public_id>/discard")
@requires(Permission.IMPORT_RUN)
def discard_batch(public_id: uuid.UUID) -> Response:
    """Give an upload up; nothing of it is kept but the record that it was there."""
    discard(idle_database(), public_id, user=current_user(), folder=imports_folder(registry().settings))
    flash("已放弃这次导入，数据没有任何变化", "success")
    return redirect(url_for(".index"))


@bp.get("/batches/<uuid:public_id>/errors")
@requires(Permission.IMPORT_RUN)
def errors(public_id: uuid.UUID) -> Response:
    """Give the uploaded workbook back with the column 错误说明."""
    batch = batch_in_sight(current_session(), public_id, user=current_user())
    folder = imports_folder(registry().settings)
    with tempfile.TemporaryDirectory() as scratch:
        written = error_workbook(
            idle_database(),
            _kind(batch.kind),
            public_id,
            Path(scratch) / "errors.xlsx",
            user=current_user(),
            folder=folder,
        )
        content = io.BytesIO(written.read_bytes())
    stem = Path(batch.filename).stem or "导入"
    return send_file(content, mimetype=XLSX, as_attachment=True, download_name=f"{stem}-错误说明.xlsx")


def _take(kind: ImportKind, file: FileStorage | None) -> str:
    """Keep the upload, check it at once or leave it to the worker; return where to go on."""
    if file is None or not file.filename:
        raise BadFile("请选择要导入的文件")
    settings = registry().settings
    name = uuid.uuid4().hex
    path = incoming_path(settings, name)
    path.touch(mode=0o600)
    file.save(path)
    params = {"kind": kind.kind, "file": name, "filename": file.filename[-255:], "as_of": today().isoformat()}
    if path.stat().st_size > INLINE_BYTES:
        return _enqueue(IMPORT, params)
    try:
        batch = stage(
            idle_database(),
            kind,
            path,
            file.filename,
            user=current_user(),
            as_of=today(),
            folder=imports_folder(settings),
        )
    finally:
        path.unlink(missing_ok=True)
    return url_for(".preview", public_id=batch.public_id)


def _enqueue(kind: str, params: dict[str, str]) -> str:
    with unit_of_work() as session:
        task = enqueue(session, kind, params, actor=current_user())
    return url_for("tasks.show", public_id=task.public_id)


def _open_kinds() -> list[ImportKind]:
    user = current_user()
    return [kind for kind in registry().import_kinds if user.may(kind.permission)]


def _kind(name: str) -> ImportKind:
    for kind in _open_kinds():
        if kind.kind == name:
            return kind
    raise NotFound("没有这种导入，或您没有导入它的权限")


def _labels() -> dict[str, str]:
    return {kind.kind: kind.label for kind in registry().import_kinds}


def _counts(batch: ImportBatch) -> dict[Outcome | None, int]:
    return {
        None: batch.total,
        Outcome.NEW: batch.new_count,
        Outcome.CHANGED: batch.changed_count,
        Outcome.UNCHANGED: batch.unchanged_count,
        Outcome.REFUSED: batch.refused_count,
    }


def _shown(row: ImportRow) -> dict[str, object]:
    before, after = unpack(row.before) or {}, unpack(row.after) or {}
    return {
        "row_no": row.row_no,
        "title": row.title,
        "outcome": row.outcome,
        "changes": [(name, before.get(name), value) for name, value in after.items()],
        "faults": faults_of(row.messages),
        "warnings": faults_of(row.warnings),
    }
