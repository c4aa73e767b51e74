"""Attaching files, and taking them away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.attachments.files import StoredFile
from hwrisk.attachments.models import Attachment
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.security.viewer import Viewer

MAX_PER_OWNER = 200
NOTE_LENGTH = 200


def attach(
    session: Session, stored: StoredFile, *, owner_kind: str, owner_id: int | str, actor: Viewer, note: str = ""
) -> Attachment:
    """Attach a stored file to the thing (owner_kind, owner_id) and return the attachment.

    The caller has made sure that `actor` may change the thing.

    Raises:
        RuleViolation: the thing has as many attachments as it may have.
    """
    count = session.scalar(
        select(func.count())
        .select_from(Attachment)
        .where(
            Attachment.owner_kind == owner_kind,
            Attachment.owner_id == str(owner_id),
            Attachment.removed_at.is_(None),
        )
    )
    if (count or 0) >= MAX_PER_OWNER:
        raise RuleViolation(f"附件已达 {MAX_PER_OWNER} 个的上限，请先删除不需要的附件")
    attachment = Attachment(
        owner_kind=owner_kind,
        owner_id=str(owner_id),
        file_name=stored.file_name,
        media_type=stored.media.name,
        size=stored.size,
        sha256=stored.sha256,
        note=note[:NOTE_LENGTH],
        uploaded_by=actor.account_id,
        uploader_label=actor.label,
    )
    session.add(attachment)
    session.flush()
    _record(session, actor, "attachment.add", attachment)
    return attachment


def remove(session: Session, attachment: Attachment, *, actor: Viewer, at: datetime | None = None) -> None:
    """Take an attachment out of sight; row and file are kept for a year, in case it was evidence."""
    if attachment.removed_at is not None:
        return
    attachment.removed_at = at or now()
    attachment.removed_by = actor.label
    session.flush()
    _record(session, actor, "attachment.remove", attachment)


def _record(session: Session, actor: Viewer, action: str, attachment: Attachment) -> None:
    summary = {"file_name": attachment.file_name, "sha256": attachment.sha256, "size": attachment.size}
    audit.record(session, actor, action, attachment.owner_kind, attachment.owner_id, summary=summary)
