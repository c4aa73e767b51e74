"""Kinds of materials, and which of them are candidates for which substance."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.catalogue.chemicals.models import ChemicalSubstance
from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.types import EnumValue, Labelled, UtcDateTime


class MaterialFunction(Labelled):
    """What a material is for (功能类别). Source: seven functions, second-hand (待核)."""

    CUTOFF = "cutoff", "污染源切断"
    CONTROL = "control", "污染物控制"
    COLLECT = "collect", "污染物收集"
    DEGRADE = "degrade", "污染物降解"
    PROTECT = "protect", "安全防护"
    COMMAND = "command", "应急通信和指挥"
    MONITOR = "monitor", "环境监测"


class Compatibility(Labelled):
    """Whether a material may be used on a substance (适用性); what nobody stated is unknown, never suitable."""

    UNKNOWN = "unknown", "未知"
    SUITABLE = "suitable", "适用"
    UNSUITABLE = "unsuitable", "不适用"


class ReviewState(Labelled):
    """How far a candidate was checked by a person (审核状态)."""

    CANDIDATE = "candidate", "候选待审"
    REVIEWED = "reviewed", "已审核"
    REJECTED = "rejected", "不采用"


class MaterialKind(PublicId, Recorded, Base):
    """A kind of emergency material (物资品种) with the unit it is counted in."""

    __tablename__ = "material_kind"
    __table_args__ = (UniqueConstraint("code"), UniqueConstraint("name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(100))
    function: Mapped[MaterialFunction] = mapped_column("function_code", EnumValue(MaterialFunction), index=True)
    category: Mapped[str] = mapped_column(String(32), default="")
    """Finer group within the function, e.g. 吸附剂."""
    unit: Mapped[str] = mapped_column(String(8))
    """Unit of count; amounts are stored as whole thousandths of it. Never changed once there are lots."""
    is_consumable: Mapped[bool] = mapped_column(default=True)
    """Whether it is used up (耗材), or comes back (可回收装备)."""
    aliases: Mapped[str] = mapped_column(Text, default="")
    """Other names, separated by semicolons."""
    pinyin: Mapped[str] = mapped_column(Text, default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(400), default="")
    trust: Mapped[str] = mapped_column(String(16), default="unverified")
    version: Mapped[int] = mapped_column(default=1)

    @property
    def names(self) -> tuple[str, ...]:
        """Name, code and aliases."""
        return (self.name, self.code, *(alias for alias in self.aliases.split(";") if alias))


class SubstanceMaterial(PublicId, Recorded, Base):
    """A material or method that somebody named for a substance (处置物资候选); it takes part only once reviewed."""

    __tablename__ = "substance_material"
    __table_args__ = (UniqueConstraint("ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(24))
    substance_id: Mapped[int] = mapped_column(ForeignKey("chemical_substance.id"), index=True)
    kind_id: Mapped[int | None] = mapped_column(ForeignKey("material_kind.id"), index=True)
    """Kind of material it names, or None for a method without a material."""
    method: Mapped[str] = mapped_column(Text)
    """As the source puts it."""
    note: Mapped[str] = mapped_column(Text, default="")
    compatibility: Mapped[Compatibility] = mapped_column(EnumValue(Compatibility), default=Compatibility.UNKNOWN)
    review: Mapped[ReviewState] = mapped_column(EnumValue(ReviewState), default=ReviewState.CANDIDATE)
    reviewed_by: Mapped[str] = mapped_column(String(120), default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    basis: Mapped[str] = mapped_column(String(200), default="")
    """What the reviewer rested on (审核依据)."""
    source: Mapped[str] = mapped_column(String(400))
    trust: Mapped[str] = mapped_column(String(16))

    substance: Mapped[ChemicalSubstance] = relationship(lazy="raise")
    kind: Mapped[MaterialKind | None] = relationship(lazy="raise")
