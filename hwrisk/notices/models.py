"""Tables of notices (站内消息)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.clock import now
from hwrisk.db.base import Base, PublicId
from hwrisk.db.types import EnumValue, UtcDateTime
from hwrisk.security.roles import Role


class Notice(PublicId, Base):
    """Something a group of people should know (站内消息).

    Those who get it are named by role, supervising office, park, unit and account; where several are given, a person
    must fit them all. There are no foreign keys to parks and units, whose tables stand above this service.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("key", "audience"),
        CheckConstraint("audience <> ''", name="audience_given"),
        Index("ix_notice_account", "account_id", "id"),
        Index("ix_notice_role", "role", "id"),
        Index("ix_notice_office", "office_code", "id"),
        Index("ix_notice_unit", "unit_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    """What it is about; the same matter is never told twice to the same people."""
    audience: Mapped[str] = mapped_column(String(200))
    """The columns below as one text, for the unique key."""
    role: Mapped[Role | None] = mapped_column(EnumValue(Role))
    office_code: Mapped[str | None] = mapped_column(String(32))
    park_id: Mapped[int | None]
    unit_id: Mapped[int | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(String(300), default="")
    """Path inside the site that shows the matter, or empty."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Instant from which the matter was settled and the notice is no longer shown, or None."""


class NoticeRead(Base):
    """That an account has read a notice (已读标记)."""

    __tablename__ = "notice_read"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
