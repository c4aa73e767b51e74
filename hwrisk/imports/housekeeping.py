"""What keeps the staging area small: rows and files are deleted after a time, killed checks are closed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.session import Database
from hwrisk.imports import spool
from hwrisk.imports.models import OPEN, ImportBatch, ImportStatus
from hwrisk.imports.operations import forget_rows

RETENTION_DAYS = 30
"""Days after which staging rows and uploaded files are deleted; the batch itself stays."""
STUCK_HOURS = 6
"""A check older than this was killed with its process."""


def clear_old(database: Database, *, at: datetime, folder: Path | None = None) -> dict[str, int]:
    """Delete rows and files of batches older than the retention, close checks that were killed; return counts."""
    folder = folder or spool.spool_dir()
    with database.unit_of_work() as session:
        stuck = _close_stuck(session, at)
        old = session.scalars(
            select(ImportBatch).where(
                ImportBatch.rows_kept, ImportBatch.created_at < at - timedelta(days=RETENTION_DAYS)
            )
        ).all()
        for batch in old:
            if batch.status in OPEN:
                batch.status, batch.closed_at = ImportStatus.EXPIRED, at
            forget_rows(session, batch)
    for batch in old:
        spool.drop(folder, batch.public_id)
    return {"stuck": stuck, "cleared": len(old)}


def _close_stuck(session: Session, at: datetime) -> int:
    stuck = session.scalars(
        select(ImportBatch).where(
            ImportBatch.status == ImportStatus.CHECKING, ImportBatch.created_at < at - timedelta(hours=STUCK_HOURS)
        )
    ).all()
    for batch in stuck:
        batch.status, batch.failure, batch.closed_at = ImportStatus.FAILED, "检查没有完成，请重新上传", at
    return len(stuck)
