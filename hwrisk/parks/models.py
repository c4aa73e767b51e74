"""Tables of the park register."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.db.base import Base, PublicId, Recorded


class Park(PublicId, Recorded, Base):
    """A chemical industry park (化工园区)."""

    __tablename__ = "park"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(100))
    aliases: Mapped[str] = mapped_column(String(400), default="")
    location: Mapped[str] = mapped_column(String(200), default="")
    admin_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    office_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    recognition: Mapped[str] = mapped_column(String(200), default="")
    recognised_year: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(400))
    trust: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")


class PublishedFact(Base):
    """A figure as somebody published it (公开数据), kept with its source beside others that contradict it."""

    __tablename__ = "published_fact"
    __table_args__ = (UniqueConstraint("ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(String(16), index=True)
    """park, waste, facility or resource."""
    park_code: Mapped[str | None] = mapped_column(ForeignKey("park.code"), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    """Name as published."""
    location: Mapped[str] = mapped_column(String(200), default="")
    attribute: Mapped[str] = mapped_column(String(200))
    value: Mapped[str] = mapped_column(String(200), default="")
    unit: Mapped[str] = mapped_column(String(32), default="")
    year: Mapped[int | None]
    qualifier: Mapped[str] = mapped_column(String(200), default="")
    conflict_group: Mapped[str] = mapped_column(String(64), default="")
    """Facts with the same non-empty group contradict one another."""
    source: Mapped[str] = mapped_column(String(400))
    trust: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")

    @property
    def shown(self) -> str:
        """Year, value, unit and qualifier as published, in one line."""
        value = " ".join(str(part) for part in (self.year, self.value or "—", self.unit) if part)
        return f"{value}（{self.qualifier}）" if self.qualifier else value
