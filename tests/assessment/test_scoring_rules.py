"""Scoring: exact, computed, veto last; the published examples."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwrisk.assessment.models import Grade, Level, Rating, Subject
from hwrisk.assessment.rules import compliance_rate, group_points, judge, missing_items, qualified_rate
from hwrisk.assessment.scheme import Scheme
from hwrisk.errors import RuleViolation
from hwrisk.reporting.values import rounded_ratio

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "rules"
SCHEME = Scheme(tomllib.loads((SEEDS / "assessment-scheme.toml").read_text(encoding="utf-8")))
WORSE = [Grade.NOT_MET, Grade.BASIC, Grade.MET]
RATINGS = [Rating.NOT_MET, Rating.BASIC, Rating.MET]
NUMBERS = {subject: [item.no for item in SCHEME.items(subject)] for subject in Subject}
ITEMS = {subject: [item for item in SCHEME.items(subject) if not item.is_veto] for subject in Subject}


def sheets(subject: Subject = Subject.GENERATOR) -> st.SearchStrategy[dict[str, Rating]]:
    return st.fixed_dictionaries({no: st.sampled_from(list(Rating)) for no in NUMBERS[subject]}).filter(
        lambda sheet: any(rating is not Rating.NOT_APPLICABLE for rating in sheet.values())
    )


@pytest.mark.parametrize(
    ("met", "basic", "not_met", "percent"),
    [(36, 6, 1, "93.49"), (65, 29, 4, "87.04"), (25, 2, 1, "94.29"), (6, 2, 0, "92.50")],
)
def test_the_published_examples(met, basic, not_met, percent):
    rate = qualified_rate(met=met, basic=basic, assessed=met + basic + not_met, weight=SCHEME.qualified_weight)
    assert f"{rounded_ratio(rate) * 100:.2f}" == percent


def test_no_rate_where_nobody_was_assessed():
    assert compliance_rate(met=0, assessed=0) is None
    assert qualified_rate(met=0, basic=0, assessed=0, weight=Fraction(7, 10)) is None
    assert compliance_rate(met=9, assessed=10) == Fraction(9, 10)


class TestScheme:
    def test_every_duty_is_there_also_without_an_item(self):
        groups = {group.label: [item.no for item in group.items] for group in SCHEME.groups(Subject.GENERATOR)}
        assert list(groups) == [
            "责任制度", "标识", "管理计划", "排污许可", "台账和申报", "分类", "转移", "应急预案", "贮存",
            "利用处置", "培训",
        ]  # fmt: skip
        assert groups["转移"] == ["P10", "P11", "P12", "P13", "P14", "P15"]
        assert groups["培训"] == ["Z01"]
        assert sum(map(len, groups.values())) == len(NUMBERS[Subject.GENERATOR]) == 24

    def test_the_operators_sheet(self):
        assert NUMBERS[Subject.OPERATOR] == [f"O{number:02d}" for number in range(1, 12)]

    def test_it_is_unofficial_and_says_so(self):
        assert (SCHEME.is_official, SCHEME.label) == (False, "非官方、待核")

    def test_levels_have_their_order(self):
        assert [level.rank for level in Level] == [0, 1, 2, 3]


class TestJudge:
    def test_the_limits_belong_to_the_better_grade(self):
        subject, sheet = Subject.GENERATOR, dict.fromkeys(NUMBERS[Subject.GENERATOR], Rating.MET)
        losing = [item.no for item in ITEMS[subject]]
        grades = []
        for count in (4, 5, 8, 9):
            lost = sheet | dict.fromkeys(losing[:count], Rating.NOT_MET)
            grades.append(judge(SCHEME, subject, lost).grade)
        assert grades == [Grade.MET, Grade.BASIC, Grade.BASIC, Grade.NOT_MET]

    def test_a_veto_item_that_does_not_apply_vetoes_nothing(self):
        sheet = dict.fromkeys(NUMBERS[Subject.GENERATOR], Rating.MET) | {"P23": Rating.NOT_APPLICABLE}
        assert judge(SCHEME, Subject.GENERATOR, sheet).vetoes == ()

    def test_basic_on_a_veto_item_vetoes_nothing(self):
        sheet = dict.fromkeys(NUMBERS[Subject.GENERATOR], Rating.MET) | {"P10": Rating.BASIC}
        assert judge(SCHEME, Subject.GENERATOR, sheet).grade is Grade.MET

    def test_accidents_may_take_the_score_below_zero(self):
        sheet = dict.fromkeys(NUMBERS[Subject.OPERATOR], Rating.BASIC)
        verdict = judge(SCHEME, Subject.OPERATOR, sheet, accidents=2)
        assert (verdict.score, verdict.full, verdict.deducted, verdict.grade) == (-9, 22, 20, Grade.NOT_MET)

    def test_nothing_applies(self):
        sheet = dict.fromkeys(NUMBERS[Subject.OPERATOR], Rating.NOT_APPLICABLE)
        with pytest.raises(RuleViolation, match="没有一项适用，不能评级"):
            judge(SCHEME, Subject.OPERATOR, sheet)

    def test_what_is_missing_is_named_in_the_order_of_the_sheet(self):
        sheet = dict.fromkeys(NUMBERS[Subject.GENERATOR], Rating.MET)
        for no in ("P10", "P02", "P05"):
            del sheet[no]
        assert missing_items(SCHEME, Subject.GENERATOR, sheet) == ["P02", "P10"]

    def test_points_of_a_duty(self):
        sheet = {"P03": Rating.BASIC, "P04": Rating.NOT_APPLICABLE}
        assert group_points(SCHEME, ["P03", "P04"], sheet) == (1, 2)

    @given(sheets(), st.sampled_from(NUMBERS[Subject.GENERATOR]), st.integers(0, 2))
    def test_more_points_are_never_a_worse_grade(self, sheet, no, accidents):
        before = sheet[no]
        if before in {Rating.MET, Rating.NOT_APPLICABLE}:
            return
        better = sheet | {no: RATINGS[RATINGS.index(before) + 1]}
        first, second = (judge(SCHEME, Subject.GENERATOR, s, accidents=accidents) for s in (sheet, better))
        assert WORSE.index(second.grade) >= WORSE.index(first.grade)
        assert second.score > first.score

    @given(sheets())
    def test_what_does_not_apply_is_as_if_it_were_not_on_the_sheet(self, sheet):
        applicable = {no: rating for no, rating in sheet.items() if rating is not Rating.NOT_APPLICABLE}
        assert judge(SCHEME, Subject.GENERATOR, sheet) == judge(SCHEME, Subject.GENERATOR, applicable)

    @given(sheets(), st.sampled_from(["P10", "P23"]))
    def test_a_veto_has_the_last_word(self, sheet, no):
        verdict = judge(SCHEME, Subject.GENERATOR, sheet | {no: Rating.NOT_MET})
        assert verdict.grade is Grade.NOT_MET
        assert no in verdict.vetoes

    @given(sheets(), st.integers(0, 5))
    def test_the_grade_is_the_band_of_the_exact_ratio_unless_vetoed(self, sheet, accidents):
        verdict = judge(SCHEME, Subject.GENERATOR, sheet, accidents=accidents)
        points = sum({Rating.MET: 2, Rating.BASIC: 1}.get(rating, 0) for rating in sheet.values()) - 10 * accidents
        full = 2 * sum(rating is not Rating.NOT_APPLICABLE for rating in sheet.values())
        assert (verdict.score, verdict.full) == (points, full)
        if not verdict.vetoes:
            by_hand = Grade.MET if 6 * points >= 5 * full else Grade.BASIC if 3 * points >= 2 * full else Grade.NOT_MET
            assert verdict.grade is by_hand
