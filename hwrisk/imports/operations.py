"""Staging a file, checking it again, accepting it whole, discarding it."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import local, now
from hwrisk.config import settings
from hwrisk.db.base import new_public_id
from hwrisk.db.session import Database
from hwrisk.errors import DatabaseBusy, HwriskError, Refused, RuleViolation
from hwrisk.imports import queries, spool
from hwrisk.imports.checking import Counts, check_rows, counts_of
from hwrisk.imports.headings import Recognised, recognise
from hwrisk.imports.models import OPEN, ImportBatch, ImportRow, ImportStatus
from hwrisk.imports.reading import read_workbook
from hwrisk.imports.records import ApplyContext, CheckContext, CheckedRow, ImportKind, Outcome, Progress
from hwrisk.imports.staging import as_record, layout_of, parsed_again, staged, write_rows
from hwrisk.imports.table import parse_rows
from hwrisk.security import Viewer

CHUNK = 2_000
"""Rows written in one transaction while a file is staged; other writers come in between."""
AUDITED_NAME = 100


class BaseChanged(RuleViolation):
    """Somebody changed the data since the check; the rows were checked again and wait for another look."""

    def __init__(self) -> None:
        super().__init__("检查之后数据有了变化，已按现在的数据重新检查；请再看一遍预览后确认")


def stage(
    database: Database,
    kind: ImportKind,
    path: Path,
    filename: str,
    *,
    user: Viewer,
    as_of: date,
    options: Mapping[str, str] | None = None,
    context: Progress | None = None,
    folder: Path | None = None,
) -> ImportBatch:
    """Check the file at `path` row by row and return the batch that holds the verdicts; nothing else is written.

    Args:
        options: what was chosen beside the file; handed to the kind's checks.
        context: where progress is told and cancelling asked for.
        folder: where the file is kept until the import is closed; None for the usual place.

    Raises:
        Refused: `user` may not import this kind.
        BadFile: the file as a whole is refused; no batch is made.
    """
    _ask_permission(kind, user)
    folder = folder or spool.spool_dir()
    table = recognise(kind.template, book := read_workbook(path, filename, limits=kind.limits.within(settings())))
    rows = parse_rows(kind.template, table, as_of=as_of)
    book.sheets.clear()
    check = CheckContext(user=user, as_of=as_of, options=dict(options or {}))
    batch_id = _open_batch(database, _new_batch(kind, path, filename, table, check), path, folder)
    try:
        with database.session() as session:
            version = _base_version(session, kind, check)
            checked = check_rows(session, kind, check, rows, progress=context)
        _write_staging(database, batch_id, checked, context)
        return _finish(database, batch_id, checked, version)
    except BaseException as failure:
        _fail(database, batch_id, folder, failure)
        raise


def _ask_permission(kind: ImportKind, user: Viewer) -> None:
    if not user.may(kind.permission):
        raise Refused(f"您没有导入“{kind.label}”的权限")


def _base_version(session: Session, kind: ImportKind, check: CheckContext) -> str | None:
    if kind.base_version is None:
        return None
    user = check.user
    scope = [sorted(user.offices), sorted(user.parks), sorted(user.units), user.is_city_wide, user.role.value]
    return f"{kind.base_version(session, check)} {scope}"


def _new_batch(kind: ImportKind, path: Path, filename: str, table: Recognised, check: CheckContext) -> ImportBatch:
    return ImportBatch(
        public_id=new_public_id(), kind=kind.kind, filename=_clean_name(filename), file_sha256=spool.sha256_of(path),
        file_size=path.stat().st_size, template_version=kind.template.version, sheet=table.sheet.name[:100],
        places=dict(table.layout.places), head_row=table.first_row, options=dict(check.options),
        status=ImportStatus.CHECKING, as_of=check.as_of, account_id=check.user.account_id,
        actor_label=check.user.label[:120], notes=list(table.notes),
    )  # fmt: skip


def _open_batch(database: Database, batch: ImportBatch, path: Path, folder: Path) -> int:
    try:
        spool.keep(folder, batch.public_id, path)
        with database.unit_of_work() as session:
            if earlier := queries.accepted_before(session, kind=batch.kind, file_sha256=batch.file_sha256):
                day = local(earlier.closed_at or earlier.created_at).strftime("%Y-%m-%d %H:%M")
                batch.notes = [*batch.notes, f"同一文件已于 {day} 由 {earlier.closed_by} 导入过"]
            session.add(batch)
            session.flush()
            return batch.id
    except BaseException:
        # No batch knows the file, so nothing would ever remove it.
        spool.drop(folder, batch.public_id)
        raise


def _clean_name(filename: str) -> str:
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in name if c.isprintable())[-255:]


def _write_staging(database: Database, batch_id: int, checked: Sequence[CheckedRow], context: Progress | None) -> None:
    for start in range(0, len(checked), CHUNK):
        if context is not None:
            context.check_cancelled()
            context.progress(start, len(checked), "写入暂存")
        records = [as_record(batch_id, each) for each in checked[start : start + CHUNK]]
        with database.unit_of_work() as session:
            write_rows(session, records)


def _finish(database: Database, batch_id: int, checked: Sequence[CheckedRow], version: str | None) -> ImportBatch:
    counts = counts_of(checked)
    with database.unit_of_work() as session:
        batch = session.get_one(ImportBatch, batch_id)
        _note_counts(batch, counts, version)
    return batch


def _note_counts(batch: ImportBatch, counts: Counts, version: str | None) -> None:
    batch.total, batch.new_count, batch.changed_count = counts.total, counts.new, counts.changed
    batch.unchanged_count, batch.refused_count, batch.warned_count = counts.unchanged, counts.refused, counts.warned
    batch.status = ImportStatus.REFUSED if counts.refused else ImportStatus.READY
    batch.base_version = version
    batch.checked_at = now()


def _fail(database: Database, batch_id: int, folder: Path, failure: BaseException) -> None:
    message = failure.message if isinstance(failure, HwriskError) else "检查没有完成，请重新上传"
    # A database that is busy even now leaves the batch 检查中; `clear_old` closes it later.
    with contextlib.suppress(DatabaseBusy), database.unit_of_work() as session:
        batch = session.get_one(ImportBatch, batch_id)
        batch.status, batch.failure, batch.closed_at = ImportStatus.FAILED, message, now()
        forget_rows(session, batch)
        spool.drop(folder, batch.public_id)


def accept(database: Database, kind: ImportKind, public_id: uuid.UUID, *, user: Viewer, as_of: date) -> ImportBatch:
    """Write all new and changed rows of a batch in one transaction, or nothing; return the closed batch.

    Raises:
        NotFound: the batch is not in sight.
        Refused: `user` may not import this kind.
        RuleViolation: a row is refused, or the batch is no longer open.
        BaseChanged: the data changed since the check; the preview now shows the new verdicts.
    """
    _ask_permission(kind, user)
    try:
        with database.unit_of_work() as session:
            batch = _acceptable(session, kind, public_id, user)
            check = CheckContext(user=user, as_of=as_of, options=batch.options)
            rows = queries.all_rows(session, batch)
            if _has_moved(session, kind, batch, rows, check):
                raise BaseChanged
            writable = [staged(row) for row in rows if row.outcome in {Outcome.NEW, Outcome.CHANGED}]
            apply = ApplyContext(
                user=user, as_of=as_of, batch_id=batch.id, batch_public_id=batch.public_id, options=batch.options
            )
            batch.result = kind.apply(session, apply, writable) if writable else {}
            _close(session, batch, ImportStatus.ACCEPTED, user)
    except BaseChanged:
        recheck(database, kind, public_id, user=user, as_of=as_of)
        raise
    return batch


def _acceptable(session: Session, kind: ImportKind, public_id: uuid.UUID, user: Viewer) -> ImportBatch:
    batch = queries.batch_in_sight(session, public_id, user=user, lock=True)
    if batch.kind != kind.kind:
        raise RuleViolation("导入种类与上传时不同，请重新上传")
    if batch.status is ImportStatus.REFUSED or batch.refused_count:
        raise RuleViolation(f"有 {batch.refused_count} 行有错误，整个文件都没有导入；请按错误说明改正后重新上传")
    if batch.status is not ImportStatus.READY:
        raise RuleViolation(f"这次导入的状态是“{batch.status.label}”，不能再确认")
    return batch


def _has_moved(
    session: Session, kind: ImportKind, batch: ImportBatch, rows: Sequence[ImportRow], check: CheckContext
) -> bool:
    version = _base_version(session, kind, check)
    if version is not None and version == batch.base_version:
        return False
    layout = layout_of(kind.template, batch)
    again = check_rows(session, kind, check, [parsed_again(row, layout) for row in rows])
    return any(_verdict(row) != _verdict_of(batch.id, each) for row, each in zip(rows, again, strict=True))


def _verdict(row: ImportRow) -> tuple[object, ...]:
    return row.outcome, row.payload, row.before, row.after


def _verdict_of(batch_id: int, checked: CheckedRow) -> tuple[object, ...]:
    record = as_record(batch_id, checked)
    return record["outcome"], record["payload"], record["before"], record["after"]


def recheck(database: Database, kind: ImportKind, public_id: uuid.UUID, *, user: Viewer, as_of: date) -> ImportBatch:
    """Check the staged rows of an open batch against the data of now, and return the batch with its new preview.

    Raises:
        NotFound: the batch is not in sight.
        RuleViolation: the batch is closed.
    """
    with database.unit_of_work() as session:
        batch = queries.batch_in_sight(session, public_id, user=user, lock=True)
        if batch.status not in OPEN:
            raise RuleViolation(f"这次导入的状态是“{batch.status.label}”，不能重新检查")
        check = CheckContext(user=user, as_of=as_of, options=batch.options)
        rows, layout = queries.all_rows(session, batch), layout_of(kind.template, batch)
        version = _base_version(session, kind, check)
        again = check_rows(session, kind, check, [parsed_again(row, layout) for row in rows])
        for row, each in zip(rows, again, strict=True):
            if not row.is_form_fault:
                _store_verdict(row, each)
        _note_counts(batch, counts_of(again), version)
        batch.as_of = as_of
    return batch


def _store_verdict(row: ImportRow, checked: CheckedRow) -> None:
    record = as_record(row.batch_id, checked)
    row.outcome, row.title = record["outcome"], record["title"]
    row.payload, row.before, row.after = record["payload"], record["before"], record["after"]
    row.messages = record["messages"]
    row.warnings, row.has_warning = record["warnings"], record["has_warning"]


def discard(database: Database, public_id: uuid.UUID, *, user: Viewer, folder: Path | None = None) -> ImportBatch:
    """Give up an open batch: its rows and its file are deleted, the batch stays as a record.

    Raises:
        NotFound: the batch is not in sight.
        RuleViolation: the batch is already closed.
    """
    with database.unit_of_work() as session:
        batch = queries.batch_in_sight(session, public_id, user=user, lock=True)
        if batch.status not in OPEN:
            raise RuleViolation(f"这次导入的状态是“{batch.status.label}”，不能放弃")
        _close(session, batch, ImportStatus.DISCARDED, user)
        forget_rows(session, batch)
    spool.drop(folder or spool.spool_dir(), batch.public_id)
    return batch


def _close(session: Session, batch: ImportBatch, status: ImportStatus, user: Viewer) -> None:
    batch.status, batch.closed_at, batch.closed_by = status, now(), user.label[:120]
    summary = {
        "kind": batch.kind, "file": batch.filename[:AUDITED_NAME], "sha256": batch.file_sha256, "rows": batch.total,
        "new": batch.new_count, "changed": batch.changed_count, "unchanged": batch.unchanged_count,
    }  # fmt: skip
    audit.record(session, user, f"import.{status.value}", "import_batch", batch.public_id, summary=summary)


def forget_rows(session: Session, batch: ImportBatch) -> None:
    """Delete the staging rows of a batch; the batch itself stays as a record."""
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    batch.rows_kept = False
