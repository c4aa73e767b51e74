"""Tables of the assessment of standardised management (规范化环境管理评估)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.types import EnumValue, Labelled, UtcDateTime
from hwrisk.rulepacks.models import RulePack
from hwrisk.units.models import Unit


class Subject(Labelled):
    """As what a unit is assessed (评估类型)."""

    GENERATOR = "generator", "产废单位"
    OPERATOR = "operator", "经营单位"


class Grade(Labelled):
    """Verdict on a unit (评估等级); only ever computed."""

    MET = "met", "达标"
    BASIC = "basic", "基本达标"
    NOT_MET = "not_met", "不达标"


class Level(Labelled):
    """Who assessed (评估层级), from the lowest to the highest; a self-assessment never counts."""

    SELF = "self", "自评"
    COUNTY = "county", "县级"
    CITY = "city", "市级"
    PROVINCE = "province", "省级"

    @property
    def rank(self) -> int:
        """How high the level is: 0 自评 to 3 省级."""
        return list(Level).index(self)


class Rating(Labelled):
    """Verdict on one item of the scheme (项目结果)."""

    MET = "met", "达标"
    BASIC = "basic", "基本达标"
    NOT_MET = "not_met", "不达标"
    NOT_APPLICABLE = "not_applicable", "不适用"


class AssessmentState(Labelled):
    """Where an assessment stands (办理状态)."""

    DRAFT = "draft", "草稿"
    WAITING = "waiting", "待否决复核"
    CLOSED = "closed", "已办结"
    WITHDRAWN = "withdrawn", "已撤回"


class Reason(Labelled):
    """Why a unit must be assessed in a year (应评理由)."""

    OPERATOR = "operator", "经营单位"
    KEY = "key", "重点监管"
    LAST_YEAR_FAILED = "last_year_failed", "上年不达标"
    SAMPLE = "sample", "抽查"


class Headline(Labelled):
    """Which of the two verdicts a year's rate is headed by (指标口径)."""

    FIRST = "first", "首次"
    AFTER = "after", "整改后"


