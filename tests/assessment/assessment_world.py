"""Units and assessments for tests; a test states only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.assessment.models import (
    Assessment,
    AssessmentState,
    Exclusion,
    Grade,
    Inspector,
    ItemResult,
    Level,
    Rating,
    SampleDraw,
    SampledUnit,
    Subject,
)
from hwrisk.assessment.rules import judge
from hwrisk.assessment.scheme import Scheme
from hwrisk.assessment.verdicts import pack_of_year
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import IdentityKind, ManagementClass, Unit, UnitRole, UnitStatus
from hwrisk.units.operations import UnitChange, record_state, register_unit

TODAY = date(2026, 11, 23)
SYSTEM = Viewer.system()
LOST: dict[Grade, tuple[int, ...]] = {Grade.MET: (0, 0), Grade.BASIC: (6, 2), Grade.NOT_MET: (10, 5)}
"""How many items of a sheet (generator, operator) are not met for each grade; no veto items among them."""


class AssessmentWorld:
    """What tests of assessment stand on."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._numbers = count(1)

    def unit(self, name: str | None = None, **changes: Any) -> Unit:
        """Register a generator under 重点监管 in the office 徐圩新区, unless said otherwise."""
        number = next(self._numbers)
        facts = {key: changes.pop(key) for key in ("valid_from", "is_supervised") if key in changes}
        state: UnitChange = {
            "name": name or f"演示评估{number}号公司", "status": UnitStatus.OPERATING, "role": UnitRole.GENERATOR,
            "office_code": "LYG-XW", "admin_code": "320703", "class_computed": ManagementClass.KEY, **changes,
        }  # fmt: skip
        given = {"valid_from": date(2021, 1, 1)} | facts
        return register_unit(
            self.session, identity_kind=IdentityKind.INDIVIDUAL, identity_no=f"PINGGU{number:05d}",
            identity_reason="测试", state=state, actor=SYSTEM, recorded_at=datetime(2021, 1, 1, tzinfo=UTC), **given,
        )  # fmt: skip

    def move(self, unit: Unit, day: date, **changes: Any) -> None:
        """Record another state of a unit from a day on."""
        record_state(self.session, unit, from_day=day, changes=UnitChange(**changes), actor=SYSTEM, reason="测试")

    def scheme(self, year: int = 2026) -> Scheme:
        """The scheme of a year."""
        return Scheme(pack_of_year(self.session, year).parameters)

    def ratings(self, grade: Grade, subject: Subject = Subject.GENERATOR) -> dict[str, Rating]:
        """Return ratings of a whole sheet that come to `grade`, without any veto."""
        items = self.scheme().items(subject)
        found = {item.no: Rating.MET for item in items}
        losing = [item.no for item in items if not item.is_veto]
        for no in losing[: LOST[grade][subject is Subject.OPERATOR]]:
            found[no] = Rating.NOT_MET
        return found

    def assess(
        self,
        unit: Unit,
        grade: Grade = Grade.MET,
        *,
        on: date = date(2026, 5, 10),
        level: Level = Level.COUNTY,
        subject: Subject = Subject.GENERATOR,
        recheck_of: Assessment | None = None,
        closed_at: datetime | None = None,
        state: AssessmentState = AssessmentState.CLOSED,
        people: tuple[str, ...] = ("演示-张三", "演示-李四"),
        year: int | None = None,
    ) -> Assessment:
        """Put a finished assessment into the database, with its sheet."""
        pack = pack_of_year(self.session, year or on.year)
        ratings = self.ratings(grade, subject)
        verdict = judge(Scheme(pack.parameters), subject, ratings)
        assert verdict.grade is grade
        is_closed = state in {AssessmentState.CLOSED, AssessmentState.WITHDRAWN}
        row = Assessment(
            assessment_no=f"PG-{on.year}-9{next(self._numbers):05d}", unit_id=unit.id, year=year or on.year,
            level=level,
            subject=subject, organiser="徐圩新区分局", assessed_on=on, recheck_of_id=recheck_of and recheck_of.id,
            state=state, scheme_id=pack.id, scheme_version=pack.version,
            score=str(verdict.score) if is_closed else None, full_marks=str(verdict.full) if is_closed else None,
            grade=grade if is_closed else None,
            closed_at=(closed_at or datetime(on.year, on.month, on.day, 10, tzinfo=UTC)) if is_closed else None,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        self.session.add_all(
            ItemResult(assessment_id=row.id, item_no=no, rating=rating, reason="" if rating is Rating.MET else "测试")
            for no, rating in ratings.items()
        )
        self.session.add_all(
            Inspector(assessment_id=row.id, place=place, name=name, badge_no=f"演示{place:04d}")
            for place, name in enumerate(people, start=1)
        )
        self.session.flush()
        return row

    def exclude(self, unit: Unit, *, year: int = 2026, on: date = date(2026, 3, 1)) -> Exclusion:
        """Put a unit that could not be assessed into the database."""
        row = Exclusion(
            year=year, unit_id=unit.id, excluded_on=on, reason="停产", evidence="停产报告",
            recorded_at=datetime(on.year, on.month, on.day, 10, tzinfo=UTC),
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row

    def draw(self, *units: Unit, year: int = 2026, on: date = date(2026, 2, 1)) -> SampleDraw:
        """Put a drawing with these units into the database."""
        row = SampleDraw(
            year=year, office_code="LYG-XW", drawn_on=on, asked=len(units), pool=len(units), seed="测试",
            recorded_at=datetime(on.year, on.month, on.day, 10, tzinfo=UTC),
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        self.session.add_all(
            SampledUnit(draw_id=row.id, unit_id=unit.id, place=place) for place, unit in enumerate(units, start=1)
        )
        self.session.flush()
        return row
