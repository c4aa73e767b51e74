"""规范化管理考核达标率, the compliance rate: what the two rates and the coverage are of counted units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from hwrisk.assessment.models import Grade
from hwrisk.indicators.models import ValueState


class Tally(NamedTuple):
    """How many units have which verdict."""

    met: int = 0
    basic: int = 0
    not_met: int = 0

    @classmethod
    def of(cls, grades: Iterable[Grade | None]) -> Tally:
        """Return the tally of verdicts; None, a unit that nobody assessed, is not counted."""
        found = Counter(grades)
        return cls(found[Grade.MET], found[Grade.BASIC], found[Grade.NOT_MET])

    @property
    def assessed(self) -> int:
        """All units with a verdict."""
        return self.met + self.basic + self.not_met

    @property
    def strict(self) -> Fraction | None:
        """达标率: units that meet, of all assessed; None where none was assessed."""
        return Fraction(self.met, self.assessed) if self.assessed else None

    def weighted(self, weight: Fraction) -> Fraction | None:
        """合格率: as `strict`, a unit that basically meets counting as `weight` of one; exact."""
        return (self.met + weight * self.basic) / self.assessed if self.assessed else None

    def plus(self, other: Tally) -> Tally:
        """Return both together, unit by unit."""
        return Tally(self.met + other.met, self.basic + other.basic, self.not_met + other.not_met)


class Coverage(NamedTuple):
    """How many of the units that must be assessed were."""

    to_assess: int = 0
    """Units that must be and can be assessed."""
    covered: int = 0
    excluded: int = 0
    """Units that could not be assessed (不具备评估条件), with a reason: they have left the coverage."""

    @property
    def missing(self) -> int:
        """Units still to be assessed."""
        return self.to_assess - self.covered

    @property
    def share(self) -> Fraction | None:
        """覆盖率; None where nobody has to be assessed."""
        return Fraction(self.covered, self.to_assess) if self.to_assess else None

    def plus(self, other: Coverage) -> Coverage:
        """Return both together, unit by unit."""
        return Coverage(self.to_assess + other.to_assess, self.covered + other.covered, self.excluded + other.excluded)


def value_state(*, assessed: int, missing: int) -> ValueState:
    """Return what kind of answer a value is.

    A rate stands as soon as one unit was assessed, but is provisional (暂定) while a unit that must be assessed is not.
    """
    if assessed:
        return ValueState.PROVISIONAL if missing else ValueState.VALUE
    return ValueState.NOT_REPORTED if missing else ValueState.NOT_APPLICABLE
