"""The transport problem between waste and licensed lines, solved exactly (运输问题).

Waste may go to lines that are licensed for it; a line has a cap, a licence has one over its lines. First as much as
possible is treated, then over the shortest way. The caps of a licence lie around those of its lines, so the problem
is one of flows in a network: its corners are whole numbers whenever the data are, and HiGHS ends in a corner. What it
returns is rounded to whole 0.1 kg and then proved: every cap kept, nothing lost on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from hwrisk.db.types import TONNE_UNITS
from hwrisk.errors import HwriskError
from hwrisk.resources import late

METHOD = "highs-ds"
"""The dual simplex method, which ends in a corner; an interior point would not be whole."""


class SolverFailed(HwriskError):
    """The problem could not be solved exactly (测算失败)."""

    def __init__(self, why: str) -> None:
        super().__init__(f"能力平衡未能算出精确结果（{why}），请把情景和截止日期告知系统管理员")


class Arc(NamedTuple):
    """That waste `demand` may go to line `line`, over `metres`."""

    demand: int
    line: int
    metres: int = 0


@dataclass(frozen=True)
class Problem:
    """Quantities in whole 0.1 kg, by place in their lists."""

    demands: Sequence[int]
    caps: Sequence[int]
    arcs: Sequence[Arc]
    groups: Sequence[tuple[Sequence[int], int]] = ()
    """Lines of one licence, and the cap over them."""


@dataclass(frozen=True)
class Allocation:
    """What goes over each arc, in whole 0.1 kg."""

    flows: tuple[int, ...]

    @property
    def total(self) -> int:
        """Everything that is treated."""
        return sum(self.flows)


def allocate(problem: Problem) -> Allocation:
    """Return the allocation that treats the most, and of these the one with the fewest tonne-metres.

    Raises:
        SolverFailed: HiGHS did not end in a proved optimum.
    """
    if not problem.arcs:
        return Allocation(())
    most = _solve(problem, [1] * len(problem.arcs))
    shortest = _solve(problem, [-arc.metres for arc in problem.arcs], total=most.total)
    if shortest.total != most.total:
        raise SolverFailed("两步结果不一致")
    return shortest


def most_of(problem: Problem, wanted: Sequence[bool], *, total: int | None = None, of: Sequence[bool] = ()) -> int:
    """Return the most that can go over the `wanted` arcs while `total` goes over the arcs `of` (all by default)."""
    if not any(wanted):
        return 0
    found = _solve(problem, [1 if chosen else 0 for chosen in wanted], total=total, of=of)
    return sum(flow for flow, chosen in zip(found.flows, wanted, strict=True) if chosen)


def least_of(problem: Problem, wanted: Sequence[bool], *, total: int | None = None) -> int:
    """Return the least that goes over the `wanted` arcs while `total` goes over all."""
    if not any(wanted):
        return 0
    found = _solve(problem, [-1 if chosen else 0 for chosen in wanted], total=total)
    return sum(flow for flow, chosen in zip(found.flows, wanted, strict=True) if chosen)


def _solve(problem: Problem, gain: Sequence[int], *, total: int | None = None, of: Sequence[bool] = ()) -> Allocation:
    """Return the allocation with the greatest gain, whole and proved."""
    sparse, optimize = late("scipy.sparse"), late("scipy.optimize")
    rows, columns, limits = _limits(problem)
    count = len(problem.arcs)
    ones = [1.0] * len(rows)
    most = max(1, *(abs(each) for each in gain))
    options: dict[str, Any] = {}
    counted = [place for place in range(count) if not of or of[place]]
    if total is not None:
        equal = sparse.csr_array(([1.0] * len(counted), ([0] * len(counted), counted)), shape=(1, count))
        options = {"A_eq": equal, "b_eq": [total / TONNE_UNITS]}
    found = optimize.linprog(
        # In tonnes, and gains below one, so that the tolerances of the solver lie far below 0.1 kg.
        [-each / most for each in gain],
        A_ub=sparse.csr_array((ones, (rows, columns)), shape=(len(limits), count)),
        b_ub=[limit / TONNE_UNITS for limit in limits],
        bounds=(0, None),
        method=METHOD,
        **options,
    )
    if found.x is None or found.status != 0:
        raise SolverFailed(str(found.status))
    flows = tuple(round(float(value) * TONNE_UNITS) for value in found.x)
    prove(problem, flows)
    if total is not None and sum(flows[place] for place in counted) != total:
        raise SolverFailed("总量不守恒")
    return Allocation(flows)


def _limits(problem: Problem) -> tuple[list[int], list[int], list[int]]:
    """Return the limits as places of ones (row, column) and their right-hand sides."""
    of_line: dict[int, list[int]] = {}
    rows: list[int] = []
    columns: list[int] = []
    for place, arc in enumerate(problem.arcs):
        rows += [arc.demand, len(problem.demands) + arc.line]
        columns += [place, place]
        of_line.setdefault(arc.line, []).append(place)
    first = len(problem.demands) + len(problem.caps)
    for number, (lines, _) in enumerate(problem.groups):
        for line in lines:
            rows += [first + number] * len(of_line.get(line, ()))
            columns += of_line.get(line, [])
    return rows, columns, [*problem.demands, *problem.caps, *(cap for _, cap in problem.groups)]


def prove(problem: Problem, flows: Sequence[int]) -> None:
    """Make sure that whole flows keep every limit.

    Raises:
        SolverFailed: one does not.
    """
    if any(flow < 0 for flow in flows):
        raise SolverFailed("出现负流量")
    rows, columns, limits = _limits(problem)
    used = [0] * len(limits)
    for row, column in zip(rows, columns, strict=True):
        used[row] += flows[column]
    if any(taken > limit for taken, limit in zip(used, limits, strict=True)):
        raise SolverFailed("超出上限")
