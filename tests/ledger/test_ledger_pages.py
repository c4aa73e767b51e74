"""Pages of the ledger as people use them: list, entry, recording each kind, corrections, confirmation, wastes."""

import html
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from hwrisk.ledger.closing import close_period
from hwrisk.ledger.models import EntryKind, LedgerEntry, LedgerStatement, UnitWaste
from hwrisk.ledger.panel import stock_left
from hwrisk.ledger.storage.models import StorageBatch
from hwrisk.security import GrantKind, Role
from tests.ledger.ledger_world import OFFICE, SALT, TODAY

DAY = date(2026, 3, 2)
LOAD = {"predecessor_no": "CK1", "receiver_name": "演示接收单位甲", "receiver_kind": "treatment"}
TAGS = re.compile(r"<[^>]+>")


def days(number: int) -> date:
    return DAY + timedelta(days=number)


def text_of(response) -> str:
    return html.unescape(TAGS.sub(" ", response.get_data(as_text=True)))


@pytest.fixture
def ledger(world):
    world.post(EntryKind.GENERATED, DAY, "10", entry_no="CS1")
    world.post(EntryKind.STORED_IN, days(1), "10", entry_no="RK1", after="CS1")
    world.post(EntryKind.STORED_OUT, days(5), "6", batch="RK1", entry_no="CK1")
    world.session.commit()
    return world


@pytest.fixture
def city(sign_in):
    return sign_in(Role.CITY)


@pytest.fixture
def county(sign_in):
    return sign_in(Role.COUNTY, (GrantKind.OFFICE, OFFICE))


@pytest.fixture
def enterprise(sign_in, world):
    world.session.commit()
    return sign_in(Role.ENTERPRISE, (GrantKind.UNIT, world.unit.id))


def record(world, number):
    world.session.expire_all()
    return world.session.scalars(
        select(LedgerEntry).where(LedgerEntry.entry_no == number, LedgerEntry.unit_id == world.unit.id)
    ).one()


class TestList:
    def test_rows_and_totals(self, ledger, county):
        text = text_of(county.get("/ledger/"))
        assert "管理台账" in text
        assert "CK1" in text
        assert "全部 3 条（更正已计入，吨）：产生 10.0000 · 入库 10.0000 · 出库 6.0000" in text

    def test_htmx_gets_the_rows_alone(self, ledger, county):
        answer = county.get("/ledger/?kind=generated", headers={"HX-Request": "true"})
        text = text_of(answer)
        assert "CS1" in text
        assert "CK1" not in text
        assert "<html" not in answer.get_data(as_text=True)

    def test_a_past_day(self, ledger, county):
        text = text_of(county.get(f"/ledger/?as_of={days(2)}"))
        assert "RK1" in text
        assert "CK1" not in text

    def test_nothing_of_another_office(self, ledger, sign_in):
        other = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GNX"))
        assert "CK1" not in text_of(other.get("/ledger/"))

    @pytest.mark.parametrize("query", ["since=x", "kind=zz", "cursor=%00", "numbers=%00", "waste=%27%25_", "as_of=1"])
    def test_odd_addresses(self, ledger, county, query):
        assert county.get(f"/ledger/?{query}").status_code < 500

    def test_in_the_menu_and_on_the_page_of_the_unit(self, ledger, county):
        text = text_of(county.get(f"/units/{ledger.unit.public_id}"))
        assert "台账还没有确认过" in text
        assert "CK1" in text

    def test_who_may_not_read_it(self, ledger, sign_in):
        assert sign_in(Role.OPERATOR).get("/ledger/").status_code == 403
        assert sign_in(Role.SYSADMIN).get("/ledger/").status_code == 403


class TestEntry:
    def test_its_chain(self, ledger, county):
        text = text_of(county.get(f"/ledger/entries/{record(ledger, 'RK1').public_id}"))
        assert "上一环节" in text
        assert "CS1" in text
        assert "调整数量" in text

    def test_next_steps(self, ledger, enterprise):
        answer = enterprise.get(f"/ledger/entries/{record(ledger, 'CK1').public_id}")
        text = text_of(answer)
        assert "登记自行利用处置" in text
        assert "登记委外利用处置" in text
        assert "撤销" not in text
        assert f"/ledger/units/{ledger.unit.public_id}/new/entrusted?after=CK1" in answer.get_data(as_text=True)

    def test_out_of_sight(self, ledger, sign_in):
        path = f"/ledger/entries/{record(ledger, 'CK1').public_id}"
        other = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, 999_999))
        assert other.get(path).status_code == 404
        county = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GNX"))
        for act in ("cancel", "adjust"):
            assert county.get(f"{path}/{act}").status_code == 404
            assert county.post(f"{path}/{act}", data={"reason": "错", "quantity": "1"}).status_code == 404


