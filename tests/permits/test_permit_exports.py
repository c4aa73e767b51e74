"""Licences and loads on paper, and what is stated beside what the ledger says arrived."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import event

from hwrisk.ledger.drafts import Draft, Hand
from hwrisk.ledger.models import EntryKind, ReceiverKind, Removal
from hwrisk.ledger.posting import post_many
from hwrisk.ledger.storage.models import FacilityKind
from hwrisk.ledger.storage.operations import register_facility
from hwrisk.permits import queries
from hwrisk.permits.exports import LOAD_COLUMNS
from hwrisk.permits.operations import Stated, state_quantities
from hwrisk.permits.project_export import REPORT
from hwrisk.permits.queries import full_months_until
from hwrisk.reporting import ReportRequest
from hwrisk.security import GrantKind, Role
from hwrisk.units.models import UnitRole
from tests.permits.permit_world import OFFICE, SYSTEM, TODAY, city, content, county, licence, line, register

OIL = "900-214-08"


@pytest.fixture
def world(session):
    """A plant of the city that states 30 t for October; consignors' ledgers say 20 t arrived, and 7 t in November."""
    plant, maker = register(session, 1), register(session, 2, role=UnitRole.GENERATOR)
    made = licence(session, "演示证-1", plant, said=content(line(quantity="100")))
    outside = licence(session, "演示证-省外")
    store = register_facility(
        session, unit_id=maker.id, code="TS001", name="贮存库", kind=FacilityKind.WAREHOUSE, capacity=None,
        valid_from=date(2020, 1, 1), actor=SYSTEM,
    )  # fmt: skip
    common = {"unit_id": maker.id, "waste_code": OIL, "waste_name": "废矿物油"}
    day = date(2026, 10, 5)
    drafts = [
        Draft(kind=EntryKind.GENERATED, entry_no="CS1", occurred_on=day, quantity=Decimal(40), **common),
        Draft(kind=EntryKind.STORED_IN, entry_no="RK1", occurred_on=day, quantity=Decimal(40), facility_id=store.id,
              predecessor_no="CS1", **common),
        Draft(kind=EntryKind.STORED_OUT, entry_no="CK1", occurred_on=day, quantity=Decimal(37), batch_no="RK1",
              facility_id=store.id, removal=Removal.ENTRUST, **common),
    ]  # fmt: skip
    loads = [
        (20, "演示许可1有限公司", "演示证-1", date(2026, 10, 31)), (7, "演示许可1有限公司", "", date(2026, 11, 1)),
        (10, "省外接收单位", "", date(2026, 10, 6)),
    ]  # fmt: skip
    for number, (quantity, name, licence_no, arrived) in enumerate(loads):
        drafts += [
            Draft(
                kind=EntryKind.ENTRUSTED, entry_no=f"WW{number}", predecessor_no="CK1", occurred_on=day,
                quantity=Decimal(quantity), method_code="D10", receiver_kind=ReceiverKind.TREATMENT,
                receiver_name=name, receiver_licence_no=licence_no, removal=Removal.ENTRUST, **common,
            ),
            Draft(
                kind=EntryKind.RECEIVED, entry_no=f"JS{number}", predecessor_no=f"WW{number}", occurred_on=arrived,
                completed_on=arrived, quantity=Decimal(quantity), **common,
            ),
        ]  # fmt: skip
    post_many(session, drafts, Hand(viewer=SYSTEM, as_of=TODAY))
    stated = Stated("L1", OIL, date(2026, 10, 1), Decimal(30), Decimal(28))
    state_quantities(session, made, [stated], as_of=TODAY, actor=SYSTEM)
    session.commit()
    return made, outside


def rows_of(file: BytesIO, first: str) -> list[list[object]]:
    """Rows of the table whose head begins with `first`, the head in front."""
    rows = [[cell.value for cell in row] for row in load_workbook(file).worksheets[0].iter_rows()]
    start = next(number for number, row in enumerate(rows) if str(row[0]).startswith(first))
    return [row for row in rows[start:] if any(cell is not None for cell in row)]


def exported(client, report: str, fmt: str) -> BytesIO:
    """The file of a report, as it is downloaded."""
    with client.post(f"/exports/{report}", data={"format": fmt}, follow_redirects=True) as answer:
        assert answer.status_code == 200, answer.text
        return BytesIO(answer.data)


def pdf_text(file: BytesIO) -> str:
    """The words of a PDF without the breaks between them."""
    return "".join("".join(page.extract_text() for page in PdfReader(file).pages).split())


@pytest.mark.parametrize(
    ("day", "until"),
    [(date(2026, 1, 31), date(2026, 1, 31)), (date(2026, 1, 30), None), (date(2026, 11, 23), date(2026, 10, 31)),
     (date(2026, 12, 31), date(2026, 12, 31)), (date(2024, 3, 1), date(2024, 2, 29))],
)  # fmt: skip
def test_months_that_are_over(day: date, until: date | None) -> None:
    assert full_months_until(day) == until


