"""Pages, exports and documents of materials as people see them, and what strangers get."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import ClassVar

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import func, select

from hwrisk.audit.models import AuditEntry
from hwrisk.clock import now
from hwrisk.emergency import exports, panel, searching
from hwrisk.emergency.models import Depot, DepotLevel, DispatchRequest, DispatchState, MaterialLot, SubstanceMaterial
from hwrisk.emergency.operations import phones
from hwrisk.emergency.operations.hand import Hand
from hwrisk.errors import DatabaseBusy, NotFound
from hwrisk.reporting import ReportRequest, produce
from hwrisk.search import find
from hwrisk.search.operations import rebuild
from hwrisk.security import GrantKind, Role
from hwrisk.security.models import Account, DutyPost
from hwrisk.security.operations import create_post, put_on_roster, set_pin
from tests.emergency.depot_world import TODAY, DepotWorld, viewer
from tests.people import make_account


def seen(text: str) -> str:
    """What a person reads of a page: no tags, single blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", text.partition("<main")[2]).split())


@pytest.fixture
def depot(world: DepotWorld, session) -> Depot:
    """A depot near 柘汪 with good, expired and unconfirmed lime."""
    made = world.depot("演示甲库", at=(119.25, 35.08))
    world.lot(made, 10)
    world.lot(made, 7, expires_on=TODAY - timedelta(days=1))
    world.unconfirmed(made, 3)
    world.reserve(made, 2)
    session.commit()
    return made


class TestLookup:
    def test_a_whole_answer(self, depot, sign_in) -> None:
        shown = seen(sign_in(Role.COMMAND).get("/emergency/lookup?q=生石灰 柘汪 6吨").text)
        for words in (
            "演示甲库",
            "8 吨 氧化钙可调",
            "保底 2",
            "已过期",
            "不可调",
            "未确认，先电话核实",
            "估算路程",
            "调 6 吨",
        ):
            assert words in shown, words
        assert "000-0000-0001" not in shown and "000********01" in shown

    def test_htmx_gets_the_answer_alone(self, depot, sign_in) -> None:
        answer = sign_in(Role.COMMAND).get("/emergency/lookup?q=硫酸", headers={"HX-Request": "true"})
        assert '<form class="ask"' not in answer.text and "CAS 7664-93-9" in answer.text
        assert "HX-Request" in answer.headers["Vary"]

    @pytest.mark.parametrize(
        "question", ["", "7664-93-8", "%00", "没有这个", "99999999999999999999吨", "34.6,119.3", "'\"<b>"]
    )
    def test_any_question_is_answered(self, depot, sign_in, question) -> None:
        assert sign_in(Role.COMMAND).get("/emergency/lookup", query_string={"q": question}).status_code == 200


