"""The files of the demonstration: one of every kind the customer asks for, to look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from hwrisk.config import Settings
from hwrisk.db.session import Database
from hwrisk.ledger.storage.queries import StorageConditions, overdue_batches
from hwrisk.reporting import ReportRequest, produce
from hwrisk.reporting.report import DEMO_NOTE
from hwrisk.security import Viewer
from hwrisk.units.models import Unit
from hwrisk.web import Registry


class DemoFile(NamedTuple):
    """A report to be written; one that no room offers is left out."""

    report: str
    fmt: str
    params: Mapping[str, str] = {}
    is_of_unit: bool = False
    """Whether the report is of one unit: of the one whose waste is overdue the longest."""


PARK = "LYG-P-SHJD"
"""石化产业基地: the park with public basins."""
FILES: tuple[DemoFile, ...] = (
    DemoFile("storage-ledger", "xlsx"),
    DemoFile("overdue-storage", "xlsx"),
    DemoFile("overdue-storage", "pdf"),
    DemoFile("overdue-disposal-rate", "pdf"),
    DemoFile("key-list", "xlsx"),
    DemoFile("key-list", "pdf"),
    DemoFile("indicator-sheet", "pdf"),
    DemoFile("assessment-year", "xlsx"),
    DemoFile("enterprise-file", "pdf", is_of_unit=True),
    DemoFile("capacity-balance", "xlsx"),
    DemoFile("capacity-balance", "pdf"),
    DemoFile("containment-facilities", "xlsx"),
    DemoFile("park-file", "pdf", params={"park": PARK}),
    DemoFile("material-stock", "xlsx"),
    DemoFile("material-stock", "pdf"),
)


def write_files(database: Database, config: Settings, registry: Registry, *, as_of: date) -> list[Path]:
    """Return the files, each made if it is not there yet."""
    offered = {report.id: report for report in registry.reports}
    paths = []
    for file in FILES:
        report = offered.get(file.report)
        if report is None or file.fmt not in report.formats:
            continue
        path = config.exports_dir / f"{report.title}{DEMO_NOTE}_{as_of:%Y%m%d}.{file.fmt}"
        if not path.exists():
            params = _of_unit(database, as_of=as_of) if file.is_of_unit else dict(file.params)
            request = ReportRequest(user=Viewer.system(), as_of=as_of, params=params)
            produce(database, report, request, file.fmt, path, exports_dir=config.exports_dir)
        paths.append(path)
    return paths


def _of_unit(database: Database, *, as_of: date) -> dict[str, str]:
    with database.session() as session:
        late = overdue_batches(session, user=Viewer.system(), as_of=as_of, asked=StorageConditions()).rows
        if late:
            return {"unit": late[0].unit_no}
        return {"unit": session.scalars(select(Unit.unit_no).where(Unit.is_demo).order_by(Unit.id).limit(1)).one()}
