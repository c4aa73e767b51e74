"""The values of an indicator as pictures: over time, by supervising office, by district; for pages and the dashboard.

    pictures = pictures_of(shown, heads, past, link=lambda reading: url_for("indicators.value", ref=reading.ref))

in the view; `{% include "indicators/_trend.html" %}` and `{% include "indicators/_map.html" %}` draw them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from hwrisk.indicators.models import PeriodKind, ScopeKind, ValueState
from hwrisk.indicators.queries import PastValue
from hwrisk.indicators.readings import R, Reading
from hwrisk.web.charts import BarChart, LineChart, Series, StackedBar, Target
from hwrisk.web.maps import RATE_CLASSES, Area, Map
from hwrisk.web.records import State

Link = Callable[[Reading], str]
MOST_POINTS = 24
LENGTHS = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR)
"""Periods a trend is drawn over, the shortest that has closed first."""
STATES: dict[str, State] = {"bad": "bad", "warn": "warn", "good": "good", "note": "note"}


class Pictures(NamedTuple):
    """What the page of an indicator shows beside its tables; None where there is nothing to draw."""

    trend: LineChart | None
    length: PeriodKind | None
    """Of the periods in the trend."""
    offices: BarChart | None
    quantities: StackedBar | None
    districts: Map | None

    @property
    def trend_words(self) -> str:
        """What the points of the trend are: a month of much arrears says less than the year so far."""
        each = self.length.label if self.length else ""
        return f"每点是一个{each}的比率，不是本年累计" if self.length is not PeriodKind.YEAR else "每点是一年的比率"


def pictures_of(
    readings: Sequence[Reading], heads: Sequence[Reading], past: Sequence[PastValue[R]], *, link: Link
) -> Pictures:
    """Return the pictures of one indicator.

    Args:
        readings: values of one period, of every scope in sight that the tables show.
        heads: headline values of the running periods.
        past: closed periods of the headline's scope, latest first.
        link: returns the address of the rows behind a value.
    """
    return Pictures(
        trend(heads, past),
        _length(past),
        rates_by_office(readings, link=link),
        quantities_by_office(readings, link=link),
        rates_by_district(readings, link=link),
    )


def trend(heads: Sequence[Reading], past: Sequence[PastValue[R]]) -> LineChart | None:
    """Return the rate over closed periods of one length and the running one, oldest first; None before any closed."""
    kind = _length(past)
    if kind is None:
        return None
    closed = [item for item in past if item.frozen.period.kind is kind][:MOST_POINTS][::-1]
    running = [head for head in heads if head.period.kind is kind or _runs_for(head, kind)][:1]
    frozen: list[Reading] = [item.frozen for item in closed]
    revised: list[Reading | None] = [item.revised for item in closed]
    series = [_series("结账值", [*frozen, *(None for _ in running)])]
    if any(revised):
        series.append(_series("结账后修订", [*revised, *(None for _ in running)]))
    if running:
        series.append(_series("本期（未结账）", [*(None for _ in closed), *running]))
    first = frozen[0]
    return LineChart(
        title=f"{first.scope_name}{first.short}按{kind.label}走势",
        category_label="统计期",
        unit="%",
        categories=[reading.period.label for reading in frozen] + [_running_label(r, kind) for r in running],
        series=series,
        targets=_targets([*frozen, *running]),
    )


def _length(past: Sequence[PastValue[R]]) -> PeriodKind | None:
    return next((kind for kind in LENGTHS if any(item.frozen.period.kind is kind for item in past)), None)


def rates_by_office(readings: Sequence[Reading], *, link: Link) -> BarChart | None:
    """Return the rate of each supervising office with its state and the target; None for fewer than two offices."""
    rows = _of_kind(readings, ScopeKind.OFFICE)
    # One office beside itself compares nothing: its rate is the headline.
    if len(rows) < 2:
        return None
    series = _series(rows[0].short, rows, states=[_state(r) for r in rows])
    return BarChart(
        title=f"{rows[0].period.label}各{ScopeKind.OFFICE.label}{rows[0].short}",
        category_label=ScopeKind.OFFICE.label,
        unit="%",
        categories=[reading.scope_name for reading in rows],
        series=[series],
        targets=_targets(rows),
        urls=[link(reading) for reading in rows],
        is_horizontal=True,
    )


def quantities_by_office(readings: Sequence[Reading], *, link: Link) -> StackedBar | None:
    """Return what is done and what is not, by supervising office, in the measure of the indicator."""
    rows = [reading for reading in _of_kind(readings, ScopeKind.OFFICE) if reading.denominator]
    if not rows:
        return None
    open_ones = [reading.denominator - reading.numerator for reading in rows]
    shown = rows[0].quantity_shown
    done, open_ = _part_names(rows[0])
    return StackedBar(
        title=f"{rows[0].period.label}各{ScopeKind.OFFICE.label}{done}和{open_}",
        category_label=ScopeKind.OFFICE.label,
        unit=rows[0].measure,
        categories=[reading.scope_name for reading in rows],
        series=[
            Series(done, [Fraction(r.numerator) for r in rows], [shown(r.numerator) for r in rows]),
            Series(open_, [Fraction(quantity) for quantity in open_ones], [shown(quantity) for quantity in open_ones]),
        ],
        urls=[link(reading) for reading in rows],
        is_horizontal=True,
    )


def rates_by_district(readings: Sequence[Reading], *, link: Link) -> Map | None:
    """Return the rate of each district on the map; what has no outline is listed beside it."""
    rows = _of_kind(readings, ScopeKind.ADMIN)
    if not rows:
        return None
    return Map(
        title=f"{rows[0].period.label}各{ScopeKind.ADMIN.label}{rows[0].short}",
        area_label=ScopeKind.ADMIN.label,
        value_label=rows[0].short,
        classes=RATE_CLASSES,
        areas=[
            Area(r.scope.code, r.scope_name, _text(r), "note" if r.is_met is None else r.mark, _made_of(r), link(r))
            for r in rows
        ],
    )


def _of_kind(readings: Sequence[Reading], kind: ScopeKind) -> list[Reading]:
    # What belongs to no region (待定) has a place only where it has a value.
    return [r for r in readings if r.scope.kind is kind and (r.scope.code or r.state is not ValueState.NOT_APPLICABLE)]


def _series(name: str, readings: Sequence[Reading | None], *, states: Sequence[State] = ()) -> Series:
    return Series(
        name,
        [None if r is None or r.share is None else r.share * 100 for r in readings],
        ["" if r is None else _text(r) for r in readings],
        states,
    )


def _text(reading: Reading) -> str:
    return f"{reading.percent} %" if reading.percent is not None else reading.text


def _made_of(reading: Reading) -> str:
    quantities = f"{reading.quantity_shown(reading.numerator)} / {reading.quantity_shown(reading.denominator)}"
    return "，".join(part for part in (f"{quantities} {reading.measure}", reading.missing) if part)


def _targets(readings: Sequence[Reading]) -> list[Target]:
    """Return the latest target alone: a line cannot bend where the target changed, the tables name each period's."""
    percent = readings[-1].target_percent
    return [Target(Decimal(percent), f"目标 {percent} %")] if percent else []


def _state(reading: Reading) -> State:
    return STATES[reading.mark]


def _runs_for(head: Reading, kind: PeriodKind) -> bool:
    return kind is PeriodKind.YEAR and head.period.kind is PeriodKind.YEAR_TO_DATE


def _running_label(reading: Reading, kind: PeriodKind) -> str:
    return f"{reading.period.start.year}年" if kind is PeriodKind.YEAR else reading.period.label


def _part_names(reading: Reading) -> tuple[str, str]:
    """Return how what is in the numerator is called, and what is not: 已处置 and 未处置, 达标 and 未达标."""
    done = reading.of_what.partition("/")[0].strip()
    return done, f"未{done.removeprefix('已')}"
