"""The two rates and the coverage as pure numbers: published examples, states, rounding, and a twin that counts anew."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwrisk.assessment.models import Grade, Headline, Level, Reason, Subject
from hwrisk.assessment.verdicts import ToAssess, UnitVerdict
from hwrisk.indicators.compliance.computing import (
    ComplianceValue,
    YearScheme,
    empty_value,
    merged,
    values_of,
)
from hwrisk.indicators.compliance.reading import ComplianceReading
from hwrisk.indicators.compliance.rules import Coverage, Tally, value_state
from hwrisk.indicators.models import PeriodKind, ScopeKind, ValueStage, ValueState
from hwrisk.indicators.periods import whole_period
from hwrisk.indicators.readings import combined
from hwrisk.indicators.scopes import Places, ScopeKey
from hwrisk.indicators.targets import shown_share

WEIGHT = Fraction(7, 10)
TARGET = Fraction(9, 10)
YEAR = whole_period(PeriodKind.YEAR, date(2026, 1, 1))
CITY = ScopeKey(ScopeKind.CITY, "C")
OFFICES, DISTRICTS = ("O1", "O2", ""), ("D1", "D2", "")
WHERE = Places(
    city=CITY,
    offices=tuple(ScopeKey(ScopeKind.OFFICE, code) for code in OFFICES if code),
    districts=tuple(ScopeKey(ScopeKind.ADMIN, code) for code in DISTRICTS if code),
    district_of={"D1": "D1", "D2": "D2", "T1": "D1"},
    names={},
)


class TestPublishedExamples:
    @pytest.mark.parametrize(
        ("units", "met", "basic", "not_met", "qualified"),
        [(43, 36, 6, 1, "93.49"), (98, 65, 29, 4, "87.04"), (28, 25, 2, 1, "94.29"), (8, 6, 2, 0, "92.50")],
    )
    def test_the_weighted_rate(self, units: int, met: int, basic: int, not_met: int, qualified: str) -> None:
        tally = Tally(met, basic, not_met)
        assert tally.assessed == units
        assert shown_share(tally.weighted(WEIGHT), TARGET) == qualified

    def test_the_strict_rate_counts_only_who_meets(self) -> None:
        assert Tally(65, 29, 4).strict == Fraction(65, 98)
        assert shown_share(Tally(65, 29, 4).strict, TARGET) == "66.33"

    def test_a_weight_of_one_and_of_nothing(self) -> None:
        assert Tally(6, 2, 0).weighted(Fraction(1)) == 1
        assert Tally(6, 2, 0).weighted(Fraction(0)) == Tally(6, 2, 0).strict

    def test_an_odd_weight_stays_exact(self) -> None:
        assert Tally(1, 1, 1).weighted(Fraction(1, 3)) == Fraction(4, 9)

    def test_nobody_assessed_has_no_rate(self) -> None:
        assert Tally().strict is None
        assert Tally().weighted(WEIGHT) is None


class TestDisplay:
    def test_a_figure_below_the_target_never_prints_as_the_target(self) -> None:
        assert shown_share(Fraction(8_999_999, 10_000_000), TARGET) == "89.99"
        assert shown_share(Fraction(9, 10), TARGET) == "90.00"

    def test_a_coverage_below_the_whole_never_prints_as_the_whole(self) -> None:
        assert shown_share(Coverage(100_000, 99_999, 0).share, Fraction(1)) == "99.99"

    @given(st.integers(1, 10**6), st.integers(0, 10**6))
    def test_whatever_the_numbers(self, assessed: int, met: int) -> None:
        share = Fraction(min(met, assessed), assessed)
        shown = shown_share(share, TARGET)
        assert shown is not None
        assert (Fraction(shown) >= 90) == (share >= TARGET)
        assert abs(Fraction(shown) - share * 100) < Fraction(1, 100)


class TestState:
    @pytest.mark.parametrize(
        ("assessed", "missing", "state"),
        [
            (5, 0, ValueState.VALUE),
            (5, 1, ValueState.PROVISIONAL),
            (0, 1, ValueState.NOT_REPORTED),
            (0, 0, ValueState.NOT_APPLICABLE),
        ],
    )
    def test_what_kind_of_answer(self, assessed: int, missing: int, state: ValueState) -> None:
        assert value_state(assessed=assessed, missing=missing) is state


def verdict(unit_id: int, first: Grade, after: Grade | None = None, **changes: Any) -> UnitVerdict:
    given: dict[str, Any] = {
        "unit_id": unit_id, "subject": Subject.GENERATOR, "office_code": "O1", "admin_code": "D1",
        "assessment_id": 1000 + unit_id, "first": first, "after_id": None if after is None else 2000 + unit_id,
        "after": after or first, "level": Level.COUNTY, "counted_on": date(2026, 5, 10),
    }  # fmt: skip
    return UnitVerdict(**given | changes)


def due(unit_id: int, **changes: Any) -> ToAssess:
    given: dict[str, Any] = {
        "unit_id": unit_id, "subject": Subject.GENERATOR, "office_code": "O1", "admin_code": "D1",
        "reasons": (Reason.KEY,), "is_covered": False, "excluded_reason": "",
    }  # fmt: skip
    return ToAssess(**given | changes)


def values(
    verdicts: list[UnitVerdict], to_assess: list[ToAssess], headline: Headline = Headline.AFTER
) -> dict[ScopeKey, ComplianceValue]:
    scheme = YearScheme(headline, WEIGHT)
    found = values_of(YEAR, merged(verdicts, to_assess), WHERE, scheme, whole_city=True)
    return {value.scope: value for value in found}


def reading(value: ComplianceValue) -> ComplianceReading:
    return ComplianceReading(
        scope=value.scope, scope_name=value.scope.code, period=value.period, stage=ValueStage.LIVE, state=value.state,
        numerator=value.numerator, denominator=value.denominator, unreported_units=value.unreported_units,
        parts=value.parts, target_percent="90", pack_version="", as_of=YEAR.last_day,
        known_at=None, public_id=None,  # type: ignore[arg-type] # no instant is asked of it here
    )  # fmt: skip


class TestValue:
    def test_first_and_after_are_both_kept_and_the_scheme_names_the_headline(self) -> None:
        given = [verdict(1, Grade.NOT_MET, Grade.MET), verdict(2, Grade.MET)]
        after, first = values(given, [])[CITY], values(given, [], Headline.FIRST)[CITY]
        assert (after.numerator, after.denominator) == (2, 2)
        assert (first.numerator, first.denominator) == (1, 2)
        counts = after.parts["subjects"]["generator"]
        assert counts["first"] == {"met": 1, "basic": 0, "not_met": 1}
        assert counts["after"] == {"met": 2, "basic": 0, "not_met": 0}

    def test_generators_and_operators_are_summed_never_averaged(self) -> None:
        operators = [verdict(n, Grade.MET, subject=Subject.OPERATOR) for n in range(1, 3)]
        generators = [verdict(10 + n, Grade.MET if n < 4 else Grade.NOT_MET) for n in range(8)]
        shown = reading(values([*operators, *generators], [])[CITY])
        assert [part.strict(Headline.AFTER) for part in shown.parts_in_order] == ["50.00", "100.00", "60.00"]

    def test_below_full_coverage_it_is_provisional_and_names_who_is_missing(self) -> None:
        value = values([verdict(1, Grade.MET)], [due(1, is_covered=True), due(2)])[CITY]
        assert (value.state, value.unreported_units) == (ValueState.PROVISIONAL, 1)
        assert [row.unit_id for row in value.rows if row.is_missing] == [2]
        assert reading(value).text == "100.00 %（暂定，1家未评）"
        assert reading(value).mark == "warn"

    def test_who_cannot_be_assessed_leaves_the_coverage_with_a_reason(self) -> None:
        value = values([verdict(1, Grade.MET)], [due(1, is_covered=True), due(2, excluded_reason="停产")])[CITY]
        assert value.coverage == Coverage(1, 1, 1)
        assert value.state is ValueState.VALUE

    def test_a_unit_that_need_not_be_assessed_counts_in_the_rate_alone(self) -> None:
        value = values([verdict(1, Grade.BASIC)], [])[CITY]
        assert (value.denominator, value.coverage, value.parts["extra"]) == (1, Coverage(), 1)

    def test_nobody_assessed_yet(self) -> None:
        value = values([], [due(1)])[CITY]
        assert reading(value).text == "尚未评估（应评1家）"
        assert reading(value).percent is None

    def test_a_scope_without_units_does_not_apply(self) -> None:
        assert values([verdict(1, Grade.MET)], [])[ScopeKey(ScopeKind.OFFICE, "O2")].state is ValueState.NOT_APPLICABLE
        assert empty_value(CITY, YEAR).state is ValueState.NOT_APPLICABLE

    def test_a_unit_stands_where_it_was_on_the_day_of_its_assessment(self) -> None:
        found = values([verdict(1, Grade.MET, office_code="O2")], [due(1, is_covered=True, office_code="O1")])
        assert found[ScopeKey(ScopeKind.OFFICE, "O1")].state is ValueState.NOT_APPLICABLE
        assert found[ScopeKey(ScopeKind.OFFICE, "O2")].coverage == Coverage(1, 1, 0)

    def test_a_town_belongs_to_its_district(self) -> None:
        found = values([verdict(1, Grade.MET, admin_code="T1")], [])
        assert found[ScopeKey(ScopeKind.ADMIN, "D1")].denominator == 1

    def test_the_same_units_have_the_same_digest_and_any_change_another(self) -> None:
        base = values([verdict(1, Grade.MET)], [])[CITY]
        assert base.digest == values([verdict(1, Grade.MET)], [])[CITY].digest
        others = [
            values([verdict(1, Grade.BASIC)], [])[CITY],
            values([verdict(1, Grade.MET, level=Level.CITY)], [])[CITY],
            values([verdict(1, Grade.MET)], [due(2)])[CITY],
            values([verdict(1, Grade.MET)], [], Headline.FIRST)[CITY],
        ]
        assert len({base.digest, *(other.digest for other in others)}) == 5

    def test_several_offices_together_are_added(self) -> None:
        found = values([verdict(1, Grade.MET), verdict(2, Grade.BASIC, office_code="O2")], [due(3, office_code="O2")])
        both = combined([reading(found[ScopeKey(ScopeKind.OFFICE, code)]) for code in ("O1", "O2")])
        assert (both.numerator, both.denominator, both.state) == (1, 2, ValueState.PROVISIONAL)
        assert both.total.after == Tally(1, 1, 0)
        assert both.qualified_percent == "85.00"


GRADES = st.sampled_from(list(Grade))
PLACED = st.tuples(st.sampled_from(list(Subject)), st.sampled_from(OFFICES), st.sampled_from(("D1", "T1", "")))


@st.composite
def years(draw: st.DrawFn) -> tuple[list[UnitVerdict], list[ToAssess]]:
    """Units of a year: assessed or not, due or not, excluded or not, in any office, moved since or not."""
    verdicts, to_assess = [], []
    for unit_id in range(1, draw(st.integers(1, 12))):
        is_assessed, is_due = draw(st.booleans()), draw(st.booleans())
        subject, office, district = draw(PLACED)
        place = {"subject": subject, "office_code": office or None, "admin_code": district or None}
        if is_assessed:
            verdicts.append(verdict(unit_id, draw(GRADES), draw(st.none() | GRADES), **place))
        if is_due:
            reason = "" if is_assessed else draw(st.sampled_from(("", "停产")))
            to_assess.append(due(unit_id, is_covered=is_assessed, excluded_reason=reason, **place))
    return verdicts, to_assess


def twin(verdicts: list[UnitVerdict], to_assess: list[ToAssess], kind: ScopeKind, code: str) -> dict[str, Any]:
    """Count one scope anew, unit by unit, from what the assessment says."""

    def inside(unit: UnitVerdict | ToAssess) -> bool:
        if kind is ScopeKind.CITY:
            return True
        if kind is ScopeKind.OFFICE:
            return (unit.office_code or "") == code
        return {"D1": "D1", "T1": "D1", None: ""}[unit.admin_code] == code

    counted: Counter[tuple[str, str, str]] = Counter()
    for unit in filter(inside, verdicts):
        counted[unit.subject.value, "first", unit.first.value] += 1
        counted[unit.subject.value, "after", unit.after.value] += 1
    asked = [unit for unit in to_assess if inside(unit) and not unit.excluded_reason]
    return {
        "counted": +counted,
        "to_assess": len(asked),
        "covered": sum(unit.is_covered for unit in asked),
        "excluded": sum(bool(unit.excluded_reason) for unit in filter(inside, to_assess)),
    }


@given(years(), st.sampled_from(list(Headline)))
def test_every_scope_agrees_with_a_count_from_scratch(
    year: tuple[list[UnitVerdict], list[ToAssess]], headline: Headline
) -> None:
    verdicts, to_assess = year
    found = values(verdicts, to_assess, headline)
    for scope, value in found.items():
        expected = twin(verdicts, to_assess, scope.kind, scope.code)
        shown = reading(value)
        counted = Counter(
            {
                (subject.value, which.value, grade): count
                for subject in Subject
                for which in Headline
                for grade, count in shown.part(subject).tally(which)._asdict().items()
            }
        )
        assert +counted == expected["counted"]
        assert shown.coverage == Coverage(expected["to_assess"], expected["covered"], expected["excluded"])
        total = shown.total.tally(headline)
        assert (shown.numerator, shown.denominator) == (total.met, total.assessed)
        weighted = total.weighted(WEIGHT)
        assert weighted == (
            None if not total.assessed else (Fraction(total.met) + total.basic * WEIGHT) / Fraction(total.assessed)
        )


@given(years())
def test_offices_and_districts_each_add_up_to_the_city(year: tuple[list[UnitVerdict], list[ToAssess]]) -> None:
    found = values(*year)
    city = reading(found[CITY])
    for kind in (ScopeKind.OFFICE, ScopeKind.ADMIN):
        together = combined([reading(value) for scope, value in found.items() if scope.kind is kind])
        assert (together.numerator, together.denominator) == (city.numerator, city.denominator)
        assert (together.total, together.coverage) == (city.total, city.coverage)
        assert together.state is city.state
