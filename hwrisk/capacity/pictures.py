"""Charts and the map of a run, each with its table twin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from hwrisk.capacity.models import CapacityRun
from hwrisk.capacity.queries.gathering import office_centres
from hwrisk.capacity.showing import CategoryRow, FlowRow, LineRow
from hwrisk.db.types import ZERO
from hwrisk.web.charts import BarChart, Series
from hwrisk.web.formats import rate, tonnes
from hwrisk.web.maps import Line, Map, Point

MOST_CATEGORIES = 20


def supply_chart(run: CapacityRun, rows: Sequence[CategoryRow]) -> BarChart:
    """Return need and licensed capacity of each category, the greatest need first."""
    chosen = sorted((row for row in rows if row.demand), key=lambda row: -row.demand)[:MOST_CATEGORIES]
    licensed, need = [row.licensed for row in chosen], [row.demand for row in chosen]
    return BarChart(
        title=f"{run.year} 年各类别委外需求与市内可用能力",
        categories=[row.category for row in chosen],
        category_label="废物类别",
        unit="吨",
        is_horizontal=len(chosen) > 8,
        series=(
            Series("委外需求", need, [tonnes(value) for value in need]),
            Series("可用能力（共用的不可相加）", licensed, [tonnes(value) for value in licensed]),
        ),
    )


def load_chart(run: CapacityRun, lines: Sequence[LineRow]) -> BarChart:
    """Return the load of each line of the city in the computation."""
    chosen = [line for line in lines if line.cap]
    return BarChart(
        title=f"{run.year} 年各生产线测算负荷",
        categories=[f"{line.holder} {line.key.rpartition('/')[2]}" for line in chosen],
        category_label="生产线",
        unit="吨",
        is_horizontal=True,
        series=(
            Series("测算接收", [line.used for line in chosen], [f"{tonnes(line.used)}" for line in chosen]),
            Series(
                "折算能力", [line.cap for line in chosen],
                [f"{tonnes(line.cap)}（负荷 {rate(line.load)}）" for line in chosen],
            ),
        ),
    )  # fmt: skip


def flow_map(run: CapacityRun, flows: Sequence[FlowRow], lines: Sequence[LineRow]) -> Map:
    """Return where the waste of each office goes; places of offices are derived, distances straight (估算)."""
    centres = office_centres()
    spots = _spots(run)
    sums: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    names = {flow.office: flow.office_name for flow in flows}
    for flow in flows:
        sums[flow.office, flow.line] += flow.tonnes
    by_key = {line.key: line for line in lines}
    points = [
        Point(
            line.holder, *spots[line.key], "处置设施", f"{line.key}：接收 {tonnes(line.used)} / {tonnes(line.cap)} 吨",
            "bad" if line.used >= line.cap else "good", "满负荷" if line.used >= line.cap else "有余量",
        )
        for line in lines
        if line.key in spots
    ]  # fmt: skip
    points += [
        Point(names[office], *centres[office], "管辖单位", f"{names[office]}（外廓形心，估算）")
        for office in sorted({office for office, _ in sums})
        if office in centres
    ]
    connections = [
        Line(f"{names[office]} → {by_key[key].holder}", (centres[office], spots[key]), f"{key}：{tonnes(quantity)} 吨")
        for (office, key), quantity in sorted(sums.items())
        if office in centres and key in spots and centres[office] != spots[key]
    ]
    return Map(title=f"{run.year} 年危险废物测算流向", points=points, lines=connections)


def _spots(run: CapacityRun) -> dict[str, tuple[float, float]]:
    centres = office_centres()
    found: dict[str, tuple[float, float]] = {}
    for row in run.result["lines"]:
        place = row["place"] or centres.get(row["office"])
        if place:
            found[row["key"]] = (float(place[0]), float(place[1]))
    return found
