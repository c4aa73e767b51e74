"""Charts as plain data (图表): what a chart shows, and the same in a table; drawn by `static/charts.js`.

A view hands a record to the template, the template draws it together with its table twin:

    trend = LineChart(title="处置率走势", categories=("1月", "2月"), unit="%", category_label="统计期",
                      series=(Series("处置率", (Decimal("98.1"), None), ("98.10 %", "无超期")),),
                      targets=(Target(Decimal(100), "目标 100 %"),))

    {% from "_components/chart.html" import chart %}
    {{ chart("trend", trend, "按月结账值") }}

What is read on the chart are the texts given or made here; the numbers only give lengths, so that the canvas rounds
nothing by itself. Nothing here needs flask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

from hwrisk.web.records import State

NOTHING = "—"
"""What stands where there is no record; never confused with 0."""
SHAPES: dict[State, str] = {"bad": "▲", "warn": "◆", "good": "●", "note": "○"}
"""The shape of a state, as everywhere else on the pages."""
Number = Decimal | Fraction | int


class Cell(NamedTuple):
    """One cell of a table twin."""

    text: str
    is_number: bool = False
    url: str = ""


class Target(NamedTuple):
    """A line across a chart (目标线): where it stands, and what it is called."""

    value: Number
    label: str


@dataclass(frozen=True)
class Series:
    """One row of values of a chart (系列), as many as there are categories; None where there is no record."""

    name: str
    values: Sequence[Number | None]
    texts: Sequence[str] = ()
    """The values ready to show, empty where there is none; by default made from the values and the chart's places."""
    states: Sequence[State] = ()
    """How each value stands: its shape is written before it."""
    is_line: bool = False
    """Whether a bar chart draws this one as a line, e.g. 核准能力 over 产生量."""
    group: str = ""
    """Series of one group are stacked, in a chart that stacks; others stand beside one another."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What all charts have."""

    kind: ClassVar[str]
    title: str
    """What the chart shows, with scope and period; read out by screen readers."""
    unit: str = ""

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Return the head of the table twin: title and class of each column."""
        raise NotImplementedError

    @property
    def rows(self) -> list[list[Cell]]:
        """Return the table twin, row by row."""
        raise NotImplementedError

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.rows

    def _drawn(self) -> dict[str, Any]:
        raise NotImplementedError

    @property
    def data(self) -> dict[str, Any]:
        """Return what the script draws, as plain data."""
        return {"kind": self.kind, "title": self.title, "unit": self.unit, **self._drawn()}


@dataclass(frozen=True, kw_only=True)
class _Axes(Chart):
    """Charts with categories along one axis and values along the other."""

    categories: Sequence[str]
    series: Sequence[Series]
    category_label: str = "项目"
    """Head of the first column of the table twin."""
    targets: Sequence[Target] = ()
    urls: Sequence[str] = ()
    """Where each category leads, as many as categories, or none at all."""
    places: int = 2
    """Decimals of values whose texts are not given."""

    def __post_init__(self) -> None:
        for series in self.series:
            for given in (series.values, series.texts or series.values, series.states or series.values):
                if len(given) != len(self.categories):
                    raise ValueError(f"{series.name}: {len(given)} values for {len(self.categories)} categories")
        if self.urls and len(self.urls) != len(self.categories):
            raise ValueError(f"{len(self.urls)} addresses for {len(self.categories)} categories")

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Return the head of the table twin: the category, then the series."""
        unit = f"（{self.unit}）" if self.unit else ""
        return [(self.category_label, ""), *((f"{series.name}{unit}", "num") for series in self.series)]

    @property
    def rows(self) -> list[list[Cell]]:
        """Return the table twin, one row for each category."""
        return [
            [Cell(name, url=self.urls[at] if self.urls else ""), *(self._cell(series, at) for series in self.series)]
            for at, name in enumerate(self.categories)
        ]

    @property
    def is_empty(self) -> bool:
        """Whether no series has a value."""
        return all(value is None for series in self.series for value in series.values)

    def texts(self, series: Series) -> list[str]:
        """Return the values of a series ready to show, each with the shape of its state before it."""
        given = series.texts or [shown(value, self.places) for value in series.values]
        texts = [text or NOTHING for text in given]
        if not series.states:
            return texts
        return [f"{SHAPES[state]} {text}" for state, text in zip(series.states, texts, strict=True)]

    def _cell(self, series: Series, at: int) -> Cell:
        return Cell(self.texts(series)[at], is_number=True)

    def _drawn(self) -> dict[str, Any]:
        return {
            "categories": list(self.categories),
            "urls": list(self.urls),
            "targets": [{"value": float(t.value), "label": t.label} for t in self.targets],
            "series": [
                {
                    "name": series.name,
                    "values": [None if value is None else float(value) for value in series.values],
                    "texts": self.texts(series),
                    "states": list(series.states),
                    "is_line": series.is_line,
                    "group": series.group,
                }
                for series in self.series
            ],
        }


@dataclass(frozen=True, kw_only=True)
class BarChart(_Axes):
    """Bars beside one another (柱状图), one group for each category."""

    kind: ClassVar[str] = "bar"
    is_horizontal: bool = False
    """Bars to the right: better for long names and for more than about eight categories."""
    is_stacked: bool = False

    def _drawn(self) -> dict[str, Any]:
        return {**super()._drawn(), "is_horizontal": self.is_horizontal, "is_stacked": self.is_stacked}


@dataclass(frozen=True, kw_only=True)
class StackedBar(BarChart):
    """Bars whose series lie upon one another (堆积图): parts of a whole."""

    is_stacked: bool = True


@dataclass(frozen=True, kw_only=True)
class LineChart(_Axes):
    """Lines over time (折线图); where there is no value the line is broken."""

    kind: ClassVar[str] = "line"


def shown(value: Number | None, places: int = 2) -> str:
    """Return a number with separated thousands and `places` decimals, rounded half up, or — where there is none."""
    if value is None:
        return NOTHING
    fraction = Fraction(value)
    exact = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    return f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def state_text(state: State, label: str) -> str:
    """Return a state in words behind its shape, or — where there are no words."""
    return f"{SHAPES[state]} {label}" if label else NOTHING