class TestDispatch:
    FORM: ClassVar = {"incident": "演示槽车泄漏", "place": "柘汪", "kind": "WZ-046", "quantity": "6吨", "depot": ""}

    def test_a_page_that_is_sent_again_asks_once(self, depot, sign_in, session) -> None:
        client = sign_in(Role.COMMAND)
        number = re.search(
            r'name="once_token"[^>]*value="([0-9a-f]{32})"', client.get("/emergency/dispatches/new").text
        )
        assert number is not None
        sent = {**self.FORM, "quantity": "1吨", "once_token": number[1]}
        assert client.post("/emergency/dispatches/new", data=sent).status_code == 302
        again = client.post("/emergency/dispatches/new", data=sent)
        assert again.status_code == 422 and "没有重复登记" in again.text and number[1] not in again.text
        assert session.scalar(select(func.count()).select_from(DispatchRequest)) == 1

    def test_a_lot_is_taken_from_once(self, depot, sign_in, session) -> None:
        lot = session.scalars(select(MaterialLot).where(MaterialLot.depot_id == depot.id)).first()
        sent = {"kind": "consumed", "quantity": "1", "on": str(TODAY), "note": "演示", "once_token": "f" * 32}
        client = sign_in(Role.CITY)
        path, before = f"/emergency/lots/{lot.public_id}/take", lot.remaining_milli
        assert [client.post(path, data=sent).status_code for _ in range(2)] == [302, 422]
        session.refresh(lot)
        assert before - lot.remaining_milli == 1000

    def test_command_asks_and_gets_it_allocated(self, depot, sign_in, session) -> None:
        client = sign_in(Role.COMMAND)
        answer = client.post("/emergency/dispatches/new", data=self.FORM, follow_redirects=True)
        shown = seen(answer.text)
        assert "已分配待出库" in shown and "演示甲库" in shown and "6 吨" in shown
        made = session.scalars(select(DispatchRequest)).one()
        url = f"/emergency/dispatches/{made.public_id}"
        assert "已出库" in seen(client.post(f"{url}/out", data={"carrier": "演示车"}, follow_redirects=True).text)
        page = client.get(f"{url}/settle").text
        names = re.findall(r'name="((?:returned|consumed)-\d+)"', page)
        wrong = client.post(f"{url}/settle", data={names[0]: "7"})
        assert wrong.status_code == 422 and "超过尚未核销" in wrong.text
        shown = seen(client.post(f"{url}/settle", data={names[0]: "4", names[1]: "2"}, follow_redirects=True).text)
        assert "已办结" in shown

    def test_a_county_asks_and_command_allocates(self, depot, sign_in, session) -> None:
        county = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GYX"))
        assert "尚未分配" in seen(county.post("/emergency/dispatches/new", data=self.FORM, follow_redirects=True).text)
        made = session.scalars(select(DispatchRequest)).one()
        url = f"/emergency/dispatches/{made.public_id}"
        assert county.post(f"{url}/allocate").status_code == 403
        assert sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GNX")).get(url).status_code == 404
        assert "1" in seen(sign_in(Role.COMMAND).get("/").text)
        sign_in(Role.COMMAND).post(f"{url}/allocate")
        session.expire_all()
        assert made.state is DispatchState.ALLOCATED
        # 取消 must not stand on a page about 取消调拨 for going back.
        asked = county.get(f"{url}/cancel").text
        assert ">确认取消调拨<" in asked and ">返回</a>" in asked
        shown = seen(county.post(f"{url}/cancel", data={"reason": "险情解除"}, follow_redirects=True).text)
        assert "已取消" in shown

    @pytest.mark.parametrize(
        ("on", "at", "expected"),
        [
            ("", "", "尽快"),
            ("2026-11-25", "14：30", "2026-11-25 14:30"),
            ("2026-11-25", "", "2026-11-25 23:59"),
            ("", "8:05", f"{TODAY} 08:05"),
        ],
    )
    def test_by_when_it_is_needed(self, depot, sign_in, on, at, expected) -> None:
        client, sent = sign_in(Role.COMMAND), {**self.FORM, "needed_on": on, "needed_time": at}
        assert expected in seen(client.post("/emergency/dispatches/new", data=sent, follow_redirects=True).text)
        assert "datetime-local" not in client.get("/emergency/dispatches/new").text
        wrong = client.post("/emergency/dispatches/new", data={**sent, "needed_time": "25:00"})
        assert wrong.status_code == 422 and "时刻写成 14:30 的样子" in wrong.text

    def test_nothing_to_give_leaves_the_request(self, world, sign_in, session) -> None:
        shown = sign_in(Role.COMMAND).post("/emergency/dispatches/new", data=self.FORM, follow_redirects=True).text
        assert "没有未过期" in shown and "待分配" in shown

    def test_a_bad_quantity_is_said_at_its_field(self, depot, sign_in) -> None:
        answer = sign_in(Role.COMMAND).post("/emergency/dispatches/new", data={**self.FORM, "quantity": "6米"})
        assert answer.status_code == 422 and "不能换算成吨" in answer.text


