"""What was seen at a facility: level and state, tests and inspections. Rows are added, never changed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.containment.measures import CubicMetresType
from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.types import EnumValue, Labelled, UtcDateTime


class ValveState(Labelled):
    """State of a valve, gate, pump or pipe as somebody confirmed it (状态)."""

    OPEN = "open", "开启"
    CLOSED = "closed", "关闭"
    READY = "ready", "完好可用"
    FAILED = "failed", "故障"
    UNKNOWN = "unknown", "不明"


class TestKind(Labelled):
    """What was done at a facility (检查种类)."""

    __test__ = False  # pytest takes it for a test by its name
    VALVE_TEST = "valve_test", "启闭试验"
    INSPECTION = "inspection", "巡检"


class TestResult(Labelled):
    """How a test or an inspection ended (结果)."""

    __test__ = False
    PASSED = "passed", "合格"
    FAILED = "failed", "不合格"


class Reading(PublicId, Recorded, Base):
    """A level or a state somebody confirmed at an instant (现场确认); it counts at once, with name and time."""

    __tablename__ = "containment_reading"
    __table_args__ = (
        CheckConstraint("(occupied IS NULL) <> (state IS NULL)", name="one_of_two"),
        CheckConstraint("occupied IS NULL OR occupied >= 0", name="occupied_not_negative"),
        Index(None, "facility_id", "confirmed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("containment_facility.id"))
    occupied: Mapped[Decimal | None] = mapped_column(CubicMetresType)
    """Volume that is taken up, in m³; None for a state."""
    state: Mapped[ValveState | None] = mapped_column(EnumValue(ValveState))
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was so."""
    confirmed_by: Mapped[str] = mapped_column(String(120))
    """Who says so: the account, and whoever looked where that is another."""
    account_id: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(300), default="")


class FacilityTest(PublicId, Recorded, Base):
    """A valve test or an inspection (启闭试验、巡检)."""

    __tablename__ = "containment_test"
    __table_args__ = (Index(None, "facility_id", "kind", "done_on"),)
    __test__ = False

    id: Mapped[int] = mapped_column(primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("containment_facility.id"))
    kind: Mapped[TestKind] = mapped_column(EnumValue(TestKind))
    done_on: Mapped[date]
    result: Mapped[TestResult] = mapped_column(EnumValue(TestResult))
    findings: Mapped[str] = mapped_column(Text, default="")
    person: Mapped[str] = mapped_column(String(64), default="")
    recorded_by: Mapped[str] = mapped_column(String(120), default="")
