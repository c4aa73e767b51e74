"""The lines of the balance: what was generated, where it went, and what needs a licensed line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from hwrisk.capacity.computing import needs_of
from hwrisk.capacity.inputs import QUANTITIES, LedgerRow
from hwrisk.capacity.models import CapacityRun
from hwrisk.capacity.showing.asked import PENDING, Level, View, is_asked
from hwrisk.capacity.showing.categories import CategoryRow, category_rows
from hwrisk.capacity.showing.sums import inputs_of, scenario_of
from hwrisk.db.types import ZERO, from_units, ratio
from hwrisk.permits.rules import category_of

Key = tuple[str, str, str, str]
"""Category, code, method, office; empty where the breakdown has none."""
HAVE_METHODS = frozenset({Level.METHOD, Level.FULL})
HAVE_OFFICES = frozenset({Level.OFFICE, Level.FULL})


class BalanceRow(NamedTuple):
    """One line of the balance; tonnes. None where the breakdown has no such figure."""

    category: str
    code: str
    method: str
    office: str
    office_name: str
    generated: Decimal | None
    """None beside a method: what is generated has none."""
    own: Decimal
    city: Decimal
    province: Decimal
    outside: Decimal
    abroad: Decimal
    unknown: Decimal
    collected: Decimal
    stored: Decimal | None
    """Generated less own treatment and entrusted: what went into store, below 0 where store was used up."""
    demand: Decimal | None
    """What needs a licensed line, summed up from codes and offices; of a what-if, as assumed."""
    computed: CategoryRow | None
    """Capacity, gap and surplus, where the line is a category of the whole city."""

    @property
    def beyond(self) -> Decimal:
        """Everything that left the province or the country."""
        return self.outside + self.abroad

    @property
    def entrusted(self) -> Decimal:
        """Everything entrusted, wherever it went."""
        return self.city + self.province + self.beyond + self.collected + self.unknown

    @property
    def load(self) -> Fraction | None:
        """Entrusted within the city ÷ the capacity that may take it, as it was; None without capacity."""
        return ratio(self.city, self.computed.licensed) if self.computed and self.computed.licensed else None


class Totals(NamedTuple):
    """Sums of the columns that may be added up; None where a filter leaves out what they are made of."""

    generated: Decimal | None
    own: Decimal
    entrusted: Decimal
    city: Decimal
    province: Decimal
    beyond: Decimal
    collected: Decimal
    unknown: Decimal
    stored: Decimal | None
    demand: Decimal | None


def balance_rows(run: CapacityRun, asked: View) -> list[BalanceRow]:
    """Return the lines of the balance in the order of category, code, method and office."""
    inputs = inputs_of(run)
    sums: dict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys((*QUANTITIES, "demand"), 0))
    for row in inputs.ledger:
        if is_asked(category_of(row.code), row.office, asked) and asked.method in {None, row.method}:
            _add(sums[_key(row.code, row.office, row.method, asked.level)], row)
    for (code, office), units in needs_of(inputs, scenario_of(run)).items():
        # What is needed has no method yet: it stands beside what was generated.
        if is_asked(category_of(code), office, asked) and not asked.method:
            sums[_key(code, office, "", asked.level)]["demand"] += units
    computed = {row.category: row for row in category_rows(run)} if asked.is_whole else {}
    return [
        _balance_row(key, sums[key], computed.get(key[0]), inputs.names, asked)
        for key in sorted(sums)
        if any(sums[key].values())
    ]


def balance_totals(rows: Iterable[BalanceRow], asked: View) -> Totals:
    """Return the sums of the lines: generated = own + entrusted + stored, as in every line."""
    listed = list(rows)

    def of(name: str) -> Decimal:
        return sum((value for row in listed if (value := getattr(row, name)) is not None), ZERO)

    generated = None if asked.method else of("generated")
    own, entrusted = of("own"), of("entrusted")
    is_complete = generated is not None and asked.method is None
    return Totals(
        generated=generated, own=own, entrusted=entrusted, city=of("city"), province=of("province"),
        beyond=of("beyond"), collected=of("collected"), unknown=of("unknown"),
        stored=generated - own - entrusted if generated is not None and is_complete else None,
        demand=None if asked.method else of("demand"),
    )  # fmt: skip


def _add(cell: dict[str, int], row: LedgerRow) -> None:
    for name in QUANTITIES:
        cell[name] += getattr(row, name)


def _key(code: str, office: str, method: str, level: Level) -> Key:
    category = "" if level is Level.OFFICE else category_of(code)
    return (
        category,
        code if level is Level.CODE else "",
        method if level in HAVE_METHODS else "",
        office if level in HAVE_OFFICES else "",
    )


def _balance_row(
    key: Key, units: Mapping[str, int], computed: CategoryRow | None, names: Mapping[str, str], asked: View
) -> BalanceRow:
    category, code, method, office = key
    place = (names.get(office, office) or PENDING) if asked.level in HAVE_OFFICES else ""
    tonnes = {name: from_units(quantity) for name, quantity in units.items()}
    generated, demand = tonnes.pop("generated"), tonnes.pop("demand")
    has_generated = not asked.method and not method
    # Beside methods, and where a filter leaves some out, what is left over means nothing.
    is_complete = asked.level not in HAVE_METHODS and asked.method is None
    out = sum(tonnes.values(), ZERO)
    return BalanceRow(
        category=category, code=code, method=method, office=office, office_name=place,
        generated=generated if has_generated else None, **tonnes,
        stored=generated - out if is_complete else None,
        demand=demand if has_generated else None, computed=computed,
    )  # fmt: skip
