import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from hwrisk.errors import RuleViolation
from hwrisk.reporting import xlsx
from hwrisk.reporting.bench import sample_rows, sample_sheet, write_by_openpyxl
from hwrisk.reporting.cells import CUT_MARK, MAX_TEXT
from hwrisk.reporting.frame import head_texts
from hwrisk.reporting.report import Column
from hwrisk.reporting.xlsx import write_xlsx


def item(i):
    return lambda row: row[i]


def naive(*parts):
    """What a spreadsheet knows of time: no zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def opened(path):
    return openpyxl.load_workbook(path).active


def columns(*kinds, **more):
    return tuple(Column(f"c{i}", f"列{i}", item(i), kind=kind, **more) for i, kind in enumerate(kinds))


def data_rows(path, head_row):
    return [[cell.value for cell in row] for row in opened(path).iter_rows(min_row=head_row + 1)]


def head_row_of(sheet):
    return 1 + len(list(head_texts(sheet))) + 1


class TestCells:
    def test_every_cell_is_as_openpyxl_writes_it(self, tmp_path):
        sheet = sample_sheet(700, wide=True)
        write_xlsx(sheet, tmp_path / "ours.xlsx")
        write_by_openpyxl(sheet, tmp_path / "twin.xlsx")
        ours, twin = opened(tmp_path / "ours.xlsx"), opened(tmp_path / "twin.xlsx")
        assert (ours.max_row, ours.max_column) == (twin.max_row, twin.max_column)
        first = head_row_of(sheet) + 1
        for mine, theirs in zip(ours.iter_rows(min_row=first), twin.iter_rows(min_row=first), strict=True):
            for a, b in zip(mine, theirs, strict=True):
                value = b.value if b.value != "" else None
                assert (a.coordinate, a.value, a.data_type if a.value is not None else "n", a.number_format) == (
                    b.coordinate, value, b.data_type if value is not None else "n",
                    b.number_format if a.data_type != "s" else a.number_format,
                )  # fmt: skip

    def test_calamine_reads_the_same(self, tmp_path):
        sheet = sample_sheet(50)
        write_xlsx(sheet, tmp_path / "a.xlsx")
        book = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
        row = book[head_row_of(sheet)]
        assert (row[0], row[4], row[5], row[11]) == (1.0, 0.0007, date(2026, 11, 23), "=复核0")

    @pytest.mark.parametrize(
        ("kind", "value", "read"),
        [
            ("text", "=1+1", "=1+1"),
            ("text", "+8613900000000", "+8613900000000"),
            ("text", "-5", "-5"),
            ("text", "@SUM(A1)", "@SUM(A1)"),
            ("text", "  两边有空格 ", "  两边有空格 "),
            ("text", "两\n行", "两\n行"),
            ("text", "<b>&amp;\"'", "<b>&amp;\"'"),
            ("text", "a\x00\x08b", "ab"),
            ("text", "镕𬭸硓", "镕𬭸硓"),
            ("text", "", None),
            ("text", None, None),
            ("text", 12, "12"),
            ("code", "00012345", "00012345"),
            ("code", "91320700MA1ABCDE00", "91320700MA1ABCDE00"),
            ("tonnes", Decimal("12.3456"), 12.3456),
            ("tonnes", Decimal("0.0000"), 0),
            ("tonnes", Decimal("-1.5"), -1.5),
            ("tonnes", Decimal("1E+2"), 100),
            ("tonnes", None, None),
            ("tonnes", "未报", "未报"),
            ("tonnes", "=1", "=1"),
            ("number", 0.5, 0.5),
            ("number", float("nan"), "nan"),
            ("int", 7, 7),
            ("int", 10**15, "1000000000000000"),
            ("int", True, "True"),
            ("percent", Fraction(1, 4), 0.25),
            ("percent", Decimal("0.9"), 0.9),
            ("day", date(2024, 2, 29), naive(2024, 2, 29)),
            ("day", date(1899, 5, 1), "1899-05-01"),
            ("day", "入库日期不详", "入库日期不详"),
            ("instant", datetime(2026, 11, 23, 18, 30, tzinfo=UTC), naive(2026, 11, 24, 2, 30)),
        ],
    )
    def test_numbers_are_numbers_days_are_days_and_text_stays_text(self, make_sheet, tmp_path, kind, value, read):
        sheet = make_sheet(columns(kind), [(value,)])
        write_xlsx(sheet, tmp_path / "a.xlsx")
        cell = opened(tmp_path / "a.xlsx").cell(row=head_row_of(sheet) + 1, column=1)
        assert cell.value == read
        assert cell.data_type != "f"

    def test_text_that_looks_like_a_formula_stays_text_when_somebody_edits_it(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("text", "text"), [("=1+1", "无")])
        write_xlsx(sheet, tmp_path / "a.xlsx")
        dangerous, harmless = next(opened(tmp_path / "a.xlsx").iter_rows(min_row=head_row_of(sheet) + 1))
        assert (dangerous.quotePrefix, harmless.quotePrefix) == (True, False)

    def test_equal_values_of_other_types_do_not_share_a_cell(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("text"), [("1",), (1,), (True,), (1.0,)])
        write_xlsx(sheet, tmp_path / "a.xlsx")
        assert data_rows(tmp_path / "a.xlsx", head_row_of(sheet)) == [["1"], ["1"], ["True"], ["1.0"]]

    def test_text_that_looks_like_an_escape_is_not_read_as_another_letter(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("text"), [("编号_x0041_",)])
        write_xlsx(sheet, tmp_path / "a.xlsx")
        book = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
        assert book[head_row_of(sheet)] == ["编号_x0041_"]

    def test_text_too_long_for_a_cell_says_so_in_the_cell_and_to_the_maker(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("text"), [("长" * 40_000,), ("𬭸" * 20_000,), ("长" * MAX_TEXT,)])
        written = write_xlsx(sheet, tmp_path / "a.xlsx")
        long, pairs, exact = (row[0] for row in data_rows(tmp_path / "a.xlsx", head_row_of(sheet)))
        assert (len(long), long.endswith(CUT_MARK)) == (MAX_TEXT, True)
        assert len(pairs.encode("utf-16-le")) // 2 <= MAX_TEXT
        assert set(pairs.removesuffix(CUT_MARK)) == {"𬭸"}
        assert exact == "长" * MAX_TEXT
        assert written.warnings == ("“列0”列有内容超过 Excel 单元格 32,767 字的上限，已在末尾注明截断",)


class TestFrame:
    def test_head_widths_freeze_filter_and_print_set_up(self, make_sheet, tmp_path):
        cols = (Column("n", "单位", item(0), width=30), Column("t", "贮存量（吨）", item(1), kind="tonnes"))
        sheet = make_sheet(cols, [("甲", Decimal(1)), ("乙", Decimal(2))], paper="A3")
        write_xlsx(sheet, tmp_path / "a.xlsx")
        page = opened(tmp_path / "a.xlsx")
        head = head_row_of(sheet)
        assert page["A1"].value == "危险废物贮存台账"
        assert [page.cell(row=r, column=1).value for r in range(2, head)] == list(head_texts(sheet))
        assert [cell.value for cell in page[head]] == ["单位", "贮存量（吨）"]
        assert page.freeze_panes == f"A{head + 1}"
        assert page.print_title_rows == f"${head}:${head}"
        assert page.auto_filter.ref == f"A{head}:B{head + 2}"
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 8)
        assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.oddFooter.center.text == "第 &P 页 共 &N 页"
        assert page.column_dimensions["A"].width == 30
        assert {str(area) for area in page.merged_cells.ranges} == {f"A{r}:B{r}" for r in range(1, head)}
        assert page.cell(row=head + 1, column=2).number_format == "#,##0.0000"

    def test_totals_stand_below_the_filtered_rows(self, make_sheet, tmp_path):
        sheet = make_sheet(
            columns("int", "tonnes"), [(1, Decimal("1.5")), (2, Decimal(2))], totals={"c1": Decimal("3.5")}
        )
        write_xlsx(sheet, tmp_path / "a.xlsx")
        head = head_row_of(sheet)
        assert data_rows(tmp_path / "a.xlsx", head)[-1] == ["合计", 3.5]
        assert opened(tmp_path / "a.xlsx").auto_filter.ref == f"A{head}:B{head + 2}"

    def test_no_rows_make_a_valid_file(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("text", "int"), [])
        assert write_xlsx(sheet, tmp_path / "a.xlsx").rows == 0
        assert opened(tmp_path / "a.xlsx").max_row == head_row_of(sheet)

    def test_read_only_readers_see_all_rows(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("int"), [(n,) for n in range(1203)])
        write_xlsx(sheet, tmp_path / "a.xlsx")
        book = openpyxl.load_workbook(tmp_path / "a.xlsx", read_only=True)
        assert sum(1 for _ in book.active.iter_rows(min_row=head_row_of(sheet) + 1)) == 1203
        book.close()

    def test_the_stamp_is_in_the_properties(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("int"), [])
        write_xlsx(sheet, tmp_path / "a.xlsx")
        about = openpyxl.load_workbook(tmp_path / "a.xlsx").properties
        assert (about.identifier, about.title, about.creator) == (
            sheet.stamp.text, "危险废物贮存台账", "固废科 演示-张三",
        )  # fmt: skip

    def test_awkward_titles_still_name_a_sheet(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("int"), [(1,)], title="='A/B*C[1]:?'" + "长" * 40)
        write_xlsx(sheet, tmp_path / "a.xlsx")
        page = opened(tmp_path / "a.xlsx")
        assert page.title == ("=ABC1" + "长" * 40)[:31]
        assert page["A1"].data_type == "s"

    def test_every_part_of_the_package_is_well_formed(self, tmp_path):
        from xml.etree import ElementTree

        write_xlsx(sample_sheet(20, wide=True), tmp_path / "a.xlsx")
        with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
            names = package.namelist()
            assert len(names) == len(set(names))
            for name in names:
                ElementTree.fromstring(package.read(name))

    def test_the_parts_of_the_sheet_stand_in_the_order_of_the_standard(self, tmp_path):
        # ECMA-376 part 1, 18.3.1.99: a spreadsheet repairs, or refuses, a sheet whose parts stand otherwise.
        from xml.etree import ElementTree

        write_xlsx(sample_sheet(5), tmp_path / "a.xlsx")
        with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
            root = ElementTree.fromstring(package.read("xl/worksheets/sheet1.xml"))
            names = ElementTree.fromstring(package.read("xl/workbook.xml"))
        assert [part.tag.rsplit("}")[1] for part in root] == [
            "sheetPr", "sheetViews", "sheetFormatPr", "cols", "sheetData", "autoFilter", "mergeCells", "printOptions",
            "pageMargins", "pageSetup", "headerFooter", "ignoredErrors",
        ]  # fmt: skip
        named = {part.get("name"): part.text for part in names.iter() if part.tag.endswith("definedName")}
        assert named == {
            "_xlnm._FilterDatabase": "'危险废物贮存台账'!$A$6:$L$11", "_xlnm.Print_Titles": "'危险废物贮存台账'!$6:$6",
        }  # fmt: skip


class TestProgress:
    def test_progress_ends_with_all_rows(self, make_sheet, tmp_path):
        seen = []
        write_xlsx(
            make_sheet(columns("int"), [(n,) for n in range(1200)]),
            tmp_path / "a.xlsx",
            progress=lambda done, total, message: seen.append((done, total)),
        )
        assert seen == [(500, 1200), (1000, 1200), (1200, 1200)]

    def test_a_cancelled_export_leaves_nothing_and_keeps_the_old_file(self, make_sheet, tmp_path):
        (tmp_path / "a.xlsx").write_bytes(b"old")

        def cancel(done, total, message):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write_xlsx(make_sheet(columns("int"), [(1,)]), tmp_path / "a.xlsx", progress=cancel)
        assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]
        assert (tmp_path / "a.xlsx").read_bytes() == b"old"

    def test_more_rows_than_a_sheet_holds_are_refused(self, make_sheet, tmp_path, monkeypatch):
        monkeypatch.setattr(xlsx, "MAX_ROWS", 100)
        with pytest.raises(RuleViolation, match="上限"):
            write_xlsx(make_sheet(columns("int"), sample_rows(100, 1)), tmp_path / "a.xlsx")
        assert list(tmp_path.iterdir()) == []
