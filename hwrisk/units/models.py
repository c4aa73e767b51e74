"""Tables of the unit register (单位名录)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.history import Period
from hwrisk.db.types import EnumValue, Labelled


class IdentityKind(Labelled):
    """How a unit is identified; anything but the USCC needs a reason (身份标识)."""

    USCC = "uscc", "统一社会信用代码"
    MEDICAL = "medical", "医疗机构登记号"
    INDIVIDUAL = "individual", "个体户注册号"
    INSTITUTION = "institution", "事业单位登记号"
    MILITARY = "military", "军队"
    OWNERLESS = "ownerless", "无主/船舶"
    UNKNOWN = "unknown", "公开资料未载"


class UnitStatus(Labelled):
    """State of a production site (状态)."""

    OPERATING = "operating", "在产"
    SUSPENDED = "suspended", "停产"
    CLOSED_UNCLEARED = "closed_uncleared", "关停未清零"
    CLOSED_CLEARED = "closed_cleared", "关停已清零"
    DEREGISTERED = "deregistered", "注销"
    MERGED = "merged", "并入"


class UnitRole(Labelled):
    """What a unit is towards hazardous waste; decides its storage limit (单位类型)."""

    GENERATOR = "generator", "产废单位"
    MEDICAL = "medical_institution", "医疗卫生机构"
    OPERATOR = "licensed_operator", "经营单位"
    COLLECTOR = "licensed_collector", "收集许可单位"
    PILOT_COLLECTOR = "pilot_collector", "集中收集试点单位"


class ManagementClass(Labelled):
    """Management class of HJ 1259 4.2 (管理类别)."""

    KEY = "key", "重点监管"
    SIMPLIFIED = "simplified", "简化管理"
    REGISTERED = "registered", "登记管理"


class Unit(PublicId, Recorded, Base):
    """One production site (生产经营场所), not a legal person; what may change lives in `UnitVersion`."""

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("unit_no"),
        Index(None, "identity_kind", "identity_no"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_no: Mapped[str] = mapped_column(String(24))
    """Our own unit number, LYG-yyyy-nnnnnn."""
    identity_kind: Mapped[IdentityKind] = mapped_column(EnumValue(IdentityKind))
    identity_no: Mapped[str | None] = mapped_column(String(32))
    identity_reason: Mapped[str] = mapped_column(String(200), default="")
    is_supervised: Mapped[bool] = mapped_column(default=True)
    """False for names from public sources that are not in the bureau's register (公开资料，未纳入监管名录)."""
    industry_code: Mapped[str] = mapped_column(String(8), default="")
    started_on: Mapped[date | None]
    """Day production started (投运日期), decides which years count for the class."""
    source: Mapped[str] = mapped_column(String(400), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    is_demo: Mapped[bool] = mapped_column(default=False)


class UnitVersion(PublicId, Period, Base):
    """Everything of a unit that a figure may depend on, over a time (单位情形); rows are added, never overwritten."""

    __tablename__ = "unit_version"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_from < valid_until", name="period"),
        Index(None, "unit_id", "valid_from"),
        Index(None, "office_code", "superseded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(64), default="")
    pinyin: Mapped[str] = mapped_column(Text, default="")
    """Initials and full pinyin of name and short name, for searching: lygsh lianyungangshihua."""
    address: Mapped[str] = mapped_column(String(300), default="")
    status: Mapped[UnitStatus] = mapped_column(EnumValue(UnitStatus))
    role: Mapped[UnitRole] = mapped_column(EnumValue(UnitRole))
    admin_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)
    """Administrative division (行政区划), or None where no source states it (待定)."""
    office_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    """Supervising office (管辖单位), or None where no source states it (待定)."""
    park_id: Mapped[int | None] = mapped_column(ForeignKey("park.id"), index=True)
    class_computed: Mapped[ManagementClass | None] = mapped_column(EnumValue(ManagementClass))
    class_set: Mapped[ManagementClass | None] = mapped_column(EnumValue(ManagementClass))
    """Class decided by the authority (部门核定), which prevails; the computed one is kept beside it."""
    class_reason: Mapped[str] = mapped_column(String(200), default="")
    licence_no: Mapped[str] = mapped_column(String(64), default="")
    responsible_party: Mapped[str] = mapped_column(String(200), default="")
    """Who answers for a closed site (责任主体)."""
    clearance_document: Mapped[str] = mapped_column(String(200), default="")
    contact: Mapped[str] = mapped_column(String(64), default="")
    contact_phone: Mapped[str] = mapped_column(String(32), default="")
    longitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    latitude: Mapped[float | None] = mapped_column(Numeric(8, 6, asdecimal=False))
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why this version was recorded."""
    recorded_by: Mapped[str] = mapped_column(String(64), default="")

    unit: Mapped[Unit] = relationship(lazy="raise")

    @property
    def management_class(self) -> ManagementClass | None:
        """The class that prevails: the authority's, else the computed one."""
        return self.class_set or self.class_computed


class UnitSource(Base):
    """One published line about a unit (公开资料摘录), as published."""

    __tablename__ = "unit_source"
    __table_args__ = (UniqueConstraint("ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name_as_published: Mapped[str] = mapped_column(String(200))
    location: Mapped[str] = mapped_column(String(200), default="")
    role_text: Mapped[str] = mapped_column(String(100), default="")
    fact: Mapped[str] = mapped_column(Text, default="")
    year: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(400))
    trust: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
