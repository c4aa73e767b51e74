"""Filings of facility data: the operator fills in, the park checks, the county accepts (设施数据报送)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.types import EnumValue, Labelled, UtcDateTime


class FilingState(Labelled):
    """Where a filing stands (办理状态)."""

    SUBMITTED = "submitted", "待园区核对"
    CHECKED = "checked", "待县区接收"
    RETURNED = "returned", "已退回"
    ACCEPTED = "accepted", "已接收"
    WITHDRAWN = "withdrawn", "已撤回"


class FilingAct(Labelled):
    """What was done with a filing (办理动作)."""

    SUBMIT = "submit", "提交"
    RESUBMIT = "resubmit", "改正后再提交"
    CHECK = "check", "园区核对无误"
    RETURN = "return", "退回"
    ACCEPT = "accept", "接收"
    WITHDRAW = "withdraw", "撤回"


class Filing(PublicId, Recorded, Base):
    """Facility data that wait for acceptance; until then the accepted data stay as they are."""

    __tablename__ = "containment_filing"
    __table_args__ = (Index(None, "park_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    park_id: Mapped[int] = mapped_column(ForeignKey("park.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("containment_facility.id"), index=True)
    """The facility to be changed, or None for a new one; set when a new one is accepted."""
    base_version_id: Mapped[int | None]
    """State of the facility the filing was written against: another one since then is a conflict."""
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The fields as filed, plain JSON; days as ISO text, quantities as text."""
    reasons: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Why it was returned, by field; "" is for the whole."""
    state: Mapped[FilingState] = mapped_column(EnumValue(FilingState))
    version: Mapped[int] = mapped_column(default=1)
    """Grows with every act, so that two people never act on one filing unseen."""
    filed_by_id: Mapped[int | None]
    filed_by: Mapped[str] = mapped_column(String(120))
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FilingStep(Recorded, Base):
    """One act on a filing, with who, when and what stood in it (办理记录)."""

    __tablename__ = "containment_filing_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("containment_filing.id"), index=True)
    act: Mapped[FilingAct] = mapped_column(EnumValue(FilingAct))
    by: Mapped[str] = mapped_column(String(120))
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    reasons: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    remark: Mapped[str] = mapped_column(Text, default="")
