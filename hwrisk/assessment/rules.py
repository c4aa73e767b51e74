"""Rules of scoring: points, bands, veto and accidents; exact fractions, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from hwrisk.assessment.models import Grade, Rating, Subject
from hwrisk.assessment.scheme import PACK_ID, Scheme
from hwrisk.errors import RuleViolation
from hwrisk.reporting.values import rounded_ratio
from hwrisk.rulepacks.records import CaseRunner

ACCIDENT = "事故"
"""Stands among the vetoes for a major accident."""


class Verdict(NamedTuple):
    """What the ratings of a sheet come to."""

    score: Fraction
    """Points of the applicable items less the deductions for accidents; may be below zero."""
    full: Fraction
    """Full marks of the applicable items."""
    deducted: Fraction
    grade: Grade
    vetoes: tuple[str, ...]
    """Items that decided against everything else, and 事故."""

    @property
    def ratio(self) -> Fraction:
        """Score over full marks."""
        return self.score / self.full


def judge(
    scheme: Scheme,
    subject: Subject,
    ratings: Mapping[str, Rating],
    *,
    accidents: int = 0,
    has_major_accident: bool = False,
) -> Verdict:
    """Return score and grade of a sheet; what is not rated or does not apply is taken out of the full marks.

    Accidents are deducted before the ratio is taken; the veto has the last word.

    Raises:
        RuleViolation: no item applies.

    Source: bands, points and deductions are settings of the rule pack, second-hand (待核).
    """
    rated = {item.no: ratings[item.no] for item in scheme.items(subject) if item.no in ratings}
    applicable = {no: rating for no, rating in rated.items() if rating is not Rating.NOT_APPLICABLE}
    full = scheme.full_points * len(applicable)
    if not full:
        raise RuleViolation("没有一项适用，不能评级；确实不具备评估条件的，请在“应评单位”页登记")
    deducted = scheme.deduction * accidents
    score = sum((scheme.points[rating] for rating in applicable.values()), Fraction(0)) - deducted
    vetoes = tuple(
        item.no for item in scheme.items(subject) if item.is_veto and applicable.get(item.no) is Rating.NOT_MET
    )
    if has_major_accident and scheme.major_fails:
        vetoes = (*vetoes, ACCIDENT)
    return Verdict(score, full, deducted, Grade.NOT_MET if vetoes else band(scheme, score / full), vetoes)


def band(scheme: Scheme, ratio: Fraction) -> Grade:
    """Return the grade that a ratio of points comes to; the limits themselves belong to the better grade."""
    if ratio >= scheme.met_at:
        return Grade.MET
    return Grade.BASIC if ratio >= scheme.basic_at else Grade.NOT_MET


def missing_items(scheme: Scheme, subject: Subject, ratings: Mapping[str, Rating]) -> list[str]:
    """Return the numbers of the compulsory items (必查项) that are not rated, in the order of the sheet."""
    return [item.no for item in scheme.items(subject) if item.is_compulsory and item.no not in ratings]


def group_points(scheme: Scheme, numbers: Iterable[str], ratings: Mapping[str, Rating]) -> tuple[Fraction, Fraction]:
    """Return points and full marks of some items, as far as they are rated and apply."""
    found = [ratings[no] for no in numbers if no in ratings and ratings[no] is not Rating.NOT_APPLICABLE]
    return sum((scheme.points[rating] for rating in found), Fraction(0)), scheme.full_points * len(found)


def compliance_rate(*, met: int, assessed: int) -> Fraction | None:
    """Return the share of units that are met (达标率, strict), or None where none was assessed."""
    return None if assessed == 0 else Fraction(met, assessed)


def qualified_rate(*, met: int, basic: int, assessed: int, weight: Fraction) -> Fraction | None:
    """Return the share with 基本达标 weighted (合格率), or None where none was assessed.

    Source: derived from two published results of the 13th plan; the weight is a setting (待核).
    """
    return None if assessed == 0 else (met + weight * basic) / assessed


def marks_text(value: Fraction) -> str:
    """Return points as they are shown and stored: 48, 97/2."""
    return str(value)


def run_case(parameters: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    """Work out one test case of the pack: the grade of a sheet, or a rate."""
    scheme = Scheme(parameters)
    if case["question"] == "qualified":
        assessed = case["met"] + case["basic"] + case["not_met"]
        rate = qualified_rate(met=case["met"], basic=case["basic"], assessed=assessed, weight=scheme.qualified_weight)
        return {"percent": None if rate is None else f"{rounded_ratio(rate) * 100:.2f}"}
    subject = Subject(case["subject"])
    ratings = {item.no: Rating(case["others"]) for item in scheme.items(subject)}
    unknown = set(case["ratings"]) - set(ratings)
    if unknown:
        raise ValueError(f"方案没有项目 {'、'.join(sorted(unknown))}")
    ratings |= {no: Rating(value) for no, value in case["ratings"].items()}
    verdict = judge(scheme, subject, ratings, accidents=case["accidents"], has_major_accident=case["major_accident"])
    return {
        "score": marks_text(verdict.score),
        "full": marks_text(verdict.full),
        "grade": verdict.grade,
        "vetoes": list(verdict.vetoes),
    }


CASES = CaseRunner(PACK_ID, run_case)
