"""Tables of the two partitions of the city: administrative divisions and supervising offices."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.history import Period
from hwrisk.db.types import EnumValue, Labelled


class RegionKind(Labelled):
    """Which partition a region belongs to; every breakdown says which."""

    ADMIN = "admin", "行政区划"
    OFFICE = "office", "管辖单位"


class Region(PublicId, Recorded, Base):
    """A region by its code (区域); the code never changes, names and parents live in `RegionVersion`."""

    __tablename__ = "region"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16))
    kind: Mapped[RegionKind] = mapped_column(EnumValue(RegionKind))


class RegionVersion(Period, Base):
    """Name and place in the hierarchy of a region over a time (区域沿革)."""

    __tablename__ = "region_version"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_from < valid_until", name="period"),
        Index(None, "region_code", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    name: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(16))
    """city, district, county, town; for offices city, branch, zone."""
    parent_code: Mapped[str | None] = mapped_column(String(16))
    sort_no: Mapped[int] = mapped_column(default=0)
    source: Mapped[str] = mapped_column(String(400))
    trust: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(400), default="")
