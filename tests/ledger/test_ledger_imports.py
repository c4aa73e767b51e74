"""Files of ledger records: what is taken, what is refused with place and sentence, what comes again."""

import csv
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from sqlalchemy import func, select

from hwrisk.errors import BadFile, Refused
from hwrisk.imports import ImportStatus, Outcome, accept, blank_template, queries, stage
from hwrisk.ledger.corrections import cancel
from hwrisk.ledger.imports import KINDS, LEDGER, STORAGE
from hwrisk.ledger.models import EntryKind, LedgerEntry, ReceiverKind, UnitWaste
from hwrisk.ledger.storage.models import BatchTag, FacilityKind, FacilityVersion, StorageBatch, StorageFacility
from hwrisk.security import Role, Viewer
from hwrisk.units.models import Unit
from tests.ledger.ledger_world import SALT, TODAY, city, county, enterprise

DAY = date(2026, 3, 2)
HEAD = [
    "单位", "环节", "日期", "记录编号", "废物代码", "废物名称", "数量（吨）", "贮存设施编码", "入库批次编码",
    "上一环节编号", "首次入库日期", "利用处置方式代码", "完毕日期", "接收单位", "国家联单编号", "差异已说明", "备注",
    "移入设施编码",
]  # fmt: skip
STOCK = ["单位", "废物代码", "名称", "贮存设施", "贮存设施类型", "入库日期", "数量（吨）", "特殊情形"]
BY_KIND = {kind.kind: kind for kind in KINDS}
pytestmark = pytest.mark.db


def days(number: int) -> date:
    return DAY + timedelta(days=number)


@pytest.fixture
def files(world, tmp_path):
    return Files(world, tmp_path)


class Files:
    """Writes, stages and accepts files."""

    def __init__(self, world, folder):
        self.world, self.folder = world, folder
        self.spool = folder / "spool"
        self.spool.mkdir()
        world.session.commit()

    def stage(self, rows, *, head=HEAD, kind=LEDGER, user=None, as_of=TODAY, form="xlsx"):
        path = self.folder / f"file.{form}"
        if form == "csv":
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows([head, *rows])
        else:
            book = openpyxl.Workbook()
            book.active.title = kind.template.sheet
            for row in [head, *rows]:
                book.active.append(row)
            book.save(path)
        return stage(self.world.database, kind, path, path.name, user=user or city(), as_of=as_of, folder=self.spool)

    def accept(self, rows, *, kind=LEDGER, user=None, as_of=TODAY, **more):
        batch = self.stage(rows, kind=kind, user=user, as_of=as_of, **more)
        assert batch.status is ImportStatus.READY, self.faults(batch)
        return accept(self.world.database, kind, batch.public_id, user=user or city(), as_of=as_of)

    def rows(self, batch):
        with self.world.database.session() as session:
            return queries.all_rows(session, batch)

    def faults(self, batch):
        return [
            (row.row_no, fault["column"], fault["value"], fault["message"])
            for row in self.rows(batch) for fault in row.messages
        ]  # fmt: skip

    def warnings(self, batch):
        return [fault["message"] for row in self.rows(batch) for fault in row.warnings]

    def outcomes(self, batch):
        return [row.outcome for row in self.rows(batch)]

    def count(self):
        self.world.session.expire_all()
        return self.world.session.scalar(select(func.count()).where(LedgerEntry.unit_id == self.world.unit.id))

    def row(self, kind, day, quantity, **values):
        """A row of the one-sheet form by the titles of its columns."""
        values = {"单位": self.world.unit.unit_no, "环节": kind, "日期": day, "数量（吨）": quantity} | values
        return [values.get(title) for title in HEAD]

    def stored(self, number="RK1", day=DAY, quantity=10, **values):
        return self.row("入库", day, quantity, **{"记录编号": number, "废物代码": SALT, "废物名称": "蒸发结晶盐",
                                                 "贮存设施编码": "TS001"} | values)  # fmt: skip

    def chain(self):
        """A whole chain, sorted newest first as many files are."""
        return [
            self.row("接收", days(9), 5.5, **{"上一环节编号": "WW1", "差异已说明": "是"}),
            self.row("委外", days(7), 6, **{"上一环节编号": "CK1", "记录编号": "WW1", "接收单位": "演示接收单位甲",
                                           "国家联单编号": "20263207000001", "利用处置方式代码": "D10"}),
            self.row("出库", days(7), 6, **{"记录编号": "CK1", "入库批次编码": "RK1"}),
            self.row("移库", days(3), 2, **{"入库批次编码": "RK1", "移入设施编码": "TS002"}),
            self.stored(day=days(1), **{"上一环节编号": "CS1"}),
            self.row("产生", DAY, 10, **{"记录编号": "CS1", "废物代码": SALT, "废物名称": "蒸发结晶盐"}),
        ]  # fmt: skip


