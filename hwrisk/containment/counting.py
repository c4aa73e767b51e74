"""From the facilities of a park on a day to a frozen network, and from network and scenario to the result.

Both are plain data: what a check was worked out from is stored with it, and working it out again gives the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from hwrisk.containment.methods import Scenario
from hwrisk.containment.models import Connection, ConnectionVersion, Nature, ServiceState
from hwrisk.containment.network import Basin, Network, Way, hours_until_room, room_by, spread
from hwrisk.containment.settings import NOTHING, plain, rounded_down, rounded_up
from hwrisk.containment.states import TIERS, FacilityStatus

MINUTES = 60
OF_THE_PLANT = "事故水经厂内收集系统进入本企业的在用设施（厂内管网本身的能力未计）"


class Link(NamedTuple):
    """A connection on a day."""

    connection: Connection
    version: ConnectionVersion


def freeze(statuses: Sequence[FacilityStatus], links: Iterable[Link], *, unit_id: int | None) -> dict[str, Any]:
    """Return the network of a park as it counts on the day, as plain data; volumes and flows as text in m³ and m³/h."""
    by_id = {status.facility.id: status for status in statuses}
    nodes = [_node(status, unit_id) for status in statuses]
    ways = [_way(link, by_id) for link in links if {link.connection.from_id, link.connection.to_id} <= set(by_id)]
    outlets = [_outlet(status) for status in statuses if _matters(status, unit_id)]
    return {"nodes": nodes, "ways": ways, "outlets": outlets}


def _node(status: FacilityStatus, unit_id: int | None) -> dict[str, Any]:
    counted = status.room() if status.is_volume else status.passage()
    is_entry = (
        unit_id is not None and status.facility.unit_id == unit_id and status.in_use and not status.kind.is_outward
    )
    return {
        "key": str(status.public_id), "no": status.facility.facility_no, "name": status.name,
        "tier": status.kind.tier, "kind": status.kind.label, "is_volume": status.is_volume, "owner": status.owner_label,
        "effective": None if status.version.effective_volume is None else plain(status.version.effective_volume),
        "room": plain(counted.room), "is_usable": counted.is_usable, "why": counted.why,
        "is_assumed": counted.is_assumed, "is_entry": is_entry,
    }  # fmt: skip


def judge_link(link: Link, by_id: Mapping[int, FacilityStatus]) -> tuple[bool, bool, str]:
    """Return whether a connection counts as usable, whether that is assumed, and why; both ends are in `by_id`."""
    start, end = by_id[link.connection.from_id], by_id[link.connection.to_id]
    through = by_id.get(link.version.through_id) if link.version.through_id else None
    devices = [s for s in (start, through, end) if s is not None and s.kind.nature is not Nature.VOLUME]
    if link.version.through_id and through is None:
        return False, True, "中间设备不在册，无法确认，按不能用计"
    return _passable(link, start, end, devices)


def _way(link: Link, by_id: Mapping[int, FacilityStatus]) -> dict[str, Any]:
    start, end = by_id[link.connection.from_id], by_id[link.connection.to_id]
    through = by_id.get(link.version.through_id) if link.version.through_id else None
    usable, assumed, why = judge_link(link, by_id)
    return {
        "key": str(link.connection.public_id), "no": link.connection.connection_no, "start": str(start.public_id),
        "end": str(end.public_id), "name": f"{start.name} → {end.name}", "flow": plain(link.version.flow),
        "means": link.version.means.label, "through": through.name if through else "", "is_usable": usable,
        "is_assumed": assumed, "why": why,
    }  # fmt: skip


def _passable(
    link: Link, start: FacilityStatus, end: FacilityStatus, devices: Sequence[FacilityStatus]
) -> tuple[bool, bool, str]:
    if link.version.service is not ServiceState.IN_USE:
        return False, False, f"{link.version.service.label}，不能用"
    for status in (start, end):
        if not status.in_use:
            return False, False, f"{status.name}{status.version.service.label}，不能用"
    if not devices:
        return False, True, "中间没有登记能够确认状态的管线、泵或闸阀，按不能用计"
    judged = [(status, status.passage()) for status in devices]
    if bad := [(status, counted) for status, counted in judged if not counted.is_usable]:
        return False, any(counted.is_assumed for _, counted in bad), "；".join(f"{s.name}：{c.why}" for s, c in bad)
    return True, False, "；".join(f"{s.name}：{c.why}" for s, c in judged)


def _matters(status: FacilityStatus, unit_id: int | None) -> bool:
    """Tell whether water could get out here: the enterprise's own outlets, and those of the park and its waters."""
    return status.kind.is_outward and (status.kind.tier > 1 or status.facility.unit_id == unit_id)


def _outlet(status: FacilityStatus) -> dict[str, Any]:
    counted = status.outlet()
    return {
        "key": str(status.public_id), "no": status.facility.facility_no, "name": status.name,
        "tier": status.kind.tier, "is_open": counted.is_usable, "is_assumed": counted.is_assumed, "why": counted.why,
        "ordering_post": status.version.ordering_post,
    }  # fmt: skip