class TestRecording:
    def post(self, client, world, kind, **data):
        return client.post(f"/ledger/units/{world.unit.public_id}/new/{kind}", data=data)

    def test_an_enterprise_is_led_to_its_own_unit(self, ledger, enterprise):
        answer = enterprise.get("/ledger/new")
        assert answer.location == f"/ledger/units/{ledger.unit.public_id}/new"
        text = text_of(enterprise.get(answer.location))
        for name in (
            "产生",
            "入库",
            "出库",
            "自行利用处置",
            "委外利用处置",
            "接收确认",
            "退回入库",
            "移库",
            "盘盈",
            "盘亏",
            "期初结转",
        ):
            assert name in text

    def test_the_city_chooses_a_unit(self, ledger, city):
        text = text_of(city.get(f"/ledger/new?text={ledger.unit.unit_no}"))
        assert ledger.unit.unit_no in text
        assert "没有找到单位" in text_of(city.get("/ledger/new?text=%E6%B2%A1%E6%9C%89%E7%9A%84"))

    def test_every_form_opens(self, ledger, enterprise):
        from hwrisk.ledger.forms import FORMS

        for kind in FORMS:
            answer = enterprise.get(f"/ledger/units/{ledger.unit.public_id}/new/{kind.value}")
            assert answer.status_code == 200, kind
            assert answer.get_data(as_text=True).count("<h1") == 1

    def test_from_generation_to_the_furnace(self, world, enterprise):
        number = {"quantity": "5"}
        self.post(enterprise, world, "generated", occurred_on="2026-03-02", waste_code=SALT, waste_name="废盐",
                  entry_no="CS1", **number)  # fmt: skip
        self.post(enterprise, world, "stored_in", occurred_on="2026/3/3", predecessor_no="CS1", facility_id="TS001",
                  entry_no="RK1", quantity="５")  # fmt: skip
        self.post(enterprise, world, "moved_out", occurred_on="2026-03-04", batch_no="RK1", to_facility_id="TS002",
                  quantity="1")  # fmt: skip
        self.post(enterprise, world, "stored_out", occurred_on="2026-03-05", waste_code=SALT, entry_no="CK1", **number)
        self.post(enterprise, world, "entrusted", occurred_on="2026-03-05", predecessor_no="CK1", quantity="4",
                  receiver_name="演示接收单位甲", receiver_kind="treatment", method_code="D10",
                  national_no="20263207000001", entry_no="WW1")  # fmt: skip
        answer = self.post(enterprise, world, "received", occurred_on="2026-03-07", predecessor_no="WW1",
                           quantity="3.9", difference_explained="y")  # fmt: skip
        assert answer.status_code == 302
        world.session.expire_all()
        rows = world.session.scalars(
            select(LedgerEntry).where(LedgerEntry.unit_id == world.unit.id).order_by(LedgerEntry.id)
        ).all()
        assert [row.kind for row in rows] == [
            EntryKind.GENERATED, EntryKind.STORED_IN, EntryKind.MOVED_OUT, EntryKind.MOVED_IN, EntryKind.STORED_OUT,
            EntryKind.STORED_OUT, EntryKind.ENTRUSTED, EntryKind.RECEIVED,
        ]  # fmt: skip
        stored = rows[1]
        assert (stored.waste_code, stored.waste_name, stored.recorded_by) == (SALT, "废盐", "演示部门 演示-张三")
        batch = world.session.scalars(select(StorageBatch).where(StorageBatch.batch_no == "RK1")).one()
        assert batch.remaining == 0
        assert rows[-1].difference_explained is True

    def test_own_treatment_return_counts_and_opening(self, ledger, enterprise):
        done = [
            self.post(enterprise, ledger, "self_treated", occurred_on="2026-03-07", predecessor_no="CK1", quantity="2",
                      method_code="D10", completed_on="2026-03-08"),
            self.post(enterprise, ledger, "entrusted", occurred_on="2026-03-07", predecessor_no="CK1", quantity="4",
                      receiver_name="甲", receiver_kind="collection", entry_no="WW1"),
            self.post(enterprise, ledger, "returned", occurred_on="2026-03-08", predecessor_no="WW1", quantity="1"),
            self.post(enterprise, ledger, "stocktake_loss", occurred_on="2026-03-09", batch_no="RK1", quantity="0.1",
                      remark="年末盘点"),
            self.post(enterprise, ledger, "stocktake_gain", occurred_on="2026-03-09", batch_no="RK1", quantity="0.2",
                      remark="年末盘点"),
            self.post(enterprise, ledger, "opening", occurred_on="2026-03-09", waste_code=SALT, quantity="7",
                      facility_id="TS001", tag="legacy"),
        ]  # fmt: skip
        assert [answer.status_code for answer in done] == [302] * 6

    @pytest.mark.parametrize(
        ("kind", "data", "sentence"),
        [
            ("generated", {"waste_code": "1", "quantity": "1"}, "废物代码格式不对"),
            ("generated", {"waste_code": SALT, "quantity": "500kg"}, "写的单位是千克，这里要填吨（0.5）"),
            ("generated", {"waste_code": SALT, "quantity": "-1"}, "数量不能为负数"),
            ("generated", {"waste_code": SALT, "quantity": "1e400"}, "不能用科学计数法"),
            ("generated", {"waste_code": SALT}, "请填写产生量"),
            ("generated", {"waste_code": SALT, "quantity": "1", "occurred_on": "2026-11-24"}, "不能填未来的日期"),
            ("stored_in", {"waste_code": SALT, "quantity": "1"}, "请选择贮存设施"),
            ("stored_out", {"batch_no": "RK1", "quantity": "5"}, "数量 5 吨大于该批次 2026-03-20 的在库量 4 吨"),
            ("stored_out", {"quantity": "5"}, "请填写入库批次编码，或填写废物代码由系统按先进先出核销"),
            ("entrusted", LOAD | {"quantity": "7"}, "数量 7 吨大于所依据记录尚未登记去向的 6 吨"),
            ("entrusted", LOAD | {"quantity": "1", "national_no": "123"}, "国家联单编号应为 14 位"),
            ("moved_out", {"batch_no": "RK1", "quantity": "1", "to_facility_id": "TS001"}, "不得与移出的相同"),
        ],
    )  # fmt: skip
    def test_refusals_stand_at_the_field(self, ledger, enterprise, kind, data, sentence):
        before = len(ledger.records())
        answer = self.post(enterprise, ledger, kind, **{"occurred_on": "2026-03-20"} | data)
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        assert 'aria-invalid="true"' in answer.get_data(as_text=True)
        assert len(ledger.records()) == before

    def test_a_warning_is_told(self, world, enterprise):
        answer = self.post(enterprise, world, "generated", occurred_on="2026-03-02", waste_code="999-999-49",
                           quantity="1")  # fmt: skip
        assert "名录外代码（待核）" in text_of(enterprise.get(answer.location))

    def test_a_draft_comes_back(self, world, enterprise):
        key = f"ledger.generated.{world.unit.public_id}"
        kept = enterprise.post(f"/drafts/{key}", data={"waste_name": "写了一半"})
        assert kept.status_code < 300
        answer = enterprise.get(f"/ledger/units/{world.unit.public_id}/new/generated")
        assert "写了一半" in answer.get_data(as_text=True)

    def test_another_unit(self, world, enterprise):
        other = world.register()
        world.session.commit()
        for path in ("new", "new/generated", "confirm"):
            assert enterprise.get(f"/ledger/units/{other.public_id}/{path}").status_code == 404
        assert self.post(enterprise, world, "nothing").status_code == 404

    def test_who_may_not_write(self, world, sign_in):
        for role in (Role.LEADER, Role.PARK, Role.INSPECTOR):
            assert sign_in(role).get("/ledger/new").status_code == 403


