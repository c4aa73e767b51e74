"""Required volume of a scenario by a named method (事故水容积): pure, exact, every term kept."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hwrisk.containment.settings import plain, rounded_up
from hwrisk.errors import RuleViolation
from hwrisk.rulepacks.records import CaseRunner

METHODS = "containment-methods"
QSY, GB50483 = "qsy", "gb50483"
MM_HA_M3 = 10
"""One millimetre of rain on one hectare is ten cubic metres."""


@dataclass(frozen=True, kw_only=True)
class FireLine:
    """Fire water of one piece of equipment: m³/h over hours."""

    flow: Fraction
    hours: Fraction


@dataclass(frozen=True, kw_only=True)
class Source:
    """One tank group or installation (罐组或装置) where it may happen; volumes in m³."""

    name: str
    v1: Fraction
    v3: Fraction
    fire: tuple[FireLine, ...] = ()
    vr: Fraction = Fraction(0)
    """Greatest rain while the fire is fought, for the method that asks for it."""

    @property
    def v2(self) -> Fraction:
        """All fire water."""
        return sum((line.flow * line.hours for line in self.fire), Fraction(0))

    def v2_until(self, hours: Fraction) -> Fraction:
        """Fire water that has come after so many hours."""
        return sum((line.flow * min(line.hours, hours) for line in self.fire), Fraction(0))


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is supposed to happen (情景); rain in mm and days a year, area in hectares."""

    method: str
    sources: tuple[Source, ...]
    v4: Fraction = Fraction(0)
    qa: Fraction = Fraction(0)
    n: Fraction = Fraction(0)
    area: Fraction = Fraction(0)

    @property
    def v5(self) -> Fraction:
        """Rain that may come in: 10 · q · F with q = qa ÷ n; nothing where no area is given."""
        if self.method != QSY or not self.area:
            return Fraction(0)
        return MM_HA_M3 * self.qa / self.n * self.area

    @property
    def governing(self) -> Source:
        """The tank group or installation that asks for the most room; the first of equal ones."""
        return max(self.sources, key=self._inner)

    @property
    def required(self) -> Fraction:
        """V总 in m³; what the bund holds back never turns negative into room for other water."""
        return self.required_after(max((line.hours for s in self.sources for line in s.fire), default=Fraction(0)))

    @property
    def hours(self) -> Fraction:
        """How long the governing source is fought."""
        return max((line.hours for line in self.governing.fire), default=Fraction(0))

    def required_after(self, hours: Fraction) -> Fraction:
        """Return the room that is needed after so many hours: leak, waste water and rain at once, fire water by and by.

        It never falls, is a broken line, and ends at V总.
        """
        source = self.governing
        inner = source.v1 + source.v2_until(hours) - source.v3
        if self.method == GB50483:
            return max(inner + source.vr, Fraction(0))
        return max(inner, Fraction(0)) + self.v4 + self.v5

    def corners(self) -> tuple[Fraction, ...]:
        """Return the hours at which the need changes its pace, from 0 to the end."""
        source = self.governing
        ends = sorted({Fraction(0), *(line.hours for line in source.fire)})
        found = list(ends)
        offset = source.v1 - source.v3 + (source.vr if self.method == GB50483 else 0)
        for start, end in itertools.pairwise(ends):
            low, high = offset + source.v2_until(start), offset + source.v2_until(end)
            if low < 0 < high:
                # Until here the bund holds everything.
                found.append(start + (end - start) * -low / (high - low))
        return tuple(sorted(found))

    def _inner(self, source: Source) -> Fraction:
        if self.method == GB50483:
            return source.v1 + source.v2 + source.vr
        return source.v1 + source.v2 - source.v3


def check_scenario(scenario: Scenario, *, max_area: Fraction) -> None:
    """Check that a scenario can be worked out.

    Raises:
        RuleViolation: no source, rain without days, or an area so large that it must be square metres.
    """
    if not scenario.sources:
        raise RuleViolation("请至少填写一处罐组或装置", field="source_1_name")
    if scenario.area > max_area:
        hectares = plain(rounded_up(scenario.area / 10_000))
        raise RuleViolation(
            f"汇水面积超过 {plain(Decimal(max_area.numerator) / max_area.denominator)} 公顷，多半是把平方米填成了公顷；"
            f"如为平方米，应填 {hectares} 公顷",
            field="area",
        )
    if scenario.method == QSY and scenario.area and not scenario.n:
        raise RuleViolation("有汇水面积时须填写年平均降雨日数，且大于 0", field="n")
    if all(source.v1 == 0 and source.v2 == 0 for source in scenario.sources):
        raise RuleViolation("泄漏量和消防水量不能都是 0，请至少填写一项", field="source_1_v1")


def scenario_of(data: Mapping[str, Any]) -> Scenario:
    """Return the scenario of plain data as it is stored: quantities are text."""
    return Scenario(
        method=str(data["method"]),
        sources=tuple(
            Source(
                name=str(row.get("name", "")),
                v1=_exact(row.get("v1")),
                v3=_exact(row.get("v3")),
                vr=_exact(row.get("vr")),
                fire=tuple(
                    FireLine(flow=_exact(line.get("flow")), hours=_exact(line.get("hours")))
                    for line in row.get("fire", [])
                ),
            )
            for row in data["units"]
        ),
        v4=_exact(data.get("v4")),
        qa=_exact(data.get("qa")),
        n=_exact(data.get("n")),
        area=_exact(data.get("f")),
    )


def _exact(text: Any) -> Fraction:
    return Fraction(str(text)) if text not in (None, "") else Fraction(0)


def _case(pack: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    if given["method"] not in {row["key"] for row in pack["method"]}:
        raise RuleViolation(f"规则包没有计算口径“{given['method']}”")
    scenario = scenario_of(given)
    return {
        "v2": plain(rounded_up(scenario.governing.v2)),
        "v5": plain(rounded_up(scenario.v5)),
        "total": plain(rounded_up(scenario.required)),
    }


CASES = (CaseRunner(METHODS, _case),)
