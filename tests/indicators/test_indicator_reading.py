"""Reading values: who sees what, the rows behind a value, why a revised one differs, and values as plain data."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from indicator_world import World, instant
from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.indicators.checks import CHECKS
from hwrisk.indicators.figures import home_figure
from hwrisk.indicators.models import IndicatorValue, PeriodKind, ScopeKind, ValueStage
from hwrisk.indicators.operations import bring_up_to_date
from hwrisk.indicators.overdue.explanation import groups, value_details, value_page
from hwrisk.indicators.overdue.exports import RATE_ROWS, RATE_SHEET
from hwrisk.indicators.overdue.models import IndicatorRow
from hwrisk.indicators.overdue.record import OVERDUE_RATE
from hwrisk.indicators.overdue.revisions import changes
from hwrisk.indicators.queries import (
    get_value,
    headline,
    last_run,
    live_value,
    on_the_spot,
    past_values,
    readings_on,
    running_values,
)
from hwrisk.indicators.scopes import ScopeKey
from hwrisk.indicators.showing import explain_json, show
from hwrisk.ledger.models import LedgerEntry
from hwrisk.ledger.storage.models import BatchTag, ExtensionState, StorageBatch
from hwrisk.reporting import ReportRequest
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import ManagementClass

pytestmark = pytest.mark.db
AS_OF = date(2026, 11, 23)
CITY = Viewer.system()
YTD = PeriodKind.YEAR_TO_DATE


def county(*offices: str) -> Viewer:
    return replace(CITY, role=Role.COUNTY, is_city_wide=False, offices=frozenset(offices))


@pytest.fixture
def two_offices(world: World) -> World:
    """One batch half gone at 灌云 and one untouched at 徐圩."""
    here, there = world.unit(), world.unit(office_code="LYG-XW", admin_code="320724")
    batch = world.batch("10", date(2024, 6, 1), unit=here)
    world.receive(batch, world.send(batch, date(2026, 9, 28), "4"), date(2026, 10, 2), "4")
    world.plan(batch, "无处置去向")
    world.batch("5", date(2024, 7, 1), unit=there, tag=BatchTag.LEGACY)
    bring_up_to_date(world.session, OVERDUE_RATE, as_of=AS_OF)
    return world


def shown(readings: list[Any]) -> list[tuple[str, str, str | None]]:
    return [(r.scope.kind.value, r.scope.code, r.percent) for r in readings if r.denominator]


class TestInSight:
    def test_the_city_sees_every_scope(self, two_offices: World) -> None:
        found = running_values(two_offices.session, OVERDUE_RATE, user=CITY, as_of=AS_OF, kind=YTD)
        assert shown(found) == [
            ("city", "320700", "26.67"),
            ("office", "LYG-GYX", "40.00"),
            ("office", "LYG-XW", "0.00"),
            ("admin", "320723", "40.00"),
            ("admin", "320724", "0.00"),
        ]

    def test_a_county_sees_its_own_office_alone(self, two_offices: World) -> None:
        found = running_values(two_offices.session, OVERDUE_RATE, user=county("LYG-XW"), as_of=AS_OF, kind=YTD)
        assert [(r.scope.kind, r.scope.code) for r in found] == [(ScopeKind.OFFICE, "LYG-XW")]

    def test_a_value_out_of_sight_is_not_found(self, two_offices: World) -> None:
        session = two_offices.session
        city = running_values(session, OVERDUE_RATE, user=CITY, as_of=AS_OF, kind=YTD)[0]
        assert city.public_id is not None
        with pytest.raises(NotFound):
            get_value(session, city.public_id, user=county("LYG-XW"))
        with pytest.raises(NotFound):
            explain_json(session, city.ref, user=county("LYG-XW"))

    def test_several_offices_have_one_headline(self, two_offices: World) -> None:
        found = headline(two_offices.session, OVERDUE_RATE, user=county("LYG-XW", "LYG-GYX"), as_of=AS_OF, kind=YTD)
        assert found is not None
        assert (found.numerator, found.denominator, found.percent) == (4, 15, "26.67")

    def test_who_sees_single_units_gets_their_sum(self, two_offices: World) -> None:
        unit_id = two_offices.session.scalars(
            select(StorageBatch.unit_id).where(StorageBatch.tag == BatchTag.LEGACY)
        ).one()
        user = replace(CITY, role=Role.ENFORCEMENT, is_city_wide=False, units=frozenset({unit_id}))
        found = headline(two_offices.session, OVERDUE_RATE, user=user, as_of=AS_OF, kind=YTD)
        assert found is not None
        assert (found.scope_name, found.denominator) == ("授权范围内单位", 5)
        reading, rows = live_value(two_offices.session, found.ref, user=user)
        assert (reading.denominator, len(rows)) == (5, 1)
        with pytest.raises(NotFound):
            headline(two_offices.session, OVERDUE_RATE, user=replace(user, units=frozenset()), as_of=AS_OF, kind=YTD)

    def test_without_a_run_there_is_no_headline(self, world: World) -> None:
        assert headline(world.session, OVERDUE_RATE, user=CITY, as_of=AS_OF, kind=YTD) is None
        figure = home_figure(OVERDUE_RATE)(world.session, CITY, AS_OF)
        assert figure is not None
        assert figure.value == "未核算"
        assert last_run(world.session, OVERDUE_RATE) is None


class TestOnTheSpot:
    def test_it_says_what_the_job_says(self, two_offices: World) -> None:
        live = on_the_spot(two_offices.session, OVERDUE_RATE, as_of=AS_OF, user=CITY)
        stored = running_values(two_offices.session, OVERDUE_RATE, user=CITY, as_of=AS_OF, kind=YTD)
        assert [(r.scope, r.numerator, r.denominator, r.state) for r in live.readings] == [
            (r.scope, r.numerator, r.denominator, r.state) for r in stored
        ]

    def test_a_past_day_is_drawn_again(self, two_offices: World) -> None:
        live = on_the_spot(two_offices.session, OVERDUE_RATE, as_of=date(2026, 9, 30), user=CITY)
        assert (live.readings[0].numerator, live.readings[0].denominator) == (0, 15)
        assert live.readings[0].part("in_transit") == 4

    def test_a_county_sees_a_batch_of_a_unit_that_has_moved_on(self, world: World) -> None:
        unit = world.unit(office_code="LYG-GYX", until=date(2026, 6, 1))
        world.version(unit, since=date(2026, 6, 1), office_code="LYG-XW")
        world.batch("10", date(2024, 1, 1), unit=unit)
        live = on_the_spot(world.session, OVERDUE_RATE, as_of=AS_OF, user=county("LYG-GYX"))
        assert shown(live.readings) == [("office", "LYG-GYX", "0.00")]
        moved = on_the_spot(world.session, OVERDUE_RATE, as_of=AS_OF, user=county("LYG-XW"))
        assert shown(moved.readings) == []
        nobody = on_the_spot(world.session, OVERDUE_RATE, as_of=AS_OF, user=county("LYG-KFQ"))
        assert [(r.scope.code, r.text) for r in nobody.readings] == [("LYG-KFQ", "不适用")]

    @pytest.mark.parametrize(
        "ref", ["", "x", "2026-11-23~ytd~city", "2026-13-01~ytd~city~320700", "2027-01-01~ytd~city~320700",
                "2026-11-23~day~city~320700", "2026-11-23~ytd~city~999999"],
    )  # fmt: skip
    def test_a_reference_to_nothing_is_not_found(self, two_offices: World, ref: str) -> None:
        with pytest.raises(NotFound):
            live_value(two_offices.session, ref, user=CITY)


class TestRows:
    def value(self, session: Session) -> IndicatorValue:
        found = running_values(session, OVERDUE_RATE, user=CITY, as_of=AS_OF, kind=YTD)[0]
        assert found.public_id is not None
        return get_value(session, found.public_id, user=CITY)

    def test_batches_with_unit_waste_facility_and_reason(self, two_offices: World) -> None:
        rows = list(value_details(two_offices.session, self.value(two_offices.session)))
        assert [(row.counted_on, row.figures.due, row.figures.completed, row.reason) for row in rows] == [
            (date(2026, 1, 1), 10, 4, "无处置去向"),
            (date(2026, 1, 1), 5, 0, ""),
        ]
        assert rows[0].unit_name.startswith("演示")
        assert rows[0].facility.endswith("库")
        assert [row.tag_label for row in rows] == ["", "关停遗留"]

    def test_pages_by_keyset(self, world: World) -> None:
        for number in range(60):
            world.batch("1", date(2024, 1, 1 + number % 28))
        bring_up_to_date(world.session, OVERDUE_RATE, as_of=AS_OF)
        value = self.value(world.session)
        first = value_page(world.session, value)
        assert (len(first.rows), first.previous_cursor) == (50, None)
        second = value_page(world.session, value, cursor=first.next_cursor)
        assert (len(second.rows), second.next_cursor) == (10, None)
        assert not {r.batch_no for r in first.rows} & {r.batch_no for r in second.rows}

    def test_sums_by_unit_stream_circumstance_and_reason(self, two_offices: World) -> None:
        found = groups(two_offices.session, self.value(two_offices.session))
        assert [(g.label, g.due, g.completed) for g in found["tag"]] == [("无特殊情形", 10, 4), ("关停遗留", 5, 0)]
        assert [(g.label, g.due) for g in found["reason"]] == [("无处置去向", 10), ("未填处置计划", 5)]
        assert [(g.label, g.batches) for g in found["stream"]] == [("其他", 2)]
        assert [g.due for g in found["unit"]] == [10, 5]


class TestChanges:
    OCTOBER = date(2026, 10, 1)

    def both(self, session: Session) -> tuple[IndicatorValue, IndicatorValue]:
        rows = session.scalars(
            select(IndicatorValue).where(
                IndicatorValue.period_kind == PeriodKind.MONTH, IndicatorValue.period_start == self.OCTOBER,
                IndicatorValue.scope_kind == ScopeKind.CITY,
            )
        ).all()  # fmt: skip
        by_stage = {row.stage: row for row in rows}
        return by_stage[ValueStage.FROZEN], by_stage[ValueStage.REVISED]

    def frozen(self, world: World) -> None:
        bring_up_to_date(world.session, OVERDUE_RATE, as_of=date(2026, 11, 20), known_at=instant(date(2026, 11, 20)))

    def test_a_reversal_is_named_with_its_reason(self, world: World) -> None:
        batch = world.batch("10", date(2024, 6, 1))
        other = world.batch("3", date(2024, 6, 1))
        receipt = world.receive(batch, world.send(batch, date(2026, 10, 1), "4"), date(2026, 10, 2), "4")
        self.frozen(world)
        world.recorded_at = instant(date(2026, 11, 21))
        world.cancel(batch, receipt)
        world.plan(other, "与此无关")
        bring_up_to_date(world.session, OVERDUE_RATE, as_of=AS_OF)
        found = changes(world.session, *self.both(world.session))
        assert [(d.detail.batch_no, d.due_change, d.completed_change) for d in found.differences] == [
            (batch.batch_no, 0, -4)
        ]
        assert [(c.label, c.batch_no) for c in found.causes] == [("撤销", batch.batch_no)]

    def test_a_decision_recorded_late_on_an_early_application(self, world: World) -> None:
        batch = world.batch("10", date(2025, 9, 1), limit="licensed-operator-1-year")
        extension = world.extend(batch, None, None, applied_on=date(2026, 8, 1))
        self.frozen(world)
        extension.state, extension.approved_on = ExtensionState.APPROVED, date(2026, 8, 20)
        extension.until, extension.decided_at = date(2027, 3, 1), instant(date(2026, 11, 21))
        world.session.flush()
        bring_up_to_date(world.session, OVERDUE_RATE, as_of=AS_OF)
        found = changes(world.session, *self.both(world.session))
        assert [(d.detail.batch_no, d.after) for d in found.differences] == [(batch.batch_no, None)]
        assert [c.label for c in found.causes] == ["延长贮存期限"]
        assert "延长至 2027-03-01" in found.causes[0].text

    def test_merging_and_a_moved_unit(self, world: World) -> None:
        unit = world.unit()
        old, young = world.batch("4", date(2024, 2, 1), unit=unit), world.batch("6", date(2026, 5, 1), unit=unit)
        self.frozen(world)
        world.recorded_at = instant(date(2026, 11, 21))
        world.lot(date(2026, 10, 5), old, young)
        bring_up_to_date(world.session, OVERDUE_RATE, as_of=AS_OF)
        found = changes(world.session, *self.both(world.session))
        assert [(d.detail.batch_no, d.before, d.due_change) for d in found.differences] == [(young.batch_no, None, 6)]
        assert [c.label for c in found.causes] == ["合并批"]

    def test_a_late_report_is_named_where_units_were_missing(self, world: World) -> None:
        unit = world.unit(class_computed=ManagementClass.KEY)
        other = world.unit(class_computed=ManagementClass.KEY, office_code="LYG-XW", admin_code="320724")
        world.statement(other, date(2020, 1, 1), date(2026, 9, 30))
        self.frozen(world)
        world.recorded_at = instant(date(2026, 11, 22))
        world.statement(unit, date(2026, 1, 1), date(2026, 10, 31))
        bring_up_to_date(world.session, OVERDUE_RATE, as_of=AS_OF)
        frozen, revised = self.both(world.session)
        assert (frozen.unreported_units, revised.unreported_units) == (2, 1)
        found = changes(world.session, frozen, revised)
        assert found.differences == []
        assert [(c.label, unit.unit_no in c.text) for c in found.causes] == [("台账确认", True)]

    def test_past_periods_with_what_is_known_since(self, world: World) -> None:
        batch = world.batch("10", date(2024, 6, 1))
        self.frozen(world)
        world.recorded_at = instant(date(2026, 11, 21))
        world.treat(batch, date(2026, 10, 5), "10", done=date(2026, 10, 6))
        bring_up_to_date(world.session, OVERDUE_RATE, as_of=AS_OF)
        found = past_values(world.session, OVERDUE_RATE, user=CITY, scope=ScopeKey(ScopeKind.CITY, "320700"))
        labels = [item.frozen.period.label for item in found]
        assert labels[0] == "2026年10月"
        assert "2025年" in labels
        by_label = {item.frozen.period.label: item for item in found}
        assert by_label["2026年10月"].revised is not None
        assert by_label["2026年10月"].revised.percent == "100.00"
        assert by_label["2026年9月"].revised is None


class TestPlainData:
    def test_show_has_every_scope_and_can_be_written_as_json(self, two_offices: World) -> None:
        found = show(two_offices.session, OVERDUE_RATE, as_of=AS_OF, user=CITY)
        json.dumps(found)
        assert found["city"]["percent"] == "26.67"
        assert found["city"]["denominator"] == "15.0000"
        assert {row["period_kind"] for row in found["values"]} == {"ytd", "month", "quarter"}
        office = next(row for row in found["values"] if row["scope"] == "LYG-XW")
        assert (office["state"], office["met"], office["text"]) == ("value", False, "0.00 %")

    def test_one_scope_alone(self, two_offices: World) -> None:
        found = show(two_offices.session, OVERDUE_RATE, as_of=AS_OF, user=CITY, scope="LYG-XW")
        assert {row["scope"] for row in found["values"]} == {"LYG-XW"}
        with pytest.raises(NotFound):
            show(two_offices.session, OVERDUE_RATE, as_of=AS_OF, user=CITY, scope="LYG-??")

    def test_a_day_the_job_did_not_draw_is_worked_out(self, two_offices: World) -> None:
        found = show(two_offices.session, OVERDUE_RATE, as_of=date(2026, 9, 30), user=CITY)
        assert found["city"]["numerator"] == "0.0000"
        explained = explain_json(two_offices.session, found["city"]["id"], user=CITY)
        assert [row["in_transit"] for row in explained["rows"]] == ["4.0000", "0.0000"]

    def test_explain_names_the_batches_and_their_records(self, two_offices: World) -> None:
        city = show(two_offices.session, OVERDUE_RATE, as_of=AS_OF, user=CITY)["city"]
        found = explain_json(two_offices.session, city["id"], user=CITY)
        json.dumps(found)
        assert found["value"]["id"] == city["id"]
        assert [entry["kind"] for entry in found["rows"][0]["entries"]] == [
            "stored_in",
            "stored_out",
            "entrusted",
            "received",
        ]
        assert sum(float(row["due"]) for row in found["rows"]) == 15

    def test_readings_of_a_day_are_the_stored_ones(self, two_offices: World) -> None:
        assert all(r.public_id for r in readings_on(two_offices.session, OVERDUE_RATE, user=CITY, as_of=AS_OF))


class TestReports:
    def test_the_sheet_has_a_line_for_every_scope(self, two_offices: World) -> None:
        request = ReportRequest(user=CITY, as_of=AS_OF, filters={"period": "month"})
        rows = list(RATE_SHEET.rows(two_offices.session, request))
        assert len(rows) == RATE_SHEET.count(two_offices.session, request)
        assert {row.period.kind for row in rows} == {PeriodKind.MONTH}
        first = [column.read(rows[0]) for column in RATE_SHEET.columns]
        assert first[0] == ""
        assert RATE_SHEET.summary is not None
        assert "目标 100 %" in RATE_SHEET.summary(two_offices.session, request)[0]

    def test_the_rows_add_up_to_the_value(self, two_offices: World) -> None:
        request = ReportRequest(user=CITY, as_of=AS_OF)
        rows = list(RATE_ROWS.rows(two_offices.session, request))
        assert len(rows) == RATE_ROWS.count(two_offices.session, request) == 2
        assert RATE_ROWS.totals is not None
        assert RATE_ROWS.totals(two_offices.session, request)["due"] == 15

    def test_a_period_that_does_not_exist(self, two_offices: World) -> None:
        with pytest.raises(NotFound):
            RATE_SHEET.rows(two_offices.session, ReportRequest(user=CITY, as_of=AS_OF, filters={"period": "day"}))


class TestChecks:
    def test_nothing_is_wrong_after_a_run(self, two_offices: World) -> None:
        assert [problem for check in CHECKS for problem in check.run(two_offices.session)] == []

    def test_a_changed_row_is_found(self, two_offices: World) -> None:
        row = two_offices.session.scalars(select(IndicatorRow).order_by(IndicatorRow.id).limit(1)).one()
        row.due = row.due + 1
        two_offices.session.flush()
        problems = [problem for check in CHECKS for problem in check.run(two_offices.session)]
        assert len(problems) == 2

    def test_a_changed_value_is_found(self, two_offices: World) -> None:
        value = two_offices.session.scalars(select(IndicatorValue).order_by(IndicatorValue.id).limit(1)).one()
        value.denominator = value.denominator + 1
        two_offices.session.flush()
        assert [len(check.run(two_offices.session)) for check in CHECKS] == [1, 0, 0, 2]


def test_the_home_figure_has_target_and_parts(two_offices: World) -> None:
    figure = home_figure(OVERDUE_RATE)(two_offices.session, CITY, AS_OF)
    assert figure is not None
    assert (figure.value, figure.unit, figure.state) == ("26.67", "%", "bad")
    assert "4.0000 / 15.0000 吨 · 目标 100 %" in figure.of


def test_entries_are_never_touched(two_offices: World) -> None:
    before = two_offices.session.scalars(select(LedgerEntry.id)).all()
    bring_up_to_date(two_offices.session, OVERDUE_RATE, as_of=date(2026, 11, 24))
    assert two_offices.session.scalars(select(LedgerEntry.id)).all() == before
