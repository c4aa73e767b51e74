"""The sums at the head of a run, and what a scenario assumes in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from hwrisk.capacity.inputs import Inputs, LedgerRow, Scenario
from hwrisk.capacity.models import CapacityRun
from hwrisk.capacity.rules import local_rate
from hwrisk.capacity.showing.flows import tenths
from hwrisk.db.types import from_units, ratio


class Sums(NamedTuple):
    """Sums of a run, for its head and for comparing."""

    generated: Decimal
    own: Decimal
    demand: Decimal
    treated: Decimal
    gap: Decimal
    capacity: Decimal
    load: Fraction | None
    """Treated ÷ capacity in the computation."""
    local_rate: Fraction | None
    landfill: Fraction | None
    """Landfilled ÷ (self-treated + entrusted), as recorded."""
    unknown: Decimal
    tonne_km: Decimal

    @property
    def spare(self) -> Decimal:
        """What the lines could still take in that arrangement."""
        return self.capacity - self.treated


def inputs_of(run: CapacityRun) -> Inputs:
    """Return the inputs of a run."""
    return Inputs.unpack(run.inputs)


def scenario_of(run: CapacityRun) -> Scenario:
    """Return what a run assumes."""
    return Scenario.unpack(run.scenario)


def sums_of(run: CapacityRun, *, landfill_methods: Sequence[str]) -> Sums:
    """Return the sums of a run; rates are those of the ledger it rests on."""
    ledger = inputs_of(run).ledger
    own, city = _sum(ledger, "own"), _sum(ledger, "city")
    entrusted = from_units(sum(row.entrusted for row in ledger))
    landfilled = from_units(sum(row.own + row.entrusted for row in ledger if row.method in landfill_methods))
    return Sums(
        generated=from_units(sum(row["generated"] for row in run.result["categories"])),
        own=from_units(sum(row["own"] for row in run.result["categories"])),
        demand=run.demand,
        treated=run.treated,
        gap=run.gap,
        capacity=run.capacity,
        load=ratio(run.treated, run.capacity),
        local_rate=local_rate(own, city, entrusted),
        landfill=ratio(landfilled, own + entrusted),
        unknown=_sum(ledger, "unknown"),
        tonne_km=tenths(Decimal(run.result["tonne_metres"]).scaleb(-7)),
    )


def scenario_words(scenario: Scenario) -> list[str]:
    """Return what a scenario assumes, in words."""
    words = [f"停用 {key}" for key in scenario.off]
    words += [f"{plant.name} 投运，能力 {from_units(plant.capacity):,} 吨/年（假设）" for plant in scenario.projects]
    words += [
        f"{'全部类别' if category == '*' else category} 产生量 {percent:+d} %"
        for category, percent in sorted(scenario.percent.items())
        if percent
    ]
    return words


def _sum(ledger: Iterable[LedgerRow], name: str) -> Decimal:
    return from_units(sum(getattr(row, name) for row in ledger))
