"""Tables of reporting: the register of exports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.db.base import Base, PublicId
from hwrisk.db.types import UtcDateTime


class ExportFile(PublicId, Base):
    """One exported file (导出登记): what it showed, who made it, and the hash by which it is known again.

    The row is kept when the file itself is removed after its time, so that a print-out can still be verified.
    """

    __tablename__ = "export_file"
    __table_args__ = (
        CheckConstraint("row_count >= 0", name="row_count_not_negative"),
        CheckConstraint("size >= 0", name="size_not_negative"),
        Index("ix_export_file_maker", "made_by_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(String(200))
    format: Mapped[str] = mapped_column(String(8))
    scope_text: Mapped[str] = mapped_column(Text)
    filter_text: Mapped[str] = mapped_column(Text, default="")
    """The filters in the user's words, as printed."""
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Filters and parameters as the list's address carries them, so that the export can be drawn again."""
    as_of: Mapped[date]
    cutoff_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Instant up to which data were known (数据截至)."""
    row_count: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    verification_code: Mapped[str] = mapped_column(String(16), unique=True)
    """Random code printed beside the number; only the register knows which number it belongs to."""
    path: Mapped[str | None] = mapped_column(String(255))
    """Relative to the folder of exports; None when the file was handed to another place, or was removed."""
    warnings: Mapped[list[str]] = mapped_column(JSON)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Account of the maker, or None for the system and for commands."""
    made_by: Mapped[str] = mapped_column(String(120))
    """Department and name as they were when the file was made."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """Instant from which housekeeping removes the file; None when it is not in the folder of exports."""
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
