"""Import of stock and kinds from messy workbooks."""

from __future__ import annotations

from datetime import date

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from hwrisk.emergency.imports import KINDS, MATERIALS
from hwrisk.emergency.models import MaterialKind, MaterialLot
from hwrisk.emergency.queries.lots import movements_of
from hwrisk.imports import ImportStatus, Outcome, accept, queries, stage
from hwrisk.security import Role
from tests.emergency.depot_world import TODAY, DepotWorld, viewer

HEAD = ["仓库", "品名", "储备量", "批号", "出厂日期", "失效日期", "保质期", "盘点日期"]


@pytest.fixture
def send(database, world: DepotWorld, tmp_path):
    """Stage rows as a workbook; return the batch."""
    world.depot("演示甲库")
    world.session.commit()

    def staged(*rows, kind=MATERIALS, head=HEAD, user=None):
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for row in [["物资台账（演示）"], [], head, *rows, ["合计"]]:
            sheet.append(list(row))
        path = tmp_path / "台账.xlsx"
        book.save(path)
        folder = tmp_path / "spool"
        folder.mkdir(exist_ok=True)
        return stage(database, kind, path, "台账.xlsx", user=user or viewer(), as_of=TODAY, folder=folder)

    return staged


@pytest.fixture
def take(database, send):
    """Stage and accept rows."""

    def taken(*rows, kind=MATERIALS, **more):
        batch = send(*rows, kind=kind, **more)
        assert batch.status is ImportStatus.READY, said(database, batch)
        return accept(database, kind, batch.public_id, user=viewer(), as_of=TODAY)

    return taken


def said(database, batch) -> str:
    with database.session() as session:
        return " ".join(text for row in queries.all_rows(session, batch) for text in map(str, row.messages))


def outcomes(database, batch) -> list[Outcome]:
    with database.session() as session:
        return [row.outcome for row in queries.all_rows(session, batch)]


ROW = ["演示甲库", "生石灰", "6,500千克", "A1", date(2026, 1, 1), None, "24个月", date(2026, 11, 1)]


class TestMaterials:
    def test_a_messy_row_becomes_a_lot(self, take, session) -> None:
        take(ROW, ["演示甲库", "黄沙", "12", None, None, None, None, None])
        lime, sand = session.scalars(select(MaterialLot).order_by(MaterialLot.id)).all()
        assert (lime.remaining_milli, lime.batch_label) == (6_500, "A1")
        assert (lime.produced_on, lime.expires_on) == (date(2026, 1, 1), date(2028, 1, 1))
        assert lime.last_confirmed_on == date(2026, 11, 1)
        assert (sand.remaining_milli, sand.expires_on, sand.last_confirmed_on) == (12_000, None, TODAY)

    def test_the_same_file_twice_changes_nothing(self, take, send, database) -> None:
        take(ROW)
        assert outcomes(database, send(ROW)) == [Outcome.UNCHANGED]

    def test_another_amount_is_a_stock_taking(self, take, session) -> None:
        take(ROW)
        changed = [*ROW[:2], "5吨", *ROW[3:7], date(2026, 11, 20)]
        take(changed)
        (lot,) = session.scalars(select(MaterialLot)).all()
        assert (lot.remaining_milli, lot.last_confirmed_on) == (5_000, date(2026, 11, 20))
        assert [each.movement.kind.label for each in movements_of(session, lot.id)] == ["盘点", "入库"]

    def test_a_later_day_alone_is_a_confirmation(self, take, session) -> None:
        take(ROW)
        take([*ROW[:7], date(2026, 11, 20)])
        (lot,) = session.scalars(select(MaterialLot)).all()
        assert (lot.remaining_milli, lot.last_confirmed_on) == (6_500, date(2026, 11, 20))

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (["演示乙库", *ROW[1:]], "演示甲库"),
            (["演示甲库", "活性碳", *ROW[2:]], "活性炭"),
            (["演示甲库", "生石灰", "-3吨", *ROW[3:]], "不能为负数"),
            (["演示甲库", "生石灰", "3米", *ROW[3:]], "不能换算成吨"),
            (["演示甲库", "生石灰", "若干", *ROW[3:]], "不是数量"),
            (["演示甲库", "防化服", "0.5万", "套", *ROW[4:]], "5000"),
            (["演示甲库", "防化服", "1.5", *ROW[3:]], "只能是整数"),
            ([*ROW[:4], date(2026, 1, 1), date(2025, 1, 1), None, None], "早于生产日期"),
            ([*ROW[:4], None, None, "24个月", None], "没有生产日期"),
            ([*ROW[:2], "0", *ROW[3:]], "必须大于 0"),
            ([*ROW[:7], date(2026, 12, 1)], "2026"),
        ],
    )
    def test_bad_rows_each_in_their_words(self, send, database, row, words) -> None:
        batch = send(row)
        assert outcomes(database, batch) == [Outcome.REFUSED]
        assert words in said(database, batch)

    def test_the_same_lot_twice_in_a_file_is_refused(self, send, database) -> None:
        batch = send(ROW, [*ROW[:2], "3吨", *ROW[3:]])
        assert "是同一批物资" in said(database, batch)

    def test_a_depot_out_of_sight_is_unknown(self, send, database) -> None:
        batch = send(ROW, user=viewer(Role.COUNTY, offices=frozenset({"LYG-GNX"})))
        assert "不在您的管辖范围内" in said(database, batch)


class TestKinds:
    HEAD = ("物资名称", "功能类别", "计量单位", "消耗品", "别名")

    def test_new_changed_and_unchanged(self, take, send, database, session) -> None:
        rows = [
            ["演示挡水板", "污染源切断", "块", "否", "挡板"],
            ["干沙", "污染源切断", "立方米", "是", "干砂;砂土;沙土;黄沙;演示沙"],
        ]
        take(*rows, kind=KINDS, head=self.HEAD)
        made = session.scalars(select(MaterialKind).where(MaterialKind.name == "演示挡水板")).one()
        assert (made.unit, made.is_consumable) == ("块", False)
        assert set(outcomes(database, send(*rows, kind=KINDS, head=self.HEAD))) == {Outcome.UNCHANGED}

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (["演示挡水板", "污染源切断", "坨", "是", ""], "计量单位"),
            (["黄沙", "污染源切断", "立方米", "是", ""], "别名"),
            (["演示挡水板", "堵漏", "块", "是", ""], "功能类别"),
        ],
    )
    def test_bad_rows(self, send, database, row, words) -> None:
        assert words in said(database, send(row, kind=KINDS, head=self.HEAD))
