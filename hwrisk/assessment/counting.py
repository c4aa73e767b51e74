"""Which assessment counts for a unit in a year: the one statement that list, coverage, rate and reminders share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, null, or_, select
from sqlalchemy.orm import aliased

from hwrisk.assessment.models import (
    Assessment,
    AssessmentState,
    Exclusion,
    Grade,
    Level,
    Reason,
    SampleDraw,
    SampledUnit,
    Subject,
)
from hwrisk.assessment.scheme import Scheme
from hwrisk.db.history import in_force
from hwrisk.db.types import EnumValue
from hwrisk.units.models import ManagementClass, Unit, UnitStatus, UnitVersion

ACTIVE = (UnitStatus.OPERATING, UnitStatus.SUSPENDED, UnitStatus.CLOSED_UNCLEARED)
"""A unit that is gone from the register need not be assessed; one that was assessed before it went stays covered."""


def level_rank(row: Any = Assessment) -> ColumnElement[int]:
    """Return the rank of an assessment's level in SQL: 0 自评 to 3 省级."""
    return case({level.value: level.rank for level in Level}, value=row.level, else_=0)


def subject_on(version: Any, scheme: Scheme) -> ColumnElement[Subject]:
    """Return as what a unit is assessed in the state `version`: 经营单位 if licensed, else 产废单位."""
    kind = EnumValue(Subject)
    return case(
        (version.role.in_(scheme.operator_roles), literal(Subject.OPERATOR, kind)),
        else_=literal(Subject.GENERATOR, kind),
    )


def stands(row: Any, known_at: datetime | None) -> ColumnElement[bool]:
    """Return the predicate that an assessment was closed and not withdrawn at `known_at` (None: now)."""
    if known_at is None:
        is_closed: ColumnElement[bool] = row.state == AssessmentState.CLOSED
        return is_closed
    return and_(row.closed_at <= known_at, or_(row.withdrawn_at.is_(None), row.withdrawn_at > known_at))


def not_withdrawn(row: Any, known_at: datetime | None) -> ColumnElement[bool]:
    """Return the predicate that a drawing or exclusion was recorded and not withdrawn at `known_at` (None: now)."""
    if known_at is None:
        return row.withdrawn_at.is_(None)  # type: ignore[no-any-return]
    return and_(row.recorded_at <= known_at, or_(row.withdrawn_at.is_(None), row.withdrawn_at > known_at))


def counted(scheme: Scheme, *, year: int, as_of: date, known_at: datetime | None = None) -> Subquery:
    """Return one row for each unit that an authority assessed in `year` by `as_of`: the verdict that counts.

    Columns: unit_id, subject, office_code, admin_code (of the day of the assessment), assessment_id, first, level,
    counted_on, after_id, after, after_on; the last three are NULL without a re-check that counts.
    """
    first, again = _first(scheme, year, as_of, known_at), _again(scheme, year, as_of, known_at)
    ranked = (
        select(
            *(first.c[name] for name in _COLUMNS),
            again.c.id.label("after_id"),
            again.c.grade.label("after"),
            again.c.assessed_on.label("after_on"),
            func.row_number()
            .over(
                partition_by=first.c.unit_id,
                order_by=(again.c.rank.desc(), again.c.assessed_on.desc(), again.c.closed_at.desc(), again.c.id.desc()),
            )
            .label("turn"),
        )
        .outerjoin(
            again,
            and_(
                again.c.unit_id == first.c.unit_id,
                again.c.subject == first.c.subject,
                again.c.rank >= first.c.rank,
                again.c.assessed_on >= first.c.counted_on,
            ),
        )
        .subquery()
    )
    names = (*_COLUMNS, "after_id", "after", "after_on")
    return select(*(ranked.c[name] for name in names)).where(ranked.c.turn == 1).subquery()


_COLUMNS = (
    "unit_id", "subject", "office_code", "admin_code", "assessment_id", "first", "level", "rank", "counted_on",
)  # fmt: skip


def _standing(
    row: Any, scheme: Scheme, year: int, as_of: date, known_at: datetime | None
) -> Sequence[ColumnElement[bool]]:
    return (
        # As a range: SQLite takes an equality for ten rows, and would look through all of them anew for each unit.
        row.year.between(year, year),
        row.level != Level.SELF,
        row.assessed_on <= as_of,
        stands(row, known_at),
        # A licensed unit counts by the operators' sheet alone, any other by the generators'.
        row.subject == subject_on(UnitVersion, scheme),
    )


def _first(scheme: Scheme, year: int, as_of: date, known_at: datetime | None) -> Subquery:
    rank = level_rank()
    turn = func.row_number().over(
        partition_by=Assessment.unit_id,
        order_by=(rank.desc(), Assessment.assessed_on.desc(), Assessment.closed_at.desc(), Assessment.id.desc()),
    )
    ranked = (
        select(
            Assessment.unit_id,
            Assessment.subject,
            UnitVersion.office_code,
            UnitVersion.admin_code,
            Assessment.id.label("assessment_id"),
            Assessment.grade.label("first"),
            Assessment.level,
            rank.label("rank"),
            Assessment.assessed_on.label("counted_on"),
            turn.label("turn"),
        )
        .join(
            UnitVersion,
            and_(UnitVersion.unit_id == Assessment.unit_id, in_force(UnitVersion, Assessment.assessed_on, known_at)),
        )
        .where(Assessment.recheck_of_id.is_(None), *_standing(Assessment, scheme, year, as_of, known_at))
        .subquery()
    )
    return select(ranked).where(ranked.c.turn == 1).subquery()


