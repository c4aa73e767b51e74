"""Arithmetic of the ledger: stock by day, which never falls below zero; what a receipt completes; who decides."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from hwrisk.db.types import ZERO
from hwrisk.errors import RuleViolation
from hwrisk.imports.cells import format_tonnes
from hwrisk.rulepacks.records import CaseRunner

Place = tuple[Hashable, Hashable]
"""A batch and the facility it lies in."""
CORRECTIONS = "corrections"
GENERATED_NOT_STORED = "generated-not-stored"


class Lowest(NamedTuple):
    """The lowest stock from a day on, and the first day it is reached."""

    stock: Decimal
    on: date


class StockBook:
    """Stock of batches in facilities on every day, as the sum of what was posted.

    Invariant: after every accepted posting the stock of each place is ≥ 0 at the end of every day.
    """

    def __init__(self, deltas: Iterable[tuple[Place, date, Decimal]] = ()) -> None:
        self._days: dict[Place, list[date]] = {}
        self._deltas: dict[Place, list[Decimal]] = {}
        self._facilities: dict[Hashable, dict[Hashable, None]] = {}
        for place, day, delta in deltas:
            self._insert(place, day, delta)

    def on(self, place: Place, day: date) -> Decimal:
        """Return the stock at the end of `day`."""
        upto = bisect_right(self._days.get(place, []), day)
        return sum(self._deltas.get(place, [])[:upto], ZERO)

    def available(self, place: Place, day: date) -> Decimal:
        """Return how much can leave on `day` without making the stock of that or a later day negative."""
        return self.lowest(place, day).stock

    def facilities(self, batch: Hashable) -> list[Hashable]:
        """Return the facilities in which `batch` ever was, in the order it came there."""
        return list(self._facilities.get(batch, {}))

    def post(self, place: Place, day: date, delta: Decimal) -> None:
        """Add `delta` on `day`.

        Raises:
            RuleViolation: the stock of that day, or of a later one, would become negative; nothing is added.
        """
        if delta < 0:
            lowest = self.lowest(place, day)
            if lowest.stock + delta < 0:
                raise RuleViolation(self._why(place, day, -delta, lowest), field="quantity")
        self._insert(place, day, delta)

    def lowest(self, place: Place, day: date) -> Lowest:
        """Return the lowest stock at the end of `day` or of any later day."""
        days, deltas = self._days.get(place, []), self._deltas.get(place, [])
        index = bisect_right(days, day)
        running = sum(deltas[:index], ZERO)
        lowest = Lowest(running, day)
        while index < len(days):
            same = index
            while same < len(days) and days[same] == days[index]:
                running += deltas[same]
                same += 1
            if running < lowest.stock:
                lowest = Lowest(running, days[index])
            index = same
        return lowest

    def _why(self, place: Place, day: date, wanted: Decimal, lowest: Lowest) -> str:
        there, asked, on = self.on(place, day), format_tonnes(wanted), f"{day:%Y-%m-%d}"
        if wanted > there:
            return f"数量 {asked} 吨大于该批次 {on} 的在库量 {format_tonnes(there)} 吨，请核对数量或批次"
        below, may = format_tonnes(lowest.stock - wanted), format_tonnes(lowest.stock)
        return (
            f"补记 {on} 出库 {asked} 吨后，{lowest.on:%Y-%m-%d} 的库存将为负（{below} 吨），最多可补记 {may} 吨；"
            "请核对后来的出库记录"
        )

    def _insert(self, place: Place, day: date, delta: Decimal) -> None:
        days = self._days.setdefault(place, [])
        at = bisect_left(days, day)
        days.insert(at, day)
        self._deltas.setdefault(place, []).insert(at, delta)
        self._facilities.setdefault(place[0], {})[place[1]] = None


def receipt_completes(sent: Decimal, received: Decimal, *, explained: bool) -> Decimal:
    """Return how many tonnes of what was sent a receipt completes.

    A difference that is explained completes all that was sent; one that is not, only what surely arrived.
    """
    return sent if explained or received == sent else min(sent, received)


class Decision(NamedTuple):
    """Whether a correction is large, and who decides it: county or city."""

    is_large: bool
    decided_by: str


def correction_decision(
    parameters: Mapping[str, Any], *, original: Decimal, change: Decimal, is_frozen: bool
) -> Decision:
    """Return who decides a correction that changes `original` tonnes by `change` (signed).

    Exactly the limit is not yet large; any change of nothing is. Source: rule pack `corrections`.
    """
    large, decides = parameters["large"], parameters["decides"]
    share = abs(change) * 100 > original * Decimal(large["percent_of_original"])
    is_large = share or abs(change) > Decimal(large["tonnes"])
    if is_frozen:
        return Decision(is_large, decides["frozen_period"])
    return Decision(is_large, decides["large" if is_large else "open_period"])


def cancellation_decision(parameters: Mapping[str, Any], *, quantity: Decimal, is_frozen: bool) -> Decision:
    """Return who decides that a record of `quantity` tonnes is cancelled.

    Cancelling always takes all of a record, so its share says nothing and the tonnes alone decide whether it is large.
    """
    decides = parameters["decides"]
    is_large = quantity > Decimal(parameters["large"]["tonnes"])
    if is_frozen:
        return Decision(is_large, decides["frozen_period"])
    return Decision(is_large, decides["large" if is_large else "open_period"])


def waits_too_long(parameters: Mapping[str, Any], *, generated_on: date, as_of: date) -> bool:
    """Tell whether waste generated on a day and not yet in store is to be warned of on `as_of` (产生未入库预警)."""
    return as_of > last_day_to_store(parameters, generated_on)


def last_day_to_store(parameters: Mapping[str, Any], generated_on: date) -> date:
    """Return the last day on which waste generated on a day may be out of store without a warning."""
    return generated_on + timedelta(days=parameters["days"])


def _correction_case(parameters: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    decision = correction_decision(
        parameters,
        original=Decimal(case["original_tonnes"]),
        change=Decimal(case["change_tonnes"]),
        is_frozen=case["frozen"],
    )
    return {"large": decision.is_large, "decided_by": decision.decided_by}


def _waiting_case(parameters: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    generated_on, as_of = date.fromisoformat(case["generated_on"]), date.fromisoformat(case["as_of"])
    return {"warning": waits_too_long(parameters, generated_on=generated_on, as_of=as_of)}


CASES = (CaseRunner(CORRECTIONS, _correction_case), CaseRunner(GENERATED_NOT_STORED, _waiting_case))
