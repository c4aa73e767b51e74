"""Making an export from a report: draw the rows, write the file, put it into the register."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import now, today
from hwrisk.config import settings
from hwrisk.db.marks import DEMO, mark
from hwrisk.db.session import Database
from hwrisk.errors import NotFound, Refused, RuleViolation
from hwrisk.reporting.fingerprint import digest
from hwrisk.reporting.models import ExportFile
from hwrisk.reporting.operations import register, remove_expired
from hwrisk.reporting.pdf.errors import PdfFailed, PdfUnavailable
from hwrisk.reporting.pdf.ledger import write_document_pdf
from hwrisk.reporting.pdf.table import write_table_pdf
from hwrisk.reporting.queries import download_name
from hwrisk.reporting.report import (
    DEMO_NOTE,
    Format,
    Making,
    Produced,
    Progress,
    Report,
    ReportRequest,
    Sheet,
    Stamp,
    Written,
    head_lines,
)  # fmt: skip
from hwrisk.reporting.xlsx import write_xlsx
from hwrisk.security import Permission, Viewer, viewer_of
from hwrisk.security.models import Account

DOCUMENT_ROWS = 200
"""A PDF up to this many rows is set by WeasyPrint, a longer one by the table writer."""
MAX_TITLE = 200
ATTEMPTS = 3
"""How often an export is drawn anew when rows came or went while it was written."""
Writer = Callable[..., Written]


class Context(Protocol):
    """What a task lends to an export; the task service's own context fits."""

    def progress(self, done: int, total: int = 0, message: str = "") -> None:
        """Show how far the task is."""

    def check_cancelled(self) -> None:
        """Raise when the task is to stop."""

    def confirm(self, session: Session) -> None:
        """Raise when the task is no longer this process's, in the transaction of its effect."""


class TaskContext(Context, Protocol):
    """The context of a task of its own: with database, parameters and the account that asked for it."""

    database: Database
    params: dict[str, Any]
    actor_id: int | None


@dataclass(frozen=True)
class _Drawn:
    written: Written
    title: str
    scope_text: str
    filter_text: str
    cutoff_at: datetime


def produce(  # noqa: PLR0917 - one order for commands, pages and tasks
    database: Database,
    report: Report,
    request: ReportRequest,
    fmt: str,
    out_path: Path,
    context: Context | None = None,
    *,
    exports_dir: Path | None = None,
) -> Produced:
    """Write `report` as `fmt` to `out_path`, put the file into the register, and return what was made.

    The file appears only when it is whole and registered; a cancelled or failed export leaves neither.

    Raises:
        Refused: the person may not export, or may not see this report.
        RuleViolation: the report is not offered in this format, is too long for it, or its rows keep changing.
    """
    checked = _checked(report, request, fmt)
    stamp, made_at = Stamp.new(), now()
    out_path.parent.mkdir(parents=True, exist_ok=True)
    staged = out_path.with_name(f".{stamp.code}.{out_path.name}")
    is_placed = False
    try:
        drawn = _draw(database, report, request, checked, staged, stamp=stamp, made_at=made_at, context=context)
        made = Produced(
            path=out_path, title=drawn.title, sha256=digest(staged), rows=drawn.written.rows,
            size=staged.stat().st_size, stamp=stamp, scope_text=drawn.scope_text, filter_text=drawn.filter_text,
            cutoff_at=drawn.cutoff_at, made_at=made_at, warnings=drawn.written.warnings,
        )  # fmt: skip
        relative = _relative(out_path, exports_dir or settings().exports_dir)
        with database.unit_of_work() as session:
            register(session, made, report=report, request=request, fmt=checked, relative_path=relative)
            if context:
                context.confirm(session)
            staged.replace(out_path)
            is_placed = True
    except BaseException:
        # The disk may be full at the COMMIT itself: a file that the register does not know is no file of ours.
        if is_placed:
            out_path.unlink(missing_ok=True)
        raise
    finally:
        staged.unlink(missing_ok=True)
    return made


def make_export(
    database: Database,
    report: Report,
    request: ReportRequest,
    fmt: str,
    context: Context | None = None,
    *,
    exports_dir: Path | None = None,
) -> ExportFile:
    """Produce `report` into the folder of exports and return its row in the register."""
    folder = exports_dir or settings().exports_dir
    name = f"{report.id}-{request.as_of:%Y%m%d}-{Stamp.new().code[:6].lower()}.{fmt}"
    path = folder / f"{today():%Y-%m}" / name
    made = produce(database, report, request, fmt, path, context, exports_dir=folder)
    with database.session() as session:
        return session.scalars(select(ExportFile).where(ExportFile.public_id == made.stamp.export_id)).one()


