"""Tables of the management ledger (管理台账); posted records are never edited or deleted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.types import EnumValue, Labelled, TonnesType
from hwrisk.ledger.storage.models import StorageBatch, StorageFacility
from hwrisk.units.models import Unit


class EntryKind(Labelled):
    """Kind of a ledger record (台账环节), after HJ 1259 appendix B."""

    GENERATED = "generated", "产生"
    OPENING = "opening", "期初结转"
    STORED_IN = "stored_in", "入库"
    STORED_OUT = "stored_out", "出库"
    SELF_TREATED = "self_treated", "自行利用处置"
    ENTRUSTED = "entrusted", "委外利用处置"
    RECEIVED = "received", "接收确认"
    RETURNED = "returned", "退回入库"
    MOVED_OUT = "moved_out", "移库（出）"
    MOVED_IN = "moved_in", "移库（入）"
    STOCKTAKE_GAIN = "stocktake_gain", "盘盈"
    STOCKTAKE_LOSS = "stocktake_loss", "盘亏"
    ADJUSTED = "adjusted", "调整"
    CANCELLED = "cancelled", "撤销"


class ReceiverKind(Labelled):
    """What the receiver of entrusted waste does with it (接收单位类型)."""

    TREATMENT = "treatment", "利用处置单位"
    COLLECTION = "collection", "收集贮存单位"
    EXEMPT = "exempt", "豁免管理单位"
    ABROAD = "abroad", "境外单位"


class Removal(Labelled):
    """Where waste that left storage goes (出库去向)."""

    SELF = "self", "自行利用处置"
    ENTRUST = "entrust", "委外"


class LedgerEntry(PublicId, Recorded, Base):
    """One posted record of the ledger (台账记录).

    `stock_delta` is what the record does to the stock of its batch in its facility on its day; cancelling adds a
    record with the opposite delta on the same day, so the sum of deltas is the stock on every day.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("unit_id", "entry_no"),
        UniqueConstraint("cancels_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("(batch_id IS NULL) = (facility_id IS NULL)", name="batch_with_facility"),
        CheckConstraint("stock_delta = 0 OR batch_id IS NOT NULL", name="stock_has_batch"),
        CheckConstraint("(kind = 'cancelled') = (cancels_id IS NOT NULL)", name="cancel_names_record"),
        CheckConstraint("(kind = 'adjusted') = (adjusts_id IS NOT NULL)", name="adjust_names_record"),
        Index(None, "batch_id", "facility_id", "occurred_on", "stock_delta"),
        # The sums of the ledger are read from this index alone.
        Index(
            "ix_ledger_entry_sums", "unit_id", "occurred_on", "id", "kind", "quantity", "stock_delta", "cancels_id",
            "adjusts_id",
        ),
        # Of one kind alone: an index of all kinds would tempt SQLite away from that of the batch.
        Index(
            "ix_ledger_entry_generated", "occurred_on", "id", "unit_id", "quantity", "kind",
            sqlite_where=text("kind = 'generated'"), postgresql_where=text("kind = 'generated'"),
        ),
        Index("ix_ledger_entry_followers", "predecessor_id", "kind", "occurred_on", "quantity"),
        Index(None, "office_code", "occurred_on", "id"),
        Index(None, "occurred_on", "batch_id"),
        Index(None, "adjusts_id"),
        Index(None, "national_no"),
        Index(None, "source_ref"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_no: Mapped[str] = mapped_column(String(32))
    """Batch number of the record (批次编码), e.g. HWRK20241112003; unique within a unit."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    office_code: Mapped[str | None] = mapped_column(String(16))
    """Supervising office on the day, for partitions; figures ask `UnitVersion`."""
    kind: Mapped[EntryKind] = mapped_column(EnumValue(EntryKind))
    occurred_on: Mapped[date]
    waste_code: Mapped[str] = mapped_column(String(10))
    waste_name: Mapped[str] = mapped_column(String(100), default="")
    """The enterprise's own name of the waste (行业俗称/单位内部名称)."""
    quantity: Mapped[Decimal] = mapped_column(TonnesType)
    stock_delta: Mapped[Decimal] = mapped_column(TonnesType, default=Decimal(0))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("storage_batch.id"))
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("storage_facility.id"))
    predecessor_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"))
    """The record this one follows: out → in, treatment → out, receipt → entrusted, return → entrusted."""
    cancels_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"))
    adjusts_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"))
    removal: Mapped[Removal | None] = mapped_column(EnumValue(Removal))
    method_code: Mapped[str | None] = mapped_column(String(8))
    completed_on: Mapped[date | None]
    """Day own treatment was finished (完毕时间), or the day a receiver took the load (接收日期)."""
    receiver_kind: Mapped[ReceiverKind | None] = mapped_column(EnumValue(ReceiverKind))
    receiver_name: Mapped[str] = mapped_column(String(200), default="")
    receiver_licence_no: Mapped[str] = mapped_column(String(64), default="")
    national_no: Mapped[str | None] = mapped_column(String(14))
    """14-digit national manifest number (国家联单编号) of 委外 alone; no two units share a standing one."""
    provincial_no: Mapped[str | None] = mapped_column(String(32))
    difference_explained: Mapped[bool | None]
    """Of a receipt: whether a difference from what was sent is explained (差异已说明)."""
    remark: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[str] = mapped_column(String(64), default="")
    source_ref: Mapped[str] = mapped_column(String(100), default="")
    """Key of the row of a file it came from, by which the same row is known again; empty when entered by hand."""

    unit: Mapped[Unit] = relationship(lazy="raise")
    batch: Mapped[StorageBatch | None] = relationship(lazy="raise")
    facility: Mapped[StorageFacility | None] = relationship(lazy="raise")


class UnitWaste(PublicId, Recorded, Base):
    """A waste of a unit (单位×废物), with its own name and the stream tag a person confirmed."""

    __tablename__ = "unit_waste"
    __table_args__ = (UniqueConstraint("unit_id", "waste_code", "waste_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    waste_code: Mapped[str] = mapped_column(String(10))
    waste_name: Mapped[str] = mapped_column(String(100), default="")
    tag_proposed: Mapped[str | None] = mapped_column(ForeignKey("stream_tag.tag"))
    tag_confirmed: Mapped[str | None] = mapped_column(ForeignKey("stream_tag.tag"))
    confirmed_by: Mapped[str] = mapped_column(String(64), default="")
    outside_catalogue: Mapped[bool] = mapped_column(default=False)
    """Well-formed code missing from the edition of the day (名录外代码（待核）)."""


class LedgerStatement(PublicId, Recorded, Base):
    """A unit's word that its ledger is complete up to a day (台账确认), zero reports included."""

    __tablename__ = "ledger_statement"
    __table_args__ = (
        CheckConstraint("covers_from < covers_until", name="period"),
        Index(None, "unit_id", "covers_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    covers_from: Mapped[date]
    covers_until: Mapped[date]
    """First day not covered."""
    is_zero: Mapped[bool] = mapped_column(default=False)
    made_by: Mapped[str] = mapped_column(String(64), default="")


class LedgerClosing(PublicId, Recorded, Base):
    """Days whose figures are frozen (已结账期间): a correction of a record in them is for the city to decide."""

    __tablename__ = "ledger_closing"
    __table_args__ = (
        CheckConstraint("starts_on < ends_on", name="period"),
        UniqueConstraint("starts_on", "ends_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """First day no longer in it."""
    closed_by: Mapped[str] = mapped_column(String(64), default="")
