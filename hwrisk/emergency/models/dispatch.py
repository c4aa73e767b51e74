"""Requests for materials, what was allocated to them, and every step with its person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.types import EnumValue, Labelled, UtcDateTime
from hwrisk.emergency.models.depots import Depot
from hwrisk.emergency.models.kinds import MaterialKind
from hwrisk.emergency.models.lots import MaterialLot
from hwrisk.regions.geodesy import Point


class DispatchState(Labelled):
    """Where a dispatch stands (调拨状态)."""

    REQUESTED = "requested", "待分配"
    ALLOCATED = "allocated", "已分配待出库"
    OUT = "out", "已出库"
    CLOSED = "closed", "已办结"
    CANCELLED = "cancelled", "已取消"


class StepKind(Labelled):
    """What was done (办理环节)."""

    REQUESTED = "requested", "申请"
    ALLOCATED = "allocated", "分配"
    OUT = "out", "出库"
    RETURNED = "returned", "归还"
    CONSUMED = "consumed", "消耗"
    CLOSED = "closed", "办结"
    CANCELLED = "cancelled", "取消"


class DispatchRequest(PublicId, Recorded, Base):
    """A request for one kind of material (调拨申请)."""

    __tablename__ = "dispatch_request"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("amount_milli > 0", name="positive"),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24))
    """Our own number, DB-yyyy-nnnn."""
    incident: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(100))
    longitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    latitude: Mapped[float | None] = mapped_column(Numeric(8, 6, asdecimal=False))
    kind_id: Mapped[int] = mapped_column(ForeignKey("material_kind.id"))
    amount_milli: Mapped[int] = mapped_column(BigInteger)
    depot_id: Mapped[int | None] = mapped_column(ForeignKey("material_depot.id"))
    """Depot asked for first, or None for the nearest."""
    needed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receiver: Mapped[str] = mapped_column(String(100), default="")
    """Who takes it over on the spot (现场接收人)."""
    state: Mapped[DispatchState] = mapped_column(EnumValue(DispatchState), default=DispatchState.REQUESTED)
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    requester: Mapped[str] = mapped_column(String(120))
    office_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    """Office whose officer asked, or None for command and the city."""
    park_id: Mapped[int | None] = mapped_column(ForeignKey("park.id"))
    """Park whose administration asked, or None."""
    is_demo: Mapped[bool] = mapped_column(default=False)

    kind: Mapped[MaterialKind] = relationship(lazy="raise")
    depot: Mapped[Depot | None] = relationship(lazy="raise")

    @property
    def point(self) -> Point | None:
        """Where it is needed, or None where the place is only named."""
        if self.longitude is None or self.latitude is None:
            return None
        return Point(self.longitude, self.latitude)


class DispatchAllocation(PublicId, Recorded, Base):
    """What of one lot goes to one request (分配明细); out = returned + consumed once it is settled."""

    __tablename__ = "dispatch_allocation"
    __table_args__ = (
        CheckConstraint("amount_milli > 0", name="positive"),
        CheckConstraint("out_milli >= 0 AND out_milli <= amount_milli", name="out_as_allocated"),
        CheckConstraint(
            "returned_milli >= 0 AND consumed_milli >= 0 AND returned_milli + consumed_milli <= out_milli",
            name="balances",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("dispatch_request.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("material_lot.id"), index=True)
    amount_milli: Mapped[int] = mapped_column(BigInteger)
    out_milli: Mapped[int] = mapped_column(BigInteger, default=0)
    returned_milli: Mapped[int] = mapped_column(BigInteger, default=0)
    consumed_milli: Mapped[int] = mapped_column(BigInteger, default=0)
    is_released: Mapped[bool] = mapped_column(default=False)
    """Whether what did not go out was given back to the depot's disposal (已释放)."""

    request: Mapped[DispatchRequest] = relationship(lazy="raise")
    lot: Mapped[MaterialLot] = relationship(lazy="raise")

    @property
    def held_milli(self) -> int:
        """What of the lot is still promised and lies at the depot."""
        return 0 if self.is_released or self.out_milli else self.amount_milli

    @property
    def away_milli(self) -> int:
        """What is out and neither returned nor used up."""
        return self.out_milli - self.returned_milli - self.consumed_milli


class DispatchStep(Recorded, Base):
    """One step of a dispatch with its person and instant (办理记录); rows are added, never changed."""

    __tablename__ = "dispatch_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("dispatch_request.id"), index=True)
    kind: Mapped[StepKind] = mapped_column("step_kind", EnumValue(StepKind))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    person: Mapped[str] = mapped_column(String(120))
    amount_milli: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")
