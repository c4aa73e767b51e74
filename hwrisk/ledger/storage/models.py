"""Tables of storage: facilities, batches, lots, extensions, disposal plans."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.history import Period
from hwrisk.db.types import EnumValue, Labelled, TonnesType, UtcDateTime
from hwrisk.units.models import Unit


class FacilityKind(Labelled):
    """Kind of a place where waste is stored (贮存设施类型)."""

    FACILITY = "storage_facility", "贮存设施"
    WAREHOUSE = "warehouse", "贮存库"
    YARD = "yard", "贮存场"
    POND = "pond", "贮存池"
    TANKS = "tanks", "贮存罐区"
    SPOT = "storage_spot", "贮存点"


class BatchTag(Labelled):
    """Circumstance that keeps a batch in the rate but in a column of its own (特殊情形)."""

    NONE = "none", "—"
    LEGACY = "legacy", "关停遗留"
    SEIZED = "seized", "涉案查封"
    UNIDENTIFIED = "unidentified", "待鉴别"


class ExtensionState(Labelled):
    """Where an application to store longer stands (延期状态)."""

    PENDING = "pending", "待批"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "未批准"


class StorageFacility(PublicId, Recorded, Base):
    """A storage facility or spot of a unit (贮存设施), by its code."""

    __tablename__ = "storage_facility"
    __table_args__ = (UniqueConstraint("unit_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    code: Mapped[str] = mapped_column(String(32))


class FacilityVersion(Period, Base):
    """Kind and capacity of a storage facility over a time."""

    __tablename__ = "facility_version"
    __table_args__ = (Index(None, "facility_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("storage_facility.id"))
    name: Mapped[str] = mapped_column(String(100), default="")
    kind: Mapped[FacilityKind] = mapped_column(EnumValue(FacilityKind))
    spot_grade: Mapped[str] = mapped_column(String(4), default="")
    capacity: Mapped[Decimal | None] = mapped_column(TonnesType)
    """Storage capacity in tonnes; stock above it is a warning, not a refusal."""


class StorageBatch(PublicId, Recorded, Base):
    """A quantity of one waste that entered storage on one day (贮存批次).

    It keeps its identity while it is moved or split; merging puts batches into one lot (`LotMember`).
    """

    __tablename__ = "storage_batch"
    __table_args__ = (
        UniqueConstraint("unit_id", "batch_no"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("remaining >= 0", name="remaining_not_negative"),
        Index(None, "overdue_from", "remaining"),
        Index(None, "unit_id", "entered_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_no: Mapped[str] = mapped_column(String(32))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    facility_id: Mapped[int] = mapped_column(ForeignKey("storage_facility.id"))
    """Facility it entered; where it lies now follows from the ledger."""
    waste_code: Mapped[str] = mapped_column(String(10), index=True)
    waste_name: Mapped[str] = mapped_column(String(100), default="")
    entered_on: Mapped[date]
    """Day it entered this ledger: the day of 入库, or of the opening stock."""
    first_stored_on: Mapped[date | None]
    """First 入库 of its oldest layer, from which its age counts, or None when unknown (入库日期不详)."""
    quantity: Mapped[Decimal] = mapped_column(TonnesType)
    """Quantity that entered; corrections are ledger entries."""
    remaining: Mapped[Decimal] = mapped_column(TonnesType)
    """Balance after all posted entries."""
    limit_key: Mapped[str] = mapped_column(String(64), default="")
    """Limit of the rule pack that applied on the day it entered."""
    pack_version: Mapped[str] = mapped_column(String(32), default="")
    last_lawful_on: Mapped[date | None]
    """Last day within the limit, extensions aside; None when the entry day is unknown or no limit applies."""
    overdue_from: Mapped[date | None]
    """First overdue day by limit and lot, extensions aside; None when no limit applies."""
    counts_in_rate: Mapped[bool] = mapped_column(default=True)
    tag: Mapped[BatchTag] = mapped_column(EnumValue(BatchTag), default=BatchTag.NONE)
    origin_entry_id: Mapped[int | None]
    """Generation record it came from (产生批次), where known."""

    unit: Mapped[Unit] = relationship(lazy="raise")
    facility: Mapped[StorageFacility] = relationship(lazy="raise")


class Lot(PublicId, Recorded, Base):
    """Batches that were mixed or repacked into one container (合并批); all have the age of the oldest."""

    __tablename__ = "lot"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    lot_no: Mapped[str] = mapped_column(String(32))
    merged_on: Mapped[date]


class LotMember(Recorded, Base):
    """A batch in a lot from a day on (合并批成员)."""

    __tablename__ = "lot_member"
    __table_args__ = (UniqueConstraint("batch_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("storage_batch.id"))
    joined_on: Mapped[date]


class StorageExtension(PublicId, Recorded, Base):
    """An application to store a batch longer, and what the licensing authority decided (延长贮存期限)."""

    __tablename__ = "storage_extension"
    __table_args__ = (Index(None, "batch_id", "approved_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("storage_batch.id"))
    applied_on: Mapped[date]
    state: Mapped[ExtensionState] = mapped_column(EnumValue(ExtensionState))
    approved_on: Mapped[date | None]
    """Day of the decision, approval or refusal; an approval acts from here on, never backwards."""
    until: Mapped[date | None]
    """Last lawful day after the extension."""
    document_no: Mapped[str] = mapped_column(String(100), default="")
    authority: Mapped[str] = mapped_column(String(100), default="")
    remark: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Instant the decision was recorded, or None while it is pending: figures ask what was known when."""

    batch: Mapped[StorageBatch] = relationship(lazy="raise")


class DisposalPlan(PublicId, Recorded, Base):
    """How a batch that is or will be overdue shall be disposed of (处置计划); it never moves the limit."""

    __tablename__ = "disposal_plan"
    __table_args__ = (Index(None, "batch_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("storage_batch.id"))
    reason: Mapped[str] = mapped_column(String(64))
    receiver: Mapped[str] = mapped_column(String(200), default="")
    contract_no: Mapped[str] = mapped_column(String(100), default="")
    planned_on: Mapped[date]
    person: Mapped[str] = mapped_column(String(64), default="")
    recorded_by: Mapped[str] = mapped_column(String(64), default="")
