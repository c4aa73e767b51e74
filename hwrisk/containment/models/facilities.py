"""Facilities of the three tiers, and the connections between them."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.containment.measures import CubicMetresType
from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.history import Period
from hwrisk.db.types import EnumValue, Labelled


class Nature(Labelled):
    """What a facility does with water (作用)."""

    VOLUME = "volume", "蓄存"
    VALVE = "valve", "启闭"
    CONVEYANCE = "conveyance", "输送"


class ServiceState(Labelled):
    """Whether a facility or a connection stands and may be used (投用情况)."""

    IN_USE = "in_use", "在用"
    PLANNED = "planned", "规划或在建"
    OUT_OF_USE = "out_of_use", "停用"


class Means(Labelled):
    """How water gets from one facility to the next (输送方式)."""

    GRAVITY = "gravity", "重力自流"
    PUMP = "pump", "泵送"
    HOSE = "hose", "移动泵和水带"
    CHANNEL = "channel", "沟渠或河道"


class ContainmentKind(Base):
    """One kind of facility (设施类型) with its tier and what it does; a code table."""

    __tablename__ = "containment_kind"

    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    label: Mapped[str] = mapped_column(String(40))
    tier: Mapped[int]
    """1 enterprise, 2 park, 3 surrounding water."""
    nature: Mapped[Nature] = mapped_column(EnumValue(Nature))
    is_outward: Mapped[bool] = mapped_column(default=False)
    """Whether it opens to the outside (雨水排口, 清下水, 河闸): unknown counts as open."""
    is_v3: Mapped[bool] = mapped_column(default=False)
    """Whether its room is what V3 of the method counts already, so that it is not counted twice."""
    sort_order: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    trust: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(300), default="")


class Facility(PublicId, Recorded, Base):
    """A facility of the three tiers (防控设施), by its number within the park."""

    __tablename__ = "containment_facility"
    __table_args__ = (UniqueConstraint("park_id", "facility_no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    facility_no: Mapped[str] = mapped_column(String(32))
    park_id: Mapped[int] = mapped_column(ForeignKey("park.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    """The enterprise it belongs to, or None for the park's own and for the waters around it."""
    is_demo: Mapped[bool] = mapped_column(default=False)


class FacilityVersion(PublicId, Period, Base):
    """What a facility is over a time (设施情形); rows are added, never overwritten."""

    __tablename__ = "containment_facility_version"
    __table_args__ = (
        CheckConstraint("effective_volume IS NULL OR effective_volume > 0", name="volume_positive"),
        CheckConstraint("valid_until IS NULL OR valid_from < valid_until", name="period"),
        Index(None, "facility_id", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("containment_facility.id"))
    name: Mapped[str] = mapped_column(String(100))
    kind_code: Mapped[str] = mapped_column(ForeignKey("containment_kind.code"))
    service: Mapped[ServiceState] = mapped_column(EnumValue(ServiceState))
    effective_volume: Mapped[Decimal | None] = mapped_column(CubicMetresType)
    """Effective volume in m³, or None where it is not known: then it counts as none at all."""
    control_mode: Mapped[str] = mapped_column(String(40), default="")
    """How it is worked: 手动, 电动, 远程 …"""
    owner_name: Mapped[str] = mapped_column(String(200), default="")
    operator_name: Mapped[str] = mapped_column(String(200), default="")
    ordering_post: Mapped[str] = mapped_column(String(100), default="")
    """Who gives the order (下令岗位)."""
    acting_post: Mapped[str] = mapped_column(String(100), default="")
    """Who carries it out (操作岗位)."""
    duty_phone: Mapped[str] = mapped_column(String(32), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    longitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    latitude: Mapped[float | None] = mapped_column(Numeric(8, 6, asdecimal=False))
    steps: Mapped[str] = mapped_column(Text, default="")
    """What is done on the spot, one step a line; printed on the card."""
    source: Mapped[str] = mapped_column(String(400), default="")
    trust: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    recorded_by: Mapped[str] = mapped_column(String(120), default="")

    facility: Mapped[Facility] = relationship(lazy="raise")
    kind: Mapped[ContainmentKind] = relationship(lazy="raise")


class Connection(PublicId, Recorded, Base):
    """A way for water from one facility to another (连接)."""

    __tablename__ = "containment_connection"
    __table_args__ = (
        UniqueConstraint("park_id", "connection_no"),
        CheckConstraint("from_id <> to_id", name="two_ends"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_no: Mapped[str] = mapped_column(String(32))
    park_id: Mapped[int] = mapped_column(ForeignKey("park.id"))
    from_id: Mapped[int] = mapped_column(ForeignKey("containment_facility.id"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("containment_facility.id"), index=True)


class ConnectionVersion(Period, Base):
    """What a connection is over a time (连接情形)."""

    __tablename__ = "containment_connection_version"
    __table_args__ = (
        CheckConstraint("flow > 0", name="flow_positive"),
        Index(None, "connection_id", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("containment_connection.id"))
    means: Mapped[Means] = mapped_column(EnumValue(Means))
    flow: Mapped[Decimal] = mapped_column(CubicMetresType)
    """Flow in m³/h, also where water runs by gravity: without it no time can be worked out."""
    through_id: Mapped[int | None] = mapped_column(ForeignKey("containment_facility.id"))
    """Valve, gate, pump or pipe in between, or None."""
    service: Mapped[ServiceState] = mapped_column(EnumValue(ServiceState))
    note: Mapped[str] = mapped_column(String(300), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    recorded_by: Mapped[str] = mapped_column(String(120), default="")

    connection: Mapped[Connection] = relationship(lazy="raise")