class TestCorrections:
    def test_the_county_cancels_and_adjusts_what_is_small(self, ledger, county):
        path = f"/ledger/entries/{record(ledger, 'CK1').public_id}"
        assert "撤销本条由驻县（区）局决定" in text_of(county.get(f"{path}/cancel"))
        answer = county.post(f"{path}/adjust", data={"quantity": "6.5", "reason": "过磅复核"})
        assert answer.status_code == 302
        assert "6.5000 吨" in text_of(county.get(path))
        county.post(f"{path}/cancel", data={"reason": "重复录入"})
        text = text_of(county.get(path))
        assert "这条记录已撤销，不计入库存" in text
        assert "重复录入" in text

    def test_the_city_decides_the_large_and_the_frozen(self, ledger, county, city):
        path = f"/ledger/entries/{record(ledger, 'CK1').public_id}/adjust"
        data = {"quantity": "7", "reason": "过磅复核"}
        refused = county.post(path, data=data)
        assert refused.status_code == 422
        assert "该更正幅度较大，由市局固废科决定；请报市局办理" in text_of(refused)
        assert city.post(path, data=data).status_code == 302
        close_period(ledger.session, starts_on=date(2026, 3, 1), ends_on=date(2026, 4, 1), hand=ledger.hand())
        ledger.session.commit()
        refused = county.post(path, data={"quantity": "6.1", "reason": "过磅复核"})
        assert "该更正所在期间已结账" in text_of(refused)

    def test_a_reason_is_asked_for(self, ledger, county):
        answer = county.post(f"/ledger/entries/{record(ledger, 'CK1').public_id}/cancel", data={"reason": " "})
        assert (answer.status_code, "请填写更正原因" in text_of(answer)) == (422, True)

    def test_an_enterprise_may_not(self, ledger, enterprise):
        path = f"/ledger/entries/{record(ledger, 'CK1').public_id}/cancel"
        assert enterprise.get(path).status_code == 403


