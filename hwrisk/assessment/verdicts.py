"""Verdicts of a year: which assessment counts for each unit, who must be assessed, and what the scheme says of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from hwrisk.assessment import counting
from hwrisk.assessment.models import AssessmentPlan, Grade, Headline, Level, Reason, Subject
from hwrisk.assessment.scheme import PACK_ID, Scheme
from hwrisk.errors import NotFound
from hwrisk.rulepacks.models import RulePack
from hwrisk.rulepacks.queries import PackHistory, parameters

TARGETS_ID, INDICATOR = "indicator-targets", "assessment-compliance-rate"

__all__ = [
    "Grade", "Headline", "Level", "Reason", "Subject", "ToAssess", "UnitVerdict", "compliance_target", "headline",
    "pack_of_year",    "population", "qualified_weight", "scheme_of_year", "unit_verdicts",
]  # fmt: skip


class UnitVerdict(NamedTuple):
    """The verdict that counts for one unit in a year: 首次, and 整改后 where a re-check counts."""

    unit_id: int
    subject: Subject
    """As what the unit counts, by its role on the day of the assessment."""
    office_code: str | None
    """Supervising office on the day of the assessment; None where no source states it (待定)."""
    admin_code: str | None
    assessment_id: int
    """The assessment that gives `first`."""
    first: Grade
    after_id: int | None
    """The re-check that counts, or None."""
    after: Grade
    """Equals `first` where there is no re-check that counts."""
    level: Level
    counted_on: date
    """Day of the assessment, on which office, district and subject are taken."""


class ToAssess(NamedTuple):
    """A unit that must be assessed in a year (应评单位)."""

    unit_id: int
    subject: Subject
    office_code: str | None
    """Office on the day of the assessment, else on `as_of` or the last day of the year."""
    admin_code: str | None
    reasons: tuple[Reason, ...]
    is_covered: bool
    """Whether an authority assessed it in the year."""
    excluded_reason: str
    """Why it could not be assessed and leaves the coverage; empty for all others."""


def unit_verdicts(session: Session, *, year: int, as_of: date, known_at: datetime | None = None) -> list[UnitVerdict]:
    """Return one row for each unit that an authority assessed in `year` by the day `as_of`, by unit id.

    Only assessments that were closed and not withdrawn at `known_at` (None: now) count, and self-assessments never;
    of several the highest level's counts, at one level the latest. One statement beside the reading of the scheme.
    """
    scheme = scheme_of_year(session, year, known_at=known_at)
    rows = counting.counted(scheme, year=year, as_of=as_of, known_at=known_at)
    return [
        UnitVerdict(
            unit_id=row.unit_id,
            subject=row.subject,
            office_code=row.office_code,
            admin_code=row.admin_code,
            assessment_id=row.assessment_id,
            first=row.first,
            after_id=row.after_id,
            after=row.after or row.first,
            level=row.level,
            counted_on=row.counted_on,
        )
        for row in session.execute(select(rows).order_by(rows.c.unit_id))
    ]


def population(session: Session, *, year: int, as_of: date, known_at: datetime | None = None) -> list[ToAssess]:
    """Return the units that must be assessed in `year` (应评单位), by unit id: operators, 重点监管, last year's
    failures, and the drawn sample.

    Units that are not supervised or gone from the register are not among them. A unit assessed without having to be
    is not among them either: it has a verdict and no place in the coverage.
    """
    scheme = scheme_of_year(session, year, known_at=known_at)
    statement = counting.to_assess(scheme, year=year, as_of=as_of, known_at=known_at)
    return [
        ToAssess(
            unit_id=row.unit_id,
            subject=row.subject,
            office_code=row.office_code,
            admin_code=row.admin_code,
            reasons=counting.reasons_of(row),
            is_covered=row.assessment_id is not None,
            excluded_reason=row.excluded_reason or "",
        )
        for row in session.execute(statement.order_by("unit_id"))
    ]


def headline(session: Session, *, year: int, known_at: datetime | None = None) -> Headline:
    """Return which of the two verdicts the year's rate is headed by, as the scheme of the year says."""
    return scheme_of_year(session, year, known_at=known_at).headline


def qualified_weight(session: Session, *, year: int, known_at: datetime | None = None) -> Fraction:
    """Return the weight of 基本达标 in the 合格率 (待核), as the scheme of the year says."""
    return scheme_of_year(session, year, known_at=known_at).qualified_weight


def compliance_target(session: Session, *, on: date) -> Fraction | None:
    """Return the target of the 达标率 as a share of 1 on a day, or None where no pack of targets is active.

    Source: the rule pack `indicator-targets` (连云港市“十四五”生态环境保护规划 第三章第七节).
    """
    try:
        pack = parameters(session, TARGETS_ID, on=on)
    except NotFound:
        return None
    rows = [row for row in pack.parameters["target"] if row["indicator"] == INDICATOR]
    return Fraction(rows[0]["percent"]) / 100 if rows else None


def scheme_of_year(session: Session, year: int, *, known_at: datetime | None = None) -> Scheme:
    """Return the scheme by which `year` is assessed."""
    return Scheme(pack_of_year(session, year, known_at=known_at).parameters)


def pack_of_year(session: Session, year: int, *, known_at: datetime | None = None) -> RulePack:
    """Return the version of the scheme that the plan of `year` names, else the one in force on its last day.

    Raises:
        NotFound: no version was ever activated; `hwrisk seed` loads the one that comes with the system.
    """
    planned = session.scalars(
        select(RulePack)
        .join(AssessmentPlan, AssessmentPlan.scheme_id == RulePack.id)
        .where(AssessmentPlan.year == year, *_plan_known(known_at))
        .order_by(AssessmentPlan.id.desc())
        .limit(1)
    ).one_or_none()
    if planned is not None:
        return planned
    last_day = date(year, 12, 31)
    try:
        return PackHistory(session, PACK_ID, known_at=known_at).on(last_day)
    except NotFound:
        # Asked for an instant before the first activation: the first version there is, as for days before it.
        return PackHistory(session, PACK_ID).on(last_day)


def _plan_known(known_at: datetime | None) -> Sequence[ColumnElement[bool]]:
    if known_at is None:
        return (AssessmentPlan.superseded_at.is_(None),)
    return (
        AssessmentPlan.recorded_at <= known_at,
        or_(AssessmentPlan.superseded_at.is_(None), AssessmentPlan.superseded_at > known_at),
    )
