"""Tables of rule packs and of the law they rest on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.clock import now
from hwrisk.db.base import Base, PublicId
from hwrisk.db.types import EnumValue, Labelled, UtcDateTime
from hwrisk.rulepacks.trust import Trust


class LawKind(Labelled):
    """What kind of document a rule stands in (依据种类)."""

    LAW = "law", "法律"
    REGULATION = "regulation", "法规规章"
    STANDARD = "standard", "标准"
    NOTICE = "notice", "规范性文件"
    PLAN = "plan", "规划"
    INTERNAL = "internal", "内部管理规则"


class RulePack(PublicId, Base):
    """One version of a rule pack (规则包); a version is never overwritten, new content is a new version."""

    __tablename__ = "rule_pack"
    __table_args__ = (
        UniqueConstraint("pack_id", "region", "version"),
        CheckConstraint("effective_until IS NULL OR effective_until >= effective_from", name="effective_order"),
        CheckConstraint("(activated_at IS NULL) = (activated_by IS NULL)", name="activated_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(20))
    region: Mapped[str] = mapped_column(String(6))
    """`CN`, or the six-digit code of the province, city or county it is for."""
    title: Mapped[str] = mapped_column(String(200))
    effective_from: Mapped[date]
    effective_until: Mapped[date | None]
    """Last day in force, or None while open."""
    source: Mapped[str] = mapped_column(Text)
    clause: Mapped[str] = mapped_column(Text)
    trust: Mapped[Trust] = mapped_column(EnumValue(Trust))
    note: Mapped[str] = mapped_column(Text, default="")
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What is neither header nor test case; days are ISO text."""
    body: Mapped[str] = mapped_column(Text)
    """The text as it was loaded (TOML)."""
    body_sha256: Mapped[str] = mapped_column(String(64))
    case_results: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """Name, expected and actual of every test case at activation, or None while it is not active."""
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    loaded_by: Mapped[str] = mapped_column(String(120))
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    activated_by: Mapped[str | None] = mapped_column(String(120))


class Law(PublicId, Base):
    """A law, regulation, standard, plan or internal rule, with the days it is in force (法规依据)."""

    __tablename__ = "law"

    id: Mapped[int] = mapped_column(primary_key=True)
    law_key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[LawKind] = mapped_column(EnumValue(LawKind))
    title: Mapped[str] = mapped_column(String(200))
    document_no: Mapped[str] = mapped_column(String(100), default="")
    region: Mapped[str] = mapped_column(String(6))
    effective_from: Mapped[date | None]
    """First day in force; None when it could not be ascertained, which counts as always."""
    effective_until: Mapped[date | None]
    """Last day in force, or None while open."""
    source: Mapped[str] = mapped_column(Text)
    clause: Mapped[str] = mapped_column(Text, default="")
    """Where the source says from when until when it is in force."""
    trust: Mapped[Trust] = mapped_column(EnumValue(Trust))
    date_trust: Mapped[Trust] = mapped_column(EnumValue(Trust))
    note: Mapped[str] = mapped_column(Text, default="")


class LawClause(PublicId, Base):
    """The clause of a law that settles one subject, in brief and in our own words (条款)."""

    __tablename__ = "law_clause"
    __table_args__ = (UniqueConstraint("subject", "law_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    law_id: Mapped[int] = mapped_column(ForeignKey("law.id"), index=True)
    subject: Mapped[str] = mapped_column(String(64))
    clause: Mapped[str] = mapped_column(String(100), default="")
    """Number of the clause, or empty when it could not be ascertained."""
    brief: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    trust: Mapped[Trust] = mapped_column(EnumValue(Trust))
    note: Mapped[str] = mapped_column(Text, default="")

    law: Mapped[Law] = relationship(lazy="raise")
