"""What the rule pack `indicator-targets` says: targets, closing days, when a unit has to have reported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk.db.types import ratio
from hwrisk.errors import NotFound
from hwrisk.indicators.models import PeriodKind
from hwrisk.indicators.periods import next_start, whole_period
from hwrisk.reporting.values import rounded_ratio
from hwrisk.rulepacks.queries import PackHistory
from hwrisk.rulepacks.records import CaseRunner
from hwrisk.units.models import ManagementClass

PACK_ID = "indicator-targets"
WHOLE = Fraction(1)


class Target(NamedTuple):
    """The target of one indicator (目标值); `trust` is the mark of the pack."""

    percent: str
    comparison: str
    law_subject: str
    trust: str
    note: str

    @property
    def share(self) -> Fraction:
        """The target as a share of 1."""
        return Fraction(self.percent) / 100

    def is_met(self, share: Fraction) -> bool:
        """Tell whether an exact share reaches the target.

        Raises:
            ValueError: the pack names a comparison that is not known.
        """
        if self.comparison == ">=":
            return share >= self.share
        if self.comparison == "<=":
            return share <= self.share
        raise ValueError(f"指标目标的比较方式“{self.comparison}”不认识，应为 >= 或 <=")


class ReportingRule(NamedTuple):
    """One cycle in which units of a class report (申报周期), and when the report is due."""

    management_class: ManagementClass
    cycle: PeriodKind
    due_month_offset: int
    due_day: int
    effective_from: date

    def due_on(self, period_start: date) -> date:
        """Return the last day on which the report on the period beginning on `period_start` is in time."""
        after = next_start(self.cycle, period_start)
        months = after.year * 12 + after.month - 1 + self.due_month_offset - 1
        return date(months // 12, months % 12 + 1, self.due_day)


class Targets(NamedTuple):
    """The pack as this room uses it."""

    version: str
    targets: Mapping[str, Target]
    reporting: tuple[ReportingRule, ...]
    freeze_days: Mapping[str, int]
    collectors_count: bool

    def frozen_on(self, kind: PeriodKind, start: date) -> date:
        """Return the day on which the period closes (结账日): its last day plus the days the pack gives."""
        return whole_period(kind, start).last_day + timedelta(days=self.freeze_days[kind.value])


def load_targets(session: Session, *, on: date, known_at: datetime | None = None) -> Targets:
    """Return targets, closing days and reporting cycles in force on the day `on`.

    By the versions activated at `known_at` (None: now); before the first activation, by the first there is.

    Raises:
        NotFound: no version of the pack was ever activated.
    """
    try:
        pack = PackHistory(session, PACK_ID, known_at=known_at).on(on)
    except NotFound:
        pack = PackHistory(session, PACK_ID).on(on)
    return read_targets(pack.parameters, version=f"{pack.pack_id} {pack.version}")


def read_targets(parameters: Mapping[str, Any], *, version: str = "") -> Targets:
    """Return the parameters of the pack as this room uses them."""
    settings = {row["key"]: row["values"] for row in parameters["setting"]}
    return Targets(
        version=version,
        targets={
            row["indicator"]: Target(
                row["percent"], row["comparison"], row["law_subject"], row["trust"], row.get("note", "")
            )
            for row in parameters["target"]
        },
        reporting=tuple(
            ReportingRule(
                ManagementClass(row["management_class"]),
                PeriodKind(row["cycle"]),
                row["due_month_offset"],
                row["due_day"],
                date.fromisoformat(row["effective_from"]),
            )
            for row in parameters["reporting"]
        ),
        freeze_days=settings["freeze_days"],
        collectors_count=settings["receipts_by_collectors_counted"]["counted"],
    )


def shown_percent(numerator: Decimal, denominator: Decimal, target: Fraction) -> str | None:
    """Return the rate as per cent with two decimals (`89.53`), or None where the denominator is zero.

    Rounded half up; what lies below the target, or below the whole, never prints as it but is rounded down.
    """
    return shown_share(ratio(numerator, denominator), target)


def shown_share(share: Fraction | None, target: Fraction) -> str | None:
    """Return an exact share as per cent with two decimals, rounded as `shown_percent` says; None stays None."""
    if share is None:
        return None
    shown = rounded_ratio(share, target)
    if share < WHOLE <= Fraction(shown):
        shown = rounded_ratio(share, WHOLE)
    return f"{shown * 100:.2f}"


def run_case(parameters: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    """Work out one test case of the pack: a target, a due day or a closing day.

    Raises:
        ValueError: the case asks something else, or names what the pack does not have.
    """
    targets, question = read_targets(parameters), case["question"]
    if question == "target":
        target = targets.targets[case["indicator"]]
        numerator, denominator = Decimal(case["numerator"]), Decimal(case["denominator"])
        share = ratio(numerator, denominator)
        return {
            "met": share is not None and target.is_met(share),
            "shown": shown_percent(numerator, denominator, target.share),
        }
    start = date.fromisoformat(case["period_start"])
    kind = PeriodKind(case["cycle"])
    if question == "reporting_due":
        for rule in targets.reporting:
            if (rule.management_class, rule.cycle) == (case["management_class"], kind):
                return {"due_on": rule.due_on(start)}
        raise ValueError("规则包没有该管理类别和周期的申报期限")
    if question == "frozen_on":
        return {"frozen_on": targets.frozen_on(kind, start)}
    raise ValueError(f"不认识的试算问题“{question}”，应为 target、reporting_due 或 frozen_on")


CASES = CaseRunner(PACK_ID, run_case)
