"""Making the demonstration ready: data, accounts, figures and files to look at."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.config import Settings
from hwrisk.db.marks import DEMO, PLACE, mark, set_mark
from hwrisk.db.session import Database
from hwrisk.demo.city import Progress, build_city, silent
from hwrisk.demo.files import write_files
from hwrisk.demo.parts import build_parts
from hwrisk.demo.people import CITY_USER, PEOPLE, Person, make_people
from hwrisk.demo.plan import FIRST_DAY
from hwrisk.demo.roster import Pin, make_roster
from hwrisk.errors import SetupError
from hwrisk.indicators.registry import INDICATORS
from hwrisk.indicators.showing import show
from hwrisk.jobs import run_job
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.models import LedgerEntry
from hwrisk.parks.models import Park
from hwrisk.security import Viewer
from hwrisk.units.models import Unit
from hwrisk.web import Registry

SELDOM = (200_000, 20, 20)
SCALE = "demo_scale"
"""Mark that says how large the city was made."""
INDICATOR_JOBS = frozenset(indicator.id for indicator in INDICATORS)
REMINDERS = "reminders"
"""The job that tells what is due, so that the to-do pages show it from the first day."""


class Rate(NamedTuple):
    """A rate of the city as it is printed."""

    title: str
    period: str
    text: str


class DemoMade(NamedTuple):
    """What is ready."""

    units: int
    entries: int
    rates: list[Rate]
    files: list[Path]
    username: str
    password: str | None
    """One-time password of a city account that was just made, else None."""
    people: tuple[Person, ...]
    pins: list[Pin]
    """PINs just given to who stands at the duty post; later starts give none."""


def prepare_demo(
    database: Database,
    config: Settings,
    *,
    registry: Registry,
    as_of: date,
    scale: float | None = None,
    progress: Progress = silent,
) -> DemoMade:
    """Load what is missing of the demonstration, compute the indicators, and write the files.

    `scale` None keeps a city that stands as it is, and makes one of scale 1 where there is none.

    Raises:
        SetupError: the database holds a real unit, or a city of another scale.
    """
    at = now()
    with _seldom_collecting(), database.unit_of_work() as session:
        password = _load(session, as_of=as_of, at=at, scale=scale, progress=progress)
        pins = make_roster(session, as_of=as_of)
        units = session.scalar(select(func.count()).select_from(Unit).where(Unit.is_demo)) or 0
        entries = session.scalar(select(func.count()).select_from(LedgerEntry)) or 0
    progress("核算指标", 0, 1)
    for job in registry.jobs:
        if job.name in INDICATOR_JOBS or job.name == REMINDERS:
            # A day that has been computed already is left as it is: the second start changes nothing.
            run_job(database, job, as_of=as_of)
    progress("写出样表", 0, 1)
    files = write_files(database, config, registry, as_of=as_of)
    with database.session() as session:
        rates = _rates(session, as_of=as_of)
    return DemoMade(units, entries, rates, files, CITY_USER, password, PEOPLE, pins)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Look for garbage seldom: looking through all that was made again and again takes a fifth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _load(session: Session, *, as_of: date, at: datetime, scale: float | None, progress: Progress) -> str | None:
    real = session.scalar(select(func.count()).select_from(Unit).where(Unit.is_supervised, ~Unit.is_demo))
    if real:
        raise SetupError(f"本库有 {real} 家实际单位，不能装入演示数据；请换一个数据目录（HWRISK_HOME）")
    if mark(session, DEMO) != "1":
        size = scale or 1.0
        set_mark(session, DEMO, "1")
        set_mark(session, PLACE, "连云港市")
        set_mark(session, SCALE, f"{size:g}")
        hand = Hand(viewer=Viewer.system(), as_of=as_of, recorded_at=at)
        build_city(session, hand=hand, scale=size, progress=progress)
        build_parts(session, as_of=as_of, at=at, progress=progress)
    elif scale is not None and mark(session, SCALE) != f"{scale:g}":
        stands = mark(session, SCALE) or "1"
        raise SetupError(f"演示库已按规模 {stands} 建成；要换规模，请先执行 hwrisk demo --remove 清除")
    parks = {park.code: park.id for park in session.scalars(select(Park))}
    ids = session.scalars(select(Unit.id).where(Unit.is_demo).order_by(Unit.id).limit(60))
    unit_ids = {str(place): unit_id for place, unit_id in enumerate(ids)}
    return make_people(session, parks=parks, unit_ids=unit_ids, since=FIRST_DAY, as_of=as_of, at=at)


def _rates(session: Session, *, as_of: date) -> list[Rate]:
    found = [show(session, indicator, as_of=as_of, user=Viewer.system()) for indicator in INDICATORS]
    return [Rate(shown["title"], shown["city"]["period"], shown["city"]["text"]) for shown in found]
