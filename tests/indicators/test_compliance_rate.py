"""The compliance rate from assessments: what counts, who is missing, frozen years, revisions, a twin from raw rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.assessment.models import Assessment, AssessmentState, Grade, Headline, Level, Subject
from hwrisk.indicators.checks import CHECKS
from hwrisk.indicators.compliance.computing import INDICATOR
from hwrisk.indicators.compliance.models import ComplianceRow
from hwrisk.indicators.compliance.reading import ComplianceReading
from hwrisk.indicators.compliance.record import COMPLIANCE_RATE
from hwrisk.indicators.compliance.revisions import changes
from hwrisk.indicators.models import IndicatorValue, PeriodKind, ScopeKind, ValueStage, ValueState
from hwrisk.indicators.operations import bring_up_to_date
from hwrisk.indicators.queries import headline, kept_values, kept_years, on_the_spot, past_values, running_values
from hwrisk.indicators.scopes import ScopeKey
from hwrisk.indicators.showing import explain_json, show, show_all
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import ManagementClass, UnitRole, UnitStatus
from tests.assessment.assessment_world import AssessmentWorld

pytestmark = pytest.mark.db
AS_OF = date(2026, 11, 23)
CITY = Viewer.system()
WHOLE = ScopeKey(ScopeKind.CITY, "320700")
GYX, XW = ScopeKey(ScopeKind.OFFICE, "LYG-GYX"), ScopeKey(ScopeKind.OFFICE, "LYG-XW")


@pytest.fixture
def of(session: Session) -> AssessmentWorld:
    return AssessmentWorld(session)


def readings(of: AssessmentWorld, as_of: date = AS_OF) -> dict[ScopeKey, ComplianceReading]:
    found = on_the_spot(of.session, COMPLIANCE_RATE, as_of=as_of, user=CITY).readings
    return {reading.scope: reading for reading in found}


def city(of: AssessmentWorld, as_of: date = AS_OF) -> ComplianceReading:
    return readings(of, as_of)[WHOLE]


def counts(reading: ComplianceReading) -> tuple[int, int]:
    return int(reading.numerator), int(reading.denominator)


class TestWhatCounts:
    def test_a_self_assessment_never_counts(self, of: AssessmentWorld) -> None:
        of.assess(of.unit(), Grade.MET, level=Level.SELF)
        found = city(of)
        assert (counts(found), found.state) == ((0, 0), ValueState.NOT_REPORTED)

    def test_the_city_over_the_county_whichever_came_later(self, of: AssessmentWorld) -> None:
        unit = of.unit()
        of.assess(unit, Grade.NOT_MET, level=Level.CITY, on=date(2026, 4, 1))
        of.assess(unit, Grade.MET, level=Level.COUNTY, on=date(2026, 8, 1))
        assert counts(city(of)) == (0, 1)

    def test_at_one_level_the_latest_and_once(self, of: AssessmentWorld) -> None:
        unit = of.unit()
        of.assess(unit, Grade.NOT_MET, on=date(2026, 4, 1))
        of.assess(unit, Grade.MET, on=date(2026, 8, 1))
        assert counts(city(of)) == (1, 1)

    def test_a_recheck_by_the_deadline_and_one_after_it(self, of: AssessmentWorld) -> None:
        for on, met in ((date(2026, 12, 31), 1), (date(2027, 1, 1), 0)):
            unit = of.unit()
            first = of.assess(unit, Grade.NOT_MET, on=date(2026, 5, 10))
            of.assess(unit, Grade.MET, on=on, recheck_of=first, year=2026)
            shown = [row for row in of_year(of) if row["unit"] == str(unit.public_id)]
            assert [(row["first"], row["after"]) for row in shown] == [("not_met", "met" if met else "not_met")]

    def test_first_and_after_stand_side_by_side(self, of: AssessmentWorld) -> None:
        unit = of.unit()
        first = of.assess(unit, Grade.NOT_MET, on=date(2026, 5, 10))
        of.assess(unit, Grade.MET, on=date(2026, 9, 1), recheck_of=first)
        total = city(of).total
        assert (total.strict(Headline.FIRST), total.strict(Headline.AFTER)) == ("0.00", "100.00")
        assert city(of, date(2026, 8, 31)).total.strict(Headline.AFTER) == "0.00"

    def test_strict_and_weighted(self, of: AssessmentWorld) -> None:
        for grade in (Grade.MET, Grade.MET, Grade.BASIC, Grade.NOT_MET):
            of.assess(of.unit(), grade)
        found = city(of)
        assert (found.percent, found.qualified_percent, found.weight_text) == ("50.00", "67.50", "0.7")

    def test_an_operator_that_generates_too_counts_once_as_operator(self, of: AssessmentWorld) -> None:
        unit = of.unit(role=UnitRole.OPERATOR)
        of.assess(unit, Grade.NOT_MET, subject=Subject.GENERATOR, on=date(2026, 4, 1))
        of.assess(unit, Grade.MET, subject=Subject.OPERATOR, on=date(2026, 3, 1))
        found = city(of)
        assert counts(found) == (1, 1)
        assert found.part(Subject.OPERATOR).after.assessed == 1
        assert found.part(Subject.GENERATOR).after.assessed == 0

    def test_a_unit_licensed_within_the_year_counts_once(self, of: AssessmentWorld) -> None:
        unit = of.unit()
        of.assess(unit, Grade.NOT_MET, on=date(2026, 4, 1))
        of.move(unit, date(2026, 7, 1), role=UnitRole.OPERATOR)
        of.assess(unit, Grade.MET, subject=Subject.OPERATOR, on=date(2026, 9, 1))
        found = city(of)
        assert (counts(found), found.part(Subject.OPERATOR).first.met) == ((1, 1), 1)
        assert (found.coverage.to_assess, found.unreported_units) == (1, 0)

    def test_who_cannot_be_assessed_leaves_the_coverage(self, of: AssessmentWorld) -> None:
        of.assess(of.unit())
        of.exclude(of.unit())
        found = city(of)
        assert (found.state, found.coverage) == (ValueState.VALUE, (1, 1, 1))

    def test_a_unit_that_moved_counts_where_it_was_assessed(self, of: AssessmentWorld) -> None:
        unit = of.unit(office_code="LYG-GYX", admin_code="320723")
        of.assess(unit, on=date(2026, 5, 10))
        of.move(unit, date(2026, 7, 1), office_code="LYG-XW", admin_code="320703")
        found = readings(of)
        assert (counts(found[GYX]), counts(found[XW])) == ((1, 1), (0, 0))
        assert found[XW].state is ValueState.NOT_APPLICABLE
        assert counts(found[ScopeKey(ScopeKind.ADMIN, "320723")]) == (1, 1)

    def test_a_unit_that_moved_before_it_is_assessed_is_missing_where_it_is(self, of: AssessmentWorld) -> None:
        unit = of.unit(office_code="LYG-GYX", admin_code="320723")
        of.move(unit, date(2026, 7, 1), office_code="LYG-XW", admin_code="320703")
        found = readings(of)
        assert (found[GYX].unreported_units, found[XW].unreported_units) == (0, 1)

    def test_a_withdrawn_assessment_does_not_count(self, of: AssessmentWorld) -> None:
        row = of.assess(of.unit())
        row.state, row.withdrawn_at = AssessmentState.WITHDRAWN, datetime(2026, 6, 1, tzinfo=UTC)
        of.session.flush()
        assert city(of).state is ValueState.NOT_REPORTED

    def test_below_the_target_it_never_prints_as_the_target(self, of: AssessmentWorld) -> None:
        for number in range(10):
            of.assess(of.unit(), Grade.NOT_MET if number == 0 else Grade.MET)
        assert (city(of).percent, city(of).is_met) == ("90.00", True)
        of.assess(of.unit(), Grade.NOT_MET)
        assert (city(of).percent, city(of).is_met) == ("81.82", False)


def of_year(of: AssessmentWorld) -> list[dict[str, Any]]:
    """The units behind the whole year 2026, asked on a day of the next year."""
    bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=date(2027, 1, 20))
    value = stored(of.session, 2026, ValueStage.LIVE)
    return list(explain_json(of.session, str(value.public_id), user=CITY)["rows"])


def stored(session: Session, year: int, stage: ValueStage, scope: ScopeKey = WHOLE) -> IndicatorValue:
    return session.scalars(
        select(IndicatorValue).where(
            IndicatorValue.indicator == INDICATOR, IndicatorValue.period_kind == PeriodKind.YEAR,
            IndicatorValue.period_start == date(year, 1, 1), IndicatorValue.stage == stage,
            IndicatorValue.scope_kind == scope.kind, IndicatorValue.scope_code == scope.code,
        )
    ).one()  # fmt: skip


def some_year(of: AssessmentWorld) -> None:
    """灌云 with two of three assessed, 徐圩 with an operator that meets after a re-check, one excluded."""
    here: dict[str, Any] = {"office_code": "LYG-GYX", "admin_code": "320723"}
    of.assess(of.unit(**here), Grade.MET)
    of.assess(of.unit(**here), Grade.BASIC)
    of.unit(**here)
    operator = of.unit(role=UnitRole.OPERATOR)
    first = of.assess(operator, Grade.NOT_MET, subject=Subject.OPERATOR, on=date(2026, 3, 1))
    of.assess(operator, Grade.MET, subject=Subject.OPERATOR, on=date(2026, 6, 1), recheck_of=first)
    of.exclude(of.unit())
    of.unit(class_computed=ManagementClass.REGISTERED, office_code=None, admin_code=None)


class TestKeeping:
    def test_every_value_adds_up_from_its_units_and_the_offices_to_the_city(self, of: AssessmentWorld) -> None:
        some_year(of)
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=AS_OF)
        assert [problem for check in CHECKS for problem in check.run(of.session)] == []
        found = {r.scope: r for r in running_values(
            of.session, COMPLIANCE_RATE, user=CITY, as_of=AS_OF, kind=PeriodKind.YEAR
        )}  # fmt: skip
        for kind in (ScopeKind.OFFICE, ScopeKind.ADMIN):
            parts = [r for r in found.values() if r.scope.kind is kind]
            assert sum(counts(r)[0] for r in parts) == counts(found[WHOLE])[0]
            assert sum(counts(r)[1] for r in parts) == counts(found[WHOLE])[1]
            assert sum(r.coverage.to_assess for r in parts) == found[WHOLE].coverage.to_assess
        assert found[WHOLE].text == "33.33 %（暂定，1家未评）"

    def test_the_self_check_finds_a_changed_row_and_a_changed_value(self, of: AssessmentWorld) -> None:
        some_year(of)
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=AS_OF)
        row = of.session.scalars(select(ComplianceRow).where(ComplianceRow.after == Grade.MET).limit(1)).one()
        row.after = Grade.NOT_MET
        of.session.flush()
        assert len([problem for check in CHECKS for problem in check.run(of.session)]) == 1
        row.after = Grade.MET
        value = stored(of.session, 2026, ValueStage.LIVE)
        value.numerator = value.numerator + 1
        of.session.flush()
        assert len([problem for check in CHECKS for problem in check.run(of.session)]) == 3

    def test_a_rerun_changes_nothing(self, of: AssessmentWorld) -> None:
        some_year(of)
        assert bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=AS_OF)["changed"] > 0
        before = of.session.execute(select(ComplianceRow.__table__)).all()
        assert bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=AS_OF)["changed"] == 0
        assert of.session.execute(select(ComplianceRow.__table__)).all() == before

    def test_what_is_stored_is_what_is_worked_out(self, of: AssessmentWorld) -> None:
        some_year(of)
        spot = readings(of)
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=AS_OF)
        kept = running_values(of.session, COMPLIANCE_RATE, user=CITY, as_of=AS_OF, kind=PeriodKind.YEAR)
        assert [r.scope for r in kept] == list(spot)
        for reading in kept:
            other = spot[reading.scope]
            assert (reading.text, reading.parts, reading.mark) == (other.text, other.parts, other.mark)

    def test_the_year_rolls_until_the_closing_day_and_then_stays(self, of: AssessmentWorld) -> None:
        some_year(of)
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=date(2027, 4, 4))
        assert kept_values(of.session, COMPLIANCE_RATE, user=CITY, year=2026)[0].stage is ValueStage.LIVE
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=date(2027, 4, 5))
        frozen = kept_values(of.session, COMPLIANCE_RATE, user=CITY, year=2026)[0]
        assert (frozen.stage, frozen.text) == (ValueStage.FROZEN, "33.33 %（暂定，1家未评）")

    def test_late_data_give_a_revised_value_beside_with_the_assessment_that_changed_it(
        self, of: AssessmentWorld
    ) -> None:
        unit = of.unit(office_code="LYG-GYX", admin_code="320723")
        other = of.unit(office_code="LYG-GYX", admin_code="320723")
        of.assess(unit, Grade.MET)
        cut = datetime(2027, 4, 5, 1, tzinfo=UTC)
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=date(2027, 4, 5), known_at=cut)
        late = of.assess(other, Grade.NOT_MET, on=date(2026, 12, 20), closed_at=datetime(2027, 5, 2, tzinfo=UTC))
        known = datetime(2027, 5, 3, tzinfo=UTC)
        done = bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=date(2027, 5, 3), known_at=known)
        assert done["revised"] == 3
        past = past_values(of.session, COMPLIANCE_RATE, user=CITY, scope=WHOLE)
        assert past[0].frozen.text == "100.00 %（暂定，1家未评）"
        assert past[0].revised is not None
        assert past[0].revised.text == "50.00 %"
        found = changes(
            of.session, stored(of.session, 2026, ValueStage.FROZEN), stored(of.session, 2026, ValueStage.REVISED)
        )
        assert [
            (d.detail.unit_no, d.before and d.before.first, d.after and d.after.first) for d in found.differences
        ] == [(other.unit_no, None, Grade.NOT_MET)]
        assert [(cause.label, cause.assessment) for cause in found.causes] == [("评估办结", late.public_id)]

    def test_a_frozen_year_without_late_data_has_nothing_beside(self, of: AssessmentWorld) -> None:
        some_year(of)
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=date(2027, 4, 5))
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=date(2027, 4, 6))
        past = past_values(of.session, COMPLIANCE_RATE, user=CITY, scope=WHOLE)
        assert [item.revised for item in past if item.frozen.period.start.year == 2026] == [None]

    def test_the_number_of_statements_does_not_grow(
        self, of: AssessmentWorld, count_statements: Callable[[], Any]
    ) -> None:
        some_year(of)
        with count_statements() as few:
            readings(of)
        some_year(of)
        with count_statements() as many:
            readings(of)
        assert len(few) == len(many)


def county(*offices: str) -> Viewer:
    return replace(CITY, role=Role.COUNTY, is_city_wide=False, offices=frozenset(offices))


class TestInSight:
    def test_a_county_sees_its_own_office_alone(self, of: AssessmentWorld) -> None:
        some_year(of)
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=AS_OF)
        found = running_values(of.session, COMPLIANCE_RATE, user=county("LYG-GYX"), as_of=AS_OF, kind=PeriodKind.YEAR)
        assert [(r.scope, counts(r)) for r in found] == [(GYX, (1, 2))]
        spot = on_the_spot(of.session, COMPLIANCE_RATE, as_of=AS_OF, user=county("LYG-GYX"))
        assert [(r.scope, counts(r), r.parts) for r in spot.readings] == [(GYX, (1, 2), found[0].parts)]

    def test_two_offices_together(self, of: AssessmentWorld) -> None:
        some_year(of)
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=AS_OF)
        user = county("LYG-GYX", "LYG-XW")
        both = headline(of.session, COMPLIANCE_RATE, user=user, as_of=AS_OF, kind=PeriodKind.YEAR)
        assert both is not None
        assert (counts(both), both.coverage.excluded) == ((1, 3), 1)
        assert both.total.strict(Headline.AFTER) == "66.67"

    def test_ended_years_are_for_who_sees_whole_offices(self, of: AssessmentWorld) -> None:
        some_year(of)
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=AS_OF)
        assert kept_years(of.session, COMPLIANCE_RATE, user=CITY) == [2025]


class TestShowing:
    def test_both_rates_in_one_answer(self, of: AssessmentWorld) -> None:
        some_year(of)
        shown = show_all(of.session, as_of=AS_OF, user=CITY)
        assert [found["indicator"] for found in shown["indicators"]] == ["overdue-disposal-rate", INDICATOR]
        rate = shown["indicators"][1]["city"]
        assert (rate["numerator"], rate["denominator"], rate["measure"]) == ("1", "3", "家")
        assert rate["parts"]["rates"]["total"]["after"] == {"compliance": "66.67", "qualified": "90.00"}
        assert rate["parts"]["rates"]["operator"]["first"] == {"compliance": "0.00", "qualified": "0.00"}
        assert (rate["state"], rate["unreported_units"]) == ("provisional", 1)

    def test_one_rate_of_one_office(self, of: AssessmentWorld) -> None:
        some_year(of)
        shown = show(of.session, COMPLIANCE_RATE, as_of=AS_OF, user=CITY, scope="LYG-GYX")
        assert [(row["scope"], row["period"]) for row in shown["values"]] == [("LYG-GYX", "2026年")]

    def test_a_value_opens_down_to_its_units(self, of: AssessmentWorld) -> None:
        some_year(of)
        for ref in (show(of.session, COMPLIANCE_RATE, as_of=AS_OF, user=CITY)["city"]["id"], self.stored_ref(of)):
            rows = explain_json(of.session, ref, user=CITY)["rows"]
            assert Counter(row["coverage"] for row in rows) == {"covered": 3, "missing": 1, "excluded": 1}
            assert Counter(row["after"] for row in rows) == {"met": 2, "basic": 1, None: 2}
            assert all(row["assessment_no"] for row in rows if row["first"])

    def stored_ref(self, of: AssessmentWorld) -> str:
        bring_up_to_date(of.session, COMPLIANCE_RATE, as_of=AS_OF)
        return str(stored(of.session, 2026, ValueStage.LIVE).public_id)


LEVELS = st.sampled_from(list(Level))
GRADES = st.sampled_from(list(Grade))
DAYS = st.sampled_from([date(2026, month, day) for month in (3, 6, 9) for day in (1, 15)])
UNIT = st.lists(st.tuples(LEVELS, GRADES, DAYS, st.none() | st.tuples(LEVELS, GRADES, DAYS)), max_size=3)


def twin(rows: list[Assessment]) -> tuple[Grade | None, Grade | None]:
    """Judge one unit anew from its raw assessments: first verdict, and the one after rectification."""
    ranks = {Level.COUNTY: 1, Level.CITY: 2, Level.PROVINCE: 3}
    counting = [row for row in rows if row.level in ranks and row.grade is not None]
    firsts = [row for row in counting if row.recheck_of_id is None]
    if not firsts:
        return None, None
    best = max(firsts, key=lambda row: (ranks[row.level], row.assessed_on, row.closed_at, row.id))
    again = [
        row
        for row in counting
        if row.recheck_of_id is not None
        and ranks[row.level] >= ranks[best.level]
        and row.assessed_on >= best.assessed_on
    ]
    last = max(again, key=lambda row: (ranks[row.level], row.assessed_on, row.closed_at, row.id), default=best)
    return best.grade, last.grade


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(st.lists(UNIT, min_size=1, max_size=4))
def test_any_year_agrees_with_a_judgement_from_raw_rows(session: Session, units: list[Any]) -> None:
    with session.begin_nested() as trial:
        of = AssessmentWorld(session)
        offices = ("LYG-GYX", "LYG-XW")
        expected: Counter[tuple[str, str, Grade]] = Counter()
        for number, history in enumerate(units):
            unit = of.unit(office_code=offices[number % 2], status=UnitStatus.OPERATING)
            made = []
            for level, grade, on, recheck in history:
                first = of.assess(unit, grade, level=level, on=on)
                made.append(first)
                if recheck is not None:
                    made.append(of.assess(unit, recheck[1], level=recheck[0], on=recheck[2], recheck_of=first))
            first_grade, after_grade = twin(made)
            if first_grade is not None and after_grade is not None:
                expected["LYG-GYX" if number % 2 == 0 else "LYG-XW", "first", first_grade] += 1
                expected["LYG-GYX" if number % 2 == 0 else "LYG-XW", "after", after_grade] += 1
        found = readings(of)
        for scope, office in ((GYX, "LYG-GYX"), (XW, "LYG-XW")):
            for which in Headline:
                tally = found[scope].total.tally(which)
                assert tally._asdict() == {grade.value: expected[office, which.value, grade] for grade in Grade}
        assert found[WHOLE].coverage.to_assess == len(units)
        trial.rollback()
