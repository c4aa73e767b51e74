"""Pictures of an indicator say what its readings say, and no chart ever shows a missed target as met."""

from __future__ import annotations

from datetime import date

import pytest
from indicator_world import World, instant

from hwrisk.indicators.models import PeriodKind, ScopeKind
from hwrisk.indicators.operations import bring_up_to_date
from hwrisk.indicators.overdue.record import OVERDUE_RATE
from hwrisk.indicators.pictures import Pictures, pictures_of
from hwrisk.indicators.queries import past_values, running_values
from hwrisk.indicators.readings import Reading
from hwrisk.security import Viewer

AS_OF = date(2026, 11, 23)
SYSTEM = Viewer.system()


def link(reading: Reading) -> str:
    return f"/values/{reading.scope.code}"


def drawn(world: World, kind: PeriodKind = PeriodKind.YEAR_TO_DATE) -> Pictures:
    session = world.session
    running = {k: running_values(session, OVERDUE_RATE, user=SYSTEM, as_of=AS_OF, kind=k) for k in OVERDUE_RATE.running}
    heads = [readings[0] for readings in running.values()]
    past = past_values(session, OVERDUE_RATE, user=SYSTEM, scope=heads[0].scope)
    return pictures_of(running[kind], heads, past, link=link)


@pytest.fixture
def city(world: World) -> World:
    """A month that closed, reopened by a late record, and offices with and without overdue stock."""
    here, there = world.unit(), world.unit(office_code="LYG-XW", admin_code="320724")
    batch = world.batch("10000", date(2024, 6, 1), unit=here)
    load = world.send(batch, date(2026, 10, 1), "4000")
    receipt = world.receive(batch, load, date(2026, 10, 2), "4000")
    world.batch("5", date(2024, 7, 1), unit=there)
    bring_up_to_date(world.session, OVERDUE_RATE, as_of=date(2026, 11, 20), known_at=instant(date(2026, 11, 20)))
    world.recorded_at = instant(date(2026, 11, 21))
    world.cancel(batch, receipt)
    world.receive(batch, load, date(2026, 11, 12), "4000")
    world.receive(batch, world.send(batch, date(2026, 11, 10), "5999.9"), date(2026, 11, 12), "5999.9")
    bring_up_to_date(world.session, OVERDUE_RATE, as_of=AS_OF)
    return world


def test_the_trend_runs_from_the_first_closed_month_to_the_running_one(city: World) -> None:
    pictures = drawn(city)
    trend = pictures.trend
    assert trend is not None
    assert trend.title.endswith("按月走势")
    assert pictures.trend_words == "每点是一个月的比率，不是本年累计"
    assert trend.categories[-2:] == ["2026年10月", "2026年11月"]
    assert [series.name for series in trend.series] == ["结账值", "结账后修订", "本期（未结账）"]
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in trend.rows}
    assert rows["2026年10月"] == ["39.98 %", "0.00 %", "—"]
    assert rows["2026年11月"][:2] == ["—", "—"]
    assert [target.label for target in trend.targets] == ["目标 100 %"]


def test_before_a_period_closed_there_is_no_trend(world: World) -> None:
    world.unit()
    bring_up_to_date(world.session, OVERDUE_RATE, as_of=date(2026, 1, 5))
    heads = running_values(
        world.session, OVERDUE_RATE, user=SYSTEM, as_of=date(2026, 1, 5), kind=PeriodKind.YEAR_TO_DATE
    )
    assert pictures_of(heads, heads[:1], [], link=link).trend is None


def test_a_rate_just_below_the_target_is_not_shown_as_met(city: World) -> None:
    offices = drawn(city).offices
    assert offices is not None
    rows = {row[0].text: row[1].text for row in offices.rows}
    assert rows["灌云生态环境局"] == "▲ 99.99 %"
    assert rows["徐圩新区分局"].startswith("▲ 0.00 %")
    assert rows["东海生态环境局"].startswith("○")
    assert offices.urls[offices.categories.index("灌云生态环境局")] == "/values/LYG-GYX"


def test_quantities_leave_out_offices_without_any(city: World) -> None:
    quantities = drawn(city).quantities
    assert quantities is not None
    assert [[cell.text for cell in row] for row in quantities.rows] == [
        ["灌云生态环境局", "9,999.9000", "0.1000"],
        ["徐圩新区分局", "0.0000", "5.0000"],
    ]
    assert quantities.columns[1:] == [("已处置（吨）", "num"), ("未处置（吨）", "num")]


def test_districts_carry_class_value_and_what_it_is_made_of(city: World) -> None:
    districts = drawn(city).districts
    assert districts is not None
    areas = {area.code: area for area in districts.areas}
    assert (areas["320723"].text, areas["320723"].key) == ("99.99 %", "bad")
    assert areas["320723"].note.startswith("9,999.9000 / 10,000.0000 吨")
    assert areas["320722"].key == "note"
    assert "" not in areas


def test_one_office_alone_is_not_compared(city: World) -> None:
    readings = running_values(city.session, OVERDUE_RATE, user=SYSTEM, as_of=AS_OF, kind=PeriodKind.YEAR_TO_DATE)
    own = [reading for reading in readings if reading.scope.kind is ScopeKind.OFFICE][:1]
    pictures = pictures_of(own, own, [], link=link)
    assert pictures == Pictures(None, None, None, pictures.quantities, None)
