"""Tables of the two partitions of the city: administrative divisions and supervising offices; and their outlines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.history import Period
from hwrisk.db.types import EnumValue, Labelled, UtcDateTime


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


class RegionOutline(PublicId, Recorded, Base):
    """A set of outlines put in place of the ones that come with the system (界线数据); the latest open one is drawn."""

    __tablename__ = "region_outline"

    id: Mapped[int] = mapped_column(primary_key=True)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Instant from which another set, or again the supplied one, is drawn; None while this is."""
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the file as it was uploaded."""
    source: Mapped[str] = mapped_column(String(400))
    """Who made it, and its approval number (审图号) where it has one, as the uploader states."""
    uploader: Mapped[str] = mapped_column(String(100))
    codes: Mapped[str] = mapped_column(String(1000))
    """Codes of the regions it draws, separated by blanks."""
    positions: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    """GeoJSON of CGCS2000 degrees, as checked."""
