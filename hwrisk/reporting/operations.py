"""Writing the register of exports."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import LOCAL_ZONE
from hwrisk.reporting.models import ExportFile
from hwrisk.reporting.report import Format, Produced, Report, ReportRequest

KEEP_DAYS = 30
"""Days a file is kept in the folder of exports; its row in the register stays for ever."""


def register(
    session: Session,
    made: Produced,
    *,
    report: Report,
    request: ReportRequest,
    fmt: Format,
    relative_path: str | None,
) -> ExportFile:
    """Add a finished file to the register; `relative_path` is None for a file outside the folder of exports."""
    row = ExportFile(
        public_id=made.stamp.export_id,
        report_id=report.id,
        title=made.title,
        format=fmt,
        scope_text=made.scope_text,
        filter_text=made.filter_text,
        filters={"filters": dict(request.filters), "params": dict(request.params)},
        as_of=request.as_of,
        cutoff_at=made.cutoff_at,
        row_count=made.rows,
        size=made.size,
        sha256=made.sha256,
        verification_code=made.stamp.code,
        path=relative_path,
        warnings=list(made.warnings),
        made_by_id=request.user.account_id,
        made_by=request.user.label,
        made_at=made.made_at,
        expires_at=made.made_at + timedelta(days=KEEP_DAYS) if relative_path else None,
    )
    session.add(row)
    session.flush()
    summary = {"report": report.id, "title": made.title, "format": fmt, "rows": made.rows, "sha256": made.sha256}
    audit.record(session, request.user, "export.make", "export_file", row.id, summary=summary)
    return row


def remove_expired(session: Session, *, as_of: date, exports_dir: Path) -> int:
    """Take files whose time is over at the beginning of the day `as_of` out of the folder; return how many.

    The files go when the transaction has committed, so that a failure never leaves a row whose file is gone.
    """
    begin = datetime.combine(as_of, time.min, LOCAL_ZONE).astimezone(UTC)
    rows = session.scalars(
        select(ExportFile).where(ExportFile.path.is_not(None), ExportFile.expires_at <= begin).order_by(ExportFile.id)
    ).all()
    gone = [exports_dir / row.path for row in rows if row.path]
    for row in rows:
        row.path, row.removed_at = None, begin
    session.flush()

    def remove_files(_session: Session) -> None:
        for path in gone:
            path.unlink(missing_ok=True)

    if gone:
        event.listen(session, "after_commit", remove_files, once=True)
    return len(rows)