class AssessmentPlan(PublicId, Recorded, Base):
    """The assessment plan of a year (年度评估方案); a change is a new row, the older one keeps its end."""

    __tablename__ = "assessment_plan"
    __table_args__ = (
        Index(None, "year", "superseded_at"),
        CheckConstraint("year BETWEEN 2000 AND 2200", name="year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    document_no: Mapped[str] = mapped_column(String(100), default="")
    issued_on: Mapped[date | None]
    scheme_id: Mapped[int] = mapped_column(ForeignKey("rule_pack.id"))
    """Version of the scheme by which the year is assessed."""
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[str] = mapped_column(String(64), default="")
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    scheme: Mapped[RulePack] = relationship(lazy="raise")


class SampleDraw(PublicId, Recorded, Base):
    """One drawing of units of an office by lot (抽查批次); the seed lets anybody draw it again."""

    __tablename__ = "assessment_draw"
    __table_args__ = (
        Index(None, "year", "office_code"),
        CheckConstraint("asked > 0", name="asked_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    office_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    drawn_on: Mapped[date]
    """Day whose register was drawn from."""
    asked: Mapped[int]
    """Number of units asked for; fewer are drawn where the office has no more."""
    pool: Mapped[int]
    """Number of units that could be drawn."""
    seed: Mapped[str] = mapped_column(String(64))
    recorded_by: Mapped[str] = mapped_column(String(64), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_reason: Mapped[str] = mapped_column(String(200), default="")


class SampledUnit(Base):
    """A unit that was drawn (抽中单位)."""

    __tablename__ = "assessment_sample"
    __table_args__ = (UniqueConstraint("draw_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("assessment_draw.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    place: Mapped[int]
    """Order in which it was drawn, from 1."""

    draw: Mapped[SampleDraw] = relationship(lazy="raise")


class Exclusion(PublicId, Recorded, Base):
    """A unit that could not be assessed in a year (不具备评估条件); it leaves the coverage, with its reason."""

    __tablename__ = "assessment_exclusion"
    __table_args__ = (Index(None, "year", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    excluded_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(100))
    evidence: Mapped[str] = mapped_column(Text)
    """What proves it: 现场照片, 停产报告, 清零证明 …"""
    recorded_by: Mapped[str] = mapped_column(String(64), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_reason: Mapped[str] = mapped_column(String(200), default="")

    unit: Mapped[Unit] = relationship(lazy="raise")


class Assessment(PublicId, Recorded, Base):
    """One assessment of one unit (评估); score and grade are written when it is closed and never change after."""

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("assessment_no"),
        Index(None, "year", "unit_id"),
        Index(None, "unit_id", "assessed_on"),
        # Without the NULLs: SQLite would take "is none" for a rare thing and look through nearly all rows by it.
        Index(
            None,
            "recheck_of_id",
            sqlite_where=text("recheck_of_id IS NOT NULL"),
            postgresql_where=text("recheck_of_id IS NOT NULL"),
        ),
        CheckConstraint("accidents >= 0", name="accidents_not_negative"),
        CheckConstraint("(closed_at IS NULL) = (grade IS NULL)", name="closed_with_grade"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_no: Mapped[str] = mapped_column(String(24))
    """Our own number, PG-yyyy-nnnnnn."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    level: Mapped[Level] = mapped_column(EnumValue(Level))
    subject: Mapped[Subject] = mapped_column(EnumValue(Subject))
    """Whose sheet was filled in; whether it counts is decided by the unit's role on the day."""
    organiser: Mapped[str] = mapped_column(String(100))
    """Office that organised it, in words (组织单位)."""
    assessed_on: Mapped[date]
    recheck_of_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id"))
    """The assessment that this one checks again after rectification (复查)."""
    accidents: Mapped[int] = mapped_column(default=0)
    """Pollution accidents in the year (环境污染事故次数)."""
    has_major_accident: Mapped[bool] = mapped_column(default=False)
    comment: Mapped[str] = mapped_column(Text, default="")
    rectify_by: Mapped[date | None]
    """Last day for rectification as told to the unit (整改期限)."""
    source: Mapped[str] = mapped_column(String(200), default="")
    """Where it came from: 录入, or the imported file."""
    state: Mapped[AssessmentState] = mapped_column(EnumValue(AssessmentState), default=AssessmentState.DRAFT)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("rule_pack.id"))
    scheme_version: Mapped[str] = mapped_column(String(20))
    score: Mapped[str | None] = mapped_column(String(32))
    """Points after accident deductions, exact: whole number or fraction such as 97/2."""
    full_marks: Mapped[str | None] = mapped_column(String(32))
    """Full marks of the applicable items, exact."""
    grade: Mapped[Grade | None] = mapped_column(EnumValue(Grade))
    veto_items: Mapped[str] = mapped_column(String(200), default="")
    """Numbers of the items that vetoed, with 、 between; 事故 for a major accident."""
    lock_version: Mapped[int] = mapped_column(default=1)
    """Rises with every saving of the sheet, items included; the form carries the one it shows."""
    recorded_by: Mapped[str] = mapped_column(String(64), default="")
    account_id: Mapped[int | None]
    """Account that began it."""
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_by: Mapped[str] = mapped_column(String(64), default="")
    submitted_account_id: Mapped[int | None]
    """Account that asked to close it; a veto is read a second time by another one."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(64), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str] = mapped_column(String(64), default="")
    withdrawn_reason: Mapped[str] = mapped_column(String(200), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)

    unit: Mapped[Unit] = relationship(lazy="raise")
    scheme: Mapped[RulePack] = relationship(lazy="raise")


class ItemResult(Base):
    """The result of one item of the sheet (评估项目结果)."""

    __tablename__ = "assessment_item"
    __table_args__ = (UniqueConstraint("assessment_id", "item_no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    item_no: Mapped[str] = mapped_column(String(8))
    rating: Mapped[Rating] = mapped_column(EnumValue(Rating))
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why points were lost, or why the item does not apply."""
    evidence: Mapped[str] = mapped_column(String(500), default="")


class Inspector(Base):
    """A person who assessed (评估人员), with the number of the law-enforcement card (执法证号)."""

    __tablename__ = "assessment_inspector"
    __table_args__ = (UniqueConstraint("assessment_id", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    place: Mapped[int]
    name: Mapped[str] = mapped_column(String(64))
    badge_no: Mapped[str] = mapped_column(String(32), default="")


class UnitObjection(PublicId, Recorded, Base):
    """What a unit has against its verdict, and the answer (异议与答复)."""

    __tablename__ = "assessment_objection"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), index=True)
    raised_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(String(64), default="")
    answered_on: Mapped[date | None]
    is_upheld: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[str] = mapped_column(String(64), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    assessment: Mapped[Assessment] = relationship(lazy="raise")
