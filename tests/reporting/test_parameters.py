"""Reports that must be told more than a day, and reports that are documents of their own."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hwrisk.errors import RuleViolation
from hwrisk.reporting import Making, Parameter, ReportRequest, Written, make_export, produce
from hwrisk.reporting.queries import download_name
from hwrisk.security import Viewer
from tests.reporting.test_exporting import make_report

AS_OF = date(2026, 11, 23)


def asked(**params: str) -> ReportRequest:
    return ReportRequest(user=Viewer.system(), as_of=AS_OF, params=params)


def letter(session, request: ReportRequest, path: Path, making: Making) -> Written:
    path.write_text(f"{making.title}|{making.stamp.code}|{request.params['unit']}", encoding="utf-8")
    return Written(3)


@pytest.fixture
def report():
    return replace(
        make_report(),
        parameters=(Parameter("unit", "单位编号"), Parameter("year", "年度", is_required=False)),
        title_of=lambda session, request: f"{request.params['unit']} 档案",
        writers={"pdf": letter},
    )


class TestParameters:
    def test_what_must_be_told_is_asked_for_by_its_name(self, database, report, tmp_path):
        with pytest.raises(RuleViolation, match="须写明单位编号"):
            produce(database, report, asked(year="2026"), "pdf", tmp_path / "a.pdf")

    def test_a_parameter_nobody_knows_is_refused(self, database, report, tmp_path):
        with pytest.raises(RuleViolation, match="没有参数 month"):
            produce(database, report, asked(unit="U1", month="3"), "pdf", tmp_path / "a.pdf")

    def test_a_report_without_parameters_takes_none(self, database, tmp_path):
        with pytest.raises(RuleViolation, match="没有参数 unit"):
            produce(database, make_report(), asked(unit="U1"), "xlsx", tmp_path / "a.xlsx")


class TestDocuments:
    def test_the_writer_draws_the_file_and_the_register_has_its_title(self, database, session, report, tmp_path):
        row = make_export(database, report, asked(unit="U1"), "pdf", exports_dir=tmp_path)
        assert (row.title, row.row_count, row.filters["params"]) == ("U1 档案", 3, {"unit": "U1"})
        assert download_name(row) == "U1 档案_20261123.pdf"
        title, code, unit = (tmp_path / row.path).read_text(encoding="utf-8").split("|")
        assert (title, code, unit) == ("U1 档案", row.verification_code, "U1")

    def test_the_other_format_is_still_a_table_under_that_title(self, database, report, tmp_path):
        made = produce(database, report, asked(unit="U1"), "xlsx", tmp_path / "a.xlsx")
        assert (made.title, made.rows) == ("U1 档案", 3)
