"""The transport problem against brute force and an independent maximum flow."""

from __future__ import annotations

from collections import deque
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from hwrisk.capacity.solving import Arc, Problem, allocate, least_of, most_of, prove

SMALL = st.integers(min_value=0, max_value=3)


@st.composite
def problems(draw) -> Problem:
    demands = draw(st.lists(SMALL, min_size=1, max_size=3))
    caps = draw(st.lists(SMALL, min_size=1, max_size=3))
    places = [(d, line) for d in range(len(demands)) for line in range(len(caps))]
    chosen = draw(st.lists(st.sampled_from(places), unique=True, max_size=5))
    arcs = [Arc(d, line, draw(st.integers(0, 9))) for d, line in chosen]
    groups = draw(st.sampled_from([(), ((tuple(range(len(caps))), 3),), (((0,), 1),)]))
    return Problem(demands, caps, arcs, groups)


def feasible(problem: Problem) -> list[tuple[int, ...]]:
    """Every whole allocation, by trying."""
    found = []
    for flows in product(*(range(problem.demands[a.demand] + 1) for a in problem.arcs)):
        used_d, used_l = [0] * len(problem.demands), [0] * len(problem.caps)
        for flow, arc in zip(flows, problem.arcs, strict=True):
            used_d[arc.demand] += flow
            used_l[arc.line] += flow
        keeps = all(u <= d for u, d in zip(used_d, problem.demands, strict=True))
        keeps = keeps and all(u <= c for u, c in zip(used_l, problem.caps, strict=True))
        keeps = keeps and all(sum(used_l[line] for line in lines) <= cap for lines, cap in problem.groups)
        if keeps:
            found.append(flows)
    return found


def max_flow(problem: Problem) -> int:
    """Maximum flow by shortest augmenting paths, which knows nothing of linear programmes."""
    left: dict[tuple[object, object], int] = {}

    def edge(a: object, b: object, capacity: int) -> None:
        left[a, b] = left.get((a, b), 0) + capacity
        left.setdefault((b, a), 0)

    group_of = {line: number for number, (lines, _) in enumerate(problem.groups) for line in lines}
    for number, demand in enumerate(problem.demands):
        edge("from", ("d", number), demand)
    for arc in problem.arcs:
        edge(("d", arc.demand), ("l", arc.line), 10**12)
    for number, cap in enumerate(problem.caps):
        edge(("l", number), ("g", group_of[number]) if number in group_of else "to", cap)
    for number, (_, cap) in enumerate(problem.groups):
        edge(("g", number), "to", cap)
    total = 0
    while True:
        before: dict[object, object] = {"from": None}
        queue = deque(["from"])
        while queue and "to" not in before:
            here = queue.popleft()
            for (a, b), free in left.items():
                if a == here and free and b not in before:
                    before[b] = a
                    queue.append(b)
        if "to" not in before:
            return total
        path, here = [], "to"
        while before[here] is not None:
            path.append((before[here], here))
            here = before[here]
        push = min(left[step] for step in path)
        for a, b in path:
            left[a, b] -= push
            left[b, a] += push
        total += push


class TestAgainstBruteForce:
    @given(problems())
    def test_most_and_shortest(self, problem: Problem) -> None:
        every = feasible(problem)
        most = max(sum(flows) for flows in every)
        shortest = min(
            sum(f * a.metres for f, a in zip(flows, problem.arcs, strict=True)) for flows in every if sum(flows) == most
        )
        found = allocate(problem)
        prove(problem, found.flows)
        assert found.total == most
        assert sum(f * a.metres for f, a in zip(found.flows, problem.arcs, strict=True)) == shortest

    @given(problems())
    def test_bounds_of_the_first_waste(self, problem: Problem) -> None:
        every = feasible(problem)
        most = max(sum(flows) for flows in every)
        wanted = [arc.demand == 0 for arc in problem.arcs]
        sums = [sum(f for f, w in zip(flows, wanted, strict=True) if w) for flows in every if sum(flows) == most]
        assert most_of(problem, wanted, total=most) == max(sums)
        assert least_of(problem, wanted, total=most) == min(sums)


class TestAgainstMaximumFlow:
    @given(
        st.lists(st.integers(0, 10**9), min_size=1, max_size=12),
        st.lists(st.integers(0, 10**9), min_size=1, max_size=8),
        st.data(),
    )
    def test_large_odd_numbers_stay_exact(self, demands, caps, data) -> None:
        places = [(d, line) for d in range(len(demands)) for line in range(len(caps))]
        chosen = data.draw(st.lists(st.sampled_from(places), unique=True, min_size=1))
        arcs = [Arc(d, line, data.draw(st.integers(0, 200_000))) for d, line in chosen]
        half = tuple(range(0, len(caps), 2))
        problem = Problem(demands, caps, arcs, [(half, sum(caps) // 3)])
        found = allocate(problem)
        prove(problem, found.flows)
        assert found.total == max_flow(problem)


def test_nothing_to_do() -> None:
    assert allocate(Problem([5], [5], [])).total == 0
    assert most_of(Problem([5], [5], [Arc(0, 0)]), [False]) == 0
