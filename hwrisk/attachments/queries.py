"""Reading attachments."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.attachments.files import place_of
from hwrisk.attachments.models import Attachment
from hwrisk.attachments.records import Owner, is_visible
from hwrisk.attachments.rules import MEDIA_TYPES
from hwrisk.errors import NotFound
from hwrisk.security.viewer import Viewer

MISSING = "附件文件缺失或已损坏，请联系系统管理员从备份恢复"
_MAY_SHOW = frozenset(media.name for media in MEDIA_TYPES if media.may_show)


class Download(NamedTuple):
    """A file to be sent, with the headers that keep a browser from running it."""

    path: Path
    file_name: str
    media_type: str
    size: int
    sha256: str
    headers: dict[str, str]


def attachments_of(session: Session, kind: str, object_id: int | str) -> Sequence[Attachment]:
    """Return the attachments of a thing, oldest first; the caller has made sure that the thing is in sight."""
    return session.scalars(
        select(Attachment)
        .where(Attachment.owner_kind == kind, Attachment.owner_id == str(object_id), Attachment.removed_at.is_(None))
        .order_by(Attachment.id)
    ).all()


def get_attachment(session: Session, public_id: uuid.UUID, *, user: Viewer, owners: Iterable[Owner]) -> Attachment:
    """Return one attachment.

    Raises:
        NotFound: there is none, it was removed, or what it belongs to is out of the viewer's sight.
    """
    found = select(Attachment).where(Attachment.public_id == public_id, Attachment.removed_at.is_(None))
    attachment = session.scalar(found)
    if attachment is None or not is_visible(
        owners, session, user, kind=attachment.owner_kind, object_id=attachment.owner_id
    ):
        raise NotFound
    return attachment


def fetch(
    session: Session,
    public_id: uuid.UUID,
    *,
    user: Viewer,
    owners: Iterable[Owner],
    directory: Path,
    inline: bool = False,
) -> Download:
    """Return the file of one attachment, ready to be sent; `inline` asks to show it, where its kind allows that.

    Raises:
        NotFound: as `get_attachment`; or the file itself is gone or has another size than it had.
    """
    attachment = get_attachment(session, public_id, user=user, owners=owners)
    path = place_of(directory, attachment.sha256)
    if not path.is_file() or path.stat().st_size != attachment.size:
        raise NotFound(MISSING)
    return Download(
        path,
        attachment.file_name,
        attachment.media_type,
        attachment.size,
        attachment.sha256,
        _headers(attachment, show=inline and attachment.media_type in _MAY_SHOW),
    )


def _headers(attachment: Attachment, *, show: bool) -> dict[str, str]:
    plain = attachment.file_name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    disposition = "inline" if show else "attachment"
    headers = {
        "Content-Type": attachment.media_type,
        "Content-Length": str(attachment.size),
        "Content-Disposition": f"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{quote(attachment.file_name)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    if not show:
        headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return headers
