"""Diagrams as plain data: quantities that flow (流向图), things and their connections (关系图); each with a table twin.

    FlowChart(title="危险废物去向", unit="吨", links=(FlowLink("灌云局", "焚烧", Decimal("1200")), …))
    GraphChart(title="三级防控设施", tier_labels=("一级", "二级", "三级"),
               nodes=(GraphNode("b1", "1号应急池", 1, "应急池", "有效容积 23 000 m³"), …),
               edges=(GraphEdge("a1", "b1", "300 m³/h", "bad", "未确认，按不可用计"), …))

Drawn by the same macro as charts: `{{ chart("flow", spec) }}`. Nothing here needs flask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from hwrisk.web.charts import NOTHING, SHAPES, Cell, Chart, Number, shown, state_text
from hwrisk.web.records import State


class FlowLink(NamedTuple):
    """A quantity that goes from one node to another (流向)."""

    source: str
    target: str
    value: Number
    text: str = ""
    """The quantity ready to show; by default made from the value and the places of the chart."""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class FlowChart(Chart):
    """Quantities from left to right (流向图, Sankey), e.g. from offices to licensed lines; it has no cycle."""

    kind: ClassVar[str] = "flow"
    links: Sequence[FlowLink]
    source_label: str = "来源"
    target_label: str = "去向"
    value_label: str = "数量"
    places: int = 2

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Return the head of the table twin."""
        unit = f"（{self.unit}）" if self.unit else ""
        return [(self.source_label, ""), (self.target_label, ""), (f"{self.value_label}{unit}", "num")]

    @property
    def rows(self) -> list[list[Cell]]:
        """Return the table twin, row by row."""
        return [
            [Cell(link.source, url=link.url), Cell(link.target), Cell(self._text(link), is_number=True)]
            for link in self.links
        ]

    def _text(self, link: FlowLink) -> str:
        return link.text or shown(link.value, self.places)

    def _drawn(self) -> dict[str, Any]:
        names = dict.fromkeys(name for link in self.links for name in (link.source, link.target))
        return {
            "nodes": list(names),
            "links": [
                {"source": li.source, "target": li.target, "value": float(li.value), "text": self._text(li)}
                for li in self.links
                if li.value > 0
            ],
        }


class GraphNode(NamedTuple):
    """A thing of a diagram (节点)."""

    key: str
    label: str
    tier: int
    """In which column it stands, from 0: 一级, 二级, 三级 …"""
    kind: str = ""
    """What it is, e.g. 应急池; each kind has its own outline and a place in the legend."""
    text: str = ""
    """More about it in words, e.g. 有效容积 23 000 m³，现存 4 000 m³."""
    state: State = "note"
    state_label: str = ""
    """The state in words, e.g. 未确认，按不可用计."""
    url: str = ""


class GraphEdge(NamedTuple):
    """A way from one node to another (连接)."""

    source: str
    target: str
    label: str = ""
    """E.g. 300 m³/h."""
    state: State = "note"
    state_label: str = ""


@dataclass(frozen=True, kw_only=True)
class GraphChart(Chart):
    """A directed diagram in columns (关系图), e.g. the facilities of three tiers with their connections."""

    kind: ClassVar[str] = "graph"
    nodes: Sequence[GraphNode]
    edges: Sequence[GraphEdge]
    tier_labels: Sequence[str] = ()
    """Heads of the columns."""

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Return the head of the table twin."""
        return [(name, "") for name in ("层级", "类别", "名称", "情况", "状态", "通往")]

    @property
    def rows(self) -> list[list[Cell]]:
        """Return the table twin, row by row."""
        return [
            [
                Cell(self._tier(node)),
                Cell(node.kind or NOTHING),
                Cell(node.label, url=node.url),
                Cell(node.text or NOTHING),
                Cell(state_text(node.state, node.state_label)),
                Cell(self._leads_to(node)),
            ]
            for node in sorted(self.nodes, key=lambda node: node.tier)
        ]

    def _tier(self, node: GraphNode) -> str:
        return self.tier_labels[node.tier] if node.tier < len(self.tier_labels) else str(node.tier + 1)

    def _leads_to(self, node: GraphNode) -> str:
        names = {n.key: n.label for n in self.nodes}
        ways = []
        for edge in self.edges:
            if edge.source == node.key:
                about = [part for part in (edge.label, edge.state_label) if part]
                ways.append(names[edge.target] + (f"（{'，'.join(about)}）" if about else ""))
        return "；".join(ways) or NOTHING

    def _drawn(self) -> dict[str, Any]:
        return {
            "tiers": list(self.tier_labels),
            "kinds": list(dict.fromkeys(node.kind for node in self.nodes)),
            "nodes": [{**node._asdict(), "shape": SHAPES[node.state]} for node in self.nodes],
            "edges": [edge._asdict() for edge in self.edges],
        }