def network_of(frozen: Mapping[str, Any]) -> Network:
    """Return the network that counts, of plain data."""
    nodes = {node["key"]: node for node in frozen["nodes"]}
    passable = {key for key, node in nodes.items() if node["is_usable"] or node["is_volume"]}
    basins = {
        key: Basin(Fraction(node["room"]), int(node["tier"]))
        for key, node in nodes.items()
        if node["is_volume"] and Fraction(node["room"]) > 0
    }
    ways = tuple(
        Way(way["key"], way["start"], way["end"], Fraction(way["flow"]))
        for way in frozen["ways"]
        if way["is_usable"] and way["start"] in passable and way["end"] in passable
    )
    return Network(frozenset(key for key, node in nodes.items() if node["is_entry"]), basins, ways)


def work_out(scenario: Scenario, frozen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result as plain data: terms, need, and for every tier the room, the gap, and the minutes.

    Volumes in m³ as text: needs and gaps rounded up at the fourth decimal, room rounded down. Minutes whole: time to
    bring water in rounded up, time until it gets out rounded down.
    """
    network = network_of(frozen)
    required = scenario.required
    tiers = [_tier(tier, scenario, network.up_to(tier), frozen) for tier in TIERS]
    gap = gap_of(scenario, network)
    found = spread(network, hours=scenario.hours, amount=required - gap)
    return {
        "terms": _terms(scenario),
        "required": plain(rounded_up(required)),
        "hours": _text(scenario.hours),
        "tiers": tiers,
        "gap": plain(rounded_up(gap)),
        "stored": {key: plain(rounded_down(value)) for key, value in sorted(found.stored.items())},
        "carried": {key: plain(rounded_down(value)) for key, value in sorted(found.carried.items())},
        "assumptions": _assumptions(frozen),
    }


def gap_of(scenario: Scenario, network: Network) -> Fraction:
    """Return the greatest volume for which, at any instant, there is no room."""
    gaps = (scenario.required_after(hours) - room_by(network, hours) for hours in scenario.corners())
    return max(*gaps, Fraction(0))


def opens_after(scenario: Scenario, network: Network) -> Fraction | None:
    """Return the hours after which water finds no room for the first time, or None where it always does."""
    corners = scenario.corners()
    if scenario.required_after(corners[0]) > room_by(network, corners[0]):
        return corners[0]
    for start, end in itertools.pairwise(corners):
        if scenario.required_after(end) > room_by(network, end):
            return _crossing(scenario, network, start, end)
    return None


def _crossing(scenario: Scenario, network: Network, start: Fraction, end: Fraction) -> Fraction:
    base = scenario.required_after(start)
    pace = (scenario.required_after(end) - base) / (end - start)
    hours = end
    while True:
        found = spread(network, hours=hours)
        if scenario.required_after(hours) <= found.total:
            return hours
        # The narrowest cut of this hour is met earlier; a few steps reach the first instant.
        hours = (found.cut_room - base + pace * start) / (pace - (found.cut_flow or 0))


def _tier(tier: int, scenario: Scenario, network: Network, frozen: Mapping[str, Any]) -> dict[str, Any]:
    gap, opens = gap_of(scenario, network), opens_after(scenario, network)
    reachable = room_by(network, None)
    filled = hours_until_room(network, min(scenario.required, reachable))
    open_outlets = [row["name"] for row in frozen["outlets"] if row["tier"] == tier and row["is_open"]]
    own = [node for node in frozen["nodes"] if node["tier"] == tier and node["is_volume"]]
    return {
        "tier": tier,
        "label": TIERS[tier],
        "standing": plain(sum((rounded_down(Fraction(node["room"])) for node in own), NOTHING)),
        "reachable": plain(rounded_down(reachable)),
        "in_time": plain(rounded_down(room_by(network, scenario.hours))),
        "gap": plain(rounded_up(gap)),
        "fill_minutes": None if filled is None else ceil(filled * MINUTES),
        "opens_minutes": None if opens is None else floor(opens * MINUTES),
        "open_outlets": open_outlets,
        "holds": gap == 0 and not open_outlets,
    }


def _terms(scenario: Scenario) -> dict[str, Any]:
    source = scenario.governing
    return {
        "source": source.name,
        "v1": plain(rounded_up(source.v1)),
        "v2": plain(rounded_up(source.v2)),
        "v3": plain(rounded_down(source.v3)),
        "v4": plain(rounded_up(scenario.v4)),
        "v5": plain(rounded_up(scenario.v5)),
        "vr": plain(rounded_up(source.vr)),
        "fire": [{"flow": _text(line.flow), "hours": _text(line.hours)} for line in source.fire],
    }


def _assumptions(frozen: Mapping[str, Any]) -> list[str]:
    said = [OF_THE_PLANT] if any(node["is_entry"] for node in frozen["nodes"]) else []
    said += [f"{node['name']}：{node['why']}" for node in frozen["nodes"] if node["is_volume"] and node["is_assumed"]]
    said += [f"外排口 {row['name']}：{row['why']}" for row in frozen["outlets"] if row["is_assumed"]]
    return said + [f"连接 {way['name']}：{way['why']}" for way in frozen["ways"] if way["is_assumed"]]


def _text(value: Fraction) -> str:
    return plain(rounded_up(value))
