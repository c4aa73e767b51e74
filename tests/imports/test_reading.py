from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwrisk.errors import BadFile
from hwrisk.imports.bench import bench_reading
from hwrisk.imports.cells import BrokenCell
from hwrisk.imports.container import FileKind
from hwrisk.imports.limits import Limits
from hwrisk.imports.reading import MERGED, read_workbook
from hwrisk.imports.text_file import decode, delimiter_of, read_csv
from tests.imports.hostile import HOSTILE, rezipped, workbook, write
from tests.imports.sample_kind import GOOD, HEAD, write_xlsx

WHOLE = workbook()


class TestHostileFiles:
    @pytest.mark.parametrize(("filename", "content", "sentence"), [h[1:] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
    def test_refused_in_plain_words(self, tmp_path, filename, content, sentence):
        with pytest.raises(BadFile) as refusal:
            read_workbook(write(tmp_path, filename, content), filename)
        assert sentence in refusal.value.message
        assert any("一" <= character <= "鿿" for character in refusal.value.message)

    def test_larger_than_allowed(self, tmp_path):
        path = write(tmp_path, "a.xlsx", workbook())
        with pytest.raises(BadFile, match="文件过大"):
            read_workbook(path, "a.xlsx", limits=Limits(file_bytes=1_000))

    def test_unpacked_larger_than_allowed(self, tmp_path):
        path = write(tmp_path, "a.xlsx", workbook())
        with pytest.raises(BadFile, match="解开后"):
            read_workbook(path, "a.xlsx", limits=Limits(member_bytes=100))
        with pytest.raises(BadFile, match="解开后有"):
            read_workbook(path, "a.xlsx", limits=Limits(total_bytes=100))

    def test_a_reader_that_takes_too_long_is_stopped(self, tmp_path):
        path = write_xlsx(tmp_path / "a.xlsx", [HEAD, *([GOOD] * 5_000)])
        with pytest.raises(BadFile, match="超时"):
            read_workbook(path, "a.xlsx", limits=Limits(seconds=0))

    def test_a_reader_that_takes_too_much_memory_is_stopped(self, tmp_path):
        path = write_xlsx(tmp_path / "a.xlsx", [HEAD, *([GOOD] * 5_000)])
        with pytest.raises(BadFile, match="内存"):
            read_workbook(path, "a.xlsx", limits=Limits(memory_mib=24))

    def test_a_file_that_is_gone(self, tmp_path):
        with pytest.raises(BadFile, match="重新上传"):
            read_workbook(tmp_path / "none.xlsx", "none.xlsx")

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_a_damaged_byte_gives_a_table_or_a_sentence(self, tmp_path_factory, data):
        content = bytearray(WHOLE)
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        path = write(tmp_path_factory.mktemp("x"), "a.xlsx", bytes(content))
        try:
            assert read_workbook(path, "a.xlsx").sheets
        except BadFile as refusal:
            assert refusal.message


class TestWorkbook:
    def test_rows_and_columns_stand_where_they_stood(self, tmp_path):
        book = openpyxl.Workbook()
        page = book.active
        page["C4"], page["D6"] = "x", 5
        book.create_sheet("隐").sheet_state = "hidden"
        book.save(tmp_path / "a.xlsx")
        read = read_workbook(tmp_path / "a.xlsx", "a.xlsx")
        rows = read.sheets[0].rows
        assert (rows[3][2], rows[5][3], rows[0]) == ("x", 5.0, [])
        assert (read.kind, read.hidden, len(read.sheets)) == (FileKind.XLSX, ["隐"], 1)

    def test_values_keep_their_types(self, tmp_path):
        moment = datetime(2026, 3, 1, 8, 30)  # noqa: DTZ001 - a spreadsheet knows no zones
        values = ["=文字", 1.5, True, date(2026, 3, 1), moment, time(3, 4), timedelta(hours=30)]
        book = openpyxl.Workbook()
        book.active.append(values)
        book.active["A1"].data_type = "s"
        book.save(tmp_path / "a.xlsx")
        assert read_workbook(tmp_path / "a.xlsx", "a.xlsx").sheets[0].rows == [values]

    def test_cells_without_a_value_are_not_taken_for_blank(self, tmp_path):
        book = openpyxl.Workbook()
        page = book.active
        page.append(["=1+1", "#DIV/0!", "m", None])
        page["B1"].data_type = "e"
        page.merge_cells("C1:C2")
        page["B2"], page["A5"] = "y", "=A1"
        book.save(tmp_path / "a.xlsx")
        rows = read_workbook(tmp_path / "a.xlsx", "a.xlsx").sheets[0].rows
        formula, error, merged = rows[0][0], rows[0][1], rows[1][2]
        assert isinstance(formula, BrokenCell) and "公式" in formula.reason
        assert isinstance(error, BrokenCell) and "#DIV/0!" in error.reason
        assert merged is MERGED
        assert isinstance(rows[4][0], BrokenCell), "a last row of formulas alone is a row"

    def test_a_formula_that_gives_no_text_is_blank(self, tmp_path):
        path = tmp_path / "a.xlsx"
        sheet = b'<c r="A2" t="str"><f>IF(1,"")</f><v></v></c><c r="B2"><f>1+1</f><v>2</v></c>'
        path.write_bytes(
            rezipped(
                replace={
                    "xl/worksheets/sheet1.xml": lambda c: c.replace(
                        b"</row></sheetData>", sheet + b"</row></sheetData>"
                    )
                }
            )
        )
        rows = read_workbook(path, "a.xlsx").sheets[0].rows
        assert not any(isinstance(cell, BrokenCell) for row in rows for cell in row)

    def test_a_lying_dimension_hides_nothing(self, tmp_path):
        path = write_xlsx(tmp_path / "a.xlsx", [HEAD, GOOD])
        with zipfile.ZipFile(path) as package:
            assert b'<dimension ref="A1:G2"' in package.read("xl/worksheets/sheet1.xml")
        lying = rezipped(
            replace={"xl/worksheets/sheet1.xml": lambda c: c.replace(b'dimension ref="A1:G2"', b'dimension ref="A1"')}
        )
        path.write_bytes(lying)
        assert len(read_workbook(path, "a.xlsx").sheets[0].rows[1]) >= 6


class TestBench:
    def test_both_readers_give_the_same_rows(self):
        timing = bench_reading(rows=300)
        assert timing.rows == 300 and timing.factor > 0


class TestCsv:
    TEXT = '批次编号,单位名称\n0012,"演示,化工"\n'

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
    def test_encodings_and_delimiters(self, tmp_path, encoding, delimiter):
        text = self.TEXT.replace("0012,", "0012" + delimiter).replace("编号,", "编号" + delimiter)
        path = write(tmp_path, "a.csv", text.encode(encoding))
        assert read_workbook(path, "a.csv").sheets[0].rows == [["批次编号", "单位名称"], ["0012", "演示,化工"]]

    def test_a_rare_character_of_gb18030(self):
        assert decode("𬭸矿".encode("gb18030")) == "𬭸矿"

    def test_the_hint_of_excel_and_the_dress_of_zeros(self):
        text = 'sep=;\n编号;名称\n="007";a\n'
        assert delimiter_of(text) == ";"
        assert read_csv(text.encode(), Limits()) == [[], ["编号", "名称"], ["007", "a"]]

    def test_too_many_rows(self):
        with pytest.raises(BadFile, match="行数过多"):
            read_csv(b"a,b\n" * 100, Limits(rows=10))

    def test_a_column_of_text_does_not_decide_the_delimiter(self):
        assert delimiter_of("只有一列\n文字\n") == ","

    @given(st.binary(max_size=200))
    def test_any_bytes_give_rows_or_a_sentence(self, content):
        try:
            read_csv(content, Limits())
        except BadFile as refusal:
            assert refusal.message
