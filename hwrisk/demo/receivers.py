"""Who takes the waste in the invented city: facilities named in public sources, and invented ones beside them.

A name from a public source is a public fact; the ledger under it is invented and says so, and nothing unfavourable is
invented of it: no overdue stock, no failure, no correction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from hwrisk.db.seeds import seed_rows
from hwrisk.demo.branches import Route, Stream
from hwrisk.demo.flow import Journal
from hwrisk.demo.loads import Receiver
from hwrisk.demo.names import numeral
from hwrisk.demo.plan import DISTRICTS, SEED
from hwrisk.ledger.models import EntryKind, ReceiverKind
from hwrisk.units.models import UnitRole

INVENTED = "（演示台账）"
"""Behind every name from a public source."""
COLLECTORS = frozenset({Route.OIL, Route.SMALL})
ASH = Stream("772-003-18", "焚烧飞灰", 1.0, Route.BURY)
ASH_SHARE = Decimal("0.09")
"""Tonnes of ash and slag that one burnt tonne leaves."""
METHOD_OF = {Route.BURN: "D10", Route.BURY: "D1", Route.TREAT: "D9", Route.REUSE: "R4", Route.MEDICAL: "Y11"}


@dataclass(frozen=True, kw_only=True)
class Facility:
    """A receiver, and how it is registered."""

    receiver: Receiver
    role: UnitRole
    office: str | None
    admin: str | None
    route: Route
    is_public: bool
    source: str = ""

    @property
    def stage(self) -> int:
        """Who sends on comes before who takes that: collectors, then operators that leave ash, then landfills."""
        return 0 if self.route in COLLECTORS else 2 if self.route is Route.BURY else 1

    def random(self) -> Random:
        """Return its own sequence of chances."""
        return Random(f"{SEED}/{self.receiver.name}")  # noqa: S311 - made-up data, the same every time


PUBLIC_ROUTES = (
    ("DF-001", Route.BURN), ("DF-002", Route.BURN), ("DF-004", Route.BURN), ("DF-005", Route.BURN),
    ("DF-006", Route.BURY), ("DF-007", Route.BURY), ("DF-008", Route.BURN), ("DF-009", Route.BURN),
)  # fmt: skip
UNSTATED_CAPACITY = 15_000.0
"""For sharing out loads where no source gives the capacity."""


class Invented(NamedTuple):
    """A receiver that nobody is."""

    suffix: str
    office: str
    route: Route
    capacity: float
    """Tonnes a year."""


INVENTED_FACILITIES = (
    Invented("医疗废物处置有限公司", "LYG-HZ", Route.MEDICAL, 5840),
    Invented("物化处理有限公司", "LYG-GNX", Route.TREAT, 12_000),
    Invented("金属资源化有限公司", "LYG-GYQ", Route.REUSE, 20_000),
    Invented("废矿物油收集有限公司", "LYG-DH", Route.OIL, 3000),
    Invented("废油收集有限公司", "LYG-KFQ", Route.OIL, 3000),
    Invented("集中收集试点有限公司", "LYG-KFQ", Route.SMALL, 5000),
    Invented("小微收集试点有限公司", "LYG-GYQ", Route.SMALL, 5000),
)
FURTHER = (
    Invented("焚烧处置有限公司", "LYG-GYX", Route.BURN, 90_000),
    Invented("安全填埋有限公司", "LYG-XW", Route.BURY, 20_000),
)
"""What a larger city has more of, beside the above."""
ROLES = {Route.OIL: UnitRole.COLLECTOR, Route.SMALL: UnitRole.PILOT_COLLECTOR}


def facilities(scale: float) -> list[Facility]:
    """Return who takes waste in a city of `scale`; a larger one has more invented ones, never more public ones."""
    rows = {row["ref"]: row for row in seed_rows("units/public_facilities.csv")}
    found = [_public(rows[ref], route) for ref, route in PUBLIC_ROUTES]
    for turn in range(max(1, round(scale))):
        kinds = (*INVENTED_FACILITIES, *(FURTHER if turn else ()))
        found += [_invented(turn, one, len(found) + place) for place, one in enumerate(kinds, start=1)]
    return found


def _public(row: dict[str, str], route: Route) -> Facility:
    name = row["name_as_published"] + INVENTED
    capacity = float(row["capacity"] or UNSTATED_CAPACITY)
    return Facility(
        receiver=Receiver(name=name, licence_no=f"演示证-{row['ref']}", routes=frozenset({route}), capacity=capacity),
        role=UnitRole.OPERATOR,
        office=row["office_code"] or None,
        admin=row["admin_code"] or None,
        route=route,
        is_public=True,
        source=f"名称、处置方式取自公开资料（{row['ref']}）；许可证编号、台账为演示数据（虚构）",
    )


def _invented(turn: int, one: Invented, number: int) -> Facility:
    name = f"连云港演示{numeral(turn + 1)}{one.suffix}"
    kind = ReceiverKind.COLLECTION if one.route in COLLECTORS else ReceiverKind.TREATMENT
    # The units of the special cases have the numbers below.
    licence_no = f"演示证-{1000 + number}"
    return Facility(
        receiver=Receiver(
            name=name, licence_no=licence_no, routes=frozenset({one.route}), capacity=one.capacity, kind=kind
        ),
        role=ROLES.get(one.route, UnitRole.OPERATOR),
        office=one.office,
        admin=DISTRICTS.get(one.office),
        route=one.route,
        is_public=False,
        source="演示数据（虚构）",
    )


def receiving(facility: Facility, journal: Journal) -> None:
    """Write the ledger of a receiver into its journal: what arrived, month by month, and what became of it."""
    arrived = journal.traffic.arrived.get(facility.receiver.name, {})
    ends = journal.place.ends
    for (code, name), months in sorted(arrived.items()):
        stream = Stream(code, name, 1.0, *_onward(facility.route, code))
        for day, tonnes in _entries(months, ends):
            number = journal.numbers.next("HWRK", day)
            journal.add(
                EntryKind.STORED_IN, day, stream, tonnes, entry_no=number, facility_id=journal.place.facilities[0],
                remark="按月汇总登记（演示）",
            )  # fmt: skip
            leaves = day + timedelta(days=journal.random.randint(4, 25))
            if leaves > ends:
                continue
            journal.remove(number, stream, tonnes, leaves)
            if facility.route is Route.BURN and leaves + timedelta(days=2) <= ends:
                _leave_ash(journal, tonnes, leaves + timedelta(days=1))


def _onward(route: Route, code: str) -> tuple[Route, str]:
    """Return where a receiver's own stock goes, and by which method."""
    if route is Route.OIL:
        return Route.REUSE, "R9"
    if route is Route.SMALL:
        return Route.BURN, "D10"
    return Route.OWN, "R9" if route is Route.REUSE and code.endswith("-08") else METHOD_OF[route]


def _entries(months: dict[date, Decimal], ends: date) -> Iterator[tuple[date, Decimal]]:
    """Yield entries into store: the sum of a month on its last day, small sums together with those after them."""
    least = sum(months.values(), Decimal(0)) / 24
    pending = Decimal(0)
    last = max(months)
    for month in sorted(months):
        pending += months[month]
        if pending >= least or month == last:
            following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
            yield min(following - timedelta(days=1), ends), pending
            pending = Decimal(0)


def _leave_ash(journal: Journal, burnt: Decimal, day: date) -> None:
    tonnes = (burnt * ASH_SHARE).quantize(Decimal("0.001"))
    if tonnes > 0:
        journal.enter_and_send(ASH, tonnes, day)


def by_stage(found: Sequence[Facility]) -> list[Facility]:
    """Return receivers so that whoever sends on comes before whoever takes it."""
    return sorted(found, key=lambda facility: facility.stage)
