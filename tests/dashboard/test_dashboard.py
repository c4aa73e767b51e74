"""The dashboard as each of two tenants, the city and the wall see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from hwrisk.clock import now, today
from hwrisk.dashboard.queries import overdue_by_office, rates_now
from hwrisk.db.session import Database
from hwrisk.indicators.operations import bring_up_to_date
from hwrisk.indicators.overdue.record import OVERDUE_RATE
from hwrisk.ledger.drafts import Draft, Hand
from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.posting import post_many
from hwrisk.ledger.storage.models import FacilityKind
from hwrisk.ledger.storage.operations import register_facility
from hwrisk.security import GrantKind, Role, Viewer
from hwrisk.units.models import IdentityKind, ManagementClass, UnitRole, UnitStatus
from hwrisk.units.operations import UnitChange, register_unit
from hwrisk.web.registry import registry
from tests.people import make_viewer

SignIn = Callable[..., FlaskClient]
SYSTEM = Viewer.system()
FIRST = date(2023, 1, 1)
GUANYUN, GUANNAN = (GrantKind.OFFICE, "LYG-GYX"), (GrantKind.OFFICE, "LYG-GNX")


def plant(session: Session, number: int, office: str, admin: str, *, tonnes: str) -> None:
    """A generator with one batch that has been overdue since 2024."""
    unit = register_unit(
        session, identity_kind=IdentityKind.INDIVIDUAL, identity_no=f"YANSHI9{number:03d}", identity_reason="测试",
        valid_from=FIRST, actor=SYSTEM,
        state=UnitChange(
            name=f"看板{number}号化工有限公司", status=UnitStatus.OPERATING, role=UnitRole.GENERATOR,
            office_code=office,
            admin_code=admin, class_computed=ManagementClass.KEY,
        ),
    )  # fmt: skip
    facility = register_facility(
        session, unit_id=unit.id, code="TS001", name="贮存库", kind=FacilityKind.WAREHOUSE, capacity=Decimal(100),
        valid_from=FIRST, actor=SYSTEM,
    )  # fmt: skip
    stored = Draft(
        kind=EntryKind.STORED_IN, entry_no=f"HWRK2023020100{number}", occurred_on=date(2023, 2, 1),
        quantity=Decimal(tonnes), unit_id=unit.id, waste_code="772-003-18", waste_name="飞灰", facility_id=facility.id,
    )  # fmt: skip
    post_many(session, [stored], Hand(viewer=SYSTEM, as_of=today()))


@pytest.fixture
def city(database: Database) -> Database:
    """Two offices with overdue stock, and the values of the day."""
    with database.unit_of_work() as session:
        plant(session, 1, "LYG-GYX", "320723", tonnes="12.5")
        plant(session, 2, "LYG-GNX", "320724", tonnes="3")
        plant(session, 3, "LYG-GNX", "320724", tonnes="4")
        bring_up_to_date(session, OVERDUE_RATE, as_of=today(), known_at=now())
    return database


class TestOverdueByOffice:
    def test_the_city_sees_every_office_and_nothing_as_nothing(self, city: Database) -> None:
        with city.session() as session:
            lines = overdue_by_office(session, user=SYSTEM, as_of=today())
        found = {line.code: (line.batches, line.tonnes) for line in lines}
        assert found["LYG-GYX"] == (1, Decimal("12.5"))
        assert found["LYG-GNX"] == (2, Decimal(7))
        assert found["LYG-DH"] == (0, Decimal(0))
        assert "LYG" not in found

    def test_a_county_sees_its_own(self, city: Database) -> None:
        viewer = make_viewer(city, Role.COUNTY, [GUANNAN])
        with city.session() as session:
            lines = overdue_by_office(session, user=viewer, as_of=today())
        assert [(line.code, line.tonnes) for line in lines] == [("LYG-GNX", Decimal(7))]

    def test_before_the_limit_nothing_is_overdue(self, city: Database) -> None:
        with city.session() as session:
            lines = overdue_by_office(session, user=SYSTEM, as_of=date(2023, 12, 31))
        assert {line.batches for line in lines} == {0}

    def test_one_statement_for_all_batches(self, city: Database) -> None:
        statements = []
        with city.session() as session:
            event.listen(session.connection(), "before_cursor_execute", lambda *a: statements.append(a[2]))
            overdue_by_office(session, user=SYSTEM, as_of=today())
            assert len(statements) == 2, "the batches, and the offices"


class TestRates:
    def test_each_rate_comes_with_its_running_periods(self, city: Database) -> None:
        with city.session() as session:
            found = {rate.indicator.id: rate for rate in rates_now(session, user=SYSTEM, as_of=today())}
        rate = found[OVERDUE_RATE.id]
        assert [head.period.kind for head in rate.heads] == list(OVERDUE_RATE.running)
        assert rate.head.denominator == Decimal("19.5")
        assert "LYG" not in {reading.scope.code for reading in rate.readings}

    def test_of_several_offices_the_sum_stands_for_all(self, city: Database) -> None:
        viewer = make_viewer(city, Role.LEADER, [GUANYUN, GUANNAN])
        with city.session() as session:
            found = {rate.indicator.id: rate for rate in rates_now(session, user=viewer, as_of=today())}
        assert found[OVERDUE_RATE.id].head.denominator == Decimal("19.5")
        assert found[OVERDUE_RATE.id].past == []

    def test_who_sees_nothing_gets_nothing(self, city: Database) -> None:
        viewer = make_viewer(city, Role.LEADER)
        with city.session() as session:
            assert overdue_by_office(session, user=viewer, as_of=today()) == []


class TestPage:
    def test_the_city_sees_figures_matters_and_pictures(self, city: Database, sign_in: SignIn) -> None:
        page = sign_in(Role.CITY).get("/dashboard/").text
        for words in (
            "超期贮存处置率（本年累计）", "最紧要的事项", "管理台账", "批次已超期", "超期贮存处置率分布", "超期贮存量",
            "灌云生态环境局", "12.5000（1批）", "无超期", "看板1号化工有限公司", "指标数据截至",
        ):  # fmt: skip
            assert words in page, words
        assert page.count('data-picture="map"') >= 1
        assert "/storage/overdue?office=LYG-GYX" in page

    @pytest.mark.parametrize(("mine", "own", "foreign"), [(GUANYUN, "1号", "2号"), (GUANNAN, "2号", "1号")])
    def test_a_tenant_sees_its_own_alone(
        self, city: Database, sign_in: SignIn, mine: tuple[GrantKind, str], own: str, foreign: str
    ) -> None:
        page = sign_in(Role.COUNTY, mine).get("/dashboard/").text
        assert f"看板{own}化工" in page
        assert f"看板{foreign}化工" not in page
        other = "LYG-GNX" if mine is GUANYUN else "LYG-GYX"
        assert other not in page

    @pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.INSPECTOR, Role.SYSADMIN])
    def test_others_have_no_dashboard(self, city: Database, sign_in: SignIn, role: Role) -> None:
        client = sign_in(role)
        assert client.get("/dashboard/").status_code == 403
        assert "综合看板" not in client.get("/").text

    @pytest.mark.parametrize("role", [Role.PARK, Role.COMMAND, Role.LEADER, Role.AUDITOR])
    def test_without_anything_to_show_the_page_says_so(self, database: Database, sign_in: SignIn, role: Role) -> None:
        page = sign_in(role).get("/dashboard/")
        assert page.status_code == 200
        assert "综合看板" in page.text

    def test_the_menu_leads_there(self, city: Database, sign_in: SignIn) -> None:
        assert 'href="/dashboard/"' in sign_in(Role.LEADER, (GrantKind.CITY, "")).get("/").text

    def test_the_wall_has_no_menu_and_draws_itself_anew(self, city: Database, sign_in: SignIn) -> None:
        page = sign_in(Role.CITY).get("/dashboard/?screen=1").text
        assert '<meta name="hwrisk-refresh" content="300">' in page
        assert 'class="hw-screen"' in page
        assert 'id="menu"' not in page
        assert "退出大屏" in page
        assert page.count("<h1") == 1
        assert "批次已超期" in page


class TestByRoom:
    def test_the_rooms_hold_exactly_the_matters_of_the_house(self, app: Flask) -> None:
        with app.app_context():
            apart = [todo for room in registry().todo_rooms for todo in room.todos]
            assert apart == list(registry().todos)

    def test_the_board_and_the_desk_count_alike(self, city: Database, sign_in: SignIn) -> None:
        client = sign_in(Role.CITY)
        home = re.findall(r'<b>([\d,]+)</b>\s*<span class="what">([^<]+?)\s*<', client.get("/").text)
        board = re.findall(r'<li><a href="[^"]+"><b>([\d,]+)</b> ([^<]+)</a></li>', client.get("/dashboard/").text)
        assert home
        assert board == home