class TestTaken:
    @pytest.mark.parametrize("form", ["xlsx", "csv"])
    def test_a_chain_in_one_file(self, files, form):
        files.accept(files.chain(), form=form)
        assert files.count() == 7
        batch = files.world.session.scalars(select(StorageBatch).where(StorageBatch.batch_no == "RK1")).one()
        assert (batch.remaining, batch.first_stored_on) == (Decimal(4), days(1))
        receipt = files.world.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.RECEIVED)).one()
        assert (receipt.difference_explained, receipt.completed_on) == (True, days(9))
        assert receipt.source_ref.startswith("import:")

    def test_as_people_write(self, files):
        row = files.stored(day="2026年3月2日", quantity="１２．５", 废物代码="HW45 261-084-45")
        files.accept([row])
        batch = files.world.session.scalars(select(StorageBatch).where(StorageBatch.batch_no == "RK1")).one()
        assert (batch.quantity, batch.entered_on, batch.waste_code) == (Decimal("12.5"), DAY, SALT)

    def test_an_enterprise_need_not_name_itself(self, files):
        row = files.stored(单位=None)
        files.accept([row], user=enterprise(files.world.unit.id))
        assert files.count() == 1

    @pytest.mark.parametrize("by", ["unit_no", "name", "identity_no"])
    def test_units_by_number_name_and_identity(self, files, by):
        unit = files.world.unit
        name = files.world.session.scalar(select(Unit.identity_no).where(Unit.id == unit.id))
        text = {"unit_no": unit.unit_no, "identity_no": name, "name": unit_name(files.world)}[by]
        files.accept([files.stored(单位=text)])
        assert files.count() == 1

    def test_unknown_code_is_a_warning(self, files):
        batch = files.stage([files.stored(废物代码="999-999-49")])
        assert (batch.status, files.warnings(batch)) == (
            ImportStatus.READY, ["999-999-49 为名录外代码（待核），可以登记，请确认代码"],
        )  # fmt: skip
        accept(files.world.database, LEDGER, batch.public_id, user=city(), as_of=TODAY)
        assert files.world.session.scalars(
            select(UnitWaste.outside_catalogue).where(UnitWaste.unit_id == files.world.unit.id)
        ).all() == [True]

    def test_a_new_facility_comes_with_its_kind(self, files):
        head = [*HEAD, "贮存设施类型"]
        rows = [[*files.stored(number=no, 贮存设施编码="TS009"), "贮存罐区"] for no in ("RK1", "RK2")]
        batch = files.accept(rows, head=head)
        assert batch.result == {"台账记录": 2, "新批次": 2, "新登记设施": 1}
        version = files.world.session.scalars(
            select(FacilityVersion).join(StorageFacility, StorageFacility.id == FacilityVersion.facility_id)
            .where(StorageFacility.code == "TS009")
        ).one()  # fmt: skip
        assert (version.kind, version.valid_from) == (FacilityKind.TANKS, DAY)
        assert files.outcomes(files.stage(rows, head=head)) == [Outcome.UNCHANGED] * 2

    def test_the_preview_says_what_a_row_is(self, files):
        row = files.rows(files.stage([files.stored()]))[0]
        assert row.outcome is Outcome.NEW
        assert row.after["环节"] == "入库"
        assert row.title.endswith("入库 RK1 261-084-45")

    @pytest.mark.parametrize("kind", list(BY_KIND))
    def test_every_blank_template_is_recognised_by_its_own_kind(self, files, kind):
        path = files.folder / "blank.xlsx"
        path.write_bytes(blank_template(BY_KIND[kind]))
        with pytest.raises(BadFile, match="没有数据"):
            stage(files.world.database, BY_KIND[kind], path, "blank.xlsx", user=city(), as_of=TODAY, folder=files.spool)


