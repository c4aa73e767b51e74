"""Real files, xlsx and csv, on both engines: each wrong value has its sentence, and no table has a row more."""

import csv
import time
from datetime import date, timedelta

import openpyxl
import pytest
from sqlalchemy import func, select

from hwrisk.errors import BadFile
from hwrisk.imports import ImportStatus, Outcome, accept, queries, stage
from hwrisk.ledger.imports import LEDGER, STORAGE
from hwrisk.ledger.models import EntryKind, LedgerEntry, UnitWaste
from hwrisk.ledger.storage.models import FacilityVersion, StorageBatch, StorageFacility
from tests.ledger.ledger_world import SALT, TODAY, city

pytestmark = pytest.mark.db
DAY = date(2026, 3, 2)
HEAD = [
    "单位编号", "环节", "出入库日期", "批次编码", "危险废物代码", "行业俗称/单位内部名称", "重量（吨）", "贮存设施编码",
    "入库批次编码", "依据记录编码",
]  # fmt: skip
LIST = [
    "单位", "废物代码", "废物名称", "贮存设施编码", "贮存设施名称", "贮存设施类型", "入库日期", "数量（吨）",
    "批次编码", "特殊情形", "备注",
]  # fmt: skip
TABLES = (LedgerEntry, StorageBatch, StorageFacility, FacilityVersion, UnitWaste)


@pytest.fixture(params=["xlsx", "csv"])
def form(request):
    return request.param


@pytest.fixture
def send(world, tmp_path):
    """Stage rows as a file; return the batch."""
    world.session.commit()
    spool = tmp_path / "spool"
    spool.mkdir()

    def staged(rows, *, head=HEAD, kind=LEDGER, form="csv"):
        path = tmp_path / f"file.{form}"
        if form == "csv":
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows([head, *rows])
        else:
            book = openpyxl.Workbook()
            for row in [head, *rows]:
                book.active.append(row)
            book.save(path)
        return stage(world.database, kind, path, path.name, user=city(), as_of=TODAY, folder=spool)

    return staged


@pytest.fixture
def take(world, send):
    def taken(rows, *, kind=LEDGER, **more):
        batch = send(rows, kind=kind, **more)
        assert batch.status is ImportStatus.READY, said(world, batch)
        return accept(world.database, kind, batch.public_id, user=city(), as_of=TODAY)

    return taken


def said(world, batch):
    with world.database.session() as session:
        return [fault["message"] for row in queries.all_rows(session, batch) for fault in row.messages]


def warned(world, batch):
    with world.database.session() as session:
        return [fault["message"] for row in queries.all_rows(session, batch) for fault in row.warnings]


def counts(world):
    return [world.session.scalar(select(func.count()).select_from(table)) for table in TABLES]


def stored(world, number="RK1", *, day=DAY, code=SALT, quantity="10", facility="TS001"):
    return [world.unit.unit_no, "入库", str(day), number, code, "蒸发结晶盐", quantity, facility, "", ""]


def out(world, quantity, *, day=DAY, batch="RK1", number="CK1"):
    return [world.unit.unit_no, "出库", str(day), number, "", "", quantity, "", batch, ""]


class TestBadInput:
    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"code": "26108445"}, "废物代码缺少连字符"),
            ({"code": "261-084-51"}, "废物类别 HW51 不在 HW01–HW50 之内"),
            ({"quantity": "-1"}, "数量不能为负数"),
            ({"quantity": "Infinity"}, "数量必须是有限的数"),
            ({"quantity": "1.23456"}, "数量最多四位小数（精确到 0.1 千克）"),
            ({"quantity": "500kg"}, "写的单位是千克，这里要填吨"),
            ({"day": date(2026, 11, 24)}, "不能填未来的日期"),
        ],
    )
    def test_a_cell(self, world, send, form, change, sentence):
        before = counts(world)
        batch = send([stored(world, "RK0"), stored(world, **change)], form=form)
        assert batch.status is ImportStatus.REFUSED
        (message,) = said(world, batch)
        assert sentence in message
        assert counts(world) == before

    def test_kilograms_in_the_heading(self, world, send, form):
        before = counts(world)
        head = [title.replace("重量（吨）", "重量（kg）") for title in HEAD]
        with pytest.raises(BadFile, match="的单位是 kg，模板要求 t：把数值除以 1000"):
            send([stored(world)], head=head, form=form)
        assert counts(world) == before

    def test_an_out_larger_than_the_batch_of_the_same_file(self, world, send, form):
        before = counts(world)
        batch = send([stored(world), out(world, "10.5")], form=form)
        assert said(world, batch) == ["数量 10.5 吨大于该批次 2026-03-02 的在库量 10 吨，请核对数量或批次"]
        assert counts(world) == before

    def test_a_back_dated_out(self, world, send, take, form):
        take([stored(world), out(world, "8", day=DAY + timedelta(days=9))])
        before = counts(world)
        batch = send([out(world, "3", day=DAY + timedelta(days=2), number="CK2")], form=form)
        (message,) = said(world, batch)
        assert "2026-03-11 的库存将为负（-1 吨），最多可补记 2 吨" in message
        assert counts(world) == before


