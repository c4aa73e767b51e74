"""Maps as plain data (示意图): areas by value, places, connections, and the same in tables; drawn by `static/maps.js`.

    spec = Map(title="处置率分布", value_label="处置率", classes=RATE_CLASSES,
               areas=(Area("320723", "灌云县", "87.04 %", "bad", url="/…"), …),
               points=(Point("化学品仓库", 119.3, 34.3, "物资库", "有效期内 300 件"), …))

    {% from "_components/map.html" import map %}
    {{ map("rates", spec) }}

Areas are matched to the outlines of `regions.outlines` by their code; those without an outline (functional zones) are
listed beside the map. No tile is ever loaded, and every map says 示意图，不作为划界依据. Nothing here needs flask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from hwrisk.web.charts import NOTHING, SHAPES, Cell, state_text
from hwrisk.web.records import State

SCHEMATIC = "示意图，不作为划界依据"
"""Stands on every map: the outlines carry no approval number (审图号)."""


class MapClass(NamedTuple):
    """One class of the legend (图例): its key, what it is called, and how it is filled."""

    key: str
    label: str
    tone: str
    """bad, warn, good, note (each with its own hatching), or q1 … q5 from light to dark."""


class Area(NamedTuple):
    """A region with its value (区域)."""

    code: str
    name: str
    text: str = ""
    """The value ready to show."""
    key: str = ""
    """Key of its class in the legend; empty: no value."""
    note: str = ""
    url: str = ""


class Point(NamedTuple):
    """A place (点位), in degrees of CGCS2000 (WGS 84)."""

    name: str
    longitude: float
    latitude: float
    kind: str
    """E.g. 物资库, 应急池; each kind has a shape of its own."""
    text: str = ""
    state: State = "note"
    state_label: str = ""
    url: str = ""


class Line(NamedTuple):
    """A connection with a direction (连线), drawn with an arrow."""

    name: str
    path: Sequence[tuple[float, float]]
    """Longitude and latitude of each bend, from the beginning to the end."""
    text: str = ""
    state: State = "note"
    state_label: str = ""
    url: str = ""


class Twin(NamedTuple):
    """One table that says the same as a layer of the map."""

    caption: str
    columns: list[tuple[str, str]]
    rows: list[list[Cell]]


RATE_CLASSES = (
    MapClass("good", "达标", "good"),
    MapClass("warn", "达标，数据未齐", "warn"),
    MapClass("bad", "未达标", "bad"),
    MapClass("note", "无数据或不适用", "note"),
)
"""Classes of a rate by its state."""
TONES = ("q1", "q2", "q3", "q4", "q5")


@dataclass(frozen=True, kw_only=True)
class Map:
    """A map of the city (示意图)."""

    title: str
    area_label: str = "行政区划"
    value_label: str = ""
    classes: Sequence[MapClass] = ()
    areas: Sequence[Area] = ()
    points: Sequence[Point] = ()
    lines: Sequence[Line] = ()
    fit: str = "city"
    """What the map shows at first: `city`, or `points` to zoom to the places and connections."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw but outlines."""
        return not (self.areas or self.points or self.lines)

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of places, in the order in which they come."""
        return list(dict.fromkeys(point.kind for point in self.points))

    @property
    def twins(self) -> list[Twin]:
        """Return the tables that say the same as the map: areas, places, connections."""
        found = []
        if self.areas:
            heads = [(self.area_label, ""), (self.value_label or "数值", "num"), ("类别", ""), ("说明", "")]
            found.append(Twin(self.title, heads, [self._area_row(area) for area in self.areas]))
        if self.points:
            heads = [(name, "") for name in ("类别", "名称", "情况", "状态", "经度，纬度")]
            found.append(Twin("点位", heads, [_point_row(point) for point in self.points]))
        if self.lines:
            heads = [(name, "") for name in ("连接", "情况", "状态")]
            found.append(Twin("连接", heads, [_line_row(line) for line in self.lines]))
        return found

    @property
    def data(self) -> dict[str, Any]:
        """Return what the script draws, as plain data."""
        return {
            "title": self.title,
            "value_label": self.value_label,
            "fit": self.fit,
            "classes": [item._asdict() for item in self.classes],
            "areas": [area._asdict() for area in self.areas],
            "kinds": self.kinds,
            "points": [{**point._asdict(), "shape": SHAPES[point.state]} for point in self.points],
            "lines": [{**line._asdict(), "shape": SHAPES[line.state]} for line in self.lines],
        }

    def _area_row(self, area: Area) -> list[Cell]:
        label = next((item.label for item in self.classes if item.key == area.key), NOTHING)
        return [
            Cell(area.name, url=area.url),
            Cell(area.text or NOTHING, is_number=True),
            Cell(label),
            Cell(area.note or NOTHING),
        ]


def quantity_classes(values: Sequence[Decimal | Fraction | int], unit: str) -> tuple[MapClass, ...]:
    """Return up to five classes of equal width over quantities above 0, and one for none, from light to dark.

    `class_of` gives the key of the class a value falls in.
    """
    most = max((Fraction(value) for value in values), default=Fraction(0))
    none = MapClass("q0", "无", "note")
    if most <= 0:
        return (none,)
    step = _round_step(most / len(TONES))
    classes = [none]
    for number, tone in enumerate(TONES):
        low = step * number
        if low >= most:
            break
        classes.append(MapClass(tone, f"{_plain(low)} 至 {_plain(low + step)} {unit}", tone))
    return tuple(classes)


def class_of(value: Decimal | Fraction | int, values: Sequence[Decimal | Fraction | int]) -> str:
    """Return the key of the class of `quantity_classes(values)` a value falls in; the upper bound belongs to it."""
    if value <= 0:
        return "q0"
    step = _round_step(max(Fraction(v) for v in values) / len(TONES))
    number = -(-Fraction(value) // step)
    return TONES[min(number, len(TONES)) - 1]


def _round_step(step: Fraction) -> Fraction:
    """Return the next larger 1, 2 or 5 × a power of ten."""
    power = Fraction(1)
    while power * 10 <= step:
        power *= 10
    while power > step:
        power /= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step)


def _plain(value: Fraction) -> str:
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _point_row(point: Point) -> list[Cell]:
    return [
        Cell(point.kind),
        Cell(point.name, url=point.url),
        Cell(point.text or NOTHING),
        Cell(state_text(point.state, point.state_label)),
        Cell(f"{point.longitude:.4f}，{point.latitude:.4f}"),
    ]


def _line_row(line: Line) -> list[Cell]:
    return [
        Cell(line.name, url=line.url),
        Cell(line.text or NOTHING),
        Cell(state_text(line.state, line.state_label)),
    ]