def run_export(context: TaskContext, reports: Sequence[Report], *, exports_dir: Path | None = None) -> dict[str, Any]:
    """Run the task `export`: parameters `report`, `format`, `as_of`, `filters`, `params`; rights are those of now.

    Returns the public number of the export under `export`, its file name, rows, hash and warnings.
    """
    params = context.params
    report = next((r for r in reports if r.id == params["report"]), None)
    if report is None:
        raise NotFound("没有这个报表，请在导出页重新选择")
    request = ReportRequest(
        user=_asker(context),
        as_of=date.fromisoformat(params["as_of"]) if params.get("as_of") else today(),
        filters=params.get("filters") or {},
        params=params.get("params") or {},
    )
    row = make_export(context.database, report, request, params["format"], context, exports_dir=exports_dir)
    return {
        "export": str(row.public_id), "filename": download_name(row), "rows": row.row_count, "size": row.size,
        "sha256": row.sha256, "warnings": row.warnings,
    }  # fmt: skip


def remove_old_exports(session: Session, *, as_of: date) -> int:
    """Remove files that were kept long enough; what the housekeeping job calls."""
    return remove_expired(session, as_of=as_of, exports_dir=settings().exports_dir)


def _checked(report: Report, request: ReportRequest, fmt: str) -> Format:
    if not (request.user.may(Permission.EXPORT_RUN) and request.user.may(report.permission)):
        raise Refused("您没有导出该报表的权限")
    if fmt not in report.formats:
        raise RuleViolation(f"“{report.title}”不提供 {fmt} 格式，可选：{'、'.join(report.formats)}")
    report.check_params(request.params)
    return fmt


def _asker(context: TaskContext) -> Viewer:
    if context.actor_id is None:
        return Viewer.system()
    with context.database.session() as session:
        account = session.get(Account, context.actor_id)
        if account is None:
            raise NotFound
        return viewer_of(session, account, on=today())


def _draw(
    database: Database,
    report: Report,
    request: ReportRequest,
    fmt: Format,
    path: Path,
    *,
    stamp: Stamp,
    made_at: datetime,
    context: Context | None,
) -> _Drawn:
    for _ in range(ATTEMPTS):
        with database.session() as session:
            attempt = _Attempt(session, report, request, stamp, made_at, report.count(session, request))
            drawn = attempt.write(fmt, path, _progress_of(context))
        if drawn.written.rows == attempt.count:
            return drawn
    raise RuleViolation("导出期间数据一直在变化，条数前后不一致，未生成文件；请稍后重试")


@dataclass(frozen=True)
class _Attempt:
    """One drawing of a report, all of it from one read transaction."""

    session: Session
    report: Report
    request: ReportRequest
    stamp: Stamp
    made_at: datetime
    count: int

    def write(self, fmt: Format, path: Path, progress: Progress | None) -> _Drawn:
        """Write the file and return what was written."""
        session, report, request = self.session, self.report, self.request
        cutoff_at = report.cutoff(session, request) if report.cutoff else self.made_at
        title = report.title_of(session, request)[:MAX_TITLE] if report.title_of else report.title
        is_demo = mark(session, DEMO) == "1"
        if is_demo:
            title = f"{title[: MAX_TITLE - len(DEMO_NOTE)]}{DEMO_NOTE}"
        if fmt in report.writers:
            making = Making(
                title=title, stamp=self.stamp, made_at=self.made_at, cutoff_at=cutoff_at,
                made_by=request.user.label, progress=progress, is_demo=is_demo,
            )  # fmt: skip
            return self._drawn(report.writers[fmt](session, request, path, making), title, cutoff_at)
        sheet = Sheet(
            title=title,
            head=head_lines(session, report, request, count=self.count, cutoff_at=cutoff_at, made_at=self.made_at),
            notes=report.notes,
            columns=report.columns_of(session, request) if report.columns_of else report.columns,
            rows=(),
            expected=self.count,
            stamp=self.stamp,
            made_at=self.made_at,
            made_by=request.user.label,
            totals=report.totals(session, request) if report.totals else None,
            orientation=report.orientation,
            paper=report.paper,
        )
        written = _written(fmt, self.count, lambda writer: writer(self._with_rows(sheet), path, progress=progress))
        return self._drawn(written, title, cutoff_at)

    def _drawn(self, written: Written, title: str, cutoff_at: datetime) -> _Drawn:
        session, report, request = self.session, self.report, self.request
        scope, filters = report.scope_text(session, request), report.filter_text(session, request)
        return _Drawn(written, title, scope, filters, cutoff_at)

    def _with_rows(self, sheet: Sheet) -> Sheet:
        return replace(sheet, rows=self.report.rows(self.session, self.request))


def _written(fmt: Format, count: int, draw: Callable[[Writer], Written]) -> Written:
    if fmt == "xlsx":
        return draw(write_xlsx)
    if count > DOCUMENT_ROWS:
        return draw(write_table_pdf)
    try:
        return draw(write_document_pdf)
    except (PdfUnavailable, PdfFailed):
        # A ledger must come out on a machine without pango too, and the table writer needs nothing of the system.
        return draw(write_table_pdf)


def _progress_of(context: Context | None) -> Progress | None:
    if context is None:
        return None

    def progress(done: int, total: int, message: str) -> None:
        context.check_cancelled()
        context.progress(done, total, message)

    return progress


def _relative(path: Path, exports_dir: Path) -> str | None:
    whole, folder = path.resolve(), exports_dir.resolve()
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else None
