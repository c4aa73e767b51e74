"""Rows behind a value of the disposal rate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.db.base import Base
from hwrisk.db.types import TonnesType


class IndicatorRow(Base):
    """One batch behind a value (指标明细)."""

    __tablename__ = "indicator_row"
    __table_args__ = (UniqueConstraint("value_id", "batch_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    value_id: Mapped[int] = mapped_column(ForeignKey("indicator_value.id", ondelete="CASCADE"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("storage_batch.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    counted_on: Mapped[date]
    """First overdue day of the batch in the period, on which its tonnes and its office are taken."""
    due: Mapped[Decimal] = mapped_column(TonnesType)
    completed: Mapped[Decimal] = mapped_column(TonnesType)
    in_transit: Mapped[Decimal] = mapped_column(TonnesType)
    to_collector: Mapped[Decimal] = mapped_column(TonnesType)
    lost: Mapped[Decimal] = mapped_column(TonnesType)
    returned: Mapped[Decimal] = mapped_column(TonnesType)
    in_store: Mapped[Decimal] = mapped_column(TonnesType)
    tag: Mapped[str] = mapped_column(String(32), default="")
    stream: Mapped[str] = mapped_column(String(32), default="")