def _again(scheme: Scheme, year: int, as_of: date, known_at: datetime | None) -> Subquery:
    checked = aliased(Assessment)
    until = min(as_of, scheme.recheck_until(year))
    return (
        select(
            Assessment.id,
            Assessment.unit_id,
            Assessment.subject,
            Assessment.grade,
            Assessment.assessed_on,
            Assessment.closed_at,
            level_rank().label("rank"),
        )
        .join(
            UnitVersion,
            and_(UnitVersion.unit_id == Assessment.unit_id, in_force(UnitVersion, Assessment.assessed_on, known_at)),
        )
        .join(checked, checked.id == Assessment.recheck_of_id)
        .where(stands(checked, known_at), *_standing(Assessment, scheme, year, until, known_at))
        .subquery()
    )


def to_assess(
    scheme: Scheme, *, year: int, as_of: date, known_at: datetime | None = None, with_others: bool = False
) -> Any:
    """Return the statement for the units that must be assessed in `year`, in their state on `as_of` or the year's end.

    Columns: unit_id, subject, office_code, admin_code, is_operator, is_key, has_failed, is_sampled, must,
    assessment_id, after_id, first, after, level, counted_on, after_on, excluded_reason. Office, district and subject
    of an assessed unit are those of the day of its assessment. `with_others` adds the units that were assessed
    without having to be, with the column `must` telling them apart.
    """
    done = counted(scheme, year=year, as_of=as_of, known_at=known_at)
    last = counted(scheme, year=year - 1, as_of=date(year - 1, 12, 31), known_at=known_at)
    drawn = _drawn(year, as_of, known_at)
    excluded = _excluded(year, as_of, known_at)
    final = func.coalesce(last.c.after, last.c.first)
    management_class = func.coalesce(UnitVersion.class_set, UnitVersion.class_computed)
    is_operator = UnitVersion.role.in_(scheme.operator_roles)
    is_key = and_(management_class.is_not(None), management_class == ManagementClass.KEY.value)
    has_failed = and_(final.is_not(None), final.in_([grade.value for grade in scheme.failed_grades]))
    is_sampled = drawn.c.unit_id.is_not(None)
    is_done = done.c.assessment_id.is_not(None)
    must = or_(is_operator, is_key, has_failed, is_sampled)
    statement: Any = select(
        Unit.id.label("unit_id"),
        func.coalesce(done.c.subject, subject_on(UnitVersion, scheme), type_=EnumValue(Subject)).label("subject"),
        case((is_done, done.c.office_code), else_=UnitVersion.office_code).label("office_code"),
        case((is_done, done.c.admin_code), else_=UnitVersion.admin_code).label("admin_code"),
        is_operator.label("is_operator"),
        is_key.label("is_key"),
        has_failed.label("has_failed"),
        is_sampled.label("is_sampled"),
        must.label("must"),
        done.c.assessment_id,
        done.c.after_id,
        done.c.first,
        func.coalesce(done.c.after, done.c.first, type_=EnumValue(Grade)).label("after"),
        done.c.level,
        done.c.counted_on,
        done.c.after_on,
        case((is_done, null()), else_=excluded.c.reason).label("excluded_reason"),
    )
    return (
        statement.join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .outerjoin(done, done.c.unit_id == Unit.id)
        .outerjoin(last, last.c.unit_id == Unit.id)
        .outerjoin(drawn, drawn.c.unit_id == Unit.id)
        .outerjoin(excluded, excluded.c.unit_id == Unit.id)
        .where(
            in_force(UnitVersion, min(as_of, date(year, 12, 31)), known_at),
            Unit.is_supervised,
            or_(UnitVersion.status.in_(ACTIVE), is_done),
            or_(must, is_done) if with_others else must,
        )
    )


def reasons_of(row: Any) -> tuple[Reason, ...]:
    """Return why the unit of a row of `to_assess` must be assessed."""
    found = (
        (Reason.OPERATOR, row.is_operator),
        (Reason.KEY, row.is_key),
        (Reason.LAST_YEAR_FAILED, row.has_failed),
        (Reason.SAMPLE, row.is_sampled),
    )
    return tuple(reason for reason, holds in found if holds)


def _drawn(year: int, as_of: date, known_at: datetime | None) -> Subquery:
    return (
        select(SampledUnit.unit_id)
        .join(SampleDraw, SampleDraw.id == SampledUnit.draw_id)
        .where(SampleDraw.year == year, SampleDraw.drawn_on <= as_of, not_withdrawn(SampleDraw, known_at))
        .distinct()
        .subquery()
    )


def _excluded(year: int, as_of: date, known_at: datetime | None) -> Subquery:
    return (
        select(Exclusion.unit_id, func.max(Exclusion.reason).label("reason"))
        .where(Exclusion.year == year, Exclusion.excluded_on <= as_of, not_withdrawn(Exclusion, known_at))
        .group_by(Exclusion.unit_id)
        .subquery()
    )
