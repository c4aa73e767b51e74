"""Who takes the waste of the invented city, the manifests it travels with, and what arrives where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from hwrisk.demo.branches import Route
from hwrisk.ledger.models import ReceiverKind

OUT_OF_TOWN = "演示外市利用处置单位"
LOCAL_SHARE = {Route.REUSE: 0.35}
"""Part of the units that have a receiver in the city, where that is not every one."""


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """Who takes waste, as those see it who send it."""

    name: str
    licence_no: str
    routes: frozenset[Route]
    capacity: float
    """Tonnes a year; shares out the senders."""
    kind: ReceiverKind = ReceiverKind.TREATMENT


@dataclass
class Traffic:
    """Loads under way in the whole city: numbers of manifests, and what arrived at whom."""

    receivers: Sequence[Receiver]
    arrived: dict[str, dict[tuple[str, str], dict[date, Decimal]]] = field(default_factory=dict)
    """By receiver, then by waste code and name, then by the first day of the month."""
    _numbers: dict[int, int] = field(default_factory=dict)

    def receiver(self, route: Route, random: Random) -> Receiver:
        """Return whom a unit has its contract with; somebody out of town for what the city has nobody for."""
        offered = [one for one in self.receivers if route in one.routes]
        if not offered or random.random() >= LOCAL_SHARE.get(route, 1.0):
            return Receiver(
                name=f"{OUT_OF_TOWN}{random.choice('甲乙丙丁')}",
                licence_no="演示证-外市",
                routes=frozenset({route}),
                capacity=0,
            )
        return random.choices(offered, [one.capacity for one in offered])[0]

    def manifest(self, day: date) -> str:
        """Return the number of a new manifest stub: 14 digits, and no region's, for there is no region 0000."""
        self._numbers[day.year] = self._numbers.get(day.year, 0) + 1
        return f"{day.year}0000{self._numbers[day.year]:06d}"

    def arrive(self, receiver: Receiver, code: str, name: str, tonnes: Decimal, day: date) -> None:
        """Note that waste arrived, for the receiver's own ledger."""
        months = self.arrived.setdefault(receiver.name, {}).setdefault((code, name), {})
        month = day.replace(day=1)
        months[month] = months.get(month, Decimal(0)) + tonnes
