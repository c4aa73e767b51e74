"""Tables of the staging area: one row per uploaded file, one per row of it; kept for a time, then emptied."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.clock import now
from hwrisk.db.base import Base, PublicId
from hwrisk.db.types import EnumValue, Labelled, UtcDateTime
from hwrisk.imports.records import Outcome


class ImportStatus(Labelled):
    """How far an uploaded file is (导入状态)."""

    CHECKING = "checking", "检查中"
    READY = "ready", "待确认"
    REFUSED = "refused", "有错误"
    ACCEPTED = "accepted", "已导入"
    DISCARDED = "discarded", "已放弃"
    FAILED = "failed", "检查未完成"
    EXPIRED = "expired", "已过期"


OPEN = frozenset({ImportStatus.READY, ImportStatus.REFUSED})
"""States in which the preview can be looked at and decided upon."""


class ImportBatch(PublicId, Base):
    """One uploaded file with the outcome of its check (导入批次)."""

    __tablename__ = "import_batch"
    __table_args__ = (
        Index("ix_import_batch_account_created", "account_id", "created_at"),
        Index("ix_import_batch_kind_file", "kind", "file_sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    filename: Mapped[str] = mapped_column(String(255))
    file_sha256: Mapped[str] = mapped_column(String(64))
    file_size: Mapped[int]
    template_version: Mapped[str] = mapped_column(String(20))
    sheet: Mapped[str] = mapped_column(String(100))
    places: Mapped[dict[str, int]] = mapped_column(JSON)
    """Zero-based column index of each recognised column, by key."""
    head_row: Mapped[int]
    """Row number of the head, from 1."""
    options: Mapped[dict[str, str]] = mapped_column(JSON)
    status: Mapped[ImportStatus] = mapped_column(EnumValue(ImportStatus))
    as_of: Mapped[date]
    """The day as of which the rows were checked."""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Who uploaded it; None for a command."""
    actor_label: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was accepted, discarded or expired."""
    closed_by: Mapped[str] = mapped_column(String(120), default="")
    total: Mapped[int] = mapped_column(default=0)
    new_count: Mapped[int] = mapped_column(default=0)
    changed_count: Mapped[int] = mapped_column(default=0)
    unchanged_count: Mapped[int] = mapped_column(default=0)
    refused_count: Mapped[int] = mapped_column(default=0)
    warned_count: Mapped[int] = mapped_column(default=0)
    """Rows with at least one warning; they are counted by their outcome as well."""
    notes: Mapped[list[str]] = mapped_column(JSON)
    """What concerns the file as a whole: columns not read, another template version, the same file before."""
    base_version: Mapped[str | None] = mapped_column(Text)
    """The base as it was at the check, where the kind can tell; see `ImportKind.base_version`."""
    result: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    """Counts that `apply` gave, once accepted."""
    failure: Mapped[str] = mapped_column(Text, default="")
    rows_kept: Mapped[bool] = mapped_column(default=True)
    """Whether staging rows and file are still there."""


class ImportRow(Base):
    """One row of an uploaded file with its verdict (导入明细)."""

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("batch_id", "row_no"),
        Index("ix_import_row_batch_outcome", "batch_id", "outcome", "row_no"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"))
    row_no: Mapped[int]
    """Row number in the file, from 1."""
    repeat: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(EnumValue(Outcome))
    title: Mapped[str] = mapped_column(String(200))
    values: Mapped[dict[str, Any]] = mapped_column("cell_values", JSON)
    """Typed values by column key, packed."""
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What will be written, packed; None means the values themselves."""
    before: Mapped[dict[str, Any] | None] = mapped_column("value_before", JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column("value_after", JSON(none_as_null=True))
    messages: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    has_warning: Mapped[bool]
    is_form_fault: Mapped[bool]
    """Refused for the form of its cells alone; checking it again cannot change that."""

    batch: Mapped[ImportBatch] = relationship(lazy="raise")
