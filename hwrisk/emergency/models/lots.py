"""Lots of materials and their movements."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.types import EnumValue, Labelled
from hwrisk.emergency.models.depots import Depot
from hwrisk.emergency.models.kinds import MaterialKind


class LotState(Labelled):
    """State of a lot on a day (状态): derived from quantity and days, never typed."""

    OUT = "out", "无库存"
    EXPIRED = "expired", "已过期"
    UNCONFIRMED = "unconfirmed", "未确认"
    EXPIRING = "expiring", "临期"
    NORMAL = "normal", "正常"


class MovementKind(Labelled):
    """What moved a lot (收发类型)."""

    IN = "in", "入库"
    OUT = "out", "调拨出库"
    MOVE_OUT = "move_out", "移库调出"
    MOVE_IN = "move_in", "移库调入"
    CONSUMED = "consumed", "消耗"
    RETURNED = "returned", "归还"
    STOCKTAKE = "stocktake", "盘点"
    CONFIRMED = "confirmed", "核实确认"
    SCRAPPED = "scrapped", "报废"


class MaterialLot(PublicId, Recorded, Base):
    """A quantity of one kind at one depot with the same production and expiry (物资批次)."""

    __tablename__ = "material_lot"
    __table_args__ = (
        UniqueConstraint("lot_no"),
        CheckConstraint("remaining_milli >= 0", name="remaining_not_negative"),
        CheckConstraint("allocated_milli >= 0 AND allocated_milli <= remaining_milli", name="allocated_in_stock"),
        CheckConstraint("expires_on IS NULL OR produced_on IS NULL OR expires_on >= produced_on", name="days_in_order"),
        # All that the look-up asks of a lot stands in the index, so that it reads no row of the table.
        Index(
            "ix_material_lot_lookup",
            "kind_id", "depot_id", "expires_on", "last_confirmed_on", "remaining_milli", "allocated_milli",
        ),
        Index(None, "depot_id", "kind_id"),
        Index(None, "expires_on"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_no: Mapped[str] = mapped_column(String(24))
    """Our own number, WZ-yyyy-nnnnnn."""
    depot_id: Mapped[int] = mapped_column(ForeignKey("material_depot.id"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("material_kind.id"))
    batch_label: Mapped[str] = mapped_column(String(64), default="")
    """Batch number or model as the keeper writes it (批号或型号)."""
    produced_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    """Last good day; None: it does not expire."""
    last_confirmed_on: Mapped[date | None]
    """Day on which somebody last counted or confirmed it, or None."""
    remaining_milli: Mapped[int] = mapped_column(BigInteger)
    """Stock after all movements, in whole thousandths of the kind's unit."""
    allocated_milli: Mapped[int] = mapped_column(BigInteger, default=0)
    """Of it, promised to open dispatches."""
    location: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)

    depot: Mapped[Depot] = relationship(lazy="raise")
    kind: Mapped[MaterialKind] = relationship(lazy="raise")


class MaterialMovement(PublicId, Recorded, Base):
    """One movement of a lot (收发记录); rows are added, never changed: the sum of `delta_milli` is the stock."""

    __tablename__ = "material_movement"
    __table_args__ = (
        CheckConstraint("delta_milli <> 0 OR movement_kind IN ('stocktake', 'confirmed', 'consumed')", name="moves"),
        Index(None, "lot_id", "occurred_on"),
        Index(None, "allocation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("material_lot.id"))
    kind: Mapped[MovementKind] = mapped_column("movement_kind", EnumValue(MovementKind))
    occurred_on: Mapped[date]
    delta_milli: Mapped[int] = mapped_column(BigInteger)
    """Change of the stock at the depot."""
    away_milli: Mapped[int] = mapped_column(BigInteger, default=0)
    """Change of what is out on a dispatch: + when it leaves, − when it comes back or is used up there."""
    allocation_id: Mapped[int | None] = mapped_column(ForeignKey("dispatch_allocation.id"))
    pair_id: Mapped[int | None] = mapped_column(ForeignKey("material_movement.id"))
    """The other half of a move between depots."""
    person: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")

    lot: Mapped[MaterialLot] = relationship(lazy="raise")
