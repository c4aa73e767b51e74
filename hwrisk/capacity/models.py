"""Runs of the capacity balance (能力平衡测算), kept as they were computed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.types import EnumValue, Labelled, TonnesType


class RunKind(Labelled):
    """What a run computes (测算类型)."""

    BASE = "base", "现状"
    SCENARIO = "scenario", "情景"


class CapacityRun(PublicId, Recorded, Base):
    """One computation with everything that went in and came out; never changed afterwards."""

    __tablename__ = "capacity_run"
    __table_args__ = (Index(None, "kind", "year", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RunKind] = mapped_column(EnumValue(RunKind))
    year: Mapped[int]
    as_of: Mapped[date]
    """Day up to which the ledger and the licences count."""
    name: Mapped[str] = mapped_column(String(60))
    base_id: Mapped[int | None] = mapped_column(ForeignKey("capacity_run.id"))
    """The run of kind BASE a scenario departs from."""
    scenario: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)
    inputs_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the inputs; the same inputs are not computed twice as a base."""
    pack_version: Mapped[str] = mapped_column(String(32))
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    demand: Mapped[Decimal] = mapped_column(TonnesType)
    """Tonnes that need a licensed line."""
    treated: Mapped[Decimal] = mapped_column(TonnesType)
    """Of these, tonnes that the lines of the city can take."""
    capacity: Mapped[Decimal] = mapped_column(TonnesType)
    """Licensed tonnes of the lines of the city, by months, nothing counted twice."""
    made_by: Mapped[str] = mapped_column(String(64), default="")

    @property
    def gap(self) -> Decimal:
        """Tonnes that the city cannot take."""
        return self.demand - self.treated
