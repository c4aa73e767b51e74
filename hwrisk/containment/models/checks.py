"""Stored volume checks, and the marks of the completion check list."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.containment.measures import CubicMetresType
from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.history import Period
from hwrisk.db.types import EnumValue, Labelled


class VolumeCheck(PublicId, Recorded, Base):
    """A scenario worked out once and kept with all it was worked out from (容积校核)."""

    __tablename__ = "containment_volume_check"
    __table_args__ = (Index(None, "park_id", "as_of"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    park_id: Mapped[int] = mapped_column(ForeignKey("park.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    """The enterprise where it happens."""
    name: Mapped[str] = mapped_column(String(100))
    as_of: Mapped[date]
    method: Mapped[str] = mapped_column(String(40))
    pack_version: Mapped[str] = mapped_column(String(32))
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The scenario as entered; quantities as text."""
    network: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The facilities and connections as they counted, with every assumption: frozen."""
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    required: Mapped[Decimal] = mapped_column(CubicMetresType)
    """Required volume in m³, rounded up to 0.0001."""
    gap: Mapped[Decimal] = mapped_column(CubicMetresType)
    """What finds no room in all three tiers, in m³; 0 when all does."""
    recorded_by: Mapped[str] = mapped_column(String(120), default="")


class MarkState(Labelled):
    """How far one item of the completion check list is (建设情况)."""

    DONE = "done", "已完成"
    PARTLY = "partly", "部分完成"
    OPEN = "open", "未完成"
    NOT_KNOWN = "not_known", "未填报"


class ChecklistMark(PublicId, Period, Base):
    """How far a park is with one item from a day on (清单记录)."""

    __tablename__ = "containment_checklist_mark"
    __table_args__ = (Index(None, "park_id", "item_key", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    park_id: Mapped[int] = mapped_column(ForeignKey("park.id"))
    item_key: Mapped[str] = mapped_column(String(40))
    state: Mapped[MarkState] = mapped_column(EnumValue(MarkState))
    document: Mapped[str] = mapped_column(String(200), default="")
    """Document that proves it: name and number."""
    remark: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[str] = mapped_column(String(120), default="")
