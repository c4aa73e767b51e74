"""Pages, imports and exports of licences as people meet them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from hwrisk.imports import run_import
from hwrisk.permits import queries
from hwrisk.permits.imports import OPERATING_QUANTITIES, PERMITS
from hwrisk.permits.operations import Stated, state_quantities
from hwrisk.security import GrantKind, Role
from tests.people import make_viewer
from tests.permits.permit_world import OFFICE, SYSTEM, TODAY, city, licence, register

HEADS = (
    "许可证编号", "持证单位名称", "所在地", "许可证类别", "发证机关", "发证日期", "有效期起", "有效期止",
    "生产线编号", "核准经营规模（t）", "利用处置方式代码", "整类核准的类别", "逐项核准的代码", "除外代码",
)  # fmt: skip
ROW = (
    "演示证-9", "省内接收单位", "省内市外", "综合", "演示发证机关", "2024-01-01", "2024-01-01", "2028-12-31",
    "L1", "1000", "D10", "HW08", "", "900-214-08",
)  # fmt: skip
STATED_BY_FORM = {"month": "2026-10", "line_no": "L1", "waste_code": "900-214-08", "received": "5", "treated": "5"}
STATED = ("许可证编号", "生产线编号", "月份", "废物代码", "接收量（t）", "利用处置量（t）")


def book(path: Path, sheet: str, heads: tuple[str, ...], *rows: tuple[str, ...]) -> Path:
    """A workbook as somebody sends it."""
    made = Workbook()
    page = made.active
    page.title = sheet
    for row in (heads, *rows):
        page.append(row)
    made.save(path)
    return path


@pytest.fixture
def take(database, tmp_path):
    """Import a file as the city section."""
    viewer = make_viewer(database, Role.CITY)

    def of(kind, sheet, heads, *rows, dry_run=False):
        path = book(tmp_path / "表.xlsx", sheet, heads, *rows)
        return run_import(database, kind, path, user=viewer, as_of=TODAY, dry_run=dry_run)

    return of


class TestImports:
    def test_a_licence_of_two_lines_and_the_same_file_again(self, session, take) -> None:
        other = (*ROW[:8], "L2", "50", "R9", "", "900-249-08;900-041-49", "")
        assert take(PERMITS, "经营许可证", HEADS, ROW, other).new == 2
        (found,) = queries.licence_rows(
            session, user=city(), as_of=TODAY, asked=queries.LicenceConditions(text="演示证-9")
        )
        assert (found.quantity, found.methods, len(found.term.lines)) == (Decimal(1050), "D10、R9", 2)
        again = take(PERMITS, "经营许可证", HEADS, ROW, other)
        assert (again.unchanged, again.new, again.changed) == (2, 0, 0)
        assert len(queries.licence_file(session, found.public_id, user=city(), as_of=TODAY).history) == 1

    def test_a_correction_and_what_is_refused(self, session, take) -> None:
        take(PERMITS, "经营许可证", HEADS, ROW)
        more = (*ROW[:9], "2000", *ROW[10:])
        assert take(PERMITS, "经营许可证", HEADS, more).result["更正"] == 1
        late = (*ROW[:6], "2028-12-31", "2033-01-01", *ROW[8:])
        ten_thousand = (*ROW[:9], "1.2万吨", *ROW[10:])
        outside = (*ROW[:13], "900-041-49")
        for row, said in ((late, "重叠"), (ten_thousand, "写的单位是万吨"), (outside, "没有整类核准")):
            refused = take(PERMITS, "经营许可证", HEADS, row)
            assert (refused.is_accepted, refused.refused) == (False, 1)
            assert said in refused.faults[0]

    def test_quantities(self, session, take) -> None:
        take(PERMITS, "经营许可证", HEADS, ROW)
        good = ("演示证-9", "L1", "2026-10", "900-249-08", "12.5", "12")
        assert take(OPERATING_QUANTITIES, "经营量", STATED, good).result["经营量"] == 1
        assert take(OPERATING_QUANTITIES, "经营量", STATED, good).unchanged == 1
        for place, value, said in (
            (3, "900-214-08", "核准类别内"), (2, "2023-01", "不在有效期内"), (4, "1万吨", "写的单位是万吨"),
            (4, "-1", "不能为负数"), (0, "查无此证", "没有编号为“查无此证”的许可证"),
            (1, "L8", "没有编号为“L8”的生产线"),
        ):  # fmt: skip
            row = (*good[:place], value, *good[place + 1 :])
            assert said in take(OPERATING_QUANTITIES, "经营量", STATED, row).faults[0]

    def test_a_month_above_a_whole_year_is_hardly_meant_in_tonnes(self, session, take) -> None:
        take(PERMITS, "经营许可证", HEADS, ROW)
        row = ("演示证-9", "L1", "2026-10", "900-249-08", "12500", "12")
        taken = take(OPERATING_QUANTITIES, "经营量", STATED, row, dry_run=True)
        assert (taken.refused, len(taken.warnings)) == (0, 1)
        assert "一个月接收量 12,500.0000 吨，超过该生产线全年核准规模" in taken.warnings[0]
        assert "请核对单位是否为吨" in taken.warnings[0]
        assert take(OPERATING_QUANTITIES, "经营量", STATED, (*row[:4], "12.5", "12"), dry_run=True).warnings == []


class TestPages:
    def test_list_file_and_load(self, session, sign_in) -> None:
        made = licence(session, unit=register(session))
        stated = Stated("L1", "900-214-08", date(2026, 10, 1), Decimal(1300), Decimal(1))
        state_quantities(session, made, [stated], as_of=TODAY, actor=SYSTEM)
        session.commit()
        client = sign_in(Role.CITY)
        assert "演示许可1有限公司" in client.get("/permits/").text
        assert "须重新申请" in client.get("/permits/loads?alarm=120").text
        assert "HW08 全部" in client.get(f"/permits/{made.public_id}").text
        assert "经营规模预警" in client.get("/").text
        for report in ("permits", "permit-load"):
            for fmt in ("xlsx", "pdf"):
                with client.post(f"/exports/{report}", data={"format": fmt}, follow_redirects=True) as answer:
                    assert answer.status_code == 200
        assert client.get("/permits/?state=nonsense").status_code == 200
        other = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"))
        assert other.get(f"/permits/{made.public_id}").status_code == 404
        assert "演示许可1有限公司" not in other.get("/permits/").text

    def test_register_by_form_and_a_wrong_code_at_its_field(self, session, sign_in) -> None:
        unit = register(session)
        session.commit()
        client = sign_in(Role.COUNTY, (GrantKind.OFFICE, OFFICE))
        data = {
            "licence_no": "演示证-7", "unit_no": unit.unit_no, "place": "city", "kind": "comprehensive",
            "act": "issued", "authority": "演示发证机关", "issued_on": "2024-01-01", "valid_from": "2024-01-01",
            "expires_on": "2028-12-31", "lines-0-line_no": "L1", "lines-0-name": "焚烧线",
            "lines-0-quantity": "1.2万吨", "lines-0-methods": "D10", "lines-0-categories": "HW08",
        }  # fmt: skip
        refused = client.post("/permits/new", data=data)
        assert refused.status_code == 422
        assert "写的单位是万吨，这里要填吨" in refused.text
        done = client.post("/permits/new", data=data | {"lines-0-quantity": "12000"}, follow_redirects=True)
        assert "许可证已登记" in done.text
        assert "已登记，续期" in client.post("/permits/new", data=data | {"lines-0-quantity": "1"}).text

    def test_a_quantity_outside_the_licence(self, session, sign_in) -> None:
        unit = register(session)
        made = licence(session, unit=unit)
        session.commit()
        client = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, unit.id))
        data = {"month": "2026-10", "line_no": "L1", "waste_code": "900-041-49", "received": "5", "treated": "5"}
        refused = client.post(f"/permits/{made.public_id}/quantities", data=data)
        assert (refused.status_code, "核准类别内" in refused.text) == (422, True)
        answer = client.post(
            f"/permits/{made.public_id}/quantities", data=data | {"waste_code": "900-214-08"}, follow_redirects=True
        )
        assert "经营量已保存" in answer.text and "请核对单位" not in answer.text
        much = data | {"waste_code": "900-214-08", "received": "900000"}
        answer = client.post(f"/permits/{made.public_id}/quantities", data=much, follow_redirects=True)
        assert "经营量已保存" in answer.text and "请核对单位是否为吨" in answer.text

    def test_projects_with_their_published_figures(self, sign_in) -> None:
        client = sign_in(Role.CITY)
        page = client.get("/permits/projects")
        assert "赣榆柘汪临港产业园区危险废物焚烧项目" in page.text
        assert "未公布" in page.text
        assert "12.29" in page.text


class TestHands:
    """Whoever may look a licence up may not always write of it."""

    def test_an_enterprise_writes_of_its_own_licence_alone(self, session, sign_in) -> None:
        unit = register(session)
        outside = licence(session, "演示外省证-1")
        session.commit()
        client = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, unit.id))
        shown = client.get(f"/permits/{outside.public_id}")
        assert (shown.status_code, f"/permits/{outside.public_id}/quantities" in shown.text) == (200, False)
        for address, data in (
            ("quantities", STATED_BY_FORM),
            ("renewal", {"filed_on": "2026-11-01", "document_no": "1"}),
        ):
            assert client.get(f"/permits/{outside.public_id}/{address}").status_code == 404
            assert client.post(f"/permits/{outside.public_id}/{address}", data=data).status_code == 404
        authority = sign_in(Role.COUNTY, (GrantKind.OFFICE, OFFICE))
        said = authority.post(f"/permits/{outside.public_id}/quantities", data=STATED_BY_FORM, follow_redirects=True)
        assert "经营量已保存" in said.text

    def test_a_file_of_an_enterprise_states_nothing_of_others(self, session, database, tmp_path) -> None:
        unit = register(session)
        licence(session, "演示外省证-1")
        session.commit()
        viewer = make_viewer(database, Role.ENTERPRISE, [(GrantKind.UNIT, unit.id)])
        row = ("演示外省证-1", "L1", "2026-10", "900-214-08", "5", "5")
        path = book(tmp_path / "表.xlsx", "经营量", STATED, row)
        taken = run_import(database, OPERATING_QUANTITIES, path, user=viewer, as_of=TODAY, dry_run=False)
        assert (taken.is_accepted, "不在您的管辖范围内" in taken.faults[0]) == (False, True)

    def test_whether_a_number_is_another_districts_is_not_told(self, session, database, tmp_path) -> None:
        theirs = register(session, 2, office="LYG-XW")
        session.commit()
        viewer = make_viewer(database, Role.COUNTY, [(GrantKind.OFFICE, OFFICE)])
        said = []
        for number in (theirs.unit_no, "LYG-2026-999999"):
            path = book(tmp_path / f"{number}.xlsx", "经营许可证", (*HEADS, "单位编号"), (*ROW, number))
            taken = run_import(database, PERMITS, path, user=viewer, as_of=TODAY, dry_run=True)
            said.append(taken.faults[0].replace(number, "…"))
        assert said[0] == said[1]
