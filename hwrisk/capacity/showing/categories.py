"""Need, capacity, gap and surplus of each category, as computed for the whole city."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from hwrisk.capacity.models import CapacityRun
from hwrisk.db.types import from_units


class CategoryRow(NamedTuple):
    """One category of a run; tonnes. What is given by two bounds is one figure where they are equal."""

    category: str
    generated: Decimal
    own: Decimal
    demand: Decimal
    """What needs a licensed line."""
    unlicensed: Decimal
    """Of this, what no line of the city is licensed for."""
    treated: Decimal
    """Of this, what one of the best arrangements takes; their sum is the same in all of them."""
    licensed: Decimal
    """Capacity of the lines that may take the category; lines are shared, so it is never added up."""
    is_shared: bool
    gap_low: Decimal
    gap_high: Decimal
    spare_low: Decimal
    spare_high: Decimal


def category_rows(run: CapacityRun) -> list[CategoryRow]:
    """Return the categories of a run in their order."""
    return [
        CategoryRow(
            category=row["category"],
            is_shared=row["is_shared"],
            **{name: from_units(row[name]) for name in CategoryRow._fields if name not in {"category", "is_shared"}},
        )
        for row in run.result["categories"]
    ]
