"""Pages, reports, job and command of the compliance rate, as people see them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.assessment.models import Grade, Subject
from hwrisk.db.session import Database
from hwrisk.indicators.compliance.computing import INDICATOR
from hwrisk.indicators.compliance.record import COMPLIANCE_RATE
from hwrisk.indicators.figures import home_figure
from hwrisk.indicators.jobs import JOBS
from hwrisk.indicators.models import IndicatorValue, ScopeKind, ValueStage
from hwrisk.indicators.operations import bring_up_to_date
from hwrisk.indicators.registry import INDICATORS
from hwrisk.jobs import run_job
from hwrisk.jobs.models import RunState
from hwrisk.security import GrantKind, Role, Viewer
from hwrisk.units.models import UnitRole
from tests.assessment.assessment_world import AssessmentWorld

AS_OF = date(2026, 11, 23)
PAGE = "/indicators/assessment-compliance-rate"
SignIn = Callable[..., FlaskClient]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def of(session: Session) -> AssessmentWorld:
    """灌云 with two of three assessed, 徐圩 with an operator that meets after a re-check, one excluded; computed."""
    of = AssessmentWorld(session)
    here: dict[str, Any] = {"office_code": "LYG-GYX", "admin_code": "320723"}
    of.assess(of.unit("演示达标公司", **here), Grade.MET)
    of.assess(of.unit("演示基本公司", **here), Grade.BASIC)
    of.unit("演示未评公司", **here)
    operator = of.unit("演示经营公司", role=UnitRole.OPERATOR)
    first = of.assess(operator, Grade.NOT_MET, subject=Subject.OPERATOR, on=date(2026, 3, 1))
    of.assess(operator, Grade.MET, subject=Subject.OPERATOR, on=date(2026, 6, 1), recheck_of=first)
    of.exclude(of.unit("演示停产公司"))
    for indicator in INDICATORS:
        bring_up_to_date(session, indicator, as_of=AS_OF)
    session.commit()
    return of


def ref(session: Session, stage: ValueStage = ValueStage.LIVE, code: str = "320700", year: int = 2026) -> str:
    row = session.scalars(
        select(IndicatorValue).where(
            IndicatorValue.indicator == INDICATOR, IndicatorValue.scope_code == code, IndicatorValue.stage == stage,
            IndicatorValue.period_start == date(year, 1, 1), IndicatorValue.scope_kind != ScopeKind.ADMIN,
        )
    ).one()  # fmt: skip
    return str(row.public_id)


class TestPage:
    def test_three_figures_tables_and_who_is_missing(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        answer = sign_in(Role.CITY).get(PAGE)
        assert answer.status_code == 200
        text = text_of(answer.text)
        for words in (
            "达标率（首次）", "33.33 %", "合格率（首次）", "56.67 %", "覆盖率", "75.00 %", "1 / 3 家 · 目标 90 %",
            "暂定值：还有 1 家应评单位没有评估", "按管辖单位", "按行政区划", "灌云生态环境局", "徐圩新区分局",
            "产废单位、经营单位和合计", "整改后", "不具备条件", "应评未评的单位", "演示未评公司", "待核",
            "企业自评不计",
        ):  # fmt: skip
            assert words in text, words
        assert "演示达标公司" not in text

    def test_a_county_sees_its_own_office(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        text = text_of(sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW")).get(PAGE).text)
        assert "徐圩新区分局" in text
        assert "灌云生态环境局" not in text
        assert "演示未评公司" not in text

    def test_a_past_day_is_worked_out_on_the_spot(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        text = text_of(sign_in(Role.CITY).get(f"{PAGE}?as_of=2026-04-01").text)
        assert "倒推" in text
        assert "尚未评估" in text or "0.00 %" in text

    def test_an_ended_year(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        text = text_of(sign_in(Role.CITY).get(f"{PAGE}?year=2025").text)
        assert "2025 年度 · 已结账" in text

    @pytest.mark.parametrize("wrong", ["x", "1900", "99999999999999999999", "-1"])
    def test_a_year_that_is_not_kept_shows_the_running_one(
        self, of: AssessmentWorld, sign_in: SignIn, wrong: str
    ) -> None:
        assert "2026 年度 · 滚动" in text_of(sign_in(Role.CITY).get(PAGE, query_string={"year": wrong}).text)

    def test_before_the_first_run(self, session: Session, sign_in: SignIn) -> None:
        assert "还没有核算过" in text_of(sign_in(Role.CITY).get(PAGE).text)

    def test_an_enterprise_is_refused(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        assert sign_in(Role.ENTERPRISE, (GrantKind.UNIT, 1)).get(PAGE).status_code == 403


class TestOverview:
    def test_both_rates_as_cards_and_by_office(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        answer = sign_in(Role.CITY).get("/indicators/")
        text = text_of(answer.text)
        for words in (
            "超期贮存危险废物处置率 2026年1月1日至11月23日",
            "规范化管理考核达标率 2026年",
            "33.33 %",
            "50.00 %",
        ):
            assert words in text, words
        assert PAGE in answer.text
        assert "/indicators/overdue-disposal-rate" in answer.text

    def test_an_auditor_without_units_and_a_park(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        for role, grants in ((Role.ENFORCEMENT, ()), (Role.PARK, ((GrantKind.PARK, 1),))):
            answer = sign_in(role, *grants).get("/indicators/")
            assert answer.status_code == 200

    def test_the_figure_on_the_desk(self, of: AssessmentWorld) -> None:
        figure = home_figure(COMPLIANCE_RATE)(of.session, Viewer.system(), AS_OF)
        assert figure is not None
        assert (figure.value, figure.state, figure.unverified) == ("33.33", "bad", True)
        assert figure.of == "1 / 3 家 · 目标 90 % · 暂定，1 家未评"


class TestValue:
    def test_the_units_behind_the_figure(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        text = text_of(sign_in(Role.CITY).get(f"/indicators/values/{ref(of.session)}").text)
        for words in ("演示达标公司", "演示基本公司", "演示未评公司", "演示经营公司", "不具备评估条件：停产", "县级"):
            assert words in text, words

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("subject=operator", {"演示经营公司"}),
            ("grade=met", {"演示达标公司"}),
            ("grade=not_met", {"演示经营公司"}),
            ("place=missing", {"演示未评公司"}),
            ("place=excluded", {"演示停产公司"}),
            ("place=covered&subject=generator", {"演示达标公司", "演示基本公司"}),
            ("place=extra", set()),
        ],
    )
    def test_filters_give_the_same_stored_and_on_the_spot(
        self, of: AssessmentWorld, sign_in: SignIn, query: str, shown: set[str]
    ) -> None:
        client = sign_in(Role.CITY)
        for value in (ref(of.session), "assessment-compliance-rate~2026-11-22~year~city~320700"):
            answer = client.get(f"/indicators/values/{value}?{query}", headers={"HX-Request": "true"})
            assert set(re.findall(r"演示..公司", answer.text)) == shown

    def test_another_office_is_not_found(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        client = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"))
        assert client.get(f"/indicators/values/{ref(of.session)}").status_code == 404
        assert client.get(f"/indicators/values/{ref(of.session, code='LYG-GYX')}").status_code == 404
        assert client.get(f"/indicators/values/{ref(of.session, code='LYG-XW')}").status_code == 200

    @pytest.mark.parametrize(
        "wrong", ["assessment-compliance-rate~2026-11-22~ytd~city~320700", "x~2026-11-22~year~city~1"]
    )
    def test_nothing_of_that_name(self, of: AssessmentWorld, sign_in: SignIn, wrong: str) -> None:
        assert sign_in(Role.CITY).get(f"/indicators/values/{wrong}").status_code == 404

    def test_sixty_units_are_paged_stored_and_on_the_spot(self, session: Session, sign_in: SignIn) -> None:
        of = AssessmentWorld(session)
        for _ in range(60):
            of.unit()
        bring_up_to_date(session, COMPLIANCE_RATE, as_of=AS_OF)
        session.commit()
        client = sign_in(Role.CITY)
        for value in (ref(session), "assessment-compliance-rate~2026-11-22~year~city~320700"):
            first = client.get(f"/indicators/values/{value}").text
            assert "本页 50 行" in text_of(first)
            cursor = re.search(r"cursor=([^\"&]+)\" rel=\"next\"", first)
            assert cursor is not None
            second = client.get(f"/indicators/values/{value}", query_string={"cursor": cursor[1]}).text
            assert "本页 10 行" in text_of(second)


class TestChanges:
    def test_late_data_are_shown_beside_the_frozen_year(self, session: Session, sign_in: SignIn) -> None:
        of = AssessmentWorld(session)
        unit, late = of.unit("演示按时公司"), of.unit("演示补录公司")
        of.assess(unit, Grade.MET, on=date(2025, 5, 10))
        cut = datetime(2026, 4, 5, 1, tzinfo=UTC)
        bring_up_to_date(session, COMPLIANCE_RATE, as_of=date(2026, 4, 5), known_at=cut)
        row = of.assess(
            late, Grade.NOT_MET, on=date(2025, 12, 20), closed_at=datetime(2026, 5, 2, tzinfo=UTC), year=2025
        )
        bring_up_to_date(session, COMPLIANCE_RATE, as_of=AS_OF)
        session.commit()
        client = sign_in(Role.CITY)
        text = text_of(client.get(PAGE).text)
        assert "各年度" in text
        assert "查看变动记录" in text
        answer = client.get(f"/indicators/values/{ref(session, ValueStage.REVISED, year=2025)}/changes")
        text = text_of(answer.text)
        for words in ("演示补录公司", "评估办结", row.assessment_no, "100.00 %", "50.00 %"):
            assert words in text, words
        assert "演示按时公司" not in text


def download(client: FlaskClient, report: str, fmt: str = "xlsx", **arguments: str) -> bytes:
    with client.post(f"/exports/{report}", data={"format": fmt, **arguments}, follow_redirects=True) as answer:
        assert answer.status_code == 200
        return bytes(answer.data)


def rows_of(file: bytes) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(file)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def pdf_text(file: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)


class TestReports:
    def test_the_sheet_has_one_row_per_scope_and_numbers_as_numbers(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        rows = rows_of(download(sign_in(Role.CITY), INDICATOR))
        head = next(number for number, row in enumerate(rows) if row[0] == "划分")
        titles, city = rows[head], rows[head + 1]
        shown = dict(zip(titles, city, strict=True))
        assert (shown["达标（家）"], shown["已评（家）"], shown["状态"]) == (1, 3, "暂定")
        assert shown["达标率"] == pytest.approx(1 / 3)
        assert shown["整改后达标率"] == pytest.approx(2 / 3)
        assert shown["合格率"] == pytest.approx(17 / 30)
        offices = [row for row in rows[head + 2 :] if row[0] == "管辖单位"]
        assert sum(row[titles.index("已评（家）")] for row in offices) == 3

    def test_an_ended_year_and_a_wrong_one(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        client = sign_in(Role.CITY)
        rows = rows_of(download(client, INDICATOR, **{"param.year": "2025"}))
        assert any("年度：2025（已结账）" in str(row[0]) for row in rows)
        wrong = {"format": "xlsx", "param.year": "2099"}
        answer = client.post(f"/exports/{INDICATOR}", data=wrong, follow_redirects=True)
        assert "年度“2099”不对" in answer.text

    def test_the_units_as_filtered_on_the_page(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        client = sign_in(Role.CITY)
        given = {"arg.value": ref(of.session), "arg.place": "missing"}
        rows = rows_of(download(client, f"{INDICATOR}-rows", **given))
        head = next(number for number, row in enumerate(rows) if row[0] == "单位编号")
        assert [row[1] for row in rows[head + 1 :] if row[1]] == ["演示未评公司"]
        assert "演示未评公司" in pdf_text(download(client, f"{INDICATOR}-rows", "pdf", **given))

    def test_the_sheet_for_leaders_is_one_page(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        client = sign_in(Role.CITY)
        file = download(client, "indicator-sheet", "pdf")
        text = pdf_text(file)
        for words in ("危险废物管理考核指标表", "33.33 %", "规范化管理考核达标率", "灌云生态环境局", "核验码"):
            assert words in text, words
        assert len(PdfReader(io.BytesIO(file)).pages) == 1
        rows = rows_of(download(client, "indicator-sheet"))
        head = next(number for number, row in enumerate(rows) if row[0] == "统计范围")
        rate = pytest.approx(0.3333)
        assert rows[head + 2][:8] == ("连云港市", "规范化管理考核达标率", "2026年", rate, 0.9, 1, 3, "家")

    def test_a_county_gets_its_own_sheet(self, of: AssessmentWorld, sign_in: SignIn) -> None:
        client = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"))
        text = pdf_text(download(client, "indicator-sheet", "pdf"))
        assert "徐圩新区分局" in text
        assert "灌云生态环境局" not in text
        foreign = {"format": "xlsx", "arg.value": ref(of.session)}
        assert client.post(f"/exports/{INDICATOR}-rows", data=foreign).status_code == 404


def test_the_job_runs_once_for_a_day(of: AssessmentWorld, database: Database) -> None:
    job = next(job for job in JOBS if job.name == INDICATOR)
    assert job.label == "规范化管理考核达标率"
    first, again = run_job(database, job, as_of=AS_OF), run_job(database, job, as_of=AS_OF)
    assert (first.state, again.was_skipped, first.counts["changed"]) == (RunState.DONE, True, 0)
