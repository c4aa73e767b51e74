"""Tables of operating licences (危险废物经营许可证), what was treated under them, and disposal projects."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.history import Period
from hwrisk.db.types import EnumValue, Labelled, TonnesType, UtcDateTime


class LicenceKind(Labelled):
    """Kind of an operating licence (许可证类别)."""

    COMPREHENSIVE = "comprehensive", "综合"
    COLLECTION = "collection", "收集"


class HolderPlace(Labelled):
    """Where the plant of a licence stands (所在地)."""

    CITY = "city", "市内"
    PROVINCE = "province", "省内市外"
    OUTSIDE = "outside", "省外"


class TermAct(Labelled):
    """Why the licence reads as it does from a day on (办理事项)."""

    ISSUED = "issued", "首次颁发"
    RENEWED = "renewed", "换证"
    CHANGED = "changed", "变更"
    REISSUED = "reissued", "重新申请"


class GrantMode(Labelled):
    """How a line of a licence names what it may take (核准类别的写法)."""

    CATEGORY = "category", "整类"
    CODE = "code", "列明代码"
    EXCEPT = "except", "除外代码"


class ProjectState(Labelled):
    """How far a disposal project is (建设状态)."""

    PLANNED = "planned", "规划"
    BUILDING = "building", "在建"
    RUNNING = "running", "已投运"
    ENDED = "ended", "已停运"
    UNKNOWN = "unknown", "来源未写明"


class Licence(PublicId, Recorded, Base):
    """One operating licence by its number (经营许可证); what it says over time lives in `LicenceTerm`."""

    __tablename__ = "licence"
    __table_args__ = (
        UniqueConstraint("licence_no"),
        CheckConstraint("unit_id IS NOT NULL OR holder_name <> ''", name="holder_known"),
        Index(None, "holder_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    licence_no: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    """The unit that holds it, or None for a holder outside the register (mostly outside the city)."""
    holder_name: Mapped[str] = mapped_column(String(200), default="")
    """Name of a holder outside the register; empty where the unit says it."""
    place: Mapped[HolderPlace] = mapped_column(EnumValue(HolderPlace))
    office_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    """Supervising office of a holder outside the register; a unit's own state says it otherwise."""
    longitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    """Degrees of the plant (CGCS2000), or None where it is not known; a unit's own state goes before it."""
    latitude: Mapped[float | None] = mapped_column(Numeric(8, 6, asdecimal=False))
    source: Mapped[str] = mapped_column(String(400), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    is_demo: Mapped[bool] = mapped_column(default=False)


class LicenceTerm(PublicId, Period, Base):
    """What a licence says over a time (许可内容): rows are added and superseded, never overwritten.

    `valid_until` is the day after the last lawful day: the printed one, or the day it was changed or revoked.
    """

    __tablename__ = "licence_term"
    __table_args__ = (
        CheckConstraint("valid_until IS NOT NULL AND valid_from < valid_until", name="period"),
        CheckConstraint("annual_cap IS NULL OR annual_cap > 0", name="cap_positive"),
        Index(None, "licence_id", "valid_from"),
        Index(None, "superseded_at", "valid_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    licence_id: Mapped[int] = mapped_column(ForeignKey("licence.id"))
    kind: Mapped[LicenceKind] = mapped_column(EnumValue(LicenceKind))
    act: Mapped[TermAct] = mapped_column(EnumValue(TermAct))
    authority: Mapped[str] = mapped_column(String(100))
    issued_on: Mapped[date]
    expires_on: Mapped[date]
    """Last lawful day as printed on the licence (有效期至)."""
    annual_cap: Mapped[Decimal | None] = mapped_column(TonnesType)
    """Tonnes a year over all lines together (核准经营总规模), or None where only the lines are limited."""
    revoked_on: Mapped[date | None]
    """First day it no longer holds because it was revoked or handed back, or None."""
    revocation: Mapped[str] = mapped_column(String(200), default="")
    """Why, and by which document."""
    document_no: Mapped[str] = mapped_column(String(100), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[str] = mapped_column(String(64), default="")

    licence: Mapped[Licence] = relationship(lazy="raise")


class RenewalFiling(PublicId, Recorded, Base):
    """That renewal of a licence was asked for (换证申请), by which the reminder is settled."""

    __tablename__ = "licence_renewal"
    __table_args__ = (Index(None, "licence_id", "expires_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    licence_id: Mapped[int] = mapped_column(ForeignKey("licence.id"))
    expires_on: Mapped[date]
    """Last lawful day of the term that is to be renewed."""
    filed_on: Mapped[date]
    document_no: Mapped[str] = mapped_column(String(100), default="")
    recorded_by: Mapped[str] = mapped_column(String(64), default="")


class LicenceLine(PublicId, Base):
    """A production line or facility of a licence as one term knows it (生产线/设施)."""

    __tablename__ = "licence_line"
    __table_args__ = (
        UniqueConstraint("term_id", "line_no"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("licence_term.id"))
    line_no: Mapped[str] = mapped_column(String(16))
    """Number of the line within the licence; the same line keeps it from term to term."""
    name: Mapped[str] = mapped_column(String(100))
    quantity: Mapped[Decimal] = mapped_column(TonnesType)
    """Licensed quantity in tonnes a year (核准经营规模)."""

    term: Mapped[LicenceTerm] = relationship(lazy="raise")


class LineMethod(Base):
    """A recovery or disposal method of a line (利用处置方式)."""

    __tablename__ = "licence_line_method"

    line_id: Mapped[int] = mapped_column(ForeignKey("licence_line.id"), primary_key=True)
    method_code: Mapped[str] = mapped_column(ForeignKey("treatment_method.code"), primary_key=True)


class LineGrant(Base):
    """One entry of what a line may take (核准类别): a whole category, a code, or a code left out of a category."""

    __tablename__ = "licence_line_grant"
    __table_args__ = (
        UniqueConstraint("line_id", "mode", "category", "waste_code"),
        CheckConstraint("(mode = 'category') = (waste_code = '')", name="code_named"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("licence_line.id"), index=True)
    mode: Mapped[GrantMode] = mapped_column(EnumValue(GrantMode))
    category: Mapped[str] = mapped_column(String(4))
    waste_code: Mapped[str] = mapped_column(String(10), default="")


class OperatingQuantity(PublicId, Recorded, Base):
    """What a line took and treated of one waste in one month (经营量), as the holder states it.

    A correction is a new row; the former one is superseded.
    """

    __tablename__ = "operating_quantity"
    __table_args__ = (
        CheckConstraint("received >= 0", name="received_not_negative"),
        CheckConstraint("treated >= 0", name="treated_not_negative"),
        Index(None, "licence_id", "month"),
        Index(
            "uq_operating_quantity_current", "licence_id", "line_no", "waste_code", "month", "current_mark", unique=True
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    licence_id: Mapped[int] = mapped_column(ForeignKey("licence.id"))
    line_no: Mapped[str] = mapped_column(String(16))
    waste_code: Mapped[str] = mapped_column(String(10))
    month: Mapped[date]
    """First day of the month."""
    received: Mapped[Decimal] = mapped_column(TonnesType)
    """Tonnes received (接收量); what the licensed quantity is compared with."""
    treated: Mapped[Decimal] = mapped_column(TonnesType)
    """Tonnes recovered or disposed of (利用处置量)."""
    recorded_by: Mapped[str] = mapped_column(String(64), default="")
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    current_mark: Mapped[int | None] = mapped_column(default=1)
    """1 for the row that counts and None for a superseded one: at most one row counts."""

    licence: Mapped[Licence] = relationship(lazy="raise")


class DisposalProject(PublicId, Recorded, Base):
    """A disposal project or public facility of the city (处置利用项目), with what is published about it."""

    __tablename__ = "disposal_project"
    __table_args__ = (UniqueConstraint("ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    location: Mapped[str] = mapped_column(String(200), default="")
    fact_refs: Mapped[str] = mapped_column(String(200), default="")
    """References of published figures about it, separated by semicolons; shown side by side as published."""
    unit_key: Mapped[str] = mapped_column(String(16), default="")
    """Key of the name in the public register of units, where the source gives one."""


class ProjectVersion(Period, Base):
    """State and capacity of a disposal project over a time."""

    __tablename__ = "disposal_project_version"
    __table_args__ = (
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity_positive"),
        Index(None, "project_id", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("disposal_project.id"))
    state: Mapped[ProjectState] = mapped_column(EnumValue(ProjectState))
    capacity: Mapped[Decimal | None] = mapped_column(TonnesType)
    """Tonnes a year, or None where no source gives it."""
    method_code: Mapped[str | None] = mapped_column(ForeignKey("treatment_method.code"))
    method_text: Mapped[str] = mapped_column(String(100), default="")
    """The method as published."""
    categories: Mapped[str] = mapped_column(String(200), default="")
    """Categories it would take, as HW18;HW49, for a what-if; empty: every one its method suits."""
    office_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    source: Mapped[str] = mapped_column(String(400))
    trust: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[str] = mapped_column(String(64), default="")

    project: Mapped[DisposalProject] = relationship(lazy="raise")