def unit_name(world):
    from hwrisk.units.queries import version_on

    return version_on(world.session, world.unit.id, as_of=TODAY).name


class TestStandardForms:
    def test_one_after_the_other(self, files):
        no = files.world.unit.unit_no
        name = "行业俗称/单位内部名称"
        before_out = "产生批次编码/出库批次编码"
        sheets = [
            (
                "ledger-generated",
                ["单位名称", "产生批次编码", "产生时间", name, "危险废物代码", "产生量（t）", "计量单位"],
                [no, "CS1", "2026-03-02 08:30", "蒸发结晶盐", SALT, 10, "吨"],
            ),
            (
                "ledger-stored-in",
                ["单位名称", "入库批次编码", "入库时间", name, "危险废物代码", "入库量（吨）", "贮存设施编码",
                 "贮存设施类型", "产生批次编码"],
                [no, "RK1", DAY, "蒸发结晶盐", SALT, 10, "TS001", "贮存库", "CS1"],
            ),
            (
                "ledger-stored-out",
                ["单位名称", "出库批次编码", "出库时间", "出库量（吨）", "入库批次编码"],
                [no, "CK1", days(4), 7, "RK1"],
            ),
            (
                "ledger-self-treated",
                ["单位名称", "自行利用/处置批次编码", "自行利用/处置时间", "自行利用/处置量（吨）", "自行利用/处置方式",
                 "自行利用/处置完毕时间", before_out],
                [no, "ZX1", days(4), 3, "D10", days(5), "CK1"],
            ),
            (
                "ledger-entrusted",
                ["单位名称", "委外利用/处置批次编码", "出厂时间", "委外利用/处置量（吨）", "利用/处置方式",
                 "接收单位名称", "许可证编码/出口核准通知单编号", before_out],
                [no, "WW1", days(4), 4, "R4", "演示接收单位乙", "JS0700", "CK1"],
            ),
            (
                "ledger-received",
                ["单位名称", "接收日期", "接收量（吨）", "委外利用/处置批次编码"],
                [no, days(6), 3, "WW1"],
            ),
        ]  # fmt: skip
        for kind, head, row in sheets:
            files.accept([row], head=head, kind=BY_KIND[kind])
        assert files.count() == 6
        load = files.world.session.scalars(select(LedgerEntry).where(LedgerEntry.entry_no == "WW1")).one()
        assert (load.receiver_kind, load.receiver_licence_no) == (ReceiverKind.TREATMENT, "JS0700")

    def test_opening_and_return(self, files):
        no = files.world.unit.unit_no
        files.accept(
            [
                [no, "QC1", DAY, SALT, 8, "TS001", "不详", "关停遗留"],
                [no, "QC2", DAY, SALT, 1, "TS001", "2024-02-29", None],
            ],
            head=["单位", "结转批次编码", "结转日期", "废物代码", "结转量（吨）", "贮存设施编码", "首次入库日期",
                  "特殊情形"],
            kind=BY_KIND["ledger-opening"],
        )  # fmt: skip
        batches = files.world.session.scalars(select(StorageBatch).order_by(StorageBatch.batch_no)).all()
        assert [(b.first_stored_on, b.overdue_from, b.tag) for b in batches] == [
            (None, DAY, BatchTag.LEGACY), (date(2024, 2, 29), date(2025, 3, 1), BatchTag.NONE),
        ]  # fmt: skip
        files.world.post(EntryKind.STORED_OUT, days(1), "8", batch="QC1", entry_no="CK1")
        files.world.post(EntryKind.ENTRUSTED, days(1), "8", after="CK1", entry_no="WW1")
        files.accept(
            [[no, days(3), 2, "WW1"]], head=["单位", "退回日期", "退回量（吨）", "委外批次编码"],
            kind=BY_KIND["ledger-returned"],
        )  # fmt: skip
        assert files.world.remaining(batches[0]) == 2

    def test_another_measure_is_refused(self, files):
        batch = files.stage(
            [[files.world.unit.unit_no, DAY, SALT, 500, "千克"]],
            head=["单位", "产生时间", "废物代码", "产生量（吨）", "计量单位"], kind=BY_KIND["ledger-generated"],
        )  # fmt: skip
        assert files.faults(batch) == [(2, "E", "千克", "计量单位是“千克”，这里只接受吨")]


