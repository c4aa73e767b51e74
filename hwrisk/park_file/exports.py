"""The park file as a report: one park, one day (一园一档)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.park_file.gathering import NOTE, park_by_code, park_file
from hwrisk.parks.models import Park
from hwrisk.parks.queries import parks
from hwrisk.reporting import Making, Parameter, Report, ReportRequest, Written
from hwrisk.reporting.files import FileDocument, write_file_pdf, write_file_workbook
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer

TITLE = "一园一档"


def file_of(session: Session, request: ReportRequest) -> FileDocument:
    """Return the file a request asks for.

    Raises:
        NotFound: there is no such park in sight.
    """
    return park_file(session, _park(session, request), as_of=request.as_of, user=request.user)


def _park(session: Session, request: ReportRequest) -> Park:
    return park_by_code(session, str(request.params["park"]), user=request.user)


def _title(session: Session, request: ReportRequest) -> str:
    return f"{TITLE}_{_park(session, request).name}"


def _scope(session: Session, request: ReportRequest) -> str:
    park = _park(session, request)
    return f"{park.name}（{park.code}）"


def _one(session: Session, request: ReportRequest) -> Iterable[Any]:
    return [file_of(session, request)]


def _count(session: Session, request: ReportRequest) -> int:
    _park(session, request)
    return 1


def _pdf(session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
    return write_file_pdf(file_of(session, request), path, making)


def _workbook(session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
    return write_file_workbook(file_of(session, request), path, making)


def _park_options(session: Session, user: Viewer, _as_of: date) -> Iterable[tuple[str, str]]:
    return ((row.park.code, row.park.name) for row in parks(session, user=user))


REPORT = Report(
    id="park-file",
    title=TITLE,
    permission=Permission.PARK_READ,
    columns=(),
    rows=_one,
    count=_count,
    scope_text=_scope,
    notes=(NOTE,),
    orientation="portrait",
    parameters=(Parameter("park", "园区", options=_park_options),),
    title_of=_title,
    writers={"pdf": _pdf, "xlsx": _workbook},
)
REPORTS = (REPORT,)
