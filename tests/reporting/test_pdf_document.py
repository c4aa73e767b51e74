import os
import subprocess
import sys
from decimal import Decimal

import pypdf
import pytest

from hwrisk.errors import HwriskError
from hwrisk.reporting import document
from hwrisk.reporting.document import render_document
from hwrisk.reporting.pdf import weasy, weasy_child
from hwrisk.reporting.pdf.errors import PdfFailed, PdfUnavailable
from hwrisk.reporting.pdf.ledger import write_document_pdf
from hwrisk.reporting.pdf.table import write_table_pdf
from hwrisk.reporting.report import Column
from hwrisk.resources import resource_dir

PAGE = '<!DOCTYPE html><html lang="zh-CN"><title>函</title><body style="font-family: HW Serif">{}</body></html>'


def item(i):
    return lambda row: row[i]


COLUMNS = (
    Column("no", "序号", item(0), kind="int", width=6),
    Column("name", "单位名称", item(1), width=30),
    Column("tonnes", "贮存量（吨）", item(2), kind="tonnes"),
)


def texts(path):
    return ["".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages]


class TestLedger:
    def test_it_holds_what_the_table_writer_writes_on_the_same_pages(self, make_sheet, tmp_path):
        rows = [(n, f"朱镕𬭸硓{n}号公司<b>&", Decimal(n) / 4) for n in range(1, 61)]
        sheet = make_sheet(COLUMNS, rows, totals={"tonnes": Decimal(457)})
        assert write_document_pdf(sheet, tmp_path / "a.pdf") == write_table_pdf(sheet, tmp_path / "b.pdf")
        ours, fast = texts(tmp_path / "a.pdf"), texts(tmp_path / "b.pdf")
        assert len(ours) == len(fast)
        assert sorted("".join(ours)) == sorted("".join(fast))
        for n in range(1, 61):
            assert f"{n}朱镕𬭸硓{n}号公司<b>&{Decimal(n) / 4:.4f}" in "".join(ours)

    def test_properties_carry_the_stamp(self, make_sheet, tmp_path):
        sheet = make_sheet(COLUMNS, [])
        write_document_pdf(sheet, tmp_path / "a.pdf")
        about = pypdf.PdfReader(tmp_path / "a.pdf").metadata
        assert (about.title, about["/Keywords"]) == ("危险废物贮存台账", sheet.stamp.text)

    def test_a_character_no_font_has_is_replaced_and_named(self, make_sheet, tmp_path):
        written = write_document_pdf(make_sheet(COLUMNS, [(1, "甲\U0002ffff乙", None)]), tmp_path / "a.pdf")
        assert "甲〓乙—" in texts(tmp_path / "a.pdf")[0]
        assert "U+2FFFF" in written.warnings[0]


