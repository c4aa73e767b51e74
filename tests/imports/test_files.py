"""The workbooks this service writes, opened again: error workbook, blank template; and the one-call import."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from sqlalchemy import func, select

from hwrisk import config
from hwrisk.errors import BadFile, RuleViolation
from hwrisk.imports import ImportBatch, ImportStatus, blank_template, discard, error_workbook, run_import, spool, stage
from hwrisk.imports.headings import GUIDE_SHEET
from hwrisk.imports.sheets import LIST_SHEET, sheet_name
from tests.imports.hostile import write
from tests.imports.sample_kind import AS_OF, GOOD, HEAD, STORE, TEMPLATE, USER, kind, write_xlsx

FORMULAS = ["=1+1", "+86 518", "-A1", "@SUM(A1)"]
BAD = ["HWRK-002", "=cmd|'/c calc'!A0", "900-041-49", "5kg", "2026-03-01"]


@pytest.fixture
def returned(database, folder, tmp_path):
    """Stage a file and give back its error workbook, opened again."""

    def made(path):
        batch = stage(database, kind(), path, path.name, user=USER, as_of=AS_OF, folder=folder)
        out = error_workbook(database, kind(), batch.public_id, tmp_path / "out.xlsx", user=USER, folder=folder)
        return openpyxl.load_workbook(out)

    return made


class TestErrorWorkbook:
    def test_the_same_sheets_rows_and_columns_with_one_more(self, tmp_path, returned):
        book = openpyxl.Workbook()
        page = book.active
        page.title = "入库记录"
        for row in (["2026 年入库"], [*HEAD, "经办人"], [*GOOD, "甲"], [], BAD):
            page.append(row)
        page["B5"].data_type = "s"
        book.create_sheet("其他").append(FORMULAS)
        for cell in book["其他"][1]:
            cell.data_type = "s"
        book.save(tmp_path / "a.xlsx")
        back = returned(tmp_path / "a.xlsx")
        assert back.sheetnames == ["入库记录", "其他", LIST_SHEET]
        rows = [list(row) for row in back["入库记录"].iter_rows(values_only=True)]
        assert rows[0][0] == "2026 年入库"
        assert rows[1] == [*HEAD, "经办人", "错误说明"]
        assert rows[2][3] == 1.5 and rows[2][4].date() == date(2026, 3, 1) and rows[2][8] is None
        assert rows[4][8] == "“数量（t）”填的是“5kg”：写的单位是千克，这里要填吨；应为：0.005"
        assert back["入库记录"]["D5"].fill.fgColor.rgb.endswith("F8CBAD")
        assert back["入库记录"].freeze_panes == "A3"

    def test_text_stays_text_whatever_it_begins_with(self, tmp_path, returned):
        rows = [HEAD, *[[f"N{n}", text, "900-041-49", "x", "2026-03-01"] for n, text in enumerate(FORMULAS)]]
        text = "\n".join(",".join(str(cell) for cell in row) for row in rows)
        page = returned(write(tmp_path, "a.csv", text.encode("gbk")))["CSV"]
        cells = [page.cell(row, 2) for row in range(2, 6)]
        assert [cell.value for cell in cells] == FORMULAS
        assert {cell.data_type for cell in cells} == {"s"}
        assert page["I2"].value is None and page["H2"].value.startswith("“数量（t）”")

    def test_an_earlier_error_column_is_written_over(self, tmp_path, returned):
        head = [*HEAD, "错误说明"]
        right, wrong = [*GOOD, "旧"], [*BAD, None, None, "旧"]
        page = returned(write_xlsx(tmp_path / "a.xlsx", [head, right, wrong]))["入库记录"]
        assert [cell.value for cell in page[1]] == head
        assert page["H2"].value is None
        assert "5kg" in page["H3"].value and "旧" not in page["H3"].value

    def test_corrected_and_sent_again_it_is_taken(self, database, folder, tmp_path, returned):
        back = returned(write_xlsx(tmp_path / "a.xlsx", [HEAD, GOOD, ["HWRK-002", "=x", *BAD[2:]]]))
        back["入库记录"]["B3"], back["入库记录"]["D3"] = "演示化工", 0.005
        back.save(tmp_path / "b.xlsx")
        again = stage(database, kind(), tmp_path / "b.xlsx", "b.xlsx", user=USER, as_of=AS_OF, folder=folder)
        assert (again.status, again.new_count, again.notes) == (ImportStatus.READY, 2, [])

    def test_warnings_stand_there_too(self, tmp_path, returned):
        page = returned(write_xlsx(tmp_path / "a.xlsx", [HEAD, ["W", "甲", "900-999-49", 1, "2026-03-01"]]))["入库记录"]
        assert page["H2"].value == "提醒：“废物代码”填的是“900-999-49”：名录外代码（待核）"

    def test_a_file_that_is_no_longer_kept(self, database, folder, tmp_path):
        path = write_xlsx(tmp_path / "a.xlsx", [HEAD, GOOD])
        batch = stage(database, kind(), path, "a.xlsx", user=USER, as_of=AS_OF, folder=folder)
        discard(database, batch.public_id, user=USER, folder=folder)
        with pytest.raises(RuleViolation, match="已清除"):
            error_workbook(database, kind(), batch.public_id, tmp_path / "o.xlsx", user=USER, folder=folder)


class TestBlankTemplate:
    def test_what_a_person_gets(self):
        book = openpyxl.load_workbook(io.BytesIO(blank_template(kind())))
        assert book.sheetnames == ["入库记录", GUIDE_SHEET, LIST_SHEET]
        page = book["入库记录"]
        assert [cell.value for cell in page[1]] == HEAD
        assert page.freeze_panes == "A2"
        assert page.column_dimensions["C"].number_format == "@"
        assert page.column_dimensions["E"].number_format == "yyyy-mm-dd"
        rules = {rule.type: rule.formula1 for rule in page.data_validations.dataValidation}
        assert rules == {"decimal": "0", "list": "list_state"}
        assert book.defined_names["list_state"].attr_text == f"'{LIST_SHEET}'!$A$1:$A$2"
        assert book[LIST_SHEET].sheet_state == "hidden"
        assert book[GUIDE_SHEET]["B2"].value == "入库记录 2026.1"

    def test_filled_in_it_is_imported(self, database, folder, tmp_path):
        book = openpyxl.load_workbook(io.BytesIO(blank_template(kind())))
        book["入库记录"].append(GOOD)
        book.save(tmp_path / "a.xlsx")
        batch = stage(database, kind(), tmp_path / "a.xlsx", "a.xlsx", user=USER, as_of=AS_OF, folder=folder)
        assert (batch.new_count, batch.notes) == (1, [])

    def test_left_blank_it_is_refused(self, database, folder, tmp_path):
        path = write(tmp_path, "a.xlsx", blank_template(kind()))
        with pytest.raises(BadFile, match="表头下面没有数据"):
            stage(database, kind(), path, "a.xlsx", user=USER, as_of=AS_OF, folder=folder)

    def test_the_template_of_another_kind_is_told(self, database, folder, tmp_path):
        other = kind(template=replace(TEMPLATE, sheet="单位清单"))
        path = write(tmp_path, "a.xlsx", blank_template(other))
        with pytest.raises(BadFile, match="这是“单位清单”的模板"):
            stage(database, kind(), path, "a.xlsx", user=USER, as_of=AS_OF, folder=folder)

    def test_sheet_names_as_excel_takes_them(self):
        assert [sheet_name(name) for name in ("a/b:c", "x" * 40, "'", "")] == ["a_b_c", "x" * 31, "Sheet", "Sheet"]


class TestRunImport:
    def run(self, database, folder, path, **more):
        return run_import(database, kind(), path, user=USER, as_of=AS_OF, folder=folder, **more)

    def count(self, database):
        with database.session() as session:
            return session.scalar(select(func.count()).select_from(STORE))

    def test_right_rows_are_imported(self, database, folder, tmp_path):
        summary = self.run(database, folder, write_xlsx(tmp_path / "a.xlsx", [HEAD, GOOD]))
        assert (summary.is_accepted, summary.new, summary.result) == (True, 1, {"written": 1})
        assert self.count(database) == 1
        assert summary.lines()[-1] == "已全部导入"

    def test_the_usual_folder_is_private_and_the_limits_are_the_installations(self, database, tmp_path, monkeypatch):
        path = write_xlsx(tmp_path / "a.xlsx", [HEAD, GOOD])
        run_import(database, kind(), path, user=USER, as_of=AS_OF)
        (kept,) = spool.spool_dir().iterdir()
        assert kept.stat().st_mode & 0o777 == 0o600
        monkeypatch.setenv("HWRISK_UPLOAD_MIB", "1")
        config.settings.cache_clear()
        path.write_bytes(b" " * (1024 * 1024 + 1))
        with pytest.raises(BadFile, match="最多 1 MB"):
            run_import(database, kind(), path, user=USER, as_of=AS_OF)

    def test_a_dry_run_writes_nothing(self, database, folder, tmp_path):
        summary = self.run(database, folder, write_xlsx(tmp_path / "a.xlsx", [HEAD, GOOD]), dry_run=True)
        assert (summary.is_accepted, summary.new, self.count(database)) == (False, 1, 0)
        with database.session() as session:
            assert session.scalars(select(ImportBatch.status)).all() == [ImportStatus.DISCARDED]

    def test_a_wrong_row_keeps_all_out_and_is_named(self, database, folder, tmp_path):
        out = tmp_path / "errors.xlsx"
        path = write_xlsx(tmp_path / "a.xlsx", [HEAD, GOOD, ["HWRK-002", "甲", *BAD[2:]]])
        summary = self.run(database, folder, path, errors_out=out)
        assert (summary.is_accepted, summary.refused, self.count(database)) == (False, 1, 0)
        assert summary.faults[0].startswith("工作表“入库记录”第 3 行“数量（t）”列（D3）填的是“5kg”")
        assert summary.errors_file == out and out.is_file()
        assert summary.lines()[1] == "共 2 行：新增 1，变更 0，无变化 0，有错误 1，有提醒 0"
        assert "没有导入" in summary.lines()[-1]

    def test_no_error_workbook_without_an_error(self, database, folder, tmp_path):
        out = tmp_path / "errors.xlsx"
        path = write_xlsx(tmp_path / "a.xlsx", [HEAD, GOOD])
        assert self.run(database, folder, path, errors_out=out).errors_file is None
        assert not out.exists()
