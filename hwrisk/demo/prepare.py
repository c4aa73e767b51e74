"""Making the demonstration ready: data, accounts, figures and two files to look at."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.config import Settings
from hwrisk.db.marks import DEMO, PLACE, mark, set_mark
from hwrisk.db.session import Database
from hwrisk.demo.city import FIRST_DAY, build_city
from hwrisk.demo.parts import build_parts
from hwrisk.demo.people import CITY_USER, make_people
from hwrisk.errors import SetupError
from hwrisk.indicators.showing import show
from hwrisk.jobs import run_job
from hwrisk.ledger.models import LedgerEntry
from hwrisk.parks.models import Park
from hwrisk.reporting import ReportRequest, produce
from hwrisk.security import Viewer
from hwrisk.units.models import Unit
from hwrisk.web import Registry

FILES = (
    ("storage-ledger", "xlsx"),
    ("overdue-storage", "xlsx"),
    ("overdue-storage", "pdf"),
    ("overdue-disposal-rate", "pdf"),
)
INDICATOR_JOBS = ("overdue-disposal-rate",)


class DemoMade(NamedTuple):
    """What is ready."""

    units: int
    entries: int
    rate_label: str
    rate_text: str
    files: list[Path]
    username: str
    password: str | None
    """One-time password of a city account that was just made, else None."""


def prepare_demo(database: Database, config: Settings, *, registry: Registry, as_of: date) -> DemoMade:
    """Load what is missing of the demonstration, compute the indicators, and write the files.

    Raises:
        SetupError: the database holds a real unit.
    """
    at = now()
    with database.unit_of_work() as session:
        password = _load(session, as_of=as_of, at=at)
        units = session.scalar(select(func.count()).select_from(Unit).where(Unit.is_demo)) or 0
        entries = session.scalar(select(func.count()).select_from(LedgerEntry)) or 0
    for job in registry.jobs:
        if job.name in INDICATOR_JOBS:
            # A day that has been computed already is left as it is: the second start changes nothing.
            run_job(database, job, as_of=as_of)
    files = [_write(database, config, registry, name, fmt, as_of=as_of) for name, fmt in FILES]
    with database.session() as session:
        city = show(session, as_of=as_of, scope="", user=Viewer.system())["city"]
    return DemoMade(units, entries, city["period"], city["text"], files, CITY_USER, password)


def _load(session: Session, *, as_of: date, at: datetime) -> str | None:
    real = session.scalar(select(func.count()).select_from(Unit).where(Unit.is_supervised, ~Unit.is_demo))
    if real:
        raise SetupError(f"本库有 {real} 家实际单位，不能装入演示数据；请换一个数据目录（HWRISK_HOME）")
    if mark(session, DEMO) != "1":
        set_mark(session, DEMO, "1")
        set_mark(session, PLACE, "连云港市")
        build_city(session, as_of=as_of, at=at)
        build_parts(session, as_of=as_of, at=at)
    parks = {park.code: park.id for park in session.scalars(select(Park))}
    first = session.scalars(select(Unit.id).where(Unit.is_demo).order_by(Unit.id).limit(1)).one()
    return make_people(session, parks=parks, unit_ids={"0": first}, since=FIRST_DAY, at=at)


def _write(database: Database, config: Settings, registry: Registry, name: str, fmt: str, *, as_of: date) -> Path:
    """Return the file of a report, which is made if it is not there yet."""
    report = next(report for report in registry.reports if report.id == name)
    path = config.exports_dir / f"{report.title}_{as_of:%Y%m%d}.{fmt}"
    if not path.exists():
        request = ReportRequest(user=Viewer.system(), as_of=as_of, filters={})
        produce(database, report, request, fmt, path, exports_dir=config.exports_dir)
    return path