class TestStorageList:
    def test_with_and_without_a_day(self, files):
        no = files.world.unit.unit_no
        batch = files.accept(
            [
                [no, SALT, "蒸发结晶盐", "TS001", None, "2024-09-12", 100, None],
                [no, SALT, "清釜残液", "贮存库", None, "不详", 148, "关停遗留"],
                [no, SALT, "清釜残液", "贮存点", None, None, 1.25, None],
            ],
            head=STOCK, kind=STORAGE,
        )  # fmt: skip
        assert batch.result["新批次"] == 3
        columns = (
            StorageBatch.first_stored_on,
            StorageBatch.entered_on,
            StorageBatch.overdue_from,
            StorageBatch.quantity,
        )
        rows = files.world.session.execute(select(*columns).order_by(StorageBatch.id)).all()
        assert [tuple(row) for row in rows] == [
            (date(2024, 9, 12), date(2024, 9, 12), date(2025, 9, 13), Decimal(100)),
            (None, TODAY, TODAY, Decimal(148)),
            (None, TODAY, TODAY, Decimal("1.25")),
        ]

    def test_the_same_list_another_day_changes_nothing(self, files):
        rows = [[files.world.unit.unit_no, SALT, "清釜残液", "TS001", None, None, 148, None]] * 2
        files.accept(rows, head=STOCK, kind=STORAGE)
        again = files.stage(rows, head=STOCK, kind=STORAGE, as_of=TODAY)
        assert files.outcomes(again) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
        assert files.count() == 2

    def test_a_future_day(self, files):
        rows = [[files.world.unit.unit_no, SALT, "盐", "TS001", None, "2026-11-24", 1, None]]
        assert files.faults(files.stage(rows, head=STOCK, kind=STORAGE)) == [
            (2, "F", "2026-11-24", "日期 2026-11-24 晚于 2026-11-23，不能填未来的日期"),
        ]  # fmt: skip


