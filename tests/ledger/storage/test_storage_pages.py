"""Pages of stored waste as people see them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.storage import queries
from hwrisk.ledger.storage.models import BatchTag, FacilityVersion, StorageBatch
from hwrisk.ledger.storage.panel import load_unit
from hwrisk.security import GrantKind, Role
from hwrisk.units.models import UnitRole
from tests.ledger.ledger_world import OIL, TODAY, LedgerWorld, city

ENTERED = date(2025, 6, 30)


def seen(text: str) -> str:
    """What a person reads of a page: no tags, single blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", text.partition("<main")[2]).split())


@pytest.fixture
def batch(session, world: LedgerWorld) -> StorageBatch:
    made = world.stored("100", ENTERED)
    session.commit()
    return made


@pytest.fixture
def operators(session, world: LedgerWorld) -> StorageBatch:
    """A batch of a licensed operator."""
    unit = world.register(role=UnitRole.OPERATOR)
    store = world.facility("TS009", unit=unit)
    made = world.stored("15.5", ENTERED, unit_id=unit.id, facility_id=store.id, waste_code=OIL, waste_name="废矿物油")
    session.commit()
    return made


class TestOverduePage:
    def test_a_row(self, batch, sign_in) -> None:
        answer = sign_in(Role.CITY).get("/storage/overdue")
        shown = seen(answer.text)
        assert answer.status_code == 200
        assert "截至 2026年11月23日 · 全市 · 1 批 100.0000 吨" in shown
        for words in (
            batch.batch_no,
            "蒸发结晶盐",
            "TS001 贮存库",
            "2026-06-30",
            "超管理期限 146 天",
            "无计划",
            "口径：",
        ):
            assert words in shown
        assert "违法" not in shown

    def test_htmx_gets_the_rows_alone(self, batch, sign_in) -> None:
        answer = sign_in(Role.CITY).get("/storage/overdue", headers={"HX-Request": "true"})
        assert "<h1" not in answer.text
        assert batch.batch_no in answer.text
        assert "HX-Request" in answer.headers["Vary"]

    def test_a_past_day_and_filters(self, batch, sign_in) -> None:
        client = sign_in(Role.CITY)
        assert batch.batch_no not in client.get("/storage/overdue?as_of=2026-06-30").text
        assert batch.batch_no in client.get("/storage/overdue?as_of=2026-07-01&office=LYG-GYX&no_plan=1").text
        assert "没有符合条件的批次" in client.get("/storage/overdue?state=pending").text
        assert "无效，未起作用" in client.get("/storage/overdue?state=nonsense").text
        assert client.get("/storage/overdue?as_of=2030-01-01").status_code < 500
        assert client.get("/storage/overdue?cursor=nonsense").status_code == 200

    def test_another_office_sees_nothing(self, batch, sign_in) -> None:
        client = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"))
        assert batch.batch_no not in client.get("/storage/overdue").text
        assert batch.batch_no not in client.get("/storage/stock").text
        for path in ("", "/plan", "/extension", "/circumstance", "/merge"):
            assert client.get(f"/storage/batches/{batch.public_id}{path}").status_code == 404

    def test_an_enterprise_sees_its_own(self, world, batch, sign_in) -> None:
        client = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, world.unit.id))
        assert batch.batch_no in client.get("/storage/overdue").text
        assert client.get(f"/storage/batches/{batch.public_id}").status_code == 200
        assert client.get(f"/storage/batches/{batch.public_id}/circumstance").status_code == 403

    def test_the_home_page_and_menu_count_the_same(self, batch, sign_in) -> None:
        shown = seen(sign_in(Role.CITY).get("/").text)
        assert "1 批次已超期" in shown
        assert "100.0000 吨" in shown


