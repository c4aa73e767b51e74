"""The table of indicator values; the rows behind a value stand in a table of each indicator's own."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.types import EnumValue, Labelled, TonnesType, UtcDateTime


class PeriodKind(Labelled):
    """Length of a reporting period (统计期)."""

    YEAR_TO_DATE = "ytd", "本年累计"
    MONTH = "month", "月"
    QUARTER = "quarter", "季度"
    YEAR = "year", "年"


class ScopeKind(Labelled):
    """What a value speaks of (统计范围)."""

    CITY = "city", "全市"
    OFFICE = "office", "管辖单位"
    ADMIN = "admin", "行政区划"


class ValueState(Labelled):
    """What kind of answer a value is."""

    VALUE = "value", "数据齐全"
    NONE_OVERDUE = "none_overdue", "无超期"
    INCOMPLETE = "incomplete", "数据不全"
    PROVISIONAL = "provisional", "暂定"
    NOT_REPORTED = "not_reported", "尚未评估"
    NOT_APPLICABLE = "not_applicable", "不适用"


class ValueStage(Labelled):
    """Whether a value still moves (阶段)."""

    LIVE = "live", "滚动"
    FROZEN = "frozen", "已结账"
    REVISED = "revised", "结账后修订"


class IndicatorValue(PublicId, Recorded, Base):
    """One value of one indicator for a scope and a period; a frozen one stays, late data give a revised one beside."""

    __tablename__ = "indicator_value"
    __table_args__ = (
        UniqueConstraint("indicator", "scope_kind", "scope_code", "period_kind", "period_start", "stage"),
        Index(None, "indicator", "period_kind", "period_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(String(64))
    scope_kind: Mapped[ScopeKind] = mapped_column(EnumValue(ScopeKind))
    scope_code: Mapped[str] = mapped_column(String(16))
    """Region code; empty string for units whose region no source states (待定)."""
    period_kind: Mapped[PeriodKind] = mapped_column(EnumValue(PeriodKind))
    period_start: Mapped[date]
    period_end: Mapped[date]
    """First day after the period; year to date: the day after `as_of`."""
    stage: Mapped[ValueStage] = mapped_column(EnumValue(ValueStage))
    as_of: Mapped[date]
    known_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Data cut-off: what was recorded by this instant is in the value."""
    state: Mapped[ValueState] = mapped_column(EnumValue(ValueState))
    numerator: Mapped[Decimal] = mapped_column(TonnesType)
    """Exact, with four decimals; in the measure of the indicator: tonnes, or a number of units (家)."""
    denominator: Mapped[Decimal] = mapped_column(TonnesType)
    """In the same measure as the numerator."""
    unreported_units: Mapped[int] = mapped_column(default=0)
    """Units whose data are missing: a ledger not confirmed, or an assessment that has not been made."""
    parts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What is counted apart, as each indicator says; tonnes and weights as text, numbers of units as integers."""
    target_percent: Mapped[str] = mapped_column(String(16), default="")
    pack_version: Mapped[str] = mapped_column(String(64), default="")
    digest: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of the rows behind, so that a change is seen without comparing them."""
