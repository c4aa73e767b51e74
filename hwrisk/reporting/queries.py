"""Reading the register of exports."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.reporting.models import ExportFile
from hwrisk.security import Viewer


def visible_to(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate of the exports `user` may open: their own; the whole city sees all."""
    if user.is_city_wide:
        return true()
    return ExportFile.made_by_id == user.account_id


def export_files(session: Session, *, user: Viewer, limit: int = 50) -> Sequence[ExportFile]:
    """Return the latest exports in sight of `user`, newest first."""
    return session.scalars(
        select(ExportFile).where(visible_to(user)).order_by(ExportFile.id.desc()).limit(limit)
    ).all()  # fmt: skip


def export_file(session: Session, *, public_id: uuid.UUID, user: Viewer) -> ExportFile:
    """Return one export.

    Raises:
        NotFound: there is none, or it is out of sight of `user`.
    """
    row = session.scalar(select(ExportFile).where(ExportFile.public_id == public_id, visible_to(user)))
    if row is None:
        raise NotFound
    return row


def file_of(row: ExportFile, *, exports_dir: Path) -> Path:
    """Return the file behind a row.

    Raises:
        NotFound: it was removed after its time, or never stood in the folder of exports.
    """
    path = exports_dir / row.path if row.path else None
    if path is None or not path.is_file():
        raise NotFound("该导出文件已过保留期或已移出，请重新导出")
    return path


def download_name(row: ExportFile) -> str:
    """Return the Chinese file name a browser saves under."""
    return f"{row.title}_{row.as_of:%Y%m%d}.{row.format}"
