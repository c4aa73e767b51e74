from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hwrisk.errors import BadFile
from hwrisk.imports.container import FileKind
from hwrisk.imports.headings import GUIDE_SHEET, VERSION_TITLE, recognise, split_unit
from hwrisk.imports.reading import MERGED, Sheet, Workbook
from hwrisk.imports.table import parse_rows
from tests.imports.sample_kind import AS_OF, GOOD, HEAD, TEMPLATE


def book(*sheets: tuple[str, list[list[object]]], hidden: list[str] | None = None) -> Workbook:
    return Workbook(FileKind.XLSX, [Sheet(name, rows) for name, rows in sheets], hidden or [])


def one(rows: list[list[object]]) -> Workbook:
    return book(("Sheet1", rows))


def heading(old: str, new: str) -> list[object]:
    return [new if title == old else title for title in HEAD]


class TestHeadings:
    @pytest.mark.parametrize(
        "title",
        [
            "数量（t）",
            "数量(吨)",
            " 数 量 （Ｔ） ",
            "*数量【吨】",
            "数量（单位：吨）",
            "重量（t）",
            "数量(t)（必填）",
            "数量/t",
            "数量吨",
            "数量\n(t)",
        ],
    )
    def test_the_same_heading_in_other_dress(self, title):
        assert recognise(TEMPLATE, one([heading("数量（t）", title), GOOD])).layout.places["quantity"] == 3

    @pytest.mark.parametrize(
        ("title", "says"),
        [
            ("数量（kg）", "除以 1000"), ("数量kg", "除以 1000"), ("重量（公斤）", "除以 1000"),
            ("数量（万吨）", "乘以 10000"),
            ("数量", "没有写明单位"), ("重量", "没有写明单位"), ("数量（m³）", "单位是 m3"),
        ],
    )  # fmt: skip
    def test_another_unit_is_refused_with_what_would_be_right(self, title, says):
        with pytest.raises(BadFile) as refusal:
            recognise(TEMPLATE, one([heading("数量（t）", title), GOOD]))
        assert says in refusal.value.message and "数量（t）" in refusal.value.message and "D1" in refusal.value.message
        assert "缺少" not in refusal.value.message

    def test_a_unit_where_none_belongs(self):
        with pytest.raises(BadFile, match="带了单位"):
            recognise(TEMPLATE, one([heading("备注", "备注（吨）"), GOOD]))

    @pytest.mark.parametrize("title", ["废物代码数量", "代码", "入库的日期", "单位名称及地址"])
    def test_parts_of_words_are_not_taken(self, title):
        old = {"废物代码数量": "废物代码", "代码": "废物代码", "入库的日期": "入库日期"}.get(title, "单位名称")
        with pytest.raises(BadFile) as refusal:
            recognise(TEMPLATE, one([heading(old, title), GOOD]))
        assert f"缺少必需的列：“{old}”" in refusal.value.message
        assert title in refusal.value.message

    def test_columns_in_any_order_with_unknown_ones_listed(self):
        head = [*reversed(HEAD), "经办人"]
        table = recognise(TEMPLATE, one([head, [*reversed(GOOD), "甲"]]))
        assert table.layout.places["number"] == 6
        assert table.notes == ["以下各列不在模板中，没有读取：H 列“经办人”"]

    def test_the_head_is_found_under_titles(self):
        rows = [["2026 年入库记录"], [], ["单位：演示化工", "", "填表日期"], HEAD, GOOD]
        table = recognise(TEMPLATE, one(rows))
        assert table.first_row == 4
        assert [row.row_no for row in parse_rows(TEMPLATE, table, as_of=AS_OF)] == [5]

    def test_a_head_below_row_20_is_not_looked_for(self):
        with pytest.raises(BadFile, match="没有找到“入库记录”的表头"):
            recognise(TEMPLATE, one([[] for _ in range(20)] + [HEAD, GOOD]))

    def test_the_same_column_twice(self):
        with pytest.raises(BadFile, match="H 列“企业名称”与 B 列是同一项"):
            recognise(TEMPLATE, one([[*HEAD, "企业名称"], GOOD]))

    def test_the_error_column_of_an_earlier_round_is_no_column(self):
        assert recognise(TEMPLATE, one([[*HEAD, "错误说明"], GOOD])).notes == []

    def test_an_optional_column_may_be_missing(self):
        table = recognise(TEMPLATE, one([HEAD[:5], GOOD[:5]]))
        assert parse_rows(TEMPLATE, table, as_of=AS_OF)[0].values["state"] is None

    def test_two_sheets_of_the_form_are_too_many_unless_one_has_the_name(self):
        with pytest.raises(BadFile, match="有 2 张工作表"):
            recognise(TEMPLATE, book(("一月", [HEAD, GOOD]), ("二月", [HEAD, GOOD])))
        table = recognise(TEMPLATE, book(("一月", [HEAD, GOOD]), ("入库记录", [HEAD, GOOD])))
        assert (table.sheet.name, table.notes) == ("入库记录", ["以下工作表没有读取：一月"])

    def test_hidden_sheets_are_named_when_nothing_fits(self):
        with pytest.raises(BadFile, match="隐藏的工作表（旧）不读取"):
            recognise(TEMPLATE, book(("x", [["a"]]), hidden=["旧"]))

    def test_the_template_version(self):
        guide = [["x"], [VERSION_TITLE, "入库记录 2025.9"]]
        table = recognise(TEMPLATE, book(("入库记录", [HEAD, GOOD]), (GUIDE_SHEET, guide)))
        assert table.notes == ["文件用的是 2025.9 版模板，现行为 2026.1 版；各列已按标题核对"]
        with pytest.raises(BadFile, match="这是“单位清单”的模板"):
            recognise(TEMPLATE, book(("入库记录", [HEAD, GOOD]), (GUIDE_SHEET, [[VERSION_TITLE, "单位清单 2026.1"]])))

    def test_split_unit(self):
        assert split_unit("设计能力（万吨/年）") == ("设计能力", "万t/a")
        assert split_unit("面积(㎡)") == ("面积", "m2")
        assert split_unit("代码（18 位）") == ("代码(18位)", None)


