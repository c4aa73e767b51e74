"""Arithmetic of the ledger: stock by day, which never falls below zero."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable
from datetime import date
from decimal import Decimal

from hwrisk.db.types import ZERO
from hwrisk.errors import RuleViolation

Place = tuple[Hashable, Hashable]
"""A batch and the facility it lies in."""


class StockBook:
    """Stock of batches in facilities on every day, as the sum of what was posted.

    Invariant: after every accepted posting the stock of each place is ≥ 0 at the end of every day.
    """

    def __init__(self, deltas: Iterable[tuple[Place, date, Decimal]] = ()) -> None:
        self._days: dict[Place, list[date]] = {}
        self._deltas: dict[Place, list[Decimal]] = {}
        for place, day, delta in deltas:
            self._insert(place, day, delta)

    def on(self, place: Place, day: date) -> Decimal:
        """Return the stock at the end of `day`."""
        upto = bisect_right(self._days.get(place, []), day)
        return sum(self._deltas.get(place, [])[:upto], ZERO)

    def last(self, place: Place) -> Decimal:
        """Return the stock after everything posted."""
        return sum(self._deltas.get(place, []), ZERO)

    def available(self, place: Place, day: date) -> Decimal:
        """Return how much can leave on `day` without making the stock of that or a later day negative."""
        return self._lowest(place, day)[0]

    def post(self, place: Place, day: date, delta: Decimal) -> None:
        """Add `delta` on `day`.

        Raises:
            RuleViolation: the stock of that day, or of a later one, would become negative; nothing is added.
        """
        if delta < 0:
            lowest, at = self._lowest(place, day)
            if lowest + delta < 0:
                raise RuleViolation(self._why(place, day, -delta, lowest, at), field="quantity")
        self._insert(place, day, delta)

    def _why(self, place: Place, day: date, wanted: Decimal, lowest: Decimal, at: date) -> str:
        there = self.on(place, day)
        if wanted > there:
            return f"数量 {wanted} 吨大于该批次 {day:%Y-%m-%d} 的在库量 {there} 吨，请核对数量或批次"
        return (
            f"补记 {day:%Y-%m-%d} 出库 {wanted} 吨后，{at:%Y-%m-%d} 的库存将为负（{lowest - wanted} 吨），"
            f"最多可补记 {lowest} 吨；请核对后来的出库记录"
        )

    def _lowest(self, place: Place, day: date) -> tuple[Decimal, date]:
        days, deltas = self._days.get(place, []), self._deltas.get(place, [])
        start = bisect_right(days, day)
        running = sum(deltas[:start], ZERO)
        lowest, at = running, day
        index = start
        while index < len(days):
            same = index
            while same < len(days) and days[same] == days[index]:
                running += deltas[same]
                same += 1
            if running < lowest:
                lowest, at = running, days[index]
            index = same
        return lowest, at

    def _insert(self, place: Place, day: date, delta: Decimal) -> None:
        days = self._days.setdefault(place, [])
        at = bisect_left(days, day)
        days.insert(at, day)
        self._deltas.setdefault(place, []).insert(at, delta)


def receipt_completes(sent: Decimal, received: Decimal, *, explained: bool) -> Decimal:
    """Return how many tonnes of what was sent a receipt completes.

    A difference that is explained completes all that was sent; one that is not, only what surely arrived.
    """
    return sent if explained or received == sent else min(sent, received)
