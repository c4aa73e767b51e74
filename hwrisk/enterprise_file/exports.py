"""The enterprise file as a report: one unit, one day (一企一档)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.enterprise_file.documents import write_pdf, write_workbook
from hwrisk.enterprise_file.gathering import EnterpriseFile, enterprise_file, unit_by_number
from hwrisk.reporting import Making, Parameter, Report, ReportRequest, Written
from hwrisk.security.permissions import Permission

TITLE = "一企一档"


def file_of(session: Session, request: ReportRequest) -> EnterpriseFile:
    """Return the file a request asks for.

    Raises:
        NotFound: there is no such unit in sight.
    """
    row = unit_by_number(session, str(request.params["unit"]), user=request.user, as_of=request.as_of)
    return enterprise_file(session, row, as_of=request.as_of, user=request.user)


def _title(session: Session, request: ReportRequest) -> str:
    row = unit_by_number(session, str(request.params["unit"]), user=request.user, as_of=request.as_of)
    return f"{TITLE}_{row.unit_no}_{row.name}"


def _scope(session: Session, request: ReportRequest) -> str:
    row = unit_by_number(session, str(request.params["unit"]), user=request.user, as_of=request.as_of)
    return f"{row.name}（{row.unit_no}）"


def _one(session: Session, request: ReportRequest) -> Iterable[Any]:
    return [file_of(session, request)]


def _count(session: Session, request: ReportRequest) -> int:
    unit_by_number(session, str(request.params["unit"]), user=request.user, as_of=request.as_of)
    return 1


def _pdf(session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
    return write_pdf(file_of(session, request), path, making)


def _workbook(session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
    return write_workbook(file_of(session, request), path, making)


REPORT = Report(
    id="enterprise-file",
    title=TITLE,
    permission=Permission.UNIT_READ,
    columns=(),
    rows=_one,
    count=_count,
    scope_text=_scope,
    orientation="portrait",
    parameters=(Parameter("unit", "单位编号"),),
    title_of=_title,
    writers={"pdf": _pdf, "xlsx": _workbook},
)
REPORTS = (REPORT,)
