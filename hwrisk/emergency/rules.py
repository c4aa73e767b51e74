"""Rules of emergency materials: the state of a lot, what may be given away, and who gives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from hwrisk.catalogue.chemicals.rules import plain_name
from hwrisk.emergency.models import LotState
from hwrisk.emergency.settings import PACK_ID, StockSettings, read_settings
from hwrisk.errors import RuleViolation
from hwrisk.imports.cells import near_names
from hwrisk.rulepacks import CaseRunner

STATE_SIGNS = {
    LotState.OUT: "note",
    LotState.EXPIRED: "bad",
    LotState.UNCONFIRMED: "warn",
    LotState.EXPIRING: "warn",
    LotState.NORMAL: "good",
}
"""How a state is drawn."""
USABLE = frozenset({LotState.NORMAL, LotState.EXPIRING})
"""States whose stock may be given away: there, unexpired and confirmed."""


class GoodLot(NamedTuple):
    """What of one lot could be given away."""

    lot_id: int
    depot_id: int
    expires_on: date | None
    free_milli: int


class Share(NamedTuple):
    """What one lot gives."""

    lot_id: int
    depot_id: int
    amount_milli: int


def lot_state(
    settings: StockSettings,
    *,
    remaining_milli: int,
    expires_on: date | None,
    last_confirmed_on: date | None,
    as_of: date,
) -> LotState:
    """Return the state of a lot on `as_of`; the last good day itself is not yet expired.

    What is not confirmed is never called near its expiry: it would then seem to be there.
    """
    if remaining_milli <= 0:
        return LotState.OUT
    if expires_on is not None and expires_on < as_of:
        return LotState.EXPIRED
    if last_confirmed_on is None or last_confirmed_on < settings.confirmed_since(as_of):
        return LotState.UNCONFIRMED
    if expires_on is not None and expires_on <= settings.expiring_before(as_of):
        return LotState.EXPIRING
    return LotState.NORMAL


def check_days(produced_on: date | None, expires_on: date | None) -> None:
    """Check that a lot does not expire before it was made.

    Raises:
        RuleViolation: it does.
    """
    if produced_on is not None and expires_on is not None and expires_on < produced_on:
        raise RuleViolation(f"有效期至 {expires_on} 早于生产日期 {produced_on}，请核对两个日期", field="expires_on")


def share_out(
    lots: Iterable[GoodLot], *, wanted_milli: int, order: Sequence[int], reserves: Mapping[int, int]
) -> list[Share]:
    """Return which lots give how much towards `wanted_milli`: depots in `order`, in each the earliest expiry first.

    Of every depot its reserve stays. The sum is less than wanted where there is not enough.
    """
    of_depot: dict[int, list[GoodLot]] = {}
    for lot in lots:
        of_depot.setdefault(lot.depot_id, []).append(lot)
    shares: list[Share] = []
    for depot_id in order:
        rows = sorted(of_depot.get(depot_id, ()), key=lambda lot: (lot.expires_on or date.max, lot.lot_id))
        free = max(sum(row.free_milli for row in rows) - reserves.get(depot_id, 0), 0)
        for row in rows:
            given = min(row.free_milli, free, wanted_milli)
            if given > 0:
                shares.append(Share(row.lot_id, depot_id, given))
                free -= given
                wanted_milli -= given
    return shares


def fewest_nearest(free: Mapping[int, int], *, order: Sequence[int], wanted_milli: int) -> list[int]:
    """Return the smallest set of depots that reaches `wanted_milli`, nearest first; all that help where none does.

    `free` is what each depot may give. Among sets of the same size the one is taken whose farthest depot is nearest.
    """
    helping = [depot_id for depot_id in order if free.get(depot_id, 0) > 0]
    least = _count_to_reach(helping, free, wanted_milli)
    if least is None:
        return helping
    # With one more depot to choose from the fewest never grow in number, so the shortest reach is found by halving.
    low, high = least, len(helping)
    while low < high:
        middle = (low + high) // 2
        if _count_to_reach(helping[:middle], free, wanted_milli) == least:
            high = middle
        else:
            low = middle + 1
    nearest = helping[:low]
    chosen = set(_by_amount(nearest, free)[:least])
    return [depot_id for depot_id in nearest if depot_id in chosen]


def share_by_plan(
    lots: Sequence[GoodLot],
    *,
    wanted_milli: int,
    order: Sequence[int],
    reserves: Mapping[int, int],
    first: int | None = None,
) -> list[Share]:
    """Return which lots give how much: the depot asked for, then the fewest near ones that reach the rest.

    It is what the look-up showed before the request: one rule decides for both (`fewest_nearest`).
    """
    free = _free_of_depots(lots, reserves)
    given = min(free.get(first, 0), wanted_milli) if first is not None else 0
    others = [depot_id for depot_id in order if depot_id != first]
    left = wanted_milli - given
    chosen = fewest_nearest(free, order=others, wanted_milli=left) if left else []
    asked = [first] if first is not None else []
    return share_out(lots, wanted_milli=wanted_milli, order=[*asked, *chosen], reserves=reserves)


def _free_of_depots(lots: Sequence[GoodLot], reserves: Mapping[int, int]) -> dict[int, int]:
    total: dict[int, int] = {}
    for lot in lots:
        total[lot.depot_id] = total.get(lot.depot_id, 0) + lot.free_milli
    return {depot_id: max(milli - reserves.get(depot_id, 0), 0) for depot_id, milli in total.items()}


def _by_amount(depots: Sequence[int], free: Mapping[int, int]) -> list[int]:
    return sorted(depots, key=lambda depot_id: -free[depot_id])


def _count_to_reach(depots: Sequence[int], free: Mapping[int, int], wanted_milli: int) -> int | None:
    """Return how few of `depots` reach the amount, or None where all of them do not."""
    total = 0
    for count, depot_id in enumerate(_by_amount(depots, free), start=1):
        total += free[depot_id]
        if total >= wanted_milli:
            return count
    return None


def masked_phone(phone: str) -> str:
    """Return a phone number as it is shown to everybody: the first three and the last two characters."""
    if not phone:
        return "未登记"
    return phone[:3] + "*" * max(len(phone) - 5, 3) + phone[-2:] if len(phone) > 5 else "***"


NO_PHONE = "无"
"""Typed to take a number away; a field that is left empty keeps it."""


def phone_from(typed: str | None, *, kept: str) -> str:
    """Return the phone number that a form asks for, where the number there is was not shown: empty keeps it."""
    text = (typed or "").strip()
    return kept if not text else "" if text == NO_PHONE else text


def name_for(text: str, names: Mapping[str, int], *, what: str = "物资") -> int:
    """Return the id that `text` names exactly (name, code or alias; width, case and blanks aside).

    Raises:
        RuleViolation: nothing is called so; near names are offered, none is taken by default.
    """
    plain = plain_name(text)
    for name, found in names.items():
        if plain_name(name) == plain:
            return found
    near = near_names(text.strip(), names)
    offer = f"，相近的有：{'、'.join(near)}" if near else ""
    raise RuleViolation(f"没有叫“{text.strip()[:30]}”的{what}{offer}；请改成登记的名称或别名", field="kind")


def _case(values: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    settings = read_settings(values)
    if given["question"] == "minutes":
        return {"minutes": settings.minutes(float(given["straight_km"]))}

    def day(name: str) -> date | None:
        return date.fromisoformat(given[name]) if given.get(name) else None

    state = lot_state(
        settings,
        remaining_milli=given["remaining_milli"],
        expires_on=day("expires_on"),
        last_confirmed_on=day("last_confirmed_on"),
        as_of=date.fromisoformat(given["as_of"]),
    )
    return {"state": state.value}


CASES = (CaseRunner(PACK_ID, _case),)