class TestCandidates:
    def test_a_review_is_kept_and_shown(self, world, sign_in, session) -> None:
        public_id = session.scalars(select(SubstanceMaterial.public_id)).first()
        session.rollback()
        form = {"review": "reviewed", "compatibility": "suitable", "basis": "演示：专家意见"}
        client = sign_in(Role.COMMAND)
        missing = client.post(f"/emergency/candidates/{public_id}/review", data={**form, "basis": ""})
        assert missing.status_code == 422
        shown = client.post(f"/emergency/candidates/{public_id}/review", data=form, follow_redirects=True)
        assert shown.status_code == 200
        assert "演示：专家意见" in seen(shown.text)


class TestPhone:
    def test_the_whole_number_is_an_act_on_record(self, depot, sign_in, session) -> None:
        client, url = sign_in(Role.COMMAND), f"/emergency/depots/{depot.public_id}/phone"
        assert "000-0000-0001" not in client.get(url).text
        assert "000-0000-0001" in client.post(url).text
        acts = session.scalars(select(AuditEntry).where(AuditEntry.action == "material.phone")).all()
        assert [act.object_id for act in acts] == [str(depot.id)]

    def test_the_search_box_leads_to_the_look_up(self, sign_in) -> None:
        html = sign_in(Role.COMMAND).get("/search/?q=灌云物资库").text
        assert "在“应急查询”中查“灌云物资库”" in html
        assert "/emergency/lookup?q=" in html
        assert "应急查询" not in sign_in(Role.COMMAND).get("/search/?q=").text.split("<main")[1]

    def test_a_duty_post_asks_for_the_pin(self, depot, app, database, sign_in, session) -> None:
        client = sign_in(Role.DUTY)
        url = f"/emergency/depots/{depot.public_id}/phone"
        assert "紧急时用个人账号登录办理" in client.get(url).text
        assert "没有当班人员" in client.post(url).text
        person, _ = make_account(database, Role.COMMAND)
        with database.unit_of_work() as writing:
            account = writing.scalars(select(Account).where(Account.role == Role.DUTY)).all()[-1]
            post: DutyPost = create_post(writing, name="演示值班室", account=account, actor=viewer())
            mine = writing.get_one(Account, person.id)
            set_pin(writing, mine, "739154", actor=viewer())
            put_on_roster(
                writing, post, mine, starts_at=now() - timedelta(hours=1), ends_at=now() + timedelta(hours=7),
                actor=viewer(),
            )  # fmt: skip
        assert "值班口令不正确" in client.post(url, data={"person": str(person.id), "pin": "000000"}).text
        right = client.post(url, data={"person": str(person.id), "pin": "739154"})
        assert "000-0000-0001" in right.text
        act = session.scalars(select(AuditEntry).where(AuditEntry.action == "material.phone")).one()
        assert act.actor_id == person.id

    def test_it_is_shown_and_noted_also_while_nothing_can_be_written(
        self, depot, sign_in, session, monkeypatch, tmp_path
    ) -> None:
        client = sign_in(Role.COMMAND)

        def busy(*_args, **_more):
            raise DatabaseBusy

        monkeypatch.setattr(phones, "record_view", busy)
        assert "000-0000-0001" in client.post(f"/emergency/depots/{depot.public_id}/phone").text
        monkeypatch.undo()
        assert phones.record_spooled(session, tmp_path) == 1
        assert phones.record_spooled(session, tmp_path) == 0