class TestRefused:
    """Every sentence through a real file: nothing is saved, and the place is named."""

    @pytest.mark.parametrize(
        ("column", "value", "where", "sentence"),
        [
            ("废物代码", "26108445", "E", "废物代码缺少连字符"),
            ("废物代码", "261-084-51", "E", "废物类别 HW51 不在 HW01–HW50 之内"),
            ("数量（吨）", -1, "G", "数量不能为负数"),
            ("数量（吨）", "1e400", "G", "不能用科学计数法"),
            ("数量（吨）", "Infinity", "G", "数量必须是有限的数，不能是无穷大或“非数字”"),
            ("数量（吨）", "0.00005", "G", "数量最多四位小数（精确到 0.1 千克）"),
            ("数量（吨）", "500kg", "G", "写的单位是千克，这里要填吨"),
            ("数量（吨）", 0, "G", "数量必须大于 0"),
            ("日期", "2026-11-24", "C", "日期 2026-11-24 晚于 2026-11-23，不能填未来的日期"),
            ("环节", "入户", "B", "环节中没有“入户”"),
            ("贮存设施编码", "TS0O1", "H", "该单位没有编码或名称为“TS0O1”的贮存设施"),
            ("贮存设施编码", None, "H", "没有写明贮存设施"),
            ("单位", "没有的公司", "A", "没有找到单位“没有的公司”，或不在您的管辖范围内"),
            ("单位", "91320700608440872Y", "A", "统一社会信用代码的校验位不对，可能抄错了一位"),
            ("单位", None, "A", "没有写明单位"),
            ("国家联单编号", "2026", "O", "国家联单编号只填在委外记录上"),
        ],
    )
    def test_one_cell(self, files, column, value, where, sentence):
        batch = files.stage([files.stored(**{column: value})])
        assert batch.status is ImportStatus.REFUSED
        shown = "（空）" if value is None else str(value)
        assert files.faults(batch) == [(2, where, shown, sentence)]
        assert files.count() == 0

    def test_an_out_larger_than_the_batch(self, files):
        batch = files.stage([files.stored(), files.row("出库", days(1), 10.5, 入库批次编码="RK1")])
        assert files.faults(batch) == [
            (3, "G", "10.5", "数量 10.5 吨大于该批次 2026-03-03 的在库量 10 吨，请核对数量或批次"),
        ]  # fmt: skip

    def test_a_back_dated_out_that_a_later_day_cannot_bear(self, files):
        files.accept([files.stored(), files.row("出库", days(9), 8, 入库批次编码="RK1")])
        batch = files.stage([files.row("出库", days(2), 3, 入库批次编码="RK1")])
        assert files.faults(batch)[0][3] == (
            "补记 2026-03-04 出库 3 吨后，2026-03-11 的库存将为负（-1 吨），最多可补记 2 吨；请核对后来的出库记录"
        )
        assert files.count() == 2

    def test_kilograms_in_the_title(self, files):
        head = [title.replace("吨", "kg") for title in HEAD]
        with pytest.raises(BadFile, match="的单位是 kg，模板要求 t：把数值除以 1000"):
            files.stage([files.stored()], head=head)

    def test_a_row_behind_a_refused_one(self, files):
        batch = files.stage([files.stored(贮存设施编码="TS9"), files.row("出库", days(1), 1, 入库批次编码="RK1")])
        assert files.faults(batch)[1][3] == "所依据的记录 RK1 本身有错误，请先改正那一条"

    def test_nothing_of_a_file_with_one_fault_is_saved(self, files):
        batch = files.stage(
            [files.stored(number=f"RK{n}") for n in range(20)] + [files.stored(number="RK99", 废物代码="1")]
        )
        assert (batch.new_count, batch.refused_count, files.count()) == (20, 1, 0)

    def test_two_units_of_one_name(self, files):
        for _ in range(2):
            files.world.register(name="同名有限公司")
        files.world.session.commit()
        fault = files.faults(files.stage([files.stored(单位="同名有限公司")]))[0]
        assert fault[3] == "有 2 家单位叫“同名有限公司”"


class TestScope:
    def test_the_county_of_another_office(self, files):
        batch = files.stage([files.stored()], user=county("LYG-GNX"))
        assert files.faults(batch)[0][3].endswith("或不在您的管辖范围内")
        files.accept([files.stored()], user=county())

    def test_another_enterprise(self, files):
        other = files.world.register()
        files.world.session.commit()
        fault = files.faults(files.stage([files.stored()], user=enterprise(other.id)))[0]
        assert fault[3].endswith("或不在您的管辖范围内")

    def test_a_name_out_of_sight_is_not_offered(self, files):
        other = files.world.register(name="灌南秘密有限公司", office_code="LYG-GNX")
        files.world.session.commit()
        row = files.rows(files.stage([files.stored(单位="灌南秘密公司")], user=county()))[0]
        assert "秘密有限" not in (row.messages[0]["right"] or "")
        assert other.id

    def test_without_the_right_to_write(self, files):
        reader = Viewer(account_id=None, label="领导", role=Role.LEADER, is_city_wide=True)
        with pytest.raises(Refused):
            files.stage([files.stored()], user=reader)


