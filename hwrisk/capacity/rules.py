"""Rules of the balance: which methods suit, what a licence is worth in a year, what is treated in the city."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hwrisk.db.types import TONNE_UNITS, ratio
from hwrisk.permits.rules import category_of, valid_months
from hwrisk.rulepacks.records import CaseRunner
from hwrisk.web.formats import rate_number

PACK_ID = "capacity"


def suits(method: str, waste_code: str, methods: Mapping[str, Any]) -> bool:
    """Tell whether a method may be used for a waste: as the pack lists for its category, else any.

    What is licensed decides; the pack only takes out what cannot be meant (飞灰 in an incinerator).
    """
    listed = methods.get(category_of(waste_code))
    return listed is None or method in listed


def capacity_units(quantity: Decimal, months: int) -> int:
    """Return a licensed yearly quantity for so many months, in whole 0.1 kg, rounded down."""
    return int(quantity * TONNE_UNITS) * months // 12


def scaled_units(units: int, percent: int) -> int:
    """Return a quantity changed by `percent`, in whole 0.1 kg, rounded half up."""
    return (units * (100 + percent) * 2 + 100) // 200


def local_rate(own: Decimal, city: Decimal, entrusted: Decimal) -> Fraction | None:
    """Return the share treated in the city: (own + entrusted within the city) ÷ (own + entrusted), or None of nothing.

    Source: derived from the public notice of 无锡 2023 (57.7 %), which gives no formula (推算).
    """
    return ratio(own + city, own + entrusted)


def last_counted_day(year: int, as_of: date) -> date:
    """Return the last day of the year that counts: 31 December, or `as_of` in a year that is not over."""
    return min(date(year, 12, 31), as_of)


def _run(parameters: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Work out a test case of the pack: a local rate, or the months of a licence."""
    if "own" in given:
        share = local_rate(*(Decimal(given[name]) for name in ("own", "city", "entrusted")))
        return {"local_rate": "" if share is None else rate_number(share)}
    months = valid_months(
        date.fromisoformat(given["valid_from"]),
        date.fromisoformat(given["valid_until"]),
        int(given["year"]),
        month_day=int(parameters["month_day"]),
        until=date(int(given["year"]), 12, 31),
    )
    return {"months": months}


CASES = (CaseRunner(PACK_ID, _run),)