class TestStrangers:
    def test_foreign_tenants_find_nothing(self, world, unit_id, sign_in, session, database) -> None:
        depot = world.depot("演示企业库", level=DepotLevel.ENTERPRISE, unit_id=unit_id, office_code="LYG-GYX")
        lot = world.lot(depot, 5)
        session.commit()
        rebuild(session, searching.SOURCES)
        session.commit()
        own = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, unit_id))
        foreign = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GNX"))
        for path in (f"/emergency/depots/{depot.public_id}", f"/emergency/lots/{lot.public_id}"):
            assert own.get(path).status_code == 200
            assert foreign.get(path).status_code == 404
        for path in (
            "/emergency/stock",
            "/emergency/lots",
            "/emergency/depots",
            "/emergency/map",
            "/emergency/lookup?q=石灰",
        ):
            assert "演示企业库" in own.get(path).text, path
            assert "演示企业库" not in foreign.get(path).text, path
        stranger = viewer(Role.COUNTY, offices=frozenset({"LYG-GNX"}))
        assert find(session, "演示企业库", user=stranger) == []
        request = ReportRequest(user=stranger, as_of=TODAY)
        assert [report.count(session, request) for report in exports.REPORTS if not report.parameters] == [0] * 6

    def test_another_role_has_no_such_page(self, depot, sign_in) -> None:
        assert sign_in(Role.HEALTH, (GrantKind.CITY, "")).get("/emergency/stock").status_code == 403


@pytest.fixture
def four_depots(world: DepotWorld, sign_in, session) -> DispatchRequest:
    """A request that takes from four depots, by somebody whose number is known."""
    for number in range(4):
        world.lot(world.depot(f"演示{number}号库", at=(119.25, 35.08 + number / 100)), 2)
    session.commit()
    sign_in(Role.COMMAND).post("/emergency/dispatches/new", data={**TestDispatch.FORM, "quantity": "8吨"})
    ask = session.scalars(select(DispatchRequest)).one()
    session.get_one(Account, ask.requester_id).phone = "000-0000-0077"
    session.commit()
    return ask


@pytest.fixture
def print_order(database, tmp_path):
    """Print the order of a request for somebody."""

    def of(ask: DispatchRequest, user):
        asked = ReportRequest(user=user, as_of=TODAY, params={"order": ask.number})
        return produce(database, exports.ORDER, asked, "pdf", tmp_path / "order.pdf", exports_dir=tmp_path)

    return of


