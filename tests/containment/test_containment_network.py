"""Water in the network: conserved, monotone, and equal to a brute-force twin that knows nothing of augmenting paths."""

from __future__ import annotations

import itertools
from fractions import Fraction as F

from hypothesis import given
from hypothesis import strategies as st

from hwrisk.containment.counting import gap_of, opens_after
from hwrisk.containment.methods import FireLine, Scenario, Source
from hwrisk.containment.network import Basin, Network, Way, hours_until_room, room_by, spread

NODES = ("a", "b", "c", "d", "e")
volumes = st.integers(0, 60).map(F)
flows = st.integers(1, 20).map(F)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    count = draw(st.integers(1, 5))
    nodes = NODES[:count]
    basins = {n: Basin(draw(volumes), draw(st.integers(1, 3))) for n in nodes if draw(st.booleans())}
    pairs = [(x, y) for x in nodes for y in nodes if x != y]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=7, unique=True)) if pairs else []
    ways = tuple(Way(f"{x}{y}", x, y, draw(flows)) for x, y in chosen)
    entry = frozenset(draw(st.sets(st.sampled_from(nodes), max_size=2)))
    return Network(entry, basins, ways)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    fire = tuple(
        FireLine(flow=F(draw(st.integers(1, 40))), hours=F(draw(st.integers(1, 12)), 2))
        for _ in range(draw(st.integers(0, 2)))
    )
    source = Source(name="", v1=draw(volumes), v3=draw(volumes), fire=fire)
    return Scenario(method="qsy", sources=(source,), v4=draw(volumes), qa=F(100), n=F(10), area=draw(st.just(F(0))))


def narrowest_cut(network: Network, hours: F | None) -> F | None:
    """Return the smallest of all cuts, by trying every set of nodes; None where only endless ones are found."""
    nodes = sorted({*network.basins, *network.entry, *(w.start for w in network.ways), *(w.end for w in network.ways)})
    best = None
    for size in range(len(nodes) + 1):
        for chosen in itertools.combinations(nodes, size):
            side = set(chosen)
            if not network.entry <= side:
                continue
            crossing = [w for w in network.ways if w.start in side and w.end not in side]
            if hours is None and crossing:
                continue
            value = sum((b.room for k, b in network.basins.items() if k in side), F(0))
            value += sum((w.flow * (hours or 0) for w in crossing), F(0))
            best = value if best is None or value < best else best
    return best


@given(networks(), st.integers(0, 24).map(lambda n: F(n, 3)))
def test_room_is_the_narrowest_cut(network, hours):
    assert room_by(network, hours) == narrowest_cut(network, hours)
    assert room_by(network, None) == narrowest_cut(network, None)


@given(networks(), st.integers(0, 24).map(lambda n: F(n, 3)), volumes)
def test_water_is_conserved_everywhere(network, hours, amount):
    found = spread(network, hours=hours, amount=amount)
    assert found.total <= amount
    assert found.total == sum(found.stored.values(), F(0)) == min(amount, room_by(network, hours))
    for key, stored in found.stored.items():
        assert 0 < stored <= network.basins[key].room
    ways = {way.key: way for way in network.ways}
    for key, carried in found.carried.items():
        assert 0 < carried <= ways[key].flow * hours
    for node in NODES:
        came = sum((v for k, v in found.carried.items() if ways[k].end == node), F(0))
        went = sum((v for k, v in found.carried.items() if ways[k].start == node), F(0))
        if node not in network.entry:
            assert came == went + found.stored.get(node, F(0))


@given(networks(), scenarios(), st.integers(0, 4), volumes)
def test_more_room_never_makes_a_larger_gap(network, scenario, place, more):
    node = NODES[place]
    had = network.basins.get(node, Basin(F(0), 2))
    larger = Network(network.entry, {**network.basins, node: Basin(had.room + more, had.tier)}, network.ways)
    assert gap_of(scenario, larger) <= gap_of(scenario, network)


@given(networks(), scenarios())
def test_a_way_lost_never_makes_a_smaller_gap(network, scenario):
    for way in network.ways:
        fewer = Network(network.entry, network.basins, tuple(w for w in network.ways if w is not way))
        assert gap_of(scenario, fewer) >= gap_of(scenario, network)


@given(networks(), scenarios())
def test_the_tiers_only_add(network, scenario):
    gaps = [gap_of(scenario, network.up_to(tier)) for tier in (1, 2, 3)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[2] == gap_of(scenario, network)


@given(networks(), scenarios())
def test_the_gap_opens_at_the_first_instant_without_room(network, scenario):
    opens = opens_after(scenario, network)
    end = scenario.hours
    grid = [end * F(step, 60) for step in range(61)]
    short = [t for t in grid if scenario.required_after(t) > room_by(network, t)]
    if opens is None:
        assert short == []
        assert gap_of(scenario, network) == 0
        return
    assert gap_of(scenario, network) > 0
    assert all(t >= opens for t in short)
    assert scenario.required_after(opens) >= room_by(network, opens)


@given(networks(), scenarios())
def test_the_gap_is_no_less_than_at_any_instant(network, scenario):
    gap = gap_of(scenario, network)
    for step in range(61):
        t = scenario.hours * F(step, 60)
        assert scenario.required_after(t) - room_by(network, t) <= gap


@given(networks(), volumes)
def test_the_hour_by_which_water_is_in(network, amount):
    hours = hours_until_room(network, amount)
    if hours is None:
        assert room_by(network, None) < amount
        return
    assert room_by(network, hours) >= amount
    if hours > 0:
        assert room_by(network, hours * F(999, 1000)) < amount


def test_a_hand_made_park():
    # 100 at home, 300 in the park behind a pump of 60 an hour, 500 in the river behind a gate of 30 an hour.
    network = Network(
        frozenset({"own"}),
        {"own": Basin(F(100), 1), "public": Basin(F(300), 2), "reach": Basin(F(500), 3)},
        (Way("pump", "own", "public", F(60)), Way("gate", "public", "reach", F(30))),
    )
    fire = (FireLine(flow=F(90), hours=F(4)),)
    scenario = Scenario(method="qsy", sources=(Source(name="", v1=F(80), v3=F(150), fire=fire),), v4=F(128))
    assert scenario.required == 418
    # At once 128 for 100: 28 too much in the first minute.
    assert opens_after(scenario, network) == 0
    # After 4 h: 418 − (100 + 240) = 78, the worst instant.
    assert [gap_of(scenario, network.up_to(tier)) for tier in (1, 2, 3)] == [318, 78, 78]
    assert hours_until_room(network, F(400)) == 5
    found = spread(network, hours=F(4), amount=F(340))
    assert found.stored == {"own": 100, "public": 240}