class TestForms:
    def test_a_plan(self, session, batch, sign_in) -> None:
        client, path = sign_in(Role.CITY), f"/storage/batches/{batch.public_id}/plan"
        refused = client.post(path, data={"reason": " ", "planned_on": "昨天"})
        assert refused.status_code == 422
        assert "请填写超期（将到期）原因" in refused.text
        past = client.post(path, data={"reason": "停产", "planned_on": "2026-11-22"})
        assert (past.status_code, "计划处置日期不得早于今天" in past.text) == (422, True)
        done = client.post(path, data={"reason": "停产", "planned_on": "2026-12-05", "receiver": "演示接收单位丙"})
        assert done.status_code == 302
        shown = seen(client.get("/storage/overdue").text)
        assert "停产 · 计划 2026-12-05 演示接收单位丙" in shown

    def test_an_extension_from_application_to_decision(self, session, operators, sign_in) -> None:
        client, batch = sign_in(Role.CITY), f"/storage/batches/{operators.public_id}"
        future = client.post(f"{batch}/extension", data={"applied_on": "2026-12-01"})
        assert future.status_code == 422
        assert client.post(f"{batch}/extension", data={"applied_on": "2026-06-01"}).status_code == 302
        again = client.post(f"{batch}/extension", data={"applied_on": "2026-06-02"})
        assert "已有待批的延期申请" in again.text
        assert "到期待批" in client.get("/storage/overdue?state=pending").text
        link = re.search(r"/storage/extensions/[0-9a-f-]+/decision", client.get(batch).text)
        assert link is not None
        assert "延期批复" in client.get(link.group()).text
        given = {
            "decision": "approved",
            "decided_on": "2026-06-20",
            "document_no": "演示〔2026〕1号",
            "authority": "演示机关",
        }
        missing = client.post(link.group(), data=given)
        assert (missing.status_code, "请填写批准延长至的日期" in missing.text) == (422, True)
        early = client.post(link.group(), data={**given, "until": "2026-06-25"})
        assert "必须晚于原期限 2026-06-30" in early.text
        assert client.post(link.group(), data={**given, "until": "2026-12-31"}).status_code == 302
        session.expire_all()
        row = queries.batch_file(session, operators.public_id, user=city(), as_of=TODAY).row
        assert (row.last_on, row.is_extended, row.state_label) == (date(2026, 12, 31), True, "38 天后到期")

    def test_a_generator_has_nothing_to_extend(self, batch, sign_in) -> None:
        client, path = sign_in(Role.CITY), f"/storage/batches/{batch.public_id}/extension"
        refused = client.post(path, data={"applied_on": "2026-06-01"})
        assert (refused.status_code, "产废单位请填写处置计划" in refused.text) == (422, True)

    def test_decisions_are_for_the_authority(self, world, operators, sign_in) -> None:
        client = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, operators.unit_id))
        assert client.post(f"/storage/batches/{operators.public_id}/extension", data={"applied_on": "2026-06-01"})
        assert "/decision" not in client.get(f"/storage/batches/{operators.public_id}").text

    def test_a_circumstance(self, session, batch, sign_in) -> None:
        client, path = sign_in(Role.CITY), f"/storage/batches/{batch.public_id}/circumstance"
        assert client.post(path, data={"tag": "nonsense"}).status_code == 422
        assert client.post(path, data={"tag": BatchTag.SEIZED.value}).status_code == 302
        assert "涉案查封" in seen(client.get("/storage/overdue?tag=seized").text)

    def test_merging(self, session, world, batch, sign_in) -> None:
        other = world.stored("2", date(2026, 5, 1))
        session.commit()
        client, path = sign_in(Role.CITY), f"/storage/batches/{batch.public_id}/merge"
        assert other.batch_no in client.get(path).text
        nothing = client.post(path, data={"merged_on": "2026-07-15"})
        assert (nothing.status_code, "请至少选择一个" in nothing.text) == (422, True)
        early = client.post(path, data={"merged_on": "2026-04-01", "batches": str(other.public_id)})
        assert (early.status_code, "日期不得早于 2026-05-01" in early.text) == (422, True)
        assert client.post(path, data={"merged_on": "2026-07-15", "batches": str(other.public_id)}).status_code == 302
        assert other.batch_no in client.get("/storage/overdue").text
        assert "合并批" in client.get(f"/storage/batches/{batch.public_id}").text


class TestFacilityPages:
    def test_register_and_change(self, session, world, batch, sign_in) -> None:
        client = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, world.unit.id))
        home = f"/storage/units/{world.unit.public_id}/facilities"
        given = {"code": "TS001", "name": "新库", "kind": "warehouse", "capacity": "50", "valid_from": "2026-01-01"}
        twice = client.post(f"{home}/new", data=given)
        assert (twice.status_code, "已有编码为" in twice.text) == (422, True)
        nothing = client.post(f"{home}/new", data={**given, "code": "TS008", "capacity": "0"})
        assert (nothing.status_code, "大于 0" in nothing.text) == (422, True)
        assert client.post(f"{home}/new", data={**given, "code": "TS008"}).status_code == 302
        assert "新库" in client.get(home).text
        path = f"/storage/facilities/{world.store.public_id}/change"
        assert "贮存库" in client.get(path).text
        change = {"name": "贮存库", "kind": "warehouse", "capacity": "60", "valid_from": "2026-02-01"}
        assert client.post(path, data=change).status_code == 302
        assert "超过能力" in seen(client.get(home).text)
        assert session.query(FacilityVersion).filter_by(capacity=Decimal(60)).count() == 1

    def test_foreign_units_are_not_found(self, world, batch, sign_in) -> None:
        client = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"))
        assert client.get(f"/storage/units/{world.unit.public_id}/facilities").status_code == 404
        assert client.get(f"/storage/units/{world.unit.public_id}/facilities/new").status_code == 404
        assert client.get(f"/storage/facilities/{world.store.public_id}/change").status_code == 404


class TestOtherLists:
    def test_stock_and_waiting(self, session, world, batch, sign_in) -> None:
        made = world.post(EntryKind.GENERATED, date(2026, 11, 1), "3")
        session.commit()
        client = sign_in(Role.CITY)
        shown = seen(client.get("/storage/stock").text)
        assert "全市 · 100.0000 吨，其中超期 100.0000 吨" in shown
        waiting = seen(client.get("/storage/waiting").text)
        assert made.entry_no in waiting
        assert "22 天未入库" in waiting
        assert "产生 7 天后仍未入库" in waiting
        assert made.entry_no not in client.get("/storage/waiting?as_of=2026-11-08").text

    def test_the_panel_of_a_unit(self, app, session, world, batch) -> None:
        with app.test_request_context():
            loaded = load_unit(session, world.unit.id, TODAY, city())
            assert loaded is not None
            body = app.jinja_env.get_template(loaded[0]).render(loaded[1])
            assert "超期 1 批 100.0000 吨" in seen("<main>" + body)
            assert load_unit(session, world.register().id, TODAY, city()) is None
