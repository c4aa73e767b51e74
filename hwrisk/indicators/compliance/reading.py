"""A value of the compliance rate, ready to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

from hwrisk.assessment.models import Headline, Subject
from hwrisk.indicators.compliance.computing import INDICATOR, TITLE, weight_of
from hwrisk.indicators.compliance.rules import Coverage, Tally, value_state
from hwrisk.indicators.models import ValueState
from hwrisk.indicators.readings import Reading
from hwrisk.indicators.targets import WHOLE, shown_share

TOTAL_LABEL = "合计"


class Part(NamedTuple):
    """The counts of one subject, or of both together, in one value."""

    label: str
    """产废单位, 经营单位 or 合计."""
    first: Tally
    after: Tally
    coverage: Coverage
    weight: Fraction
    target: Fraction

    def tally(self, which: Headline) -> Tally:
        """Return the verdicts, 首次 or 整改后."""
        return self.first if which is Headline.FIRST else self.after

    def strict(self, which: Headline) -> str | None:
        """达标率 as per cent with two decimals, or None where nobody was assessed."""
        return shown_share(self.tally(which).strict, self.target)

    def weighted(self, which: Headline) -> str | None:
        """合格率 as per cent with two decimals, or None where nobody was assessed."""
        return shown_share(self.tally(which).weighted(self.weight), self.target)

    @property
    def covered(self) -> str | None:
        """覆盖率 as per cent with two decimals, never 100 while a unit is missing; None where nobody has to be."""
        return shown_share(self.coverage.share, WHOLE)


@dataclass(frozen=True, kw_only=True)
class ComplianceReading(Reading):
    """One value of the compliance rate; numerator and denominator are numbers of units (家)."""

    indicator: ClassVar[str] = INDICATOR
    title: ClassVar[str] = TITLE
    short: ClassVar[str] = "考核达标率"
    of_what: ClassVar[str] = "达标 / 已评（家）"
    measure: ClassVar[str] = "家"
    ref_name: ClassVar[str] = INDICATOR

    @property
    def headline(self) -> Headline:
        """Which verdict heads the rate, as the scheme of the year says."""
        return Headline(self.parts.get("headline", Headline.FIRST.value))

    @property
    def weight(self) -> Fraction:
        """Weight of 基本达标 in the 合格率 (待核), exact."""
        return weight_of(self.parts)

    @property
    def weight_text(self) -> str:
        """The weight as people write it: 0.7."""
        return f"{float(self.weight):g}"

    @property
    def total(self) -> Part:
        """产废 and 经营 together: units are added, rates never averaged."""
        generators, operators = (self.part(subject) for subject in Subject)
        return Part(
            TOTAL_LABEL,
            generators.first.plus(operators.first),
            generators.after.plus(operators.after),
            generators.coverage.plus(operators.coverage),
            self.weight,
            self.target,
        )

    @property
    def parts_in_order(self) -> tuple[Part, ...]:
        """产废单位, 经营单位, 合计."""
        return (*(self.part(subject) for subject in Subject), self.total)

    @property
    def coverage(self) -> Coverage:
        """How far the scope is assessed."""
        return self.total.coverage

    @property
    def qualified_percent(self) -> str | None:
        """合格率 by the verdict that heads the rate."""
        return self.total.weighted(self.headline)

    @property
    def is_provisional(self) -> bool:
        """Whether units are still to be assessed (暂定)."""
        return self.state is ValueState.PROVISIONAL

    @property
    def text(self) -> str:
        """The value in words: 93.49 %, 93.49 %（暂定，3家未评）, 尚未评估（应评12家）, 不适用."""
        if self.state is ValueState.NOT_REPORTED:
            return f"尚未评估（应评{self.unreported_units}家）"
        if self.percent is None:
            return self.state.label
        return (
            f"{self.percent} %（暂定，{self.unreported_units}家未评）" if self.is_provisional else f"{self.percent} %"
        )

    @property
    def mark(self) -> str:
        """How the state is drawn: bad, warn, good or note."""
        return "warn" if self.state is ValueState.NOT_REPORTED else super().mark

    @property
    def missing(self) -> str:
        """How many units are still to be assessed, in words."""
        return f"暂定，{self.unreported_units} 家未评" if self.unreported_units else ""

    @staticmethod
    def quantity(quantity: Decimal) -> str:
        """Return a number of units as text."""
        return str(int(quantity))

    @staticmethod
    def quantity_shown(quantity: Decimal) -> str:
        """Return a number of units as people read it."""
        return f"{int(quantity):,}"

    @property
    def parts_shown(self) -> dict[str, Any]:
        """The counts, and the rates that follow from them as text."""
        rates = {
            name: {
                **{
                    which.value: {"compliance": part.strict(which), "qualified": part.weighted(which)}
                    for which in Headline
                },
                "coverage": part.covered,
            }
            for name, part in zip((*(s.value for s in Subject), "total"), self.parts_in_order, strict=True)
        }
        return {**self.parts, "rates": rates}

    def part(self, subject: Subject) -> Part:
        """Return the counts of one subject."""
        counts: Mapping[str, Any] = self.parts.get("subjects", {}).get(subject.value, {})
        return Part(
            subject.label,
            Tally(**counts.get("first", {})),
            Tally(**counts.get("after", {})),
            Coverage(*(counts.get(name, 0) for name in Coverage._fields)),
            self.weight,
            self.target,
        )

    @classmethod
    def sum_parts(cls, readings: Sequence[ComplianceReading]) -> dict[str, Any]:
        """Return the numbers of units of several scopes added up."""
        return {
            **readings[0].parts,
            "subjects": {subject.value: _added([r.part(subject) for r in readings]) for subject in Subject},
            "extra": sum(reading.parts.get("extra", 0) for reading in readings),
        }

    @classmethod
    def sum_state(
        cls,
        readings: Sequence[ComplianceReading],  # noqa: ARG003 - the numbers say enough
        denominator: Decimal,
        unreported: int,
    ) -> ValueState:
        """Return what kind of answer several scopes together are."""
        return value_state(assessed=int(denominator), missing=unreported)


def _added(parts: Sequence[Part]) -> dict[str, Any]:
    first, after, coverage = Tally(), Tally(), Coverage()
    for part in parts:
        first, after, coverage = first.plus(part.first), after.plus(part.after), coverage.plus(part.coverage)
    return {"first": first._asdict(), "after": after._asdict(), **coverage._asdict()}
