"""Diagram and map of the three tiers, as plain data."""

from __future__ import annotations

from collections.abc import Sequence

from hwrisk.containment.measures import cubic_metres
from hwrisk.containment.queries.connections import ConnectionRow
from hwrisk.containment.states import TIERS, FacilityStatus
from hwrisk.web.diagrams import GraphChart, GraphEdge, GraphNode
from hwrisk.web.maps import Line, Map, Point


def diagram(found: Sequence[FacilityStatus], links: Sequence[ConnectionRow]) -> GraphChart:
    """Return the facilities in three columns with the ways between them."""
    keys = {str(status.public_id) for status in found}
    nodes = [
        GraphNode(
            str(s.public_id), s.name, s.kind.tier - 1, s.kind.label, situation(s), s.sign.kind, s.sign.word, link_of(s)
        )
        for s in found
    ]
    edges = [
        GraphEdge(
            str(row.start.public_id), str(row.end.public_id), _flow(row), "good" if row.is_usable else "warn",
            "可用" if row.is_usable else "按不能用计",
        )
        for row in links
        if row.start and row.end and {str(row.start.public_id), str(row.end.public_id)} <= keys
    ]  # fmt: skip
    return GraphChart(title="三级防控设施和连接", tier_labels=tuple(TIERS.values()), nodes=nodes, edges=edges)


def park_map(name: str, found: Sequence[FacilityStatus], links: Sequence[ConnectionRow]) -> Map:
    """Return the facilities with coordinates, and the ways between them, on a map."""
    points = [
        Point(
            s.name, s.version.longitude, s.version.latitude, s.kind.label, situation(s), s.sign.kind, s.sign.word,
            link_of(s),
        )
        for s in found
        if s.version.longitude is not None and s.version.latitude is not None
    ]  # fmt: skip
    lines = [line for row in links if (line := _line(row)) is not None]
    return Map(title=f"{name}防控设施分布", points=points, lines=lines, fit="points")


def situation(status: FacilityStatus) -> str:
    """Return in words what a facility holds, or how it was last confirmed."""
    if status.is_volume:
        occupied = f"，现存 {cubic_metres(status.occupied)} m³" if status.occupied is not None else "，存量未确认"
        if status.version.effective_volume is None:
            return f"有效容积不明{occupied}"
        return f"有效容积 {cubic_metres(status.version.effective_volume)} m³{occupied}"
    state = status.state.state.label if status.state and status.state.state else "未确认"
    return f"状态：{state}"


def link_of(status: FacilityStatus) -> str:
    """Return the address of a facility's page."""
    return f"/containment/facilities/{status.public_id}"


def _flow(row: ConnectionRow) -> str:
    return f"{cubic_metres(row.link.version.flow)} m³/h"


def _line(row: ConnectionRow) -> Line | None:
    if row.start is None or row.end is None:
        return None
    ends = [(s.version.longitude, s.version.latitude) for s in (row.start, row.end)]
    path = [(x, y) for x, y in ends if x is not None and y is not None]
    if len(path) != len(ends):
        return None
    usable = row.is_usable
    return Line(
        f"{row.start.name} → {row.end.name}", path, f"{_flow(row)}，{row.link.version.means.label}",
        "good" if usable else "warn", "可用" if usable else "按不能用计",
    )  # fmt: skip