class TestPagesAndFiles:
    @pytest.mark.parametrize(
        "path", ["stock", "lots", "depots", "dispatches", "kinds", "candidates", "map", "depots/new", "kinds/new",
                 "stock?text=石灰&function=degrade", "lots?state=expired", "lots?attention=1", "depots?level=county"],
    )  # fmt: skip
    def test_every_list_opens(self, depot, sign_in, path) -> None:
        assert sign_in(Role.CITY).get(f"/emergency/{path}").status_code == 200

    def test_an_edit_conflict_shows_both_values(self, depot, sign_in) -> None:
        client, url = sign_in(Role.CITY), f"/emergency/depots/{depot.public_id}/edit"
        form = {"name": "演示甲库", "level": "county", "mode": "physical", "office_code": "LYG-GYX", "is_active": "y",
                "keeper": "演示新管理单位", "version": "1"}  # fmt: skip
        assert client.post(url, data=form).status_code == 302
        answer = client.post(url, data={**form, "keeper": "演示别的单位"})
        assert answer.status_code == 409 and "演示新管理单位" in answer.text

    @pytest.mark.parametrize("report", exports.REPORTS[:5], ids=lambda report: report.id)
    def test_workbooks_hold_the_rows(self, depot, database, tmp_path, report) -> None:
        path = tmp_path / "out.xlsx"
        made = produce(database, report, ReportRequest(user=viewer(), as_of=TODAY), "xlsx", path, exports_dir=tmp_path)
        text = " ".join(str(c) for row in load_workbook(path).worksheets[0].values for c in row if c is not None)
        assert report.title in text
        expected = {"material-stock": 1, "material-lots": 3, "material-expiring": 2, "depots": 1, "dispatch-orders": 0}
        assert made.rows == expected[report.id]

    def test_the_order_is_one_page(self, depot, database, sign_in, session, tmp_path) -> None:
        sign_in(Role.COMMAND).post("/emergency/dispatches/new", data=TestDispatch.FORM)
        number = session.scalars(select(DispatchRequest.number)).one()
        asked = ReportRequest(user=viewer(), as_of=TODAY, params={"order": number})
        path = tmp_path / "order.pdf"
        produce(database, exports.ORDER, asked, "pdf", path, exports_dir=tmp_path)
        pages = PdfReader(path).pages
        text = "".join(pages[0].extract_text().split())
        assert len(pages) == 1
        for words in ("应急物资调拨单", number, "演示甲库", "演示槽车泄漏", "6吨", "核验码"):
            assert words in text, words
        stranger = ReportRequest(
            user=viewer(Role.COUNTY, offices=frozenset({"LYG-GNX"})), as_of=TODAY, params=asked.params
        )
        with pytest.raises(NotFound):
            exports.ORDER.count(session, stranger)

    @pytest.mark.parametrize(
        ("role", "is_whole"),
        [(Role.COMMAND, True), (Role.CITY, True), (Role.DUTY, False), (Role.LEADER, False)],
    )
    def test_the_order_leads_the_driver_to_the_depot(self, four_depots, session, print_order, role, is_whole) -> None:
        """Four depots, each with address, keeper and number, and the number of who asked: still one page."""
        made = print_order(four_depots, viewer(role, is_city_wide=True))
        pages = PdfReader(made.path).pages
        text = "".join(pages[0].extract_text().split())
        assert len(pages) == 1
        for words in ("到哪里取", "演示3号库", "演示地址", "演示管理单位", "119.250000,35.080000"):
            assert words in text, words
        assert ("000-0000-0001" in text, "000-0000-0077" in text) == (is_whole, is_whole)
        assert ("含完整电话" in made.title) is is_whole
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "export.make")).one()
        assert entry.summary["title"] == made.title

    def test_contact_cards_carry_whole_numbers(self, depot, database, tmp_path) -> None:
        path = tmp_path / "cards.pdf"
        produce(
            database, exports.CONTACTS, ReportRequest(user=viewer(), as_of=TODAY), "pdf", path, exports_dir=tmp_path
        )
        text = "".join(PdfReader(path).pages[0].extract_text().split())
        assert "000-0000-0001" in text and "氧化钙8吨" in text

    def test_panels_and_chapters_of_unit_and_park(self, world, unit_id, session, app) -> None:
        park = world.park("LYG-P-ZWLG")
        world.lot(world.depot(level=DepotLevel.ENTERPRISE, unit_id=unit_id, park_id=park.id), 5)
        for of, owner in (("unit", unit_id), ("park", park.id)):
            chapter = next(each for each in panel.CHAPTERS if each.owner == of)
            found = chapter.load(session, owner, TODAY, viewer())
            assert found is not None and found.tables[0].rows
            assert chapter.load(session, owner + 999, TODAY, viewer()) is None
            with app.test_request_context():
                assert next(each for each in panel.PANELS if each.owner == of).load(session, owner, TODAY, viewer())

    def test_lists_ask_few_statements_however_long(self, world, session, count_statements) -> None:
        from hwrisk.emergency.queries import lots

        for _ in range(6):
            world.lot(world.depot(), 1)
        session.expunge_all()
        with count_statements() as statements:
            rows = lots.lot_rows(session, viewer(), lots.LotConditions(), as_of=TODAY)
            assert [row.depot.name + row.kind.name for row in rows] and len(rows) == 6
        assert len(statements) == 2
        with count_statements() as statements:
            lots.stock_rows(session, viewer(), lots.LotConditions(), as_of=TODAY)
        assert len(statements) == 2

    def test_hands_act_on_their_day(self) -> None:
        assert Hand(viewer=viewer(), as_of=TODAY).instant == now()