class TestConfirmation:
    def test_up_to_a_day(self, world, enterprise):
        path = f"/ledger/units/{world.unit.public_id}/confirm"
        answer = enterprise.post(path, data={"covers_from": "2026-01-01", "last_day": "2026-10-31", "is_zero": "y"})
        assert answer.status_code == 302
        row = world.session.scalars(select(LedgerStatement).where(LedgerStatement.unit_id == world.unit.id)).one()
        assert (row.covers_from, row.covers_until, row.is_zero) == (date(2026, 1, 1), date(2026, 11, 1), True)
        page = enterprise.get(path)
        assert "2026-10-31" in text_of(page)
        assert 'value="2026-11-01"' in page.get_data(as_text=True)

    @pytest.mark.parametrize(
        ("first", "last", "sentence"),
        [("2026-02-01", "2026-01-31", "确认期间的起日必须早于止日"), ("2026-01-01", "2026-11-24", "不能填未来的日期"),
         ("", "2026-01-01", "请填写起始日期")],
    )  # fmt: skip
    def test_refused(self, world, enterprise, first, last, sentence):
        path = f"/ledger/units/{world.unit.public_id}/confirm"
        answer = enterprise.post(path, data={"covers_from": first, "last_day": last})
        assert (answer.status_code, sentence in text_of(answer)) == (422, True)


class TestWastes:
    def test_a_stream_is_confirmed_by_a_person(self, world, county):
        world.stored("1", DAY, waste_name="蒸发盐")
        world.session.commit()
        text = text_of(county.get("/ledger/wastes?text=%E8%92%B8%E5%8F%91"))
        assert "建议：废盐" in text
        waste = world.session.scalars(select(UnitWaste).where(UnitWaste.unit_id == world.unit.id)).one()
        path = f"/ledger/wastes/{waste.public_id}/stream?unconfirmed=1"
        answer = county.post(path, data={"stream": "waste-salt"})
        assert answer.location == "/ledger/wastes?unconfirmed=1"
        world.session.expire_all()
        assert (waste.tag_confirmed, waste.confirmed_by) == ("waste-salt", "演示部门 演示-张三")
        county.post(path, data={"stream": "nothing"})
        assert "没有这种废物流标签" in text_of(county.get("/ledger/wastes"))

    def test_codes_outside_the_catalogue_are_on_the_to_do_page(self, world, county):
        world.stored("1", DAY, waste_code="999-999-49", waste_name="怪料")
        world.session.commit()
        assert "种废物的代码在名录外" in text_of(county.get("/"))
        assert "名录外代码（待核）" in text_of(county.get("/ledger/wastes?outside=1"))


class TestObjection:
    def test_a_unit_with_stock_cannot_be_struck_off(self, world):
        assert stock_left(world.session, world.unit.id, TODAY) is None
        world.stored("3", DAY, entry_no="RK1")
        assert stock_left(world.session, world.unit.id, TODAY) == (
            "该单位还有 1 批 3 吨危险废物在库，处置完并登记出库后才能办理"
        )
        world.post(EntryKind.STORED_OUT, days(9), "3", batch="RK1")
        assert stock_left(world.session, world.unit.id, days(9)) is None
        assert stock_left(world.session, world.unit.id, days(8)) == (
            "2026-03-10 该单位还有 3 吨危险废物在库，请把日期改到清空之后"
        )


class TestSearch:
    def test_a_new_batch_is_found_at_once(self, world, county):
        world.stored("3", DAY, entry_no="HWRK-SEARCH-1")
        world.session.commit()
        assert "HWRK-SEARCH-1" in text_of(county.get("/search/?q=HWRK-SEARCH-1"))

    def test_adjusted_stock_is_what_the_store_holds(self, world):
        batch = world.stored("3", DAY)
        assert world.remaining(batch) == Decimal(3)