class TestTaken:
    def test_full_width_digits(self, world, take, form):
        take([stored(world, code="２６１－０８４－４５", quantity="１２．５")], form=form)
        (batch,) = world.session.scalars(select(StorageBatch).where(StorageBatch.unit_id == world.unit.id))
        assert (batch.waste_code, str(batch.remaining)) == (SALT, "12.5000")

    def test_an_unknown_code_is_a_warning(self, world, send, form):
        batch = send([stored(world, code="900-998-49")], form=form)
        assert batch.status is ImportStatus.READY
        assert any("名录外代码（待核）" in message for message in warned(world, batch))

    def test_stock_over_capacity_is_a_warning(self, world, send):
        world.facility("TS003", capacity="5")
        world.session.commit()
        batch = send([stored(world, facility="TS003")])
        assert batch.status is ImportStatus.READY
        assert any("超过设计贮存能力 5 吨" in message for message in warned(world, batch))

    @pytest.mark.parametrize(("note", "is_warned"), [("", True), ("未说明", True), ("途中蒸发损耗", False)])
    def test_a_difference_is_explained_by_its_reason(self, world, send, take, note, is_warned):
        unit, blank = world.unit.unit_no, ["", ""]
        take([stored(world), out(world, "6")])
        head = [*HEAD, "接收单位", "接收单位类型", "许可证编号", "差异说明"]
        rows = [
            [
                unit,
                "委外利用处置",
                "2026-03-05",
                "WW1",
                *blank,
                "6",
                *blank,
                "CK1",
                "演示接收单位",
                "利用处置单位",
                "证",
                "",
            ],
            [unit, "接收确认", "2026-03-07", "JS1", *blank, "5.5", *blank, "WW1", "", "", "", note],
        ]
        batch = send(rows, head=head)
        assert batch.status is ImportStatus.READY
        assert any("不一致且未说明" in message for message in warned(world, batch)) == is_warned
        accept(world.database, LEDGER, batch.public_id, user=city(), as_of=TODAY)
        receipt = world.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.RECEIVED)).one()
        assert (bool(receipt.difference_explained), note in receipt.remark) == (
            not is_warned,
            not is_warned or not note,
        )

    def test_the_same_number_with_another_code_is_no_repetition(self, world, send, take):
        take([stored(world)])
        batch = send([stored(world, code="900-214-08")])
        (message,) = said(world, batch)
        assert "编号 RK1 已登记为 2026-03-02 入库 261-084-45 10 吨，与本行不同" in message


class TestStorageList:
    def rows(self, world):
        unit = world.unit.unit_no
        return [
            [unit, SALT, "废盐", "TS009", "9号贮存库", "贮存库", "2026-01-05", "3", "", "", ""],
            [unit, SALT, "废盐", "TS009", "9号贮存库", "贮存库", "不详", "2.5", "P2", "关停遗留", ""],
            [unit, SALT, "废盐", "", "贮存点", "", "", "1", "", "", ""],
        ]

    def test_facilities_by_code_and_by_name(self, world, take, form):
        take(self.rows(world), head=LIST, kind=STORAGE, form=form)
        batches = world.session.scalars(
            select(StorageBatch).where(StorageBatch.unit_id == world.unit.id).order_by(StorageBatch.quantity)
        ).all()
        assert [batch.first_stored_on for batch in batches] == [None, None, date(2026, 1, 5)]
        assert [batch.entered_on for batch in batches] == [TODAY, TODAY, date(2026, 1, 5)]
        assert batches[0].facility_id == world.spot.id
        new = world.session.scalars(
            select(FacilityVersion).where(FacilityVersion.facility_id == batches[2].facility_id)
        ).one()
        assert (new.name, new.valid_from) == ("9号贮存库", date(2026, 1, 5))

    def test_the_same_list_twice(self, world, send, take):
        take(self.rows(world), head=LIST, kind=STORAGE)
        before = counts(world)
        batch = send(self.rows(world), head=LIST, kind=STORAGE)
        assert (batch.unchanged_count, batch.new_count) == (3, 0)
        accept(world.database, STORAGE, batch.public_id, user=city(), as_of=TODAY)
        assert counts(world) == before

    def test_an_unknown_facility_without_kind_is_refused_with_near_names(self, world, send):
        row = [world.unit.unit_no, SALT, "废盐", "", "贮存点甲", "", "", "1", "", "", ""]
        batch = send([row], head=LIST, kind=STORAGE)
        with world.database.session() as session:
            (fault,) = queries.all_rows(session, batch)[0].messages
        assert (fault["title"], "贮存点" in fault["right"]) == ("贮存设施名称", True)


def test_five_thousand_rows_in_seconds(world, send, count_statements):
    rows = [stored(world, f"RK{n}", day=DAY + timedelta(days=n % 200)) for n in range(2_500)]
    rows += [out(world, "4", day=DAY + timedelta(days=210), batch=f"RK{n}", number=f"CK{n}") for n in range(2_500)]
    began = time.perf_counter()
    with count_statements() as statements:
        batch = send(rows)
    took = time.perf_counter() - began
    assert (batch.new_count, batch.refused_count) == (5_000, 0)
    # A few seconds on a quiet machine; the tests run side by side on busy ones.
    assert took < 30
    assert len(statements) < 150
    with world.database.session() as session:
        assert {row.outcome for row in queries.all_rows(session, batch)} == {Outcome.NEW}
