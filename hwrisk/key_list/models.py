"""Tables of the key list (危险废物环境重点监管单位清单); a published list is never changed, only amended."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.clock import local_day
from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.history import Period
from hwrisk.db.types import EnumValue, Labelled, TonnesType, UtcDateTime
from hwrisk.units.models import Unit


class ListState(Labelled):
    """Where a version of the list stands (清单状态)."""

    DRAFT = "draft", "核对中"
    PUBLISHED = "published", "已公布"
    DISCARDED = "discarded", "已作废"


class Origin(Labelled):
    """How a unit came into a version of the list (来源)."""

    RULE = "rule", "规则测算"
    CARRIED = "carried", "承接上一版"
    ADDED = "added", "人工增列"
    IMPORTED = "imported", "导入"


class Change(Labelled):
    """What becomes of a unit against the list before (变化)."""

    NEW = "new", "新列入"
    KEPT = "kept", "保留"
    LEAVING = "leaving", "退出"


class BasisKind(Labelled):
    """Why a unit is a key one (纳入依据)."""

    GENERATION = "generation", "年产生量"
    OWN_TREATMENT = "own_treatment", "自行利用处置设施"
    LICENCE = "licence", "危险废物经营许可证"
    DECISION = "decision", "部门认定"
    NONE = "none", "不符合"


class ReviewState(Labelled):
    """Whether a line was checked (核对状态)."""

    PENDING = "pending", "待核对"
    AGREED = "agreed", "县区同意"
    OBJECTED = "objected", "县区有异议"
    DECIDED = "decided", "市局已定"


class ReviewKind(Labelled):
    """What somebody said of a line of a draft (核对意见)."""

    AGREE = "agree", "同意"
    OBJECT = "object", "有异议"
    INCLUDE = "include", "列入"
    STRIKE = "strike", "不列入"
    ADD = "add", "增列"


class AnnualGeneration(PublicId, Recorded, Base):
    """Tonnes a unit generated in a year by a source other than the ledger (年度产生量); a later row replaces it."""

    __tablename__ = "annual_generation"
    __table_args__ = (
        CheckConstraint("tonnes >= 0", name="tonnes_not_negative"),
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year_plausible"),
        Index(None, "unit_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    tonnes: Mapped[Decimal] = mapped_column(TonnesType)
    source: Mapped[str] = mapped_column(String(200))
    """Where the figure comes from, as 2025年度申报."""
    recorded_by: Mapped[str] = mapped_column(String(64), default="")
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Instant from which a later row says otherwise, or None while this is what is known."""