class TestFetcher:
    @pytest.mark.parametrize(
        "address",
        [
            "file:///etc/passwd",
            "file:///etc/hostname",
            "http://127.0.0.1:9/x.png",
            "https://example.com/x.css",
            "ftp://127.0.0.1/x",
            "file://127.0.0.1/etc/passwd",
            "../../../../etc/passwd",
            "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        ],
    )
    def test_nothing_outside_is_opened(self, tmp_path, address):
        body = (
            f'<link rel="attachment" href="{address}"><link rel="stylesheet" href="{address}">'
            f'<img src="{address}" alt="x"><object data="{address}"></object>正文'
        )
        made = render_document(PAGE.format(body), tmp_path / "a.pdf", folder="ledger")
        assert any("版式资源未能使用" in warning for warning in made.warnings)
        reader = pypdf.PdfReader(tmp_path / "a.pdf")
        assert reader.attachments == {}
        assert "root:" not in (tmp_path / "a.pdf").read_bytes().decode("latin-1")

    def test_a_link_out_of_the_folder_is_followed_before_it_is_judged(self, tmp_path):
        inside = tmp_path / "in"
        inside.mkdir()
        (inside / "link.css").symlink_to("/etc/passwd")
        with pytest.raises(PermissionError):
            weasy_child.allowed_path((inside / "link.css").as_uri(), (inside.resolve(),), frozenset())

    def test_reports_and_data_addresses_are_opened(self, tmp_path):
        css = resource_dir("reports") / "ledger" / "print.css"
        folders = (resource_dir("reports").resolve(),)
        assert weasy_child.allowed_path(css.as_uri(), folders, frozenset()) == css.resolve()
        made = render_document(
            PAGE.format('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="">正文'), tmp_path / "a.pdf"
        )
        assert not [w for w in made.warnings if "PermissionError" in w]


class TestLimits:
    def test_a_document_that_takes_too_long_is_stopped_and_the_next_one_works(self, tmp_path):
        rows = "<tr><td>甲</td></tr>" * 20_000
        with pytest.raises(PdfFailed, match="秒仍未完成"):
            render_document(PAGE.format(f"<table>{rows}</table>"), tmp_path / "a.pdf", time_limit_s=0.5)
        assert list(tmp_path.iterdir()) == []
        assert render_document(PAGE.format("正文"), tmp_path / "b.pdf").pages == 1

    def test_a_document_that_needs_too_much_memory_is_stopped(self, tmp_path):
        child = weasy.Child(memory_mib=500)
        long = "x" * 120_000_000
        order = {"html": PAGE.format(f"<!--{long}-->"), "css": [], "base_url": "", "out": str(tmp_path / "x")}
        with pytest.raises(PdfFailed, match="内存"):
            child.render(order, time_limit_s=100, heartbeat=None)
        assert not child.is_usable
        assert list(tmp_path.iterdir()) == []

    def test_cancelling_while_it_works_ends_the_child(self, tmp_path):
        def cancel():
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            render_document(PAGE.format("正文"), tmp_path / "a.pdf", heartbeat=cancel)
        assert list(tmp_path.iterdir()) == []

    def test_a_child_that_dies_is_told_in_chinese(self, tmp_path):
        child = weasy.Child(memory_mib=0)
        child._process.kill()
        child._process.wait()
        with pytest.raises(PdfFailed, match="中断"):
            child.render({"html": "x"}, time_limit_s=5, heartbeat=None)

    def test_one_warm_child_sets_many_documents(self, tmp_path):
        render_document(PAGE.format("一"), tmp_path / "a.pdf")
        child = weasy._worker._child
        render_document(PAGE.format("二"), tmp_path / "a.pdf")
        assert weasy._worker._child is child
        assert texts(tmp_path / "a.pdf") == ["二"]


class TestWithoutPango:
    def test_it_is_told_with_the_one_line_that_helps(self, tmp_path, monkeypatch):
        monkeypatch.setattr(weasy, "_LIBRARIES", (("libnothing-at-all.so.9",),))
        assert "apt-get install" in document.why_unavailable()

    def test_the_child_says_so_and_the_parent_says_it_in_chinese(self, tmp_path, monkeypatch):
        # A module of that name that fails as WeasyPrint does where pango is missing.
        (tmp_path / "weasyprint.py").write_text('raise OSError("cannot load library pango")', encoding="utf-8")
        monkeypatch.setattr(weasy, "_PACKAGE", tmp_path / "hwrisk")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))
        with pytest.raises(PdfUnavailable, match="libpango"):
            weasy.Child(memory_mib=0)

    def test_importing_the_service_imports_neither_weasyprint_nor_openpyxl(self):
        code = (
            "import sys, hwrisk.reporting, hwrisk.reporting.document;"
            "print([m for m in ('weasyprint', 'openpyxl', 'uharfbuzz', 'pydyf', 'segno') if m in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"

    def test_errors_are_errors_a_person_may_see(self):
        assert issubclass(PdfUnavailable, HwriskError)
        assert issubclass(PdfFailed, HwriskError)
