"""Re-checks after rectification that are due (复查截止)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from hwrisk.assessment import counting
from hwrisk.assessment.models import Assessment, Grade
from hwrisk.assessment.verdicts import scheme_of_year
from hwrisk.notices.records import Due, ReminderSource
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import UnitVersion
from hwrisk.units.queries import on_or_first
from hwrisk.units.scope import in_scope


class RecheckDue(NamedTuple):
    """A unit whose verdict is 不达标 and that may still be checked again."""

    assessment_id: int
    public_id: UUID
    assessment_no: str
    unit_name: str
    office_code: str | None
    until: date


def rechecks_due(session: Session, *, as_of: date, user: Viewer | None = None) -> list[RecheckDue]:
    """Return the units of the year of `as_of` that are not met and have no re-check yet, by number of assessment."""
    scheme = scheme_of_year(session, as_of.year)
    rows = counting.counted(scheme, year=as_of.year, as_of=as_of)
    statement = (
        select(Assessment, UnitVersion.name, UnitVersion.office_code)
        .join(rows, rows.c.assessment_id == Assessment.id)
        .join(UnitVersion, and_(UnitVersion.unit_id == Assessment.unit_id, on_or_first(as_of)))
        .where(rows.c.first == Grade.NOT_MET, rows.c.after_id.is_(None))
        .order_by(Assessment.assessment_no)
    )
    if user is not None:
        statement = statement.where(in_scope(user))
    until = scheme.recheck_until(as_of.year)
    return [
        RecheckDue(row.id, row.public_id, row.assessment_no, name, office, until)
        for row, name, office in session.execute(statement)
    ]


def _leads(session: Session, as_of: date) -> tuple[int, ...]:
    return scheme_of_year(session, as_of.year).reminder_days


def _due(session: Session, *, as_of: date) -> Iterable[Due]:
    for row in rechecks_due(session, as_of=as_of):
        yield Due(
            key=f"{row.assessment_no}:{row.until.isoformat()}",
            on=row.until,
            title=f"{row.unit_name} 评估不达标，复查截止 {row.until:%Y-%m-%d}",
            body="整改后由其他人员复查，截止日前复查的计入整改后达标率（截止日为本局设置，待核）。",
            link=f"/assessment/sheets/{row.public_id}",
            to_role=Role.COUNTY if row.office_code else Role.CITY,
            to_office=row.office_code,
        )


SOURCE = ReminderSource(kind="assessment-recheck", label="评估复查", leads=_leads, due=_due)
