"""Rows behind a value of the compliance rate."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.assessment.models import Grade, Level, Subject
from hwrisk.db.base import Base
from hwrisk.db.types import EnumValue


class ComplianceRow(Base):
    """One unit behind a value of the compliance rate: its verdict, and its place in the coverage."""

    __tablename__ = "indicator_unit_row"
    __table_args__ = (UniqueConstraint("value_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    value_id: Mapped[int] = mapped_column(ForeignKey("indicator_value.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    subject: Mapped[Subject] = mapped_column(EnumValue(Subject))
    office_code: Mapped[str] = mapped_column(String(16), default="")
    """Office on the day of the assessment, else on the day of the value; empty for 待定."""
    admin_code: Mapped[str] = mapped_column(String(16), default="")
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id"))
    """The assessment that gives `first`, or None for a unit that nobody assessed."""
    first: Mapped[Grade | None] = mapped_column(EnumValue(Grade))
    after_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id"))
    """The re-check that counts, or None."""
    after: Mapped[Grade | None] = mapped_column(EnumValue(Grade))
    level: Mapped[Level | None] = mapped_column(EnumValue(Level))
    counted_on: Mapped[date | None]
    """Day of the assessment."""
    reasons: Mapped[str] = mapped_column(String(100), default="")
    """Why the unit must be assessed, values of `Reason` with spaces between; empty where it need not be."""
    is_covered: Mapped[bool]
    """Whether an authority assessed it."""
    excluded_reason: Mapped[str] = mapped_column(String(100), default="")
    """Why it could not be assessed and leaves the coverage; empty for all others."""
