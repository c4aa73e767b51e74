"""Files in and out: imports whole or not at all, every report read back, ours told from altered and foreign."""

from __future__ import annotations

import csv
import datetime
import sqlite3
from pathlib import Path
from typing import Any

import pypdf
import pytest
from openpyxl import Workbook, load_workbook

from hwrisk import app
from hwrisk.clock import today
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.security import Viewer
from tests.command_line import CommandLine

GOOD = "91320700MA1N23456R"
REPORTS: dict[str, Report] = {report.id: report for report in app.gather(lambda room: room.reports)}
OFFERED = [(report.id, fmt) for report in REPORTS.values() for fmt in report.formats]
NUMBERS = {"tonnes", "number", "int", "percent"}
NOT_A_VALUE = {None, "不适用", "不详", "无超期", "入库日期不详"}
"""What stands where there is no number and no day; never an empty text or a zero."""


def write_csv(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def write_xlsx(path: Path, *rows: list[Any]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def unit_list(folder: Path, *, uscc: str = GOOD) -> Path:
    return write_csv(
        folder / "units.csv",
        ["单位名称", "统一社会信用代码", "管辖单位", "管理类别"],
        ["连云港试验化工有限公司", uscc, "徐圩新区", "重点监管"],
    )


def storage_list(folder: Path, *rows: list[Any]) -> Path:
    head = ["单位", "批次号", "废物代码", "废物名称", "贮存设施编码", "贮存设施类型", "入库日期", "数量（吨）"]
    return write_xlsx(folder / "storage.xlsx", head, *rows)


GOOD_BATCH = [GOOD, "P1", "900-041-49", "沾染包装物", "TS001", "贮存库", datetime.date(2025, 3, 1), 12.5]


class TestImport:
    def test_a_unit_list_and_its_stock(self, fresh: CommandLine, tmp_path: Path) -> None:
        units = unit_list(tmp_path)
        checked = fresh.json("import", "units", units, "--dry-run")
        assert (checked["is_accepted"], checked["new"], checked["refused"]) == (False, 1, 0)
        assert fresh.json("import", "units", units)["is_accepted"]
        again = fresh.json("import", "units", units)
        assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 1)
        storage = storage_list(tmp_path, GOOD_BATCH)
        said = fresh("import", "storage", storage).stdout
        assert "新增 1" in said
        assert "已全部导入" in said
        again = fresh.json("import", "storage", storage)
        assert (again["new"], again["unchanged"], again["is_accepted"]) == (0, 1, True)
        fresh("verify")

    def test_a_dry_run_keeps_nothing(self, fresh: CommandLine, tmp_path: Path) -> None:
        before = rows_of(fresh, "unit")
        assert "没有保存" in fresh("import", "units", unit_list(tmp_path), "--dry-run").stdout
        assert rows_of(fresh, "unit") == before

    def test_one_bad_row_refuses_the_whole_file(self, fresh: CommandLine, tmp_path: Path) -> None:
        fresh("import", "units", unit_list(tmp_path))
        bad = [*GOOD_BATCH[:2], "900-041-51", *GOOD_BATCH[3:7], "-1"]
        storage, errors = storage_list(tmp_path, GOOD_BATCH, bad), tmp_path / "errors.xlsx"
        result = fresh("import", "storage", storage, "--errors", errors, code=1)
        assert "整个文件都没有导入" in result.stdout
        assert "第 3 行" in result.stdout or "第3行" in result.stdout
        assert rows_of(fresh, "storage_batch") == 0
        book = load_workbook(errors)
        cells = [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None]
        assert "错误说明" in cells
        assert any("900-041-51" in cell for cell in cells)

    def test_a_wrong_check_digit(self, fresh: CommandLine, tmp_path: Path) -> None:
        summary = fresh.json("import", "units", unit_list(tmp_path, uscc="91320700MA1N234560"), code=1)
        assert (summary["refused"], summary["is_accepted"]) == (1, False)
        assert "校验" in summary["faults"][0]

    def test_a_broken_workbook_is_refused_whole(self, fresh: CommandLine, tmp_path: Path) -> None:
        path = tmp_path / "broken.xlsx"
        path.write_bytes(b"PK\x03\x04 broken")
        fresh.refused("import", "units", path)


class TestExport:
    def test_the_list_names_every_report(self, tmp_path: Path) -> None:
        run = CommandLine(tmp_path)
        assert {row["report"] for row in run.json("export", "list")} == set(REPORTS)
        assert all(report.title in run("export", "list").stdout for report in REPORTS.values())

    @pytest.mark.parametrize(("name", "fmt"), OFFERED, ids=lambda value: value)
    def test_every_report_is_read_back(self, demo: CommandLine, tmp_path: Path, name: str, fmt: str) -> None:
        out = tmp_path / f"out.{fmt}"
        report = REPORTS[name]
        made = demo.json("export", name, "--format", fmt, "-o", out, *told(demo, report))
        assert (made["file"], made["size"]) == (str(out), out.stat().st_size)
        assert made["rows"] > 0
        if fmt in report.writers:
            check_document(out, report)
        else:
            (check_workbook if fmt == "xlsx" else check_pdf)(out, columns_of(demo, report), report.title, made["rows"])
        assert "本系统" in demo("verify-file", out).stdout

    def test_what_is_filtered_is_left_out(self, demo: CommandLine, tmp_path: Path) -> None:
        every = demo.json("export", "units", "-o", tmp_path / "a.xlsx")["rows"]
        some = demo.json("export", "units", "-o", tmp_path / "b.xlsx", "--filter", "office=LYG-XW")["rows"]
        assert 0 < some < every

    def test_a_failed_export_leaves_no_file(self, demo: CommandLine, tmp_path: Path) -> None:
        database = demo.database()
        with database.write_lock():
            assert "数据库暂时不可写" in demo.refused("export", "units", "-o", tmp_path / "units.xlsx")
        assert {path.name for path in tmp_path.iterdir()} == {"copy"}
        database.dispose()


class TestVerifyFile:
    def test_ours_altered_and_foreign(self, demo: CommandLine, tmp_path: Path) -> None:
        ours = tmp_path / "ours.xlsx"
        demo("export", "units", "-o", ours)
        assert demo.json("verify-file", ours)["ours"] is True
        book = load_workbook(ours)
        book.active["A1"] = "改过的标题"
        altered = tmp_path / "altered.xlsx"
        book.save(altered)
        result = demo.json("verify-file", altered, code=1)
        assert result["ours"] is False
        assert "改动" in result["message"]
        foreign = write_csv(tmp_path / "foreign.csv", ["甲", "乙"])
        assert demo.json("verify-file", foreign, code=1)["ours"] is False
        empty = tmp_path / "empty.pdf"
        empty.touch()
        assert demo.json("verify-file", empty, code=1)["ours"] is False


EXAMPLES = {
    "unit": "SELECT unit_no FROM unit WHERE is_demo ORDER BY id LIMIT 1",
    "park": "SELECT code FROM park ORDER BY id LIMIT 1",
    "check": "SELECT public_id FROM containment_volume_check ORDER BY id LIMIT 1",
    "facility": "SELECT public_id FROM containment_facility ORDER BY id LIMIT 1",
    "order": "SELECT number FROM dispatch_request WHERE id IN (SELECT request_id FROM dispatch_allocation) LIMIT 1",
    "assessment": "SELECT assessment_no FROM assessment WHERE state = 'closed' ORDER BY id LIMIT 1",
}
"""A value of the demonstration for each parameter that a report must be told."""
ONE_OF_SEVERAL = {"assessment"}
"""Parameters of reports that must be told one of several."""


def told(run: CommandLine, report: Report) -> list[str]:
    """The arguments a report must be given."""
    found = []
    raw = sqlite3.connect(run.home / "hwrisk.db")
    for parameter in report.parameters:
        if parameter.is_required or parameter.name in ONE_OF_SEVERAL:
            (value,) = raw.execute(EXAMPLES[parameter.name]).fetchone()
            found += ["--param", f"{parameter.name}={value}"]
    raw.close()
    return found


def columns_of(run: CommandLine, report: Report) -> tuple[Column, ...]:
    """The columns of the file: a report may leave out what says nothing in it."""
    if report.columns_of is None:
        return report.columns
    database = run.database()
    with database.session() as session:
        columns = report.columns_of(session, ReportRequest(user=Viewer.system(), as_of=today()))
    database.dispose()
    return columns


def check_document(path: Path, report: Report) -> None:
    """A document of its own carries its title and how it is verified."""
    if path.suffix == ".xlsx":
        text = "".join(str(cell.value or "") for row in load_workbook(path).worksheets[0].iter_rows() for cell in row)
    else:
        text = "".join("".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())
    assert report.title in text
    assert "核验码" in text


def check_workbook(path: Path, columns: tuple[Column, ...], title: str, rows: int) -> None:
    """Every number is a number, every day a day, every code text."""
    sheet = load_workbook(path).active
    titles = [column.title for column in columns]
    cells = list(sheet.iter_rows())
    assert title in str(cells[0][0].value)
    head = next(n for n, row in enumerate(cells) if [cell.value for cell in row[: len(titles)]] == titles)
    seen = 0
    for row in cells[head + 1 : head + 1 + rows]:
        for column, cell in zip(columns, row, strict=False):
            if cell.value in NOT_A_VALUE:
                continue
            if column.kind in NUMBERS:
                assert isinstance(cell.value, (int, float)), (column.key, cell.value)
                seen += 1
            elif column.kind in ("day", "instant"):
                assert isinstance(cell.value, datetime.date), (column.key, cell.value)
            else:
                assert cell.data_type == "s", (column.key, cell.value)
    assert seen or not any(column.kind in NUMBERS for column in columns)


def check_pdf(path: Path, columns: tuple[Column, ...], title: str, rows: int) -> None:
    pages = pypdf.PdfReader(path).pages
    # Reading back thousands of rows takes longer than writing them: the first and the last page tell.
    text = "".join("".join(page.extract_text() for page in (pages[0], pages[-1])).split())
    assert title in text
    assert all(column.title in text for column in columns[:3])
    assert f"共{rows:,}条" in text
    assert "核验码" in text


def rows_of(run: CommandLine, table: str) -> int:
    raw = sqlite3.connect(run.home / "hwrisk.db")
    (count,) = raw.execute(f"SELECT count(*) FROM {table}").fetchone()
    raw.close()
    return int(count)
