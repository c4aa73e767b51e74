"""The table of attachments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.clock import now
from hwrisk.db.base import Base, PublicId
from hwrisk.db.types import UtcDateTime

SHA256_LENGTH = 64


class Attachment(PublicId, Base):
    """A file that belongs to something (附件); the content lies outside the database, under its SHA-256."""

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("size > 0", name="size_positive"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed_whole"),
        Index("ix_attachment_owner", "owner_kind", "owner_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_kind: Mapped[str] = mapped_column(String(32))
    owner_id: Mapped[str] = mapped_column(String(64))
    """Id of what it belongs to within its kind, as text; no foreign key, as owners stand in many tables."""
    file_name: Mapped[str] = mapped_column(String(200))
    """Name for people, cleaned, ending as its content demands."""
    media_type: Mapped[str] = mapped_column(String(100))
    """Told by the content, never by the name."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    sha256: Mapped[str] = mapped_column(String(SHA256_LENGTH), index=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Account, or None for the system."""
    uploader_label: Mapped[str] = mapped_column(String(120))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Instant from which it is no longer shown, or None; the row and the file go later."""
    removed_by: Mapped[str | None] = mapped_column(String(120))
