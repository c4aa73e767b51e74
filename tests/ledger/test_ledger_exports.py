"""The ledger as Excel and PDF: opened again and read."""

from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from hwrisk.ledger.exports import LEDGER
from hwrisk.ledger.models import EntryKind
from hwrisk.reporting import ReportRequest, produce
from tests.ledger.ledger_world import SALT, TODAY, city, county

DAY = date(2026, 3, 2)


@pytest.fixture
def ledger(world):
    world.post(EntryKind.STORED_IN, DAY, "10.25", entry_no="RK1", waste_name="=危险公式")
    world.post(EntryKind.STORED_OUT, date(2026, 3, 9), "4", batch="RK1", entry_no="CK1")
    world.session.commit()
    return world


def made(ledger, tmp_path, fmt="xlsx", user=None, **filters):
    request = ReportRequest(user=user or city(), as_of=TODAY, filters={"text": ledger.unit.unit_no} | filters)
    path = tmp_path / f"ledger.{fmt}"
    return produce(ledger.database, LEDGER, request, fmt, path, exports_dir=tmp_path)


def test_excel(ledger, tmp_path):
    file = made(ledger, tmp_path)
    assert file.rows == 2
    sheet = openpyxl.load_workbook(file.path)["危险废物管理台账"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(index for index, row in enumerate(rows) if row[0] == "日期")
    titles = rows[head]
    out, stored = (dict(zip(titles, row, strict=True)) for row in rows[head + 1 : head + 3])
    assert stored["日期"] in {DAY, datetime(2026, 3, 2)}  # noqa: DTZ001 - openpyxl gives naive values
    assert stored["废物名称"] == "=危险公式"
    assert [Decimal(str(row["数量（吨）"])) for row in (out, stored)] == [Decimal(4), Decimal("10.25")]
    assert out["库存增减（吨）"] == -4
    assert (out["入库批次"], out["废物代码"]) == ("RK1", SALT)
    cell = next(c for row in sheet.iter_rows() for c in row if c.value == "=危险公式")
    assert cell.data_type == "s"
    above = " ".join(str(row[0]) for row in rows[:head])
    assert "合计（吨，更正已计入）：产生 0　入库（含结转、退回、盘盈） 10.25　出库（含盘亏） 4" in above
    assert "核对用，以国家（省）危险废物信息管理系统为准" in " ".join(str(v) for row in rows for v in row if v)


def test_pdf(ledger, tmp_path):
    assert made(ledger, tmp_path, "pdf").path.read_bytes().startswith(b"%PDF")


def test_the_filters_of_the_page_act_and_are_printed(ledger, tmp_path):
    file = made(ledger, tmp_path, kind="stored_out", waste="HW45", since="2026-03-01", office="LYG-GYX")
    assert file.rows == 1
    assert file.filter_text == (
        f"管辖单位：灌云生态环境局；环节：出库；废物：HW45；自：2026-03-01；查找：{ledger.unit.unit_no}"
    )


def test_nothing_of_another_office(ledger, tmp_path):
    assert made(ledger, tmp_path, user=county("LYG-GNX")).rows == 0


def test_as_many_statements_for_many_rows(ledger, tmp_path, count_statements):
    def statements(name):
        with count_statements() as seen:
            made(ledger, tmp_path / name)
        return len(seen)

    few = statements("few")
    ledger.post_all(*(ledger.draft(EntryKind.GENERATED, DAY, "1") for _ in range(60)))
    ledger.session.commit()
    assert statements("many") == few
