import hashlib
import io
import uuid
import zipfile
import zlib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import openpyxl
import pypdf
import pytest
from sqlalchemy import select

from hwrisk import clock
from hwrisk.audit.models import AuditEntry
from hwrisk.db.marks import DEMO, set_mark
from hwrisk.errors import BadFile, NotFound, Refused, RuleViolation
from hwrisk.reporting import (
    Column,
    Report,
    ReportRequest,
    Verdict,
    exporting,
    make_export,
    produce,
    run_export,
    verify_file,
)
from hwrisk.reporting.models import ExportFile
from hwrisk.reporting.operations import KEEP_DAYS, remove_expired
from hwrisk.reporting.pdf.errors import PdfUnavailable
from hwrisk.reporting.queries import download_name, export_file, export_files, file_of
from hwrisk.reporting.verifying import verify_paper
from hwrisk.security import Permission, Role, Viewer, permissions_of
from hwrisk.security.models import Account

AS_OF = date(2026, 11, 23)
COLUMNS = (
    Column("name", "单位名称", "name", width=30),
    Column("tonnes", "贮存量（吨）", "tonnes", kind="tonnes"),
)


def rows_of(number):
    return [SimpleNamespace(name=f"演示{n}号", tonnes=Decimal(n)) for n in range(number)]


