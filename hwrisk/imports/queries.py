"""Reads of the staging area: batches in sight, rows of a preview."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.imports.models import ImportBatch, ImportRow, ImportStatus
from hwrisk.imports.records import Outcome
from hwrisk.security import Viewer

PAGE = 50


def visible_to(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate of the batches `user` may see: the own ones; with the whole city in sight, all."""
    if user.account_id is None or user.is_city_wide:
        return true()
    return ImportBatch.account_id == user.account_id


def batch_in_sight(session: Session, public_id: uuid.UUID, *, user: Viewer, lock: bool = False) -> ImportBatch:
    """Return the batch; with `lock` its row is held until the end of the transaction.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    query = select(ImportBatch).where(ImportBatch.public_id == public_id, visible_to(user))
    batch = session.scalar(query.with_for_update() if lock else query)
    if batch is None:
        raise NotFound
    return batch


def recent_batches(
    session: Session, *, user: Viewer, kind: str | None = None, limit: int = PAGE
) -> Sequence[ImportBatch]:
    """Return the latest batches in sight, newest first."""
    query = select(ImportBatch).where(visible_to(user))
    if kind is not None:
        query = query.where(ImportBatch.kind == kind)
    return session.scalars(query.order_by(ImportBatch.created_at.desc(), ImportBatch.id.desc()).limit(limit)).all()


def preview_rows(
    session: Session,
    batch: ImportBatch,
    *,
    outcome: Outcome | None = None,
    warned: bool = False,
    after_row: int = 0,
    limit: int = PAGE,
) -> Sequence[ImportRow]:
    """Return up to `limit` rows of a batch behind row number `after_row`, in the order of the file."""
    query = select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.row_no > after_row)
    if outcome is not None:
        query = query.where(ImportRow.outcome == outcome)
    if warned:
        query = query.where(ImportRow.has_warning)
    return session.scalars(query.order_by(ImportRow.row_no).limit(limit)).all()


def all_rows(session: Session, batch: ImportBatch) -> Sequence[ImportRow]:
    """Return all rows of a batch, in the order of the file."""
    return session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.row_no)).all()


def accepted_before(session: Session, *, kind: str, file_sha256: str) -> ImportBatch | None:
    """Return the latest accepted batch of the very same file, or None."""
    return session.scalar(
        select(ImportBatch)
        .where(
            ImportBatch.kind == kind,
            ImportBatch.file_sha256 == file_sha256,
            ImportBatch.status == ImportStatus.ACCEPTED,
        )
        .order_by(ImportBatch.closed_at.desc())
        .limit(1)
    )
