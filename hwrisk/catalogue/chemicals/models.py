"""Tables of chemical substances: one row a substance, one row for each entry of a list about it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.types import EnumValue, Labelled


class ListSystem(Labelled):
    """Whose list an entry is of (名录体系); their figures differ and are never derived from one another."""

    HJ941 = "hj941", "HJ 941 突发环境事件风险物质"
    HJ169 = "hj169", "HJ 169 环评风险毒性终点"
    GB18218 = "gb18218", "GB 18218 重大危险源"


class ChemicalSubstance(PublicId, Recorded, Base):
    """A chemical substance (化学物质); entries with the same CAS number are one substance."""

    __tablename__ = "chemical_substance"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    """CAS number, or the name where there is none."""
    name: Mapped[str] = mapped_column(String(200), index=True)
    cas: Mapped[str | None] = mapped_column(String(16), index=True)
    aliases: Mapped[str] = mapped_column(Text, default="")
    """Other names, separated by semicolons."""
    pinyin: Mapped[str] = mapped_column(Text, default="")
    """Initials and full pinyin of the name, for searching."""
    source: Mapped[str] = mapped_column(String(400))
    trust: Mapped[str] = mapped_column(String(16))


class ChemicalListing(Base):
    """One entry of one list about a substance (名录条目), as listed; one CAS may have several in one list."""

    __tablename__ = "chemical_listing"
    __table_args__ = (UniqueConstraint("ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(24))
    substance_id: Mapped[int] = mapped_column(ForeignKey("chemical_substance.id"), index=True)
    system: Mapped[ListSystem] = mapped_column(EnumValue(ListSystem))
    list_no: Mapped[str] = mapped_column(String(16), default="")
    listed_name: Mapped[str] = mapped_column(String(200))
    threshold_t: Mapped[str] = mapped_column(String(16), default="")
    """Threshold quantity in tonnes (临界量) as listed, a decimal text; empty: the list gives none."""
    beta: Mapped[str] = mapped_column(String(16), default="")
    """Correction factor β of GB 18218, or empty."""
    endpoint1: Mapped[str] = mapped_column(String(16), default="")
    """Toxic endpoint 1 in mg/m³ (毒性终点浓度-1), or empty."""
    endpoint2: Mapped[str] = mapped_column(String(16), default="")
    """Toxic endpoint 2 in mg/m³ (毒性终点浓度-2), or empty."""
    part: Mapped[str] = mapped_column(String(64), default="")
    source: Mapped[str] = mapped_column(String(400))
    trust: Mapped[str] = mapped_column(String(16))

    substance: Mapped[ChemicalSubstance] = relationship(lazy="raise")