@pytest.mark.db
class TestComparison:
    def compared(self, session, user) -> dict[str, tuple[Decimal, Decimal, Decimal] | None]:
        rows = queries.line_loads(session, user=user, as_of=TODAY, asked=queries.LoadConditions())
        return {
            row.licence.licence_no: row.compared and (row.compared.stated, row.compared.ledger, row.compared.difference)
            for row in rows
        }

    def test_full_months_side_by_side(self, session, world) -> None:
        assert self.compared(session, city()) == {"演示证-1": (30, 20, 10), "演示证-省外": (None, 10, None)}

    def test_a_county_never_sees_what_the_city_sends_elsewhere(self, session, world) -> None:
        assert self.compared(session, county(OFFICE)) == {"演示证-1": (30, 20, 10), "演示证-省外": None}
        assert self.compared(session, county("LYG-XW")) == {"演示证-省外": None}

    def test_who_states_nothing_here_has_no_load_of_0(self, session, world) -> None:
        for user in (city(), county(OFFICE)):
            rows = queries.line_loads(session, user=user, as_of=TODAY, asked=queries.LoadConditions())
            assert {row.licence.licence_no: row.is_unstated for row in rows} == {"演示证-1": False, "演示证-省外": True}
            outside = next(row for row in rows if row.is_unstated)
            shown = {column.key: column.read(outside) for column in LOAD_COLUMNS}
            assert (shown["received"], shown["share"], shown["state"]) == (None, None, "不在本系统填报")
            listed = queries.licence_rows(session, user=user, as_of=TODAY, asked=queries.conditions_from({}))
            assert {row.licence_no: row.is_unstated for row in listed} == {"演示证-1": False, "演示证-省外": True}

    def test_a_licence_of_one_line_is_one_row_and_one_alarm(self, session, world) -> None:
        made, _ = world
        more = Stated("L1", OIL, date(2026, 9, 1), Decimal(60), Decimal(60))
        state_quantities(session, made, [more], as_of=TODAY, actor=SYSTEM)
        (alarm,) = queries.load_alarms(session, user=city(), as_of=TODAY)
        assert (alarm.line_no, alarm.is_whole, alarm.received, alarm.load.alarm) == ("L1", True, 90, 80)

    def test_as_many_statements_for_more_licences(self, session, world) -> None:
        def statements() -> int:
            seen = []

            def note(*_args) -> None:
                seen.append(1)

            engine = session.get_bind()
            event.listen(engine, "before_cursor_execute", note)
            try:
                queries.line_loads(session, user=city(), as_of=TODAY, asked=queries.LoadConditions())
            finally:
                event.remove(engine, "before_cursor_execute", note)
            return len(seen)

        before = statements()
        for number in range(3, 9):
            licence(session, f"演示证-{number}", register(session, number))
        session.commit()
        assert statements() == before


class TestExports:
    def test_licences(self, world, sign_in) -> None:
        client = sign_in(Role.CITY)
        head, *body = rows_of(exported(client, "permits", "xlsx"), "许可证编号")
        own = dict(zip(head, next(row for row in body if row[0] == "演示证-1"), strict=True))
        assert (own["持证单位"], own["核准规模（吨/年）"], own["本年接收（吨）"]) == ("演示许可1有限公司", 100, 30)
        assert own["占核准规模"] == pytest.approx(0.3)
        assert "HW08 全部" in str(own["生产线、利用处置方式和核准类别"])
        text = pdf_text(exported(client, "permits", "pdf"))
        assert "危险废物经营许可证一览表" in text and "演示证-1" in text and "2028-12-31" in text

    def test_loads_with_the_ledger_beside(self, world, sign_in) -> None:
        client = sign_in(Role.CITY)
        head, *body = rows_of(exported(client, "permit-load", "xlsx"), "许可证编号")
        names = ("接收", "填报接收，已满月份（吨）", "台账接收，同期（吨）", "填报减台账（吨）")
        places = [head.index("本年接收（吨）"), *(head.index(name) for name in names[1:])]
        found = {row[0]: [row[place] for place in places] for row in body}
        assert found["演示证-1"] == [30, 30, 20, 10]
        assert found["合计"] == [30, 30, 30, 10]
        text = pdf_text(exported(client, "permit-load", "pdf"))
        assert "对照期：2026年1月至10月" in text and "填报减台账" in text
        page = client.get("/permits/loads").text
        assert "相差 10.0000" in page and "对照期：2026年1月至10月" in page
        assert "填报减台账" in client.get(f"/permits/{world[0].public_id}").text

    def test_a_foreign_tenant_on_page_and_export(self, world, sign_in) -> None:
        made, _ = world
        foreign = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"))
        for path in ("", "/quantities", "/renew", "/change", "/correct", "/revoke"):
            assert foreign.get(f"/permits/{made.public_id}{path}").status_code == 404
        for report in ("permits", "permit-load"):
            assert "演示证-1" not in {row[0] for row in rows_of(exported(foreign, report, "xlsx"), "许可证编号")}
            assert "演示许可1有限公司" not in pdf_text(exported(foreign, report, "pdf"))


def test_projects_are_exported_as_the_page_lists_them(session, world) -> None:
    rows = queries.project_rows(session, as_of=TODAY)
    assert rows
    asked = ReportRequest(user=city(), as_of=TODAY)
    assert REPORT.count(session, asked) == len(rows)
    assert [row.project.ref for row in REPORT.rows(session, asked)] == [row.project.ref for row in rows]
    state = rows[0].version.state
    chosen = ReportRequest(user=city(), as_of=TODAY, filters={"project_state": state.value})
    assert {row.version.state for row in REPORT.rows(session, chosen)} == {state}
    assert REPORT.filter_text(session, chosen) == f"建设状态：{state.label}"
    texts = [column.read(row) for row in rows for column in REPORT.columns if column.key == "facts"]
    assert any(fact.value in text for row, text in zip(rows, texts, strict=True) for fact in row.facts)
