"""The pages as people see them: the rate, its scopes, the batches behind it, what changed since closing."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from indicator_world import World, instant
from sqlalchemy import select

from hwrisk.db.session import Database
from hwrisk.indicators.jobs import JOBS, RECOMPUTE, TASK_KINDS
from hwrisk.indicators.models import IndicatorValue, PeriodKind, ScopeKind, ValueStage
from hwrisk.indicators.operations import bring_up_to_date
from hwrisk.indicators.overdue.record import OVERDUE_RATE
from hwrisk.indicators.registry import INDICATORS
from hwrisk.jobs import RunState, Task, TaskState, run_job, run_task_now
from hwrisk.ledger.storage.models import StorageBatch
from hwrisk.security import GrantKind, Role

AS_OF = date(2026, 11, 23)
SignIn = Callable[..., FlaskClient]


@pytest.fixture
def city(world: World) -> World:
    """One batch half gone at 灌云 and one untouched at 徐圩, a closed month with a later reversal, committed."""
    here, there = world.unit(), world.unit(office_code="LYG-XW", admin_code="320724")
    batch = world.batch("10", date(2024, 6, 1), unit=here)
    receipt = world.receive(batch, world.send(batch, date(2026, 10, 1), "4"), date(2026, 10, 2), "4")
    world.batch("5", date(2024, 7, 1), unit=there)
    bring_up_to_date(world.session, OVERDUE_RATE, as_of=date(2026, 11, 20), known_at=instant(date(2026, 11, 20)))
    world.recorded_at = instant(date(2026, 11, 21))
    world.cancel(batch, receipt)
    world.receive(batch, world.send(batch, date(2026, 11, 10), "3"), date(2026, 11, 12), "3")
    for indicator in INDICATORS:
        bring_up_to_date(world.session, indicator, as_of=AS_OF)
    world.session.commit()
    return world


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def ref(world: World, scope: tuple[ScopeKind, str], stage: ValueStage = ValueStage.LIVE) -> str:
    kind = PeriodKind.YEAR_TO_DATE if stage is ValueStage.LIVE else PeriodKind.MONTH
    start = date(2026, 1, 1) if stage is ValueStage.LIVE else date(2026, 10, 1)
    row = world.session.scalars(
        select(IndicatorValue).where(
            IndicatorValue.scope_kind == scope[0], IndicatorValue.scope_code == scope[1],
            IndicatorValue.period_kind == kind, IndicatorValue.period_start == start, IndicatorValue.stage == stage,
        )
    ).one()  # fmt: skip
    return str(row.public_id)


WHOLE = (ScopeKind.CITY, "320700")


class TestIndex:
    def test_the_city_sees_figure_offices_and_districts(self, city: World, sign_in: SignIn) -> None:
        page = sign_in(Role.CITY).get("/indicators/overdue-disposal-rate")
        assert page.status_code == 200
        text = text_of(page.text)
        assert "20.00 %" in text
        assert "3.0000 / 15.0000 吨 · 目标 100 %" in text
        for words in (
            "按管辖单位",
            "按行政区划",
            "灌云生态环境局",
            "徐圩新区分局",
            "灌南县",
            "已结账统计期",
            "2026年10月",
        ):
            assert words in text
        assert "查看变动记录" in text
        assert "待定" not in text

    def test_a_county_sees_its_own_office_alone(self, city: World, sign_in: SignIn) -> None:
        text = text_of(sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW")).get("/indicators/overdue-disposal-rate").text)
        assert "徐圩新区分局" in text
        assert "0.00 %" in text
        assert "灌云生态环境局" not in text
        assert "按行政区划" not in text

    def test_two_offices_have_one_figure_and_two_lines(self, city: World, sign_in: SignIn) -> None:
        client = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"), (GrantKind.OFFICE, "LYG-GYX"))
        text = text_of(client.get("/indicators/overdue-disposal-rate").text)
        assert "20.00 %" in text
        assert "30.00 %" in text

    def test_the_month_and_a_past_day(self, city: World, sign_in: SignIn) -> None:
        client = sign_in(Role.CITY)
        assert "按管辖单位" in client.get("/indicators/overdue-disposal-rate?period=month").text
        past = client.get("/indicators/overdue-disposal-rate?as_of=2026-11-09")
        assert "倒推" in past.text
        assert "0.00 %" in text_of(past.text)
        assert client.get("/indicators/overdue-disposal-rate?as_of=2027-01-01").status_code in (400, 422)

    def test_before_the_first_run_it_says_what_to_do(self, world: World, sign_in: SignIn) -> None:
        text = text_of(sign_in(Role.CITY).get("/indicators/overdue-disposal-rate").text)
        assert "指标还没有核算过" in text
        assert "重新核算" in text

    def test_a_park_sees_the_sum_of_its_units(self, city: World, sign_in: SignIn) -> None:
        text = text_of(sign_in(Role.PARK, (GrantKind.PARK, 1)).get("/indicators/overdue-disposal-rate").text)
        assert "授权范围内单位" in text or "不适用" in text

    def test_an_enterprise_is_refused(self, city: World, sign_in: SignIn) -> None:
        assert sign_in(Role.ENTERPRISE, (GrantKind.UNIT, 1)).get("/indicators/overdue-disposal-rate").status_code == 403


class TestValue:
    def test_the_batches_behind_the_figure(self, city: World, sign_in: SignIn) -> None:
        page = sign_in(Role.CITY).get(f"/indicators/values/{ref(city, WHOLE)}")
        assert page.status_code == 200
        batches = city.session.scalars(select(StorageBatch).order_by(StorageBatch.id.desc()).limit(2)).all()
        for batch in batches:
            assert batch.batch_no in page.text
            assert str(batch.public_id) in page.text
        assert "12.0000" in page.text

    def test_another_office_is_not_found(self, city: World, sign_in: SignIn) -> None:
        client = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"))
        assert client.get(f"/indicators/values/{ref(city, (ScopeKind.OFFICE, 'LYG-GYX'))}").status_code == 404
        assert client.get(f"/indicators/values/{ref(city, WHOLE)}").status_code == 404
        assert client.get(f"/indicators/values/{ref(city, (ScopeKind.OFFICE, 'LYG-XW'))}").status_code == 200

    @pytest.mark.parametrize("wrong", ["x", "2026-11-23~ytd~city~1", "00000000-0000-0000-0000-000000000000"])
    def test_nothing_of_that_name(self, city: World, sign_in: SignIn, wrong: str) -> None:
        assert sign_in(Role.CITY).get(f"/indicators/values/{wrong}").status_code == 404

    def test_a_past_day_opens_down_to_its_batches(self, city: World, sign_in: SignIn) -> None:
        page = sign_in(Role.CITY).get("/indicators/values/2026-11-11~ytd~city~320700")
        assert page.status_code == 200
        assert "在途" in page.text

    def test_htmx_gets_the_rows_alone(self, city: World, sign_in: SignIn) -> None:
        answer = sign_in(Role.CITY).get(f"/indicators/values/{ref(city, WHOLE)}", headers={"HX-Request": "true"})
        assert "<html" not in answer.text
        assert "批次明细" in answer.text

    def test_sixty_rows_on_the_spot_are_paged(self, world: World, sign_in: SignIn) -> None:
        for number in range(60):
            world.batch("1", date(2024, 1, 1 + number % 28))
        world.session.commit()
        client = sign_in(Role.CITY)
        address = "/indicators/values/2026-11-22~ytd~city~320700"
        first = client.get(address).text
        assert first.count("/storage/") >= 50
        assert "cursor=51" in first
        second = client.get(f"{address}?cursor=51").text
        assert "cursor=1" in second
        assert "本页 10 行" in text_of(second)


class TestChanges:
    def test_a_reversal_after_closing_is_shown_with_its_record(self, city: World, sign_in: SignIn) -> None:
        address = f"/indicators/values/{ref(city, WHOLE, ValueStage.REVISED)}/changes"
        text = text_of(sign_in(Role.CITY).get(address).text)
        assert "已结账" in text
        assert "结账后修订" in text
        assert "-4.0000" in text
        assert "撤销" in text

    def test_a_value_that_is_not_revised_has_none(self, city: World, sign_in: SignIn) -> None:
        assert sign_in(Role.CITY).get(f"/indicators/values/{ref(city, WHOLE)}/changes").status_code == 404


class TestWork:
    def test_only_the_city_may_ask_for_it_again(self, city: World, sign_in: SignIn, database: Database) -> None:
        county = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"))
        assert county.post("/indicators/recompute").status_code == 403
        assert sign_in(Role.CITY).post("/indicators/recompute").status_code == 302
        with database.session() as session:
            task = session.scalars(select(Task).where(Task.kind == RECOMPUTE)).one()
        done = run_task_now(database, task.id, TASK_KINDS)
        assert done.state is TaskState.DONE
        assert done.result is not None
        assert done.result["frozen"] == 0

    def test_the_job_runs_once_for_a_day(self, city: World, database: Database) -> None:
        assert JOBS[0].name == "overdue-disposal-rate"
        first = run_job(database, JOBS[0], as_of=AS_OF)
        again = run_job(database, JOBS[0], as_of=AS_OF)
        assert (first.state, again.was_skipped) == (RunState.DONE, True)
        assert first.counts["changed"] == 0

    def test_the_home_page_shows_the_figure(self, city: World, sign_in: SignIn) -> None:
        text = text_of(sign_in(Role.CITY).get("/").text)
        assert "超期贮存处置率（本年累计）" in text
        assert "20.00" in text


def download(client: FlaskClient, report: str, fmt: str = "xlsx", **arguments: str) -> bytes:
    with client.post(f"/exports/{report}", data={"format": fmt, **arguments}, follow_redirects=True) as answer:
        assert answer.status_code == 200
        return bytes(answer.data)


def rows_of(file: bytes) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(file)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


class TestExports:
    @pytest.mark.parametrize("report", ["overdue-disposal-rate", "overdue-disposal-rows"])
    @pytest.mark.parametrize("fmt", ["xlsx", "pdf"])
    def test_both_reports_come_out(self, city: World, sign_in: SignIn, report: str, fmt: str) -> None:
        file = download(sign_in(Role.CITY), report, fmt)
        assert file[:4] == (b"%PDF" if fmt == "pdf" else b"PK\x03\x04")

    def test_the_sheet_keeps_numbers_as_numbers(self, city: World, sign_in: SignIn) -> None:
        rows = rows_of(download(sign_in(Role.CITY), "overdue-disposal-rate"))
        head = next(number for number, row in enumerate(rows) if row[0] == "划分")
        assert "目标 100 %" in " ".join(str(row[0]) for row in rows[:head])
        assert rows[head + 1][2:5] == (15, 3, 0.2)
        assert any("本局管理规则（待核）" in str(row[0]) for row in rows)

    def test_a_county_exports_its_own_rows(self, city: World, sign_in: SignIn) -> None:
        client = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"))
        rows = rows_of(download(client, "overdue-disposal-rows"))
        assert next(row[7] for row in rows if row[0] == "合计") == 5
        foreign = {"format": "xlsx", "arg.value": ref(city, WHOLE)}
        assert client.post("/exports/overdue-disposal-rows", data=foreign).status_code == 404
