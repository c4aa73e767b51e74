"""Which assessment counts for a unit, and who must be assessed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hwrisk.assessment import verdicts
from hwrisk.assessment.models import AssessmentState, Grade, Headline, Level, Reason, Subject
from hwrisk.assessment.verdicts import ToAssess, UnitVerdict
from hwrisk.clock import now
from hwrisk.units.models import ManagementClass, UnitRole, UnitStatus
from tests.assessment.assessment_world import TODAY, AssessmentWorld

pytestmark = pytest.mark.db


@pytest.fixture
def verdict_of(session):
    def of(unit, *, year: int = 2026, as_of: date = TODAY, known_at: datetime | None = None) -> UnitVerdict | None:
        rows = verdicts.unit_verdicts(session, year=year, as_of=as_of, known_at=known_at)
        return next((row for row in rows if row.unit_id == unit.id), None)

    return of


@pytest.fixture
def entry_of(session):
    def of(unit, *, year: int = 2026, as_of: date = TODAY, known_at: datetime | None = None) -> ToAssess | None:
        rows = verdicts.population(session, year=year, as_of=as_of, known_at=known_at)
        return next((row for row in rows if row.unit_id == unit.id), None)

    return of


class TestUnitVerdicts:
    def test_everything_of_one_verdict(self, world, verdict_of):
        unit = world.unit()
        made = world.assess(unit, Grade.BASIC)
        assert verdict_of(unit) == UnitVerdict(
            unit_id=unit.id, subject=Subject.GENERATOR, office_code="LYG-XW", admin_code="320703",
            assessment_id=made.id, first=Grade.BASIC, after_id=None, after=Grade.BASIC, level=Level.COUNTY,
            counted_on=date(2026, 5, 10),
        )  # fmt: skip

    def test_a_self_assessment_never_counts(self, world, verdict_of):
        unit = world.unit()
        world.assess(unit, level=Level.SELF)
        assert verdict_of(unit) is None

    @pytest.mark.parametrize("state", [AssessmentState.DRAFT, AssessmentState.WAITING, AssessmentState.WITHDRAWN])
    def test_only_what_is_closed_and_not_withdrawn_counts(self, world, verdict_of, state):
        unit = world.unit()
        world.assess(unit, state=state)
        assert verdict_of(unit) is None

    def test_the_highest_level_counts_though_a_lower_one_came_later(self, world, verdict_of):
        unit = world.unit()
        world.assess(unit, Grade.MET, on=date(2026, 9, 1))
        city = world.assess(unit, Grade.NOT_MET, on=date(2026, 3, 1), level=Level.CITY)
        row = verdict_of(unit)
        assert (row.assessment_id, row.first, row.level) == (city.id, Grade.NOT_MET, Level.CITY)
        province = world.assess(unit, Grade.BASIC, on=date(2026, 2, 1), level=Level.PROVINCE)
        assert verdict_of(unit).assessment_id == province.id

    def test_at_one_level_the_latest_counts_and_the_unit_counts_once(self, world, session, verdict_of):
        unit = world.unit()
        world.assess(unit, Grade.NOT_MET, on=date(2026, 3, 1))
        later = world.assess(unit, Grade.MET, on=date(2026, 9, 1))
        assert verdict_of(unit).assessment_id == later.id
        rows = verdicts.unit_verdicts(session, year=2026, as_of=TODAY)
        assert [row.unit_id for row in rows].count(unit.id) == 1

    def test_what_came_after_the_day_asked_about_does_not_count(self, world, verdict_of):
        unit = world.unit()
        early = world.assess(unit, on=date(2026, 3, 1))
        world.assess(unit, Grade.NOT_MET, on=date(2026, 9, 1))
        assert verdict_of(unit, as_of=date(2026, 8, 31)).assessment_id == early.id
        assert verdict_of(unit, as_of=date(2026, 2, 28)) is None
        assert verdict_of(unit, year=2025) is None

    def test_by_what_was_known_at_an_instant(self, world, session, verdict_of):
        unit = world.unit()
        made = world.assess(unit, on=date(2026, 3, 1), closed_at=datetime(2026, 4, 5, tzinfo=UTC))
        assert verdict_of(unit, known_at=datetime(2026, 4, 4, tzinfo=UTC)) is None
        made.state, made.withdrawn_at = AssessmentState.WITHDRAWN, datetime(2026, 6, 1, tzinfo=UTC)
        session.flush()
        assert verdict_of(unit) is None
        assert verdict_of(unit, known_at=datetime(2026, 5, 1, tzinfo=UTC)).assessment_id == made.id
        assert verdict_of(unit, known_at=datetime(2026, 6, 1, tzinfo=UTC)) is None

    def test_two_roles_of_one_unit_count_once_as_operator(self, world, session, verdict_of):
        unit = world.unit(role=UnitRole.OPERATOR)
        world.assess(unit, Grade.MET, on=date(2026, 9, 1), level=Level.CITY)
        as_operator = world.assess(unit, Grade.BASIC, on=date(2026, 3, 1), subject=Subject.OPERATOR)
        row = verdict_of(unit)
        assert (row.subject, row.assessment_id) == (Subject.OPERATOR, as_operator.id)

    def test_licensed_on_the_day_decides(self, world, verdict_of):
        unit = world.unit()
        as_generator = world.assess(unit, on=date(2026, 3, 1))
        world.move(unit, date(2026, 6, 1), role=UnitRole.OPERATOR)
        assert verdict_of(unit).assessment_id == as_generator.id
        as_operator = world.assess(unit, Grade.BASIC, on=date(2026, 7, 1), subject=Subject.OPERATOR)
        row = verdict_of(unit)
        assert (row.subject, row.assessment_id) == (Subject.OPERATOR, as_operator.id)
        assert verdict_of(unit, as_of=date(2026, 6, 30)).subject is Subject.GENERATOR

    def test_a_unit_that_moved_counts_where_it_was_on_the_day(self, world, verdict_of):
        unit = world.unit()
        world.assess(unit, on=date(2026, 5, 31))
        world.move(unit, date(2026, 6, 1), office_code="LYG-KFQ")
        assert verdict_of(unit).office_code == "LYG-XW"
        world.assess(unit, on=date(2026, 6, 1))
        assert verdict_of(unit).office_code == "LYG-KFQ"


class TestReCheck:
    def test_it_gives_the_verdict_after_rectification_and_the_first_stays(self, world, verdict_of):
        unit = world.unit()
        first = world.assess(unit, Grade.NOT_MET)
        again = world.assess(unit, Grade.MET, on=date(2026, 9, 1), recheck_of=first)
        row = verdict_of(unit)
        assert (row.assessment_id, row.first, row.after_id, row.after) == (
            first.id, Grade.NOT_MET, again.id, Grade.MET,
        )  # fmt: skip
        assert verdict_of(unit, as_of=date(2026, 8, 31)).after is Grade.NOT_MET

    @pytest.mark.parametrize(("day", "after"), [(date(2025, 12, 31), Grade.MET), (date(2026, 1, 1), Grade.NOT_MET)])
    def test_until_the_last_day_of_the_year(self, world, verdict_of, day, after):
        unit = world.unit()
        first = world.assess(unit, Grade.NOT_MET, on=date(2025, 5, 1))
        world.assess(unit, Grade.MET, on=day, recheck_of=first, year=2025)
        assert verdict_of(unit, year=2025).after is after

    def test_a_lower_level_does_not_undo_a_higher_one(self, world, verdict_of):
        unit = world.unit()
        county = world.assess(unit, Grade.NOT_MET, on=date(2026, 3, 1))
        world.assess(unit, Grade.NOT_MET, on=date(2026, 4, 1), level=Level.CITY)
        world.assess(unit, Grade.MET, on=date(2026, 9, 1), recheck_of=county)
        assert verdict_of(unit).after_id is None

    def test_a_higher_level_may_check_again(self, world, verdict_of):
        unit = world.unit()
        county = world.assess(unit, Grade.NOT_MET, on=date(2026, 3, 1))
        city = world.assess(unit, Grade.MET, on=date(2026, 9, 1), level=Level.CITY, recheck_of=county)
        row = verdict_of(unit)
        assert (row.assessment_id, row.level, row.after_id) == (county.id, Level.COUNTY, city.id)

    def test_before_the_first_it_does_not_count(self, world, verdict_of):
        unit = world.unit()
        early = world.assess(unit, Grade.NOT_MET, on=date(2026, 3, 1))
        world.assess(unit, Grade.MET, on=date(2026, 4, 1), recheck_of=early)
        world.assess(unit, Grade.BASIC, on=date(2026, 6, 1))
        assert verdict_of(unit).after_id is None

    def test_of_a_withdrawn_assessment_it_does_not_count(self, world, verdict_of):
        unit = world.unit()
        gone = world.assess(unit, Grade.NOT_MET, on=date(2026, 3, 1), state=AssessmentState.WITHDRAWN)
        world.assess(unit, Grade.MET, on=date(2026, 9, 1), recheck_of=gone)
        world.assess(unit, Grade.BASIC, on=date(2026, 4, 1))
        row = verdict_of(unit)
        assert (row.first, row.after_id) == (Grade.BASIC, None)


class TestPopulation:
    def test_operators_and_key_units(self, world, entry_of):
        key = world.unit()
        operator = world.unit(role=UnitRole.COLLECTOR, class_computed=None)
        small = world.unit(class_computed=ManagementClass.REGISTERED)
        set_by_hand = world.unit(
            class_computed=ManagementClass.KEY, class_set=ManagementClass.SIMPLIFIED, class_reason="测试"
        )
        assert entry_of(key) == ToAssess(key.id, Subject.GENERATOR, "LYG-XW", "320703", (Reason.KEY,), False, "")
        assert entry_of(operator).reasons == (Reason.OPERATOR,)
        assert entry_of(operator).subject is Subject.OPERATOR
        assert entry_of(small) is entry_of(set_by_hand) is None

    def test_last_years_failures_by_their_last_verdict(self, world, entry_of):
        failed, mended = (world.unit(class_computed=ManagementClass.REGISTERED) for _ in range(2))
        world.assess(failed, Grade.NOT_MET, on=date(2025, 5, 1))
        first = world.assess(mended, Grade.NOT_MET, on=date(2025, 5, 1))
        world.assess(mended, Grade.MET, on=date(2025, 9, 1), recheck_of=first)
        assert entry_of(failed).reasons == (Reason.LAST_YEAR_FAILED,)
        assert entry_of(mended) is None

    def test_the_sample_until_it_is_withdrawn(self, world, session, entry_of):
        unit = world.unit(class_computed=ManagementClass.REGISTERED)
        draw = world.draw(unit)
        assert entry_of(unit).reasons == (Reason.SAMPLE,)
        assert entry_of(unit, as_of=date(2026, 1, 31)) is None
        draw.withdrawn_at = now()
        session.flush()
        assert entry_of(unit) is None
        assert entry_of(unit, known_at=datetime(2026, 3, 1, tzinfo=UTC)).reasons == (Reason.SAMPLE,)

    def test_covered_by_an_authority_in_the_sheet_of_the_role(self, world, entry_of):
        unit, operator = world.unit(), world.unit(role=UnitRole.OPERATOR)
        world.assess(unit, level=Level.SELF)
        world.assess(operator)
        assert not entry_of(unit).is_covered
        assert not entry_of(operator).is_covered
        world.assess(unit)
        assert entry_of(unit).is_covered

    def test_not_assessable_leaves_with_its_reason_unless_it_was_assessed(self, world, session, entry_of):
        unit = world.unit()
        row = world.exclude(unit)
        assert entry_of(unit).excluded_reason == "停产"
        assert not entry_of(unit, as_of=date(2026, 2, 28)).excluded_reason
        world.assess(unit)
        assert (entry_of(unit).excluded_reason, entry_of(unit).is_covered) == ("", True)
        other = world.unit()
        row = world.exclude(other)
        row.withdrawn_at = now()
        session.flush()
        assert not entry_of(other).excluded_reason

    def test_gone_or_unsupervised_units_need_no_assessment(self, world, entry_of):
        gone = world.unit()
        world.move(gone, date(2026, 3, 1), status=UnitStatus.CLOSED_CLEARED, clearance_document="演示文件")
        public = world.unit(is_supervised=False)
        assert entry_of(gone) is entry_of(public) is None
        assert entry_of(gone, as_of=date(2026, 2, 1)).reasons == (Reason.KEY,)

    def test_an_assessed_unit_that_moved_is_covered_where_it_was_assessed(self, world, entry_of):
        unit = world.unit()
        world.assess(unit)
        world.move(unit, date(2026, 6, 1), office_code="LYG-KFQ")
        assert entry_of(unit).office_code == "LYG-XW"
        other = world.unit()
        world.move(other, date(2026, 6, 1), office_code="LYG-KFQ")
        assert entry_of(other).office_code == "LYG-KFQ"


def test_as_few_statements_for_many_units_as_for_one(world: AssessmentWorld, session, count_statements):
    world.assess(world.unit())
    session.flush()
    with count_statements() as few:
        verdicts.unit_verdicts(session, year=2026, as_of=TODAY)
        verdicts.population(session, year=2026, as_of=TODAY)
    for _ in range(5):
        world.assess(world.unit())
    with count_statements() as many:
        verdicts.unit_verdicts(session, year=2026, as_of=TODAY)
        verdicts.population(session, year=2026, as_of=TODAY)
    assert len(many) == len(few)


def test_what_the_scheme_of_the_year_says(session):
    assert verdicts.headline(session, year=2026) is Headline.FIRST
    assert verdicts.qualified_weight(session, year=2026) * 10 == 7
