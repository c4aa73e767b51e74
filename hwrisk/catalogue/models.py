"""Tables of the National Catalogue of Hazardous Wastes (国家危险废物名录) by edition, and its companions."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.db.base import Base, PublicId, Recorded


class CatalogueEdition(PublicId, Recorded, Base):
    """One edition of the catalogue with the days it is in force (名录版本)."""

    __tablename__ = "catalogue_edition"
    __table_args__ = (UniqueConstraint("edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    edition: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(100))
    document_no: Mapped[str] = mapped_column(String(64), default="")
    effective_from: Mapped[date]
    effective_until: Mapped[date | None]
    """Last day in force, or None."""
    codes_published: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(400))
    clause: Mapped[str] = mapped_column(String(200), default="")
    trust: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")


class CatalogueCode(Base):
    """One waste code of one edition (废物代码); rows of an edition are never changed, a newer edition adds its own."""

    __tablename__ = "catalogue_code"
    __table_args__ = (UniqueConstraint("edition", "waste_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    edition: Mapped[str] = mapped_column(ForeignKey("catalogue_edition.edition"))
    waste_code: Mapped[str] = mapped_column(String(10), index=True)
    """Full eight-digit code, e.g. 900-041-49; six-digit stems recur across categories."""
    category: Mapped[str] = mapped_column(String(4), index=True)
    category_name: Mapped[str] = mapped_column(String(64))
    industry: Mapped[str] = mapped_column(String(100), default="")
    hazard: Mapped[str] = mapped_column(String(32), default="")
    hazard_rule: Mapped[str] = mapped_column(String(40), default="")
    short_name: Mapped[str] = mapped_column(Text)
    """Our own short wording where it came with the system; as the imported file has it otherwise."""


class TreatmentMethod(Base):
    """Code of a recovery or disposal method (利用处置方式代码)."""

    __tablename__ = "treatment_method"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    group: Mapped[str] = mapped_column("group_name", String(16))
    outcome: Mapped[str] = mapped_column(String(16))
    """recovery or disposal."""
    source: Mapped[str] = mapped_column(String(400))
    clause: Mapped[str] = mapped_column(String(200), default="")
    trust: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")


class StreamTag(Base):
    """A kind of waste the bureau follows by itself (废盐, 飞灰 …); proposed from own names, confirmed by a person."""

    __tablename__ = "stream_tag"

    tag: Mapped[str] = mapped_column(String(32), primary_key=True)
    label: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    aliases: Mapped[str] = mapped_column(Text, default="")
    """Names that lead to a proposal, separated by semicolons."""
    source: Mapped[str] = mapped_column(String(400))
    trust: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