class TestAgain:
    def test_the_same_file_twice_changes_nothing(self, files):
        rows = files.chain()
        files.accept(rows)
        again = files.stage(rows)
        assert files.outcomes(again) == [Outcome.UNCHANGED] * 6
        accept(files.world.database, LEDGER, again.public_id, user=city(), as_of=TODAY)
        assert files.count() == 7

    def test_rows_without_numbers_are_known_by_what_they_say(self, files):
        rows = [files.stored(number=None), files.stored(number=None), files.stored(number=None, quantity=3)]
        files.accept(rows)
        again = [*rows, files.stored(number=None)]
        assert files.outcomes(files.stage(again)) == [*[Outcome.UNCHANGED] * 3, Outcome.NEW]

    def test_a_remark_makes_no_other_record(self, files):
        files.accept([files.stored(number=None, 备注="甲")])
        assert files.outcomes(files.stage([files.stored(number=None, 备注="乙")])) == [Outcome.UNCHANGED]

    def test_the_same_number_with_other_content(self, files):
        files.accept([files.stored()])
        batch = files.stage([files.stored(quantity=12)])
        was = "编号 RK1 已登记为 2026-03-02 入库 261-084-45 10 吨，与本行不同"
        remedy = "已登记的记录不能用导入修改，请在系统中调整或撤销"
        assert files.faults(batch) == [(2, "D", "RK1", f"{was}；{remedy}")]

    def test_a_record_entered_by_hand_is_recognised(self, files):
        files.world.stored("10", DAY, entry_no="RK1")
        files.world.session.commit()
        assert files.outcomes(files.stage([files.stored()])) == [Outcome.UNCHANGED]

    def test_what_was_cancelled_is_not_brought_back(self, files):
        files.accept([files.stored()])
        record = files.world.session.scalars(select(LedgerEntry).where(LedgerEntry.entry_no == "RK1")).one()
        cancel(files.world.session, record, reason="错", hand=files.world.hand())
        files.world.session.commit()
        batch = files.stage([files.stored()])
        assert files.outcomes(batch) == [Outcome.UNCHANGED]
        assert files.warnings(batch) == ["这条记录登记过，后来撤销了，本次不再登记；确需重新登记的请换一个编号"]

    def test_an_out_that_was_split_is_recognised(self, files):
        out = files.row("出库", days(9), 12, **{"记录编号": "CK1", "废物代码": SALT})
        files.accept([files.stored("RK1"), files.stored("RK2"), out])
        assert files.count() == 4
        assert files.outcomes(files.stage([out])) == [Outcome.UNCHANGED]

    def test_data_that_changed_between_check_and_acceptance(self, files):
        from hwrisk.imports import BaseChanged

        batch = files.stage([files.stored(), files.row("出库", days(1), 10, 入库批次编码="RK1")])
        files.world.stored("10", DAY, entry_no="RK1")
        files.world.session.commit()
        with pytest.raises(BaseChanged):
            accept(files.world.database, LEDGER, batch.public_id, user=city(), as_of=TODAY)
        assert files.count() == 1


def test_no_more_statements_for_a_long_file_than_for_a_short_one(files, count_statements):
    def statements(number):
        rows = [files.stored(number=f"RK{number}-{n}", day=days(n % 5)) for n in range(number)]
        rows += [files.row("出库", days(9), 1, 入库批次编码=f"RK{number}-{n}") for n in range(number)]
        with count_statements() as seen:
            batch = files.stage(rows)
        assert batch.status is ImportStatus.READY
        with count_statements() as more:
            accept(files.world.database, LEDGER, batch.public_id, user=city(), as_of=TODAY)
        return len(seen) + len(more)

    short = statements(1)
    assert statements(150) <= short
