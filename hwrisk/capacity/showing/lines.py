"""The lines of a run with their load."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from hwrisk.capacity.models import CapacityRun
from hwrisk.capacity.showing.asked import PENDING
from hwrisk.db.types import from_units, ratio


class LineRow(NamedTuple):
    """A line of a run; tonnes."""

    key: str
    licence_no: str
    public_id: str
    holder: str
    name: str
    office_name: str
    methods: str
    annual: Decimal
    months: int
    cap: Decimal
    used: Decimal

    @property
    def load(self) -> Fraction | None:
        """Used ÷ capacity."""
        return ratio(self.used, self.cap)

    @property
    def spare(self) -> Decimal:
        """What is left."""
        return self.cap - self.used


def line_rows(run: CapacityRun) -> list[LineRow]:
    """Return the lines of a run with their load, the fullest first."""
    names = run.inputs["names"]
    rows = [
        LineRow(
            row["key"], row["licence_no"], row["public_id"], row["holder"], row["name"],
            names.get(row["office"], row["office"]) or PENDING, "、".join(row["methods"]),
            from_units(row["annual"]), row["months"], from_units(row["cap"]), from_units(row["used"]),
        )
        for row in run.result["lines"]
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-(row.load or Fraction(0)), row.key))
