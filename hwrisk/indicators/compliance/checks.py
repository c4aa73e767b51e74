"""What must always hold of stored values of the compliance rate, for `hwrisk verify`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.assessment.models import Grade, Headline, Subject
from hwrisk.db.checks import Check
from hwrisk.indicators.compliance.computing import INDICATOR
from hwrisk.indicators.compliance.models import ComplianceRow
from hwrisk.indicators.models import IndicatorValue

SHOWN = 20
COUNTED = ("first", "after")


def rows_make_up_values(session: Session) -> list[str]:
    """Return one sentence for each value whose units do not add up to its numbers, by subject and verdict."""
    counted = _counted(session)
    wrong = []
    for value in session.scalars(
        select(IndicatorValue).where(IndicatorValue.indicator == INDICATOR).order_by(IndicatorValue.id)
    ):
        found = counted.get(value.id, {})
        said = {
            (name, subject, grade): value.parts["subjects"][subject.value][name][grade.value]
            for name in COUNTED for subject in Subject for grade in Grade
        }  # fmt: skip
        headline = Headline(value.parts["headline"]).value
        met = sum(n for (name, _, grade), n in found.items() if name == headline and grade is Grade.MET)
        assessed = sum(n for (name, _, _), n in found.items() if name == headline)
        is_whole = value.numerator == met and value.denominator == assessed
        if not is_whole or {key: n for key, n in said.items() if n} != found:
            wrong.append(
                f"{value.scope_kind.label} {value.scope_code} {value.period_start:%Y} 年度（{value.stage.label}）："
                f"明细 {met} / {assessed} 家，与指标值 {int(value.numerator)} / {int(value.denominator)} 家或其分项不符"
            )
    return wrong[:SHOWN]


def _counted(session: Session) -> dict[int, dict[tuple[str, Subject, Grade], int]]:
    found: dict[int, dict[tuple[str, Subject, Grade], int]] = {}
    for name in COUNTED:
        grade: Any = getattr(ComplianceRow, name)
        rows = session.execute(
            select(ComplianceRow.value_id, ComplianceRow.subject, grade, func.count())
            .where(grade.is_not(None))
            .group_by(ComplianceRow.value_id, ComplianceRow.subject, grade)
        )
        for value_id, subject, verdict, count in rows:
            found.setdefault(value_id, {})[name, subject, verdict] = count
    return found


CHECKS = (Check("indicators.units", "达标率的家数等于其单位明细之和", rows_make_up_values),)
