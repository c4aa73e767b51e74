"""From inputs and scenario to the balance: gap, surplus, load, and where the waste goes; pure computation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hwrisk.capacity.inputs import Inputs, LineInput, Scenario
from hwrisk.capacity.rules import scaled_units, suits
from hwrisk.capacity.solving import Allocation, Arc, Problem, allocate, least_of, most_of
from hwrisk.permits.rules import category_of, grants_allow
from hwrisk.regions.geodesy import Point, metres_between

Result = dict[str, Any]
EVERY = "*"
Need = tuple[str, str]
"""Waste code and office."""


@dataclass(frozen=True)
class _Setup:
    """The problem with what its places stand for."""

    needs: Sequence[Need]
    units: Sequence[int]
    lines: Sequence[LineInput]
    groups: Sequence[tuple[tuple[int, ...], int]]
    methods: Mapping[str, Any]
    eligible: Mapping[str, frozenset[int]]
    """Places of the lines that may take a code."""

    @property
    def caps(self) -> list[int]:
        return [line.cap for line in self.lines]


def compute(inputs: Inputs, scenario: Scenario) -> Result:
    """Return the balance as plain data; quantities in whole 0.1 kg, distances in metres."""
    generated, own = _sums(inputs, scenario)
    setup = _setup(inputs, scenario, _needs(generated, own))
    arcs = [
        Arc(place, line, _metres(inputs, need[1], setup.lines[line]))
        for place, need in enumerate(setup.needs)
        for line in sorted(setup.eligible[need[0]])
    ]
    problem = Problem(setup.units, setup.caps, arcs, setup.groups)
    found = allocate(problem)
    used = _used(arcs, found, len(setup.lines))
    return {
        "demand": sum(setup.units),
        "eligible": sum(u for n, u in zip(setup.needs, setup.units, strict=True) if setup.eligible[n[0]]),
        "treated": found.total,
        "capacity": _capacity(setup),
        "tonne_metres": sum(flow * arc.metres for flow, arc in zip(found.flows, arcs, strict=True)),
        "categories": _categories(setup, found.total, generated, own, _treated(setup, arcs, found)),
        "lines": [_line_row(line, taken) for line, taken in zip(setup.lines, used, strict=True)],
        "flows": [
            {
                "code": setup.needs[arc.demand][0], "office": setup.needs[arc.demand][1],
                "line": setup.lines[arc.line].key, "units": flow, "metres": arc.metres,
            }
            for flow, arc in zip(found.flows, arcs, strict=True)
            if flow
        ],
        "unserved": _unserved(setup, arcs, found),
    }  # fmt: skip


def needs_of(inputs: Inputs, scenario: Scenario) -> dict[Need, int]:
    """Return what needs a licensed line, in whole 0.1 kg, by code and office; what needs nothing is left out."""
    return _needs(*_sums(inputs, scenario))


def _sums(inputs: Inputs, scenario: Scenario) -> tuple[dict[Need, int], dict[Need, int]]:
    generated: dict[Need, int] = defaultdict(int)
    own: dict[Need, int] = defaultdict(int)
    for row in inputs.ledger:
        generated[row.code, row.office] += row.generated
        own[row.code, row.office] += row.own
    # Own treatment grows and shrinks with what is generated: its share is assumed to stay.
    return _changed(generated, scenario.percent), _changed(own, scenario.percent)


def _changed(sums: Mapping[Need, int], percent: Mapping[str, int]) -> dict[Need, int]:
    return {
        need: scaled_units(units, percent.get(category_of(need[0]), percent.get(EVERY, 0)))
        for need, units in sums.items()
    }


def _needs(generated: Mapping[Need, int], own: Mapping[Need, int]) -> dict[Need, int]:
    """Return what needs a licensed line: what was generated and not treated by the unit itself."""
    needs = {need: units - own.get(need, 0) for need, units in generated.items()}
    return {need: units for need, units in sorted(needs.items()) if units > 0}


def _setup(inputs: Inputs, scenario: Scenario, needs: Mapping[Need, int]) -> _Setup:
    off = set(scenario.off)
    lines = [line for line in inputs.lines if line.key not in off and line.cap > 0]
    lines += [
        LineInput(
            key=plant.ref, licence_no=plant.ref, public_id="", holder=plant.name, line_no="", name=plant.name,
            office=plant.office, methods=(plant.method,),
            grants=tuple(("category", category, "") for category in plant.categories),
            annual=plant.capacity, months=inputs.months, cap=plant.capacity * inputs.months // 12, group="",
            place=inputs.centres.get(plant.office),
        )
        for plant in scenario.projects
    ]  # fmt: skip
    members: dict[str, list[int]] = defaultdict(list)
    for place, line in enumerate(lines):
        if line.group:
            members[line.group].append(place)
    groups = [(tuple(places), inputs.groups[key]) for key, places in sorted(members.items())]
    eligible = {
        code: frozenset(place for place, line in enumerate(lines) if may_take(line, code, inputs.methods))
        for code in {code for code, _ in needs}
    }
    return _Setup(list(needs), list(needs.values()), lines, groups, inputs.methods, eligible)


def may_take(line: LineInput, code: str, methods: Mapping[str, Any]) -> bool:
    """Tell whether a line is licensed for a code with a method that suits it."""
    if line.grants and not grants_allow(line.entries, code):
        return False
    return any(suits(method, code, methods) for method in line.methods)


def _metres(inputs: Inputs, office: str, line: LineInput) -> int:
    here, there = inputs.centres.get(office), line.place or inputs.centres.get(line.office)
    # Where a place is not known no distance is made up: it does not count.
    return metres_between(Point(*here), Point(*there)) if here and there else 0


def _used(arcs: Sequence[Arc], found: Allocation, lines: int) -> list[int]:
    used = [0] * lines
    for flow, arc in zip(found.flows, arcs, strict=True):
        used[arc.line] += flow
    return used


def _treated(setup: _Setup, arcs: Sequence[Arc], found: Allocation) -> dict[str, int]:
    treated: dict[str, int] = defaultdict(int)
    for flow, arc in zip(found.flows, arcs, strict=True):
        treated[category_of(setup.needs[arc.demand][0])] += flow
    return treated


def _capacity(setup: _Setup) -> int:
    """Return the capacity of all lines, the caps of licences kept: nothing is counted twice."""
    grouped = {place for places, _ in setup.groups for place in places}
    alone = sum(line.cap for place, line in enumerate(setup.lines) if place not in grouped)
    return alone + sum(min(cap, sum(setup.lines[p].cap for p in places)) for places, cap in setup.groups)


def _unserved(setup: _Setup, arcs: Sequence[Arc], found: Allocation) -> list[dict[str, Any]]:
    left = list(setup.units)
    for flow, arc in zip(found.flows, arcs, strict=True):
        left[arc.demand] -= flow
    return [
        {"code": need[0], "office": need[1], "units": units, "is_licensed": bool(setup.eligible[need[0]])}
        for need, units in zip(setup.needs, left, strict=True)
        if units
    ]


def _line_row(line: LineInput, used: int) -> dict[str, Any]:
    return {
        "key": line.key, "licence_no": line.licence_no, "public_id": line.public_id, "holder": line.holder,
        "line_no": line.line_no, "name": line.name, "office": line.office, "methods": list(line.methods),
        "annual": line.annual, "months": line.months, "cap": line.cap, "used": used,
        "place": None if line.place is None else list(line.place),
    }  # fmt: skip


@dataclass(frozen=True)
class _Classes:
    """The same problem without offices: wastes of a category that may go to the same lines are one."""

    problem: Problem
    category_of_arc: Sequence[str]

    def of(self, category: str) -> list[bool]:
        return [each == category for each in self.category_of_arc]


def _classes(setup: _Setup) -> _Classes:
    sums: dict[tuple[str, frozenset[int]], int] = defaultdict(int)
    for (code, _), units in zip(setup.needs, setup.units, strict=True):
        sums[category_of(code), setup.eligible[code]] += units
    arcs, names = [], []
    for place, (category, lines) in enumerate(sums):
        arcs += [Arc(place, line) for line in sorted(lines)]
        names += [category] * len(lines)
    return _Classes(Problem(list(sums.values()), setup.caps, arcs, setup.groups), names)


def _categories(
    setup: _Setup, total: int, generated: Mapping[Need, int], own: Mapping[Need, int], treated: Mapping[str, int]
) -> list[dict[str, Any]]:
    classes = _classes(setup)
    demand = _by_category(dict(zip(setup.needs, setup.units, strict=True)))
    eligible = _by_category({n: u for n, u in zip(setup.needs, setup.units, strict=True) if setup.eligible[n[0]]})
    made, self_treated = _by_category(generated), _by_category(own)
    is_all_served = total == sum(eligible.values())
    rows = []
    for category in sorted({*made, *self_treated, *demand}):
        need, able = demand.get(category, 0), eligible.get(category, 0)
        least, most = able, able
        if not is_all_served and able:
            most = most_of(classes.problem, classes.of(category), total=total)
            least = least_of(classes.problem, classes.of(category), total=total)
        suited = _suited(setup, category)
        alone = [place for place in suited if _takes_only(setup.lines[place], category)]
        rows.append(
            {
                "category": category, "generated": made.get(category, 0), "own": self_treated.get(category, 0),
                "demand": need, "unlicensed": need - able, "treated": treated.get(category, 0),
                "gap_low": need - most, "gap_high": need - least,
                "licensed": sum(setup.lines[place].cap for place in suited),
                "is_shared": len(alone) < len(suited),
                "spare_low": _spare(classes, alone, total), "spare_high": _spare(classes, suited, total),
            }
        )  # fmt: skip
    return rows


def _by_category(units: Mapping[Need, int]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for (code, _), quantity in units.items():
        sums[category_of(code)] += quantity
    return dict(sums)


def _suited(setup: _Setup, category: str) -> list[int]:
    """Return the places of the lines that may take something of a category."""
    codes = [code for code in setup.eligible if category_of(code) == category]
    found = {place for code in codes for place in setup.eligible[code]}
    return sorted(found)


def _takes_only(line: LineInput, category: str) -> bool:
    return bool(line.grants) and {entry[1] for entry in line.grants} == {category}


def _spare(classes: _Classes, lines: Iterable[int], total: int) -> int:
    """Return how much more the given lines could take while everything that is treated still is."""
    chosen = list(lines)
    if not chosen:
        return 0
    problem = classes.problem
    extra = [Arc(len(problem.demands), line) for line in chosen]
    wider = replace(
        problem,
        demands=[*problem.demands, sum(problem.caps)],
        arcs=[*problem.arcs, *extra],
    )
    before, after = [True] * len(problem.arcs), [False] * len(problem.arcs)
    return most_of(wider, after + [True] * len(extra), total=total, of=before + [False] * len(extra))
