"""How long attachments are kept, and whether their files are all there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hwrisk.attachments.files import INCOMING, digest_of, lock_of, place_of
from hwrisk.attachments.models import Attachment
from hwrisk.clock import LOCAL_ZONE, now
from hwrisk.db.checks import Check
from hwrisk.db.chunks import chunked

KEEP_REMOVED_DAYS = 365
"""Days a removed attachment is kept."""
ORPHAN_AGE = timedelta(hours=24)
"""How old a file must be that belongs to nothing before it is swept: uploads come before their row."""
_NAME = re.compile(r"[0-9a-f]{64}")


def retention(directory: Path) -> Callable[..., int]:
    """Return the function `(session, *, as_of)` that removes what was kept long enough, for the housekeeping job.

    Files are swept first: what loses its row now is swept on the next day, when the row is gone for certain.
    """

    def run(session: Session, *, as_of: date) -> int:
        return sweep(session, directory) + purge(session, as_of=as_of)

    return run


def purge(session: Session, *, as_of: date) -> int:
    """Remove the rows of attachments that were taken away long enough ago, and return how many."""
    before = datetime.combine(as_of - timedelta(days=KEEP_REMOVED_DAYS), time.min, LOCAL_ZONE).astimezone(UTC)
    gone = delete(Attachment).where(Attachment.removed_at < before).returning(Attachment.id)
    return len(session.scalars(gone).all())


def sweep(session: Session, directory: Path) -> int:
    """Remove the files that belong to no attachment and are a day old, and return how many."""
    limit = (now() - ORPHAN_AGE).timestamp()
    count = 0
    for paths in chunked(_old_files(directory, limit)):
        names = [path.name for path in paths]
        owned = set(session.scalars(select(Attachment.sha256).where(Attachment.sha256.in_(names))))
        for path in paths:
            if path.name not in owned:
                count += _unlink_if_old(path, directory, limit)
    return count


def _old_files(directory: Path, limit: float) -> Iterator[Path]:
    for folder in [*sorted(directory.glob("[0-9a-f][0-9a-f]")), directory / INCOMING]:
        if folder.is_dir():
            yield from (path for path in sorted(folder.iterdir()) if _is_ours(path) and path.stat().st_mtime < limit)


def _is_ours(path: Path) -> bool:
    return path.parent.name == INCOMING or bool(_NAME.fullmatch(path.name))


def _unlink_if_old(path: Path, directory: Path, limit: float) -> bool:
    with lock_of(directory):
        # Stored once more in the meantime: it is young again.
        if not path.exists() or path.stat().st_mtime >= limit:
            return False
        path.unlink()
        return True


def file_check(directory: Path) -> Check:
    """Return the self-check that every attachment's file is there and unaltered."""

    def run(session: Session) -> list[str]:
        rows = session.execute(
            select(Attachment.sha256, Attachment.size, Attachment.file_name).order_by(Attachment.id)
        ).all()
        seen: dict[str, bool] = {}
        problems = []
        for sha256, size, name in rows:
            if sha256 not in seen:
                seen[sha256] = _is_whole(place_of(directory, sha256), sha256, size)
            if not seen[sha256]:
                problems.append(f"附件“{name}”的文件缺失或已被改动（{sha256[:12]}…）")
        return problems

    return Check("attachments.files", "附件文件齐全且未被改动", run)


def _is_whole(path: Path, sha256: str, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size and digest_of(path) == sha256