def files_in(folder):
    """Names of the files in a folder, but for the database that stands there too."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("own.db"))


def make_report(number=3, **changes):
    values = {
        "id": "storage-ledger",
        "title": "危险废物贮存台账",
        "permission": Permission.LEDGER_READ,
        "columns": COLUMNS,
        "rows": lambda session, request: rows_of(number),
        "count": lambda session, request: number,
    }
    return Report(**(values | changes))


def viewer(role, account_id=None, **more):
    return Viewer(account_id=account_id, label="演示-张三", role=role, permissions=permissions_of(role), **more)


@pytest.fixture
def account_id(database):
    with database.unit_of_work() as session:
        account = Account(username="demo", display_name="演示-张三", role=Role.COUNTY)
        session.add(account)
        session.flush()
        return account.id


class Context:
    """Stands in for a running task, whose service lives on the same floor."""

    def __init__(self, database=None, params=None, actor_id=None):
        self.database, self.params, self.actor_id = database, params or {}, actor_id
        self.seen, self.is_cancelled, self.is_lost = [], False, False

    def progress(self, done, total=0, message=""):
        self.seen.append((done, total))

    def check_cancelled(self):
        if self.is_cancelled:
            raise RuntimeError("cancelled")

    def confirm(self, session):
        if self.is_lost:
            raise RuntimeError("lost")


@pytest.mark.db
class TestProduce:
    @pytest.mark.parametrize("fmt", ["xlsx", "pdf"])
    def test_the_file_is_registered_with_its_hash(self, database, request_of_system, home, fmt):
        path = home / "exports" / f"a.{fmt}"
        made = produce(database, make_report(), request_of_system, fmt, path)
        assert made.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (made.rows, made.size) == (3, path.stat().st_size)
        with database.session() as session:
            row = session.scalars(select(ExportFile)).one()
            assert (row.public_id, row.sha256, row.path, row.made_by) == (
                made.stamp.export_id, made.sha256, f"a.{fmt}", "系统",
            )  # fmt: skip
            assert (row.scope_text, row.filter_text, row.as_of, row.row_count) == ("全市", "", AS_OF, 3)
            assert row.expires_at == row.made_at + timedelta(days=KEEP_DAYS)
            entry = session.scalars(select(AuditEntry)).one()
            assert (entry.action, entry.kind, entry.summary["rows"]) == ("export.make", "export_file", 3)

    def test_the_head_says_scope_filter_days_source_and_exporter(self, database, request_of_system, tmp_path):
        report = make_report(
            filter_text=lambda session, request: "管辖单位：灌云局",
            summary=lambda session, request: ("处置率 87.50%（分子 7 吨，分母 8 吨）",),
            totals=lambda session, request: {"tonnes": Decimal(3)},
        )
        produce(database, report, request_of_system, "xlsx", tmp_path / "a.xlsx")
        page = openpyxl.load_workbook(tmp_path / "a.xlsx").active
        lines = [page.cell(row=n, column=1).value for n in range(1, 14)]
        assert lines[:6] == [
            "危险废物贮存台账",
            "范围：全市　　筛选：管辖单位：灌云局",
            "统计截止日：2026-11-23　　数据截至：2026-11-23 10:00　　共 3 条",
            "来源：危险废物与化工园区环境风险管理系统　　导出人：系统　　导出时间：2026-11-23 10:00",
            "处置率 87.50%（分子 7 吨，分母 8 吨）",
            "说明：核对用，以国家（省）危险废物信息管理系统为准",
        ]
        assert lines[6].startswith("文件编号：")
        assert lines[7:12] == ["单位名称", "演示0号", "演示1号", "演示2号", "合计"]

    def test_filters_that_a_report_does_not_know_are_not_printed(self, database, tmp_path):
        asked = ReportRequest(user=Viewer.system(), as_of=AS_OF, filters={"本单位": "各项均达标", "office": "LYG-GYX"})
        produce(database, make_report(), asked, "xlsx", tmp_path / "a.xlsx")
        page = openpyxl.load_workbook(tmp_path / "a.xlsx").active
        assert page.cell(row=2, column=1).value == "范围：全市　　筛选：无"

    def test_a_file_elsewhere_is_registered_without_a_path(self, database, request_of_system, tmp_path):
        produce(database, make_report(), request_of_system, "xlsx", tmp_path / "deep" / "a.xlsx")
        with database.session() as session:
            row = session.scalars(select(ExportFile)).one()
            assert (row.path, row.expires_at) == (None, None)

    def test_the_task_that_was_lost_or_cancelled_leaves_neither_file_nor_row(
        self, database, request_of_system, tmp_path
    ):
        for wrong in ("is_cancelled", "is_lost"):
            context = Context()
            setattr(context, wrong, True)
            with pytest.raises(RuntimeError):
                produce(database, make_report(), request_of_system, "xlsx", tmp_path / "a.xlsx", context)
        assert files_in(tmp_path) == []
        with database.session() as session:
            assert session.scalars(select(ExportFile)).all() == []

    def test_progress_reaches_the_task(self, database, request_of_system, tmp_path):
        context = Context()
        produce(database, make_report(1200), request_of_system, "xlsx", tmp_path / "a.xlsx", context)
        assert context.seen == [(500, 1200), (1000, 1200), (1200, 1200)]


class TestRights:
    def test_without_the_right_to_export_or_to_see_the_report_nothing_is_made(self, database, tmp_path):
        helper, admin = viewer(Role.HELPER), viewer(Role.SYSADMIN)
        for user in (helper, admin, viewer(Role.OPERATOR)):
            with pytest.raises(Refused):
                produce(database, make_report(), ReportRequest(user=user, as_of=AS_OF), "xlsx", tmp_path / "a.xlsx")
        assert files_in(tmp_path) == []

    def test_a_format_that_is_not_offered(self, database, request_of_system, tmp_path):
        for fmt in ("pdf", "docx"):
            with pytest.raises(RuleViolation, match="可选：xlsx"):
                produce(database, make_report(formats=("xlsx",)), request_of_system, fmt, tmp_path / "a")

    def test_own_exports_only_but_the_city_sees_all(self, database, request_of_system, account_id):
        mine = viewer(Role.COUNTY, account_id)
        made = make_export(database, make_report(), replace(request_of_system, user=mine), "xlsx")
        other = make_export(database, make_report(), request_of_system, "xlsx")
        with database.session() as session:
            assert [row.id for row in export_files(session, user=mine)] == [made.id]
            assert [row.id for row in export_files(session, user=Viewer.system())] == [other.id, made.id]
            assert export_file(session, public_id=made.public_id, user=mine).id == made.id
            with pytest.raises(NotFound):
                export_file(session, public_id=other.public_id, user=mine)
            with pytest.raises(NotFound):
                export_file(session, public_id=uuid.uuid4(), user=Viewer.system())


class TestChoiceOfWriter:
    def written_by(self, monkeypatch, number):
        used = []
        for name in ("write_document_pdf", "write_table_pdf"):
            writer = getattr(exporting, name)
            monkeypatch.setattr(exporting, name, lambda *a, _n=name, _w=writer, **k: used.append(_n) or _w(*a, **k))
        return used

    @pytest.mark.parametrize(("number", "name"), [(2, "write_document_pdf"), (201, "write_table_pdf")])
    def test_short_ones_by_weasyprint_long_ones_by_the_table_writer(  # noqa: PLR0917 - fixtures
        self, database, request_of_system, tmp_path, monkeypatch, number, name
    ):
        used = self.written_by(monkeypatch, number)
        produce(database, make_report(number), request_of_system, "pdf", tmp_path / "a.pdf")
        assert used == [name]

    def test_a_ledger_comes_out_without_pango_too(self, database, request_of_system, tmp_path, monkeypatch):
        def unavailable(*_args, **_more):
            raise PdfUnavailable

        monkeypatch.setattr(exporting, "write_document_pdf", unavailable)
        assert produce(database, make_report(), request_of_system, "pdf", tmp_path / "a.pdf").rows == 3
        text = "".join(pypdf.PdfReader(tmp_path / "a.pdf").pages[0].extract_text().split())
        assert "演示2号2.0000" in text

    def test_rows_that_come_or_go_meanwhile_are_drawn_anew(self, database, request_of_system, tmp_path):
        numbers = iter([3, 4, 4, 4])
        report = make_report(
            rows=lambda session, request: rows_of(next(numbers)), count=lambda session, request: next(numbers)
        )
        assert produce(database, report, request_of_system, "xlsx", tmp_path / "a.xlsx").rows == 4
        endless = make_report(rows=lambda session, request: rows_of(2), count=lambda session, request: 3)
        with pytest.raises(RuleViolation, match="一直在变化"):
            produce(database, endless, request_of_system, "xlsx", tmp_path / "b.xlsx")
        assert files_in(tmp_path) == ["a.xlsx"]


class TestTask:
    def test_it_answers_with_number_name_and_rows(self, database, account_id, home):
        params = {"report": "storage-ledger", "format": "xlsx", "as_of": "2026-10-31", "filters": {"office": "GY"}}
        context = Context(database, params, account_id)
        done = run_export(context, (make_report(),))
        with database.session() as session:
            row = export_file(session, public_id=uuid.UUID(done["export"]), user=viewer(Role.COUNTY, account_id))
            assert (row.as_of, row.filters) == (date(2026, 10, 31), {"filters": {"office": "GY"}, "params": {}})
            assert row.made_by == "演示-张三"
            path = file_of(row, exports_dir=home / "exports")
            assert (done["sha256"], done["rows"]) == (hashlib.sha256(path.read_bytes()).hexdigest(), 3)
            assert done["filename"] == download_name(row) == "危险废物贮存台账_20261031.xlsx"

    def test_rights_are_those_of_the_moment_it_runs(self, database, account_id):
        with database.unit_of_work() as session:
            session.get_one(Account, account_id).is_active = False
        with pytest.raises(Refused):
            run_export(Context(database, {"report": "storage-ledger", "format": "xlsx"}, account_id), (make_report(),))

    def test_the_system_may_order_one_too(self, database):
        done = run_export(Context(database, {"report": "storage-ledger", "format": "xlsx"}), (make_report(),))
        assert done["rows"] == 3

    def test_an_unknown_report(self, database):
        with pytest.raises(NotFound, match="没有这个报表"):
            run_export(Context(database, {"report": "x", "format": "xlsx"}), (make_report(),))


@pytest.mark.db
class TestRetention:
    def test_the_file_goes_after_its_time_and_the_row_stays(self, database, request_of_system, home):
        row = make_export(database, make_report(), request_of_system, "xlsx")
        folder = home / "exports"
        path = folder / row.path
        for days, removed in ((KEEP_DAYS, 0), (KEEP_DAYS + 1, 1), (KEEP_DAYS + 2, 0)):
            with database.unit_of_work() as session:
                assert remove_expired(session, as_of=AS_OF + timedelta(days=days), exports_dir=folder) == removed
            assert path.is_file() == (days == KEEP_DAYS)
        with database.session() as session:
            kept = session.scalars(select(ExportFile)).one()
            assert (kept.path, kept.sha256) == (None, row.sha256)
            with pytest.raises(NotFound, match="保留期"):
                file_of(kept, exports_dir=folder)

    def test_a_failed_transaction_keeps_the_file(self, database, request_of_system, home):
        row = make_export(database, make_report(), request_of_system, "xlsx")
        folder = home / "exports"
        with pytest.raises(RuntimeError), database.unit_of_work() as session:
            remove_expired(session, as_of=AS_OF + timedelta(days=99), exports_dir=folder)
            raise RuntimeError
        assert (folder / row.path).is_file()


class TestVerify:
    @pytest.fixture(params=["xlsx", "pdf"])
    def made(self, request, database, request_of_system, tmp_path):
        return produce(database, make_report(), request_of_system, request.param, tmp_path / f"a.{request.param}")

    def test_ours_and_unaltered(self, database, made):
        with database.session() as session:
            for content in (made.path, made.path.read_bytes()):
                result = verify_file(session, content)
                assert (result.is_ours, result.verdict) == (True, Verdict.UNALTERED)
            assert (
                "《危险废物贮存台账》，统计截止日 2026-11-23，共 3 条，系统 于 2026-11-23 10:00 导出" in result.message
            )

    def test_saved_again_by_another_program_is_altered(self, database, made):
        again = io.BytesIO()
        if made.path.suffix == ".xlsx":
            book = openpyxl.load_workbook(made.path)
            book.active["B9"] = 0
            book.save(again)
        else:
            writer = pypdf.PdfWriter(clone_from=made.path)
            writer.write(again)
        with database.session() as session:
            result = verify_file(session, again.getvalue())
        assert (result.is_ours, result.verdict) == (False, Verdict.ALTERED)
        assert "已被改动" in result.message

    def test_the_stamp_is_found_however_a_program_writes_it(self, database, made):
        text = made.stamp.text
        ways = [
            f"/Keywords ({text})".encode(),
            b"/Keywords (" + text.replace("-", "\\055").replace(":", "\\072").encode() + b")",
            b"/Keywords (\xfe\xff" + text.encode("utf-16-be") + b")",
            b"/Keywords <FEFF" + text.encode("utf-16-be").hex().encode() + b">",
            b"<</Type /ObjStm /N 1>>stream\n" + zlib.compress(f"({text})".encode()) + b"\nendstream",
        ]
        with database.session() as session:
            for way in ways:
                assert verify_file(session, b"%PDF-1.7\n" + way).verdict is Verdict.ALTERED

    def test_one_changed_byte_is_enough(self, database, made):
        content = bytearray(made.path.read_bytes())
        content[-1] ^= 1
        with database.session() as session:
            assert not verify_file(session, bytes(content)).is_ours

    def test_strangers(self, database, tmp_path):
        empty = io.BytesIO()
        zipfile.ZipFile(empty, "w").close()
        forged = b"%PDF-1.7 hwrisk-export:" + str(uuid.uuid4()).encode() + b":ABCDEFGHJKMN"
        strangers = [b"", b"PK\x03\x04broken", empty.getvalue(), b"%PDF-1.4 /ObjStm stream\nxx", forged]
        with database.session() as session:
            for content in strangers:
                assert verify_file(session, content).verdict is Verdict.UNKNOWN
            with pytest.raises(BadFile, match="无法读取"):
                verify_file(session, tmp_path / "nothing")

    def test_paper_by_number_and_code(self, database, made):
        stamp = made.stamp
        with database.session() as session:
            good = verify_paper(session, export_id=stamp.export_id, code=f" {stamp.spaced_code.lower()} ")
            assert good.export.public_id == stamp.export_id
            assert "逐项核对" in good.message
            bad = verify_paper(session, export_id=stamp.export_id, code="AAAA-AAAA-AAAA")
            assert (bad.verdict, bad.export) == (Verdict.UNKNOWN, None)


def test_days_and_instants_come_from_the_clock(database, request_of_system, tmp_path):
    made = produce(database, make_report(), request_of_system, "xlsx", tmp_path / "a.xlsx")
    assert made.made_at == clock.now()


class TestMadeUpData:
    @pytest.mark.parametrize("fmt", ["xlsx", "pdf"])
    def test_title_and_file_name_say_that_the_data_are_made_up(self, database, request_of_system, tmp_path, fmt):
        with database.unit_of_work() as session:
            set_mark(session, DEMO, "1")
        row = make_export(database, make_report(), request_of_system, fmt, exports_dir=tmp_path)
        path = file_of(row, exports_dir=tmp_path)
        if fmt == "xlsx":
            page = openpyxl.load_workbook(path).active
            assert (page["A1"].value, page.title) == ("危险废物贮存台账（演示数据）", "危险废物贮存台账")
        else:
            assert "危险废物贮存台账（演示数据）" in pypdf.PdfReader(path).pages[0].extract_text()
        assert download_name(row).startswith("危险废物贮存台账（演示数据）_")

    def test_a_real_site_says_nothing_of_it(self, database, request_of_system, tmp_path):
        row = make_export(database, make_report(), request_of_system, "xlsx", exports_dir=tmp_path)
        assert download_name(row).startswith("危险废物贮存台账_")