class TestRows:
    def parsed(self, *rows: list[object]):
        table = recognise(TEMPLATE, one([HEAD, *rows]))
        return parse_rows(TEMPLATE, table, as_of=AS_OF), table

    def test_values(self):
        (row,), _ = self.parsed([20260001.0, " 演示 化工", "HW49 900-041-49", "１２．５", "2026年3月1日", "在库", ""])
        assert row.values == {
            "number": "20260001", "unit": "演示 化工", "code": "900-041-49", "quantity": Decimal("12.5"),
            "stored_on": date(2026, 3, 1), "state": "in", "note": None,
        }  # fmt: skip
        assert type(row.values["state"]) is str

    def test_a_fault_names_sheet_row_column_value_and_what_is_right(self):
        (row,), _ = self.parsed(["a", "演示化工", "900-041-49", "5kg", date(2026, 3, 1)])
        assert [fault.text for fault in row.faults] == [
            "工作表“Sheet1”第 2 行“数量（t）”列（D2）填的是“5kg”：写的单位是千克，这里要填吨；应为：0.005"
        ]

    def test_all_faults_of_a_row_are_told_at_once(self):
        (row,), _ = self.parsed(["", "", "900-041-99", -1.0, date(2027, 1, 1), "别处", "字" * 21])
        assert [fault.title for fault in row.faults] == HEAD

    def test_blank_rows_and_totals_are_left_out(self):
        rows, table = self.parsed(GOOD, [None] * 7, ["", " ", ""], ["合 计", "", "", 1.5], [MERGED] * 7)
        assert [row.row_no for row in rows] == [2]
        assert table.notes == ["第 5 行是合计行，没有读取"]

    def test_no_data_at_all(self):
        with pytest.raises(BadFile, match="没有数据"):
            self.parsed([None, ""])

    def test_a_merged_cell_is_refused(self):
        (_, row), _ = self.parsed(GOOD, ["x", MERGED, *GOOD[2:]])
        assert [fault.title for fault in row.faults] == ["单位名称"]
        assert "合并单元格" in row.faults[0].message

    def test_duplicates_name_the_first_row(self):
        (_, row), _ = self.parsed(GOOD, GOOD)
        assert "与第 2 行重复（批次编号相同）" in row.faults[0].message

    def test_equal_rows_are_told_apart_by_their_repeat(self):
        (first, second), _ = self.parsed(GOOD, ["x", *GOOD[1:]])
        assert first.digest != second.digest
        assert first.repeat == second.repeat == 1