class GenerationDocument(PublicId, Period, Base):
    """What documents say of a unit: approved tonnes a year, own treatment facilities, long cycles (文件核定情况)."""

    __tablename__ = "generation_document"
    __table_args__ = (
        CheckConstraint("approved_tonnes IS NULL OR approved_tonnes >= 0", name="tonnes_not_negative"),
        Index(None, "unit_id", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    approved_tonnes: Mapped[Decimal | None] = mapped_column(TonnesType)
    """The larger quantity of 环评 and 排污许可 documents, tonnes a year, or None where none is recorded."""
    has_own_treatment: Mapped[bool] = mapped_column(default=False)
    is_long_cycle: Mapped[bool] = mapped_column(default=False)
    """Whether the waste arises at intervals of more than three years (产生周期大于3年)."""
    document: Mapped[str] = mapped_column(String(200))
    recorded_by: Mapped[str] = mapped_column(String(64), default="")


class KeyList(PublicId, Recorded, Base):
    """One version of the list of a year (清单版本)."""

    __tablename__ = "key_list"
    __table_args__ = (
        UniqueConstraint("year", "version_no"),
        CheckConstraint("version_no > 0", name="version_positive"),
        CheckConstraint(
            "state <> 'published' OR (published_on IS NOT NULL AND effective_on IS NOT NULL"
            " AND published_at IS NOT NULL AND notice_no <> '')",
            name="published_is_whole",
        ),
        Index(None, "state", "effective_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    version_no: Mapped[int]
    """1 for the first list of the year; every amendment is the next."""
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("key_list.id"))
    """The published list it amends or continues."""
    state: Mapped[ListState] = mapped_column(EnumValue(ListState), default=ListState.DRAFT)
    judged_on: Mapped[date]
    """Day for which the rules were applied."""
    pack_version: Mapped[str] = mapped_column(String(32), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why the version was made, or where a former list was taken from."""
    notice_no: Mapped[str] = mapped_column(String(100), default="")
    notice_title: Mapped[str] = mapped_column(String(200), default="")
    published_on: Mapped[date | None]
    """Day of the notice."""
    effective_on: Mapped[date | None]
    """First day on which it is the list in force."""
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Instant the publication was recorded: what was in force is asked by what was known."""
    published_by: Mapped[str] = mapped_column(String(64), default="")
    listed_count: Mapped[int] = mapped_column(default=0)
    """Units on the list, kept in the transaction that publishes; while it is a draft the entries are counted."""
    recorded_by: Mapped[str] = mapped_column(String(64), default="")

    @property
    def label(self) -> str:
        """What people call the version."""
        amended = f"第{self.version_no - 1}次调整" if self.version_no > 1 else ""
        return f"{self.year}年{amended}"

    @property
    def unfinished_note(self) -> str:
        """What to say where the last year that counts was not over when the list was drawn up, or an empty text."""
        if self.recorded_at is None or local_day(self.recorded_at).year >= self.year:
            return ""
        return f"测算时 {self.year - 1} 年尚未过完，该年台账产生量只计到测算当日"


class KeyListEntry(PublicId, Recorded, Base):
    """One unit on a version of the list, or leaving it, with the figures it rests on (清单条目)."""

    __tablename__ = "key_list_entry"
    __table_args__ = (
        UniqueConstraint("list_id", "unit_id"),
        Index(None, "list_id", "seq_no", "id"),
        Index(None, "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("key_list.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    seq_no: Mapped[int]
    """序号; those that are not listed come after those that are."""
    is_listed: Mapped[bool]
    origin: Mapped[Origin] = mapped_column(EnumValue(Origin))
    change: Mapped[Change] = mapped_column(EnumValue(Change))
    review: Mapped[ReviewState] = mapped_column(EnumValue(ReviewState), default=ReviewState.PENDING)
    unit_name: Mapped[str] = mapped_column(String(200))
    identity_no: Mapped[str] = mapped_column(String(32), default="")
    admin_code: Mapped[str | None] = mapped_column(String(16))
    admin_name: Mapped[str] = mapped_column(String(64), default="")
    office_code: Mapped[str | None] = mapped_column(String(16))
    office_name: Mapped[str] = mapped_column(String(64), default="")
    industry: Mapped[str] = mapped_column(String(64), default="")
    basis_kind: Mapped[BasisKind] = mapped_column(EnumValue(BasisKind))
    basis: Mapped[str] = mapped_column(String(300), default="")
    """The basis in words, as printed."""
    clause: Mapped[str] = mapped_column(String(64), default="")
    tonnes: Mapped[Decimal | None] = mapped_column(TonnesType)
    """Yearly tonnes that were taken, or None where none is known."""
    tonnes_year: Mapped[int | None]
    """Year they were generated in, or None for a figure of documents."""
    figures: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Tonnes by year with their sources, as known when the rules were applied."""
    is_unverified: Mapped[bool] = mapped_column(default=False)
    """Whether something that is not verified decided it (待核)."""
    note: Mapped[str] = mapped_column(Text, default="")

    key_list: Mapped[KeyList] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")


class KeyListReview(PublicId, Recorded, Base):
    """What an office or the city said of a line (核对记录); rows are only added."""

    __tablename__ = "key_list_review"
    __table_args__ = (Index(None, "entry_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("key_list_entry.id"))
    kind: Mapped[ReviewKind] = mapped_column(EnumValue(ReviewKind))
    given_on: Mapped[date]
    own_tonnes: Mapped[Decimal | None] = mapped_column(TonnesType)
    """The office's own figure, tonnes a year."""
    reason: Mapped[str] = mapped_column(String(500), default="")
    recorded_by: Mapped[str] = mapped_column(String(64), default="")
