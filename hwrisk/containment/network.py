"""Water in a network of basins: how much finds room by an hour, tier by tier; exact fractions, small graphs.

Water enters at one node. Every basin takes what it has room for, every way carries its flow, an hour at a time. What
has come by the hour t finds room if, and only if, the greatest flow of the network whose ways carry flow × t is at
least that much: the need never falls and comes fastest at the start, so no earlier instant is tighter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

Key = str
_IN = "\x00in"
_OUT = "\x00out"


class Basin(NamedTuple):
    """A place with room: m³ that are free, and its tier."""

    room: Fraction
    tier: int


class Way(NamedTuple):
    """A way from one node to the next that may be used, with its flow in m³/h."""

    key: Key
    start: Key
    end: Key
    flow: Fraction


@dataclass(frozen=True)
class Network:
    """Where water comes in, the basins with room, and the ways that count as usable."""

    entry: frozenset[Key]
    """Nodes the water reaches by itself (the enterprise's own basins)."""
    basins: Mapping[Key, Basin]
    ways: tuple[Way, ...]

    def up_to(self, tier: int) -> Network:
        """Return the same network with the room of the tiers up to `tier` alone; ways stay."""
        kept = {key: basin for key, basin in self.basins.items() if basin.tier <= tier}
        return Network(self.entry, kept, self.ways)


@dataclass
class Spread:
    """Where water went by an hour: into which basin, and along which way."""

    total: Fraction
    stored: dict[Key, Fraction] = field(default_factory=dict)
    carried: dict[Key, Fraction] = field(default_factory=dict)
    cut_room: Fraction = Fraction(0)
    cut_flow: Fraction | None = Fraction(0)
    """The narrowest cut is cut_room + cut_flow × hours; None where time is not counted."""


class _Arc:
    __slots__ = ("back", "end", "left", "way")

    def __init__(self, end: Key, left: Fraction | None, way: Way | None) -> None:
        self.end, self.left, self.way = end, left, way
        """`left` is what can still pass, None without limit."""
        self.back: _Arc = self


class _Residual:
    """The residual graph: augmenting along shortest paths (Edmonds and Karp)."""

    def __init__(self, network: Network, hours: Fraction | None) -> None:
        self.arcs: dict[Key, list[_Arc]] = {}
        self.ways: list[_Arc] = []
        self.sinks: dict[Key, _Arc] = {}
        for key in sorted(network.entry):
            self._add(_IN, key, None)
        for way in network.ways:
            self.ways.append(self._add(way.start, way.end, None if hours is None else way.flow * hours, way))
        for key, _basin in sorted(network.basins.items(), key=lambda item: (item[1].tier, item[0])):
            self.sinks[key] = self._add(key, _OUT, Fraction(0))

    def _add(self, start: Key, end: Key, room: Fraction | None, way: Way | None = None) -> _Arc:
        forward, back = _Arc(end, room, way), _Arc(start, Fraction(0), way)
        forward.back, back.back = back, forward
        self.arcs.setdefault(start, []).append(forward)
        self.arcs.setdefault(end, []).append(back)
        return forward

    def augment(self, limit: Fraction | None) -> Fraction:
        """Push as much as there is room for, at most `limit`; return how much."""
        pushed = Fraction(0)
        while limit is None or pushed < limit:
            path = self._path()
            if path is None:
                break
            amount = min(arc.left for arc in path if arc.left is not None)
            if limit is not None:
                amount = min(amount, limit - pushed)
            for arc in path:
                if arc.left is not None:
                    arc.left -= amount
                if arc.back.left is not None:
                    arc.back.left += amount
            pushed += amount
        return pushed

    def _path(self) -> list[_Arc] | None:
        came: dict[Key, _Arc | None] = {_IN: None}
        queue = deque([_IN])
        while queue:
            node = queue.popleft()
            for arc in self.arcs.get(node, ()):
                if arc.end not in came and (arc.left is None or arc.left > 0):
                    came[arc.end] = arc
                    if arc.end == _OUT:
                        return _walked(came)
                    queue.append(arc.end)
        return None

    def reached(self) -> set[Key]:
        """Return the nodes that can still be reached from the entry: the near side of the narrowest cut."""
        seen, queue = {_IN}, deque([_IN])
        while queue:
            for arc in self.arcs.get(queue.popleft(), ()):
                if arc.end not in seen and (arc.left is None or arc.left > 0):
                    seen.add(arc.end)
                    queue.append(arc.end)
        return seen


def _walked(came: Mapping[Key, _Arc | None]) -> list[_Arc]:
    path, arc = [], came[_OUT]
    while arc is not None:
        path.append(arc)
        arc = came[arc.back.end]
    return path[::-1]


def spread(network: Network, *, hours: Fraction | None, amount: Fraction | None = None) -> Spread:
    """Return where up to `amount` of water goes within `hours` (None: as long as it takes), nearest tiers filled first.

    `total` is what found room: never more than the amount, and never more than all basins have free.
    """
    residual = _Residual(network, hours)
    total = Fraction(0)
    for tier in sorted({basin.tier for basin in network.basins.values()}):
        for key, basin in network.basins.items():
            if basin.tier == tier:
                residual.sinks[key].left = basin.room
        total += residual.augment(None if amount is None else amount - total)
    found = Spread(total)
    for key, sink in residual.sinks.items():
        if sink.back.left:
            found.stored[key] = sink.back.left
    for arc in residual.ways:
        # A way without limit keeps count on its way back.
        if arc.way is not None and arc.back.left:
            found.carried[arc.way.key] = arc.back.left
    _note_cut(found, network, residual.reached(), hours)
    return found


def _note_cut(found: Spread, network: Network, near: Iterable[Key], hours: Fraction | None) -> None:
    side = set(near)
    found.cut_room = sum((b.room for key, b in network.basins.items() if key in side), Fraction(0))
    crossing = (way.flow for way in network.ways if way.start in side and way.end not in side)
    found.cut_flow = None if hours is None else sum(crossing, Fraction(0))


def room_by(network: Network, hours: Fraction | None) -> Fraction:
    """Return how much water finds room by an hour (None: as long as it takes)."""
    return spread(network, hours=hours).total


def hours_until_room(network: Network, amount: Fraction) -> Fraction | None:
    """Return the first hour by which `amount` finds room, or None where it never does."""
    if room_by(network, None) < amount:
        return None
    hours = Fraction(0)
    while True:
        # The narrowest cut of an hour is too narrow until the hour it names itself: a few steps reach the answer.
        found = spread(network, hours=hours)
        if found.total >= amount:
            return hours
        if not found.cut_flow:
            return None
        hours = (amount - found.cut_room) / found.cut_flow
