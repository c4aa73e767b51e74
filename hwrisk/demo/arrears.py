"""Stock that was kept too long in the invented city (存量): how much under each office, and what of it has gone.

Nothing of it is given to a name from a public source; the units that have it are invented for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

KILO = Decimal("0.001")


@dataclass(frozen=True, kw_only=True)
class Arrears:
    """Stock kept too long, and how much of it has gone by now."""

    tonnes: Decimal
    done: Decimal
    is_closed: bool
    """A closed site of 两灌; the stock was left there (关停遗留)."""


class OfficeArrears(NamedTuple):
    """What lies under an office at scale 1."""

    office: str
    units: int
    tonnes: int
    rate: float
    """Disposal rate of the year it is to come to, the special cases with it."""
    special_tonnes: float
    """What the special cases under the office have, and next how much of that was disposed of in the year."""
    special_done: float
    closed_share: float = 0.0


OFFICES: tuple[OfficeArrears, ...] = (
    OfficeArrears("LYG-XW", 7, 900, 0.8764, 133.7, 26.4),
    OfficeArrears("LYG-GNX", 14, 1100, 0.7217, 96.4, 71.4, closed_share=0.6),
    OfficeArrears("LYG-GYX", 15, 1250, 0.6683, 160.0, 0.0, closed_share=0.6),
    OfficeArrears("LYG-GYQ", 7, 300, 0.8912, 26.9, 18.5),
    OfficeArrears("LYG-HZ", 3, 110, 0.9338, 35.4, 26.4),
    OfficeArrears("LYG-LY", 4, 170, 0.9075, 6.5, 0.0),
    OfficeArrears("LYG-DH", 4, 140, 0.9462, 20.0, 19.2),
    OfficeArrears("LYG-KFQ", 3, 420, 0.74, 148.0, 0.0),
    OfficeArrears("LYG-GXQ", 2, 120, 0.85, 21.7, 0.0),
    OfficeArrears("LYG-YTS", 1, 60, 0.79, 16.0, 0.0),
)


def offices_in_arrears(scale: float) -> Iterator[tuple[str, list[Arrears]]]:
    """Yield each office with the arrears of its units; below scale 1 the units are fewer and the tonnes the same."""
    for office in OFFICES:
        count = max(1, round(office.units * scale))
        tonnes = office.tonnes * max(1.0, scale)
        wanted = office.rate * (office.special_tonnes + tonnes) - office.special_done
        left = max(0.0, tonnes - wanted)
        yield office.office, list(_units(count, tonnes, left, office.closed_share))


def _units(count: int, tonnes: float, left: float, closed_share: float) -> Iterator[Arrears]:
    # The first have more than the last; two in five have something left, the largest among them.
    weights = [1 / (2 + place % 7) for place in range(count)]
    amounts = [tonnes * weight / sum(weights) for weight in weights]
    holding = math.ceil(count * 0.4)
    held = sum(amounts[:holding])
    for place, amount in enumerate(amounts):
        rest = amount * left / held if place < holding else 0.0
        whole = Decimal(amount).quantize(KILO)
        yield Arrears(
            tonnes=whole,
            done=max(Decimal(0), whole - Decimal(rest).quantize(KILO)),
            is_closed=place % 5 < closed_share * 5,
        )
