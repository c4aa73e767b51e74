"""The plan of the invented city: which units there are at a scale, each with its own chances, before any is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from hwrisk.demo.arrears import Arrears, offices_in_arrears
from hwrisk.demo.branches import AREAS, BRANCHES, SHORT, Branch, Route, Size
from hwrisk.demo.names import numeral
from hwrisk.units.models import ManagementClass, UnitRole, UnitStatus

T = TypeVar("T")
SEED = 20211231
SMALLEST, LARGEST = 0.01, 50
"""Scales of a city; above the largest the numbers of invented units and manifests would no longer suffice."""
KEY_TONNES, SIMPLIFIED_TONNES = 100, 10
"""Source: HJ 1259—2022 4.2."""
FIRST_DAY = date(2021, 1, 1)
# Two steps that spread evenly, so that a small city has the same mixture as a large one.
GOLDEN, SILVER = 0.6180339887, 0.7548776662
SILENT_SHARE, SUSPENDED_SHARE, MOVED_SHARE, NEW_SHARE, CORRECTED_SHARE = 0.02, 0.015, 0.01, 0.05, 0.04
PARKS = {"LYG-XW": "LYG-P-SHJD", "LYG-GNX": "LYG-P-GNHG", "LYG-GYX": "LYG-P-GYLG", "LYG-GYQ": "LYG-P-ZWLG"}
DISTRICTS = {
    "LYG-GNX": "320724", "LYG-GYX": "320723", "LYG-GYQ": "320707", "LYG-HZ": "320706", "LYG-LY": "320703",
    "LYG-DH": "320722",
}  # fmt: skip
"""Administrative division of an office where a source states it."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """An invented unit before it is registered."""

    number: int
    """From 1, in the order of the plan."""
    name: str
    branch: Branch
    tonnes: float
    """Hazardous waste of a year."""
    office: str
    started_on: date
    stops_on: date | None = None
    """Day production stopped (停产)."""
    is_silent: bool = False
    """Has not confirmed its ledger (未报)."""
    moves: bool = False
    """Came under another office during the year (管辖调整)."""
    is_corrected: bool = False
    """Had records corrected: one cancelled, one adjusted."""
    arrears: Arrears | None = None

    @property
    def in_park(self) -> str | None:
        """Code of the chemical park it lies in, or None."""
        return PARKS.get(self.office) if self.branch.area == "park" else None

    @property
    def management_class(self) -> ManagementClass:
        """Class by the yearly quantity and own treatment."""
        treats = any(stream.route is Route.OWN for stream in self.branch.streams)
        if self.branch.role is not UnitRole.MEDICAL and (treats or self.tonnes >= KEY_TONNES):
            return ManagementClass.KEY
        if self.tonnes >= KEY_TONNES:
            return ManagementClass.KEY
        return ManagementClass.SIMPLIFIED if self.tonnes >= SIMPLIFIED_TONNES else ManagementClass.REGISTERED

    @property
    def status(self) -> UnitStatus:
        """Status it is registered with."""
        closed = self.arrears is not None and self.arrears.is_closed
        return UnitStatus.CLOSED_UNCLEARED if closed else UnitStatus.OPERATING

    def random(self, what: str = "") -> Random:
        """Return its own sequence of chances for one purpose."""
        return Random(f"{SEED}/{self.number}/{self.branch.suffix}/{what}")  # noqa: S311 - made-up data


def sites(scale: float, as_of: date) -> Iterator[Site]:
    """Yield the ordinary units of the city at `scale`, the same every time."""
    number = 0
    for branch in BRANCHES:
        for place in range(_count(branch.count, scale)):
            number += 1
            yield _site(branch, number, place, as_of)
    yield from _in_arrears(scale, number)


def _in_arrears(scale: float, number: int) -> Iterator[Site]:
    branch = BRANCHES[0]
    for office, arrears in offices_in_arrears(scale):
        for place, one in enumerate(arrears):
            number += 1
            random = Random(f"{SEED}/{office}/{place}")  # noqa: S311 - made-up data, the same every time
            yield Site(
                number=number,
                name=f"{SHORT[office]}演示存量{numeral(place + 1)}{branch.suffix}{'（关停）' if one.is_closed else ''}",
                branch=branch,
                tonnes=random.uniform(30, 160),
                office=office,
                started_on=date(random.randint(2003, 2014), random.randint(1, 12), 1),
                arrears=one,
            )


def _count(count: int, scale: float) -> int:
    return max(1, round(count * scale))


def _site(branch: Branch, number: int, place: int, as_of: date) -> Site:
    # Half a step in, so that a branch with one unit is not at the edge of its shares.
    size = _pick([(size, size.share) for size in branch.sizes], (0.5 + place * GOLDEN) % 1)
    office = _pick([(code, float(weight)) for code, weight in AREAS[branch.area]], (0.5 + place * SILVER) % 1)
    random = Random(f"{SEED}/{branch.suffix}/{place}")  # noqa: S311 - made-up data, the same every time
    fate = random.random()
    return Site(
        number=number,
        name=f"{SHORT[office]}演示{numeral(place + 1)}{branch.suffix}",
        branch=branch,
        tonnes=_tonnes(size, random),
        office=office,
        started_on=_started_on(random, as_of),
        stops_on=as_of - timedelta(days=random.randint(60, 300)) if fate < SUSPENDED_SHARE else None,
        is_silent=SUSPENDED_SHARE <= fate < SUSPENDED_SHARE + SILENT_SHARE,
        moves=fate >= 1 - MOVED_SHARE,
        is_corrected=0.5 <= fate < 0.5 + CORRECTED_SHARE,
    )


def _tonnes(size: Size, random: Random) -> float:
    # More small ones than large ones within each size.
    return max(0.02, size.low + (size.high - size.low) * float(random.random() ** 1.4))


def _started_on(random: Random, as_of: date) -> date:
    year = as_of.year - 1 if random.random() < NEW_SHARE else random.randint(2004, 2020)
    return date(year, random.randint(1, 12), 1)


def _pick(choices: list[tuple[T, float]], at: float) -> T:
    total = sum(share for _, share in choices)
    for choice, share in choices:
        at -= share / total
        if at < 0:
            return choice
    return choices[-1][0]
