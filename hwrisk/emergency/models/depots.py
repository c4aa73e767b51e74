"""Depots, what they keep back, and places to look from."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.history import Period
from hwrisk.db.types import EnumValue, Labelled
from hwrisk.emergency.models.kinds import MaterialKind
from hwrisk.regions.geodesy import Point


class DepotLevel(Labelled):
    """Whose depot it is (物资库级别)."""

    CITY = "city", "市级"
    COUNTY = "county", "县区级"
    PARK = "park", "园区级"
    ENTERPRISE = "enterprise", "企业级"


class StorageMode(Labelled):
    """How the materials are held (储备方式)."""

    PHYSICAL = "physical", "实物储备"
    AGREEMENT = "agreement", "协议储备"
    CAPACITY = "capacity", "生产能力储备"


class Depot(PublicId, Recorded, Base):
    """A depot of emergency materials (物资库) of an authority, a park or an enterprise."""

    __tablename__ = "material_depot"
    __table_args__ = (
        UniqueConstraint("code"),
        Index(None, "office_code"),
        Index(None, "park_id"),
        Index(None, "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(100))
    pinyin: Mapped[str] = mapped_column(Text, default="")
    level: Mapped[DepotLevel] = mapped_column("depot_level", EnumValue(DepotLevel))
    mode: Mapped[StorageMode] = mapped_column("storage_mode", EnumValue(StorageMode))
    address: Mapped[str] = mapped_column(String(300), default="")
    longitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    latitude: Mapped[float | None] = mapped_column(Numeric(8, 6, asdecimal=False))
    office_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    """Supervising office (管辖单位) of the depot; for an enterprise's the one of the enterprise when it was entered."""
    park_id: Mapped[int | None] = mapped_column(ForeignKey("park.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    """The enterprise that keeps it, or None."""
    keeper: Mapped[str] = mapped_column(String(200), default="")
    """Who keeps it, as people call them (管理单位)."""
    duty_phone: Mapped[str] = mapped_column(String(32), default="")
    is_shared: Mapped[bool] = mapped_column(default=False)
    """Whether command and authorities may find it in the look-up though it is not in their own list (共享)."""
    is_active: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(400), default="")
    trust: Mapped[str] = mapped_column(String(16), default="unverified")
    note: Mapped[str] = mapped_column(Text, default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def point(self) -> Point | None:
        """Where it lies, or None where nobody entered it."""
        if self.longitude is None or self.latitude is None:
            return None
        return Point(self.longitude, self.latitude)


class DepotReserve(Period, Base):
    """What a depot keeps back of one kind over a time (保底数量); rows are added, never overwritten."""

    __tablename__ = "depot_reserve"
    __table_args__ = (
        CheckConstraint("amount_milli >= 0", name="not_negative"),
        CheckConstraint("valid_until IS NULL OR valid_from < valid_until", name="period"),
        Index(None, "kind_id", "depot_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    depot_id: Mapped[int] = mapped_column(ForeignKey("material_depot.id"), index=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("material_kind.id"))
    amount_milli: Mapped[int] = mapped_column(BigInteger)
    """Whole thousandths of the kind's unit."""
    recorded_by: Mapped[str] = mapped_column(String(120), default="")

    kind: Mapped[MaterialKind] = relationship(lazy="raise")


class Place(Base):
    """A place people name to look from (地点), with its rough middle; only for estimating distances."""

    __tablename__ = "emergency_place"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(16))
    """city, district, office or park."""
    aliases: Mapped[str] = mapped_column(String(400), default="")
    longitude: Mapped[float] = mapped_column(Numeric(9, 6, asdecimal=False))
    latitude: Mapped[float] = mapped_column(Numeric(8, 6, asdecimal=False))
    source: Mapped[str] = mapped_column(String(400))
    trust: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
