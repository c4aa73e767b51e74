"""Benchmark of the look-up beside a scan with LIKE, with the same answers (`hwrisk bench lookup`)."""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from hwrisk.catalogue.chemicals import seeding as chemicals
from hwrisk.config import Settings
from hwrisk.db import migrate
from hwrisk.db.base import new_public_id
from hwrisk.db.session import Database
from hwrisk.emergency import rules, seeding
from hwrisk.emergency.lookup import Answer, Asked, answer
from hwrisk.emergency.models import (
    Compatibility,
    Depot,
    DepotLevel,
    MaterialKind,
    MaterialLot,
    MaterialMovement,
    MovementKind,
    ReviewState,
    StorageMode,
    SubstanceMaterial,
)
from hwrisk.emergency.settings import stock_settings
from hwrisk.errors import HwriskError
from hwrisk.process import settle_memory
from hwrisk.regions.geodesy import Point, distance_km
from hwrisk.rulepacks import seeding as packs
from hwrisk.security.viewer import Viewer

LOTS, DEPOTS = 200_000, 2_000
RUNS = 15
PEER_RUNS = 3
TARGET_MS = 50
BATCH = 10_000
AS_OF = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MIDDLE = Point(119.24, 35.09)
QUESTIONS = (
    ("物资名称", Asked("活性炭 柘汪")),
    ("别名和数量", Asked("生石灰 65吨 119.3,34.6")),
    ("拼音首字母", Asked("hxt 灌云")),
    ("化学品", Asked("硫酸 柘汪")),
    ("CAS 号", Asked("7664-93-9", origin="徐圩新区")),
    ("物资库", Asked("演示测速库1234")),
    ("地点", Asked("灌南")),
)


class _Row(NamedTuple):
    """What both ways must agree on for one depot."""

    depot: str
    usable: int
    unconfirmed: int
    expired: int


def run_benchmarks(rows: int | None = None) -> Iterator[str]:
    """Give one line for each kind of question: median and slowest in milliseconds at the server, beside the scan.

    Raises:
        HwriskError: the look-up and the scan do not find the same.
    """
    lots = rows or LOTS
    with tempfile.TemporaryDirectory(prefix="hwrisk-bench-") as name:
        database = Database.open(_settings(Path(name)))
        try:
            migrate.upgrade(database)
            with database.unit_of_work() as session:
                fill(session, lots=lots, depots=max(DEPOTS * lots // LOTS, 1))
            # As a web process does when it starts.
            settle_memory()
            with database.session() as session:
                yield from _measured(session, lots)
        finally:
            database.dispose()


def fill(session: Session, *, lots: int, depots: int) -> None:
    """Put so many invented lots into so many invented depots, the same at every call."""
    packs.seed(session, runners=rules.CASES, recorded_at=AT)
    chemicals.seed(session)
    seeding.seed(session)
    random = Random(2026)  # noqa: S311 - made-up data, the same every time
    kinds = list(session.scalars(select(MaterialKind.id).order_by(MaterialKind.code)))
    _approve(session)
    _write(session, Depot, (_depot(number, random) for number in range(1, depots + 1)))
    ids = list(session.scalars(select(Depot.id).order_by(Depot.id)))
    _write(
        session, MaterialLot, (_lot(n, ids[n % depots], kinds[n // depots % len(kinds)], random) for n in range(lots))
    )
    stock = session.execute(select(MaterialLot.id, MaterialLot.remaining_milli)).all()
    _write(session, MaterialMovement, (_movement(lot_id, milli) for lot_id, milli in stock))


def by_scan(session: Session, word: str) -> list[_Row]:
    """Return what all depots have of what is called `word`, by LIKE over every lot with its kind and depot."""
    settings = stock_settings(session, as_of=AS_OF)
    columns = (MaterialKind.name, MaterialKind.aliases, MaterialKind.pinyin, MaterialKind.code)
    found: dict[str, list[int]] = {}
    rows = session.execute(
        select(Depot.code, Depot.longitude, Depot.latitude, MaterialLot.remaining_milli, MaterialLot.expires_on,
               MaterialLot.last_confirmed_on)
        .join(Depot, Depot.id == MaterialLot.depot_id)
        .join(MaterialKind, MaterialKind.id == MaterialLot.kind_id)
        .where(MaterialLot.remaining_milli > 0, _any_like(columns, word))
    )  # fmt: skip
    away: dict[str, float] = {}
    for code, longitude, latitude, milli, expires_on, confirmed_on in rows:
        state = rules.lot_state(
            settings, remaining_milli=milli, expires_on=expires_on, last_confirmed_on=confirmed_on, as_of=AS_OF
        )
        sums = found.setdefault(code, [0, 0, 0])
        place = 0 if state in rules.USABLE else 2 if state.value == "expired" else 1
        sums[place] += milli
        away[code] = distance_km(MIDDLE, Point(float(longitude or 0), float(latitude or 0)))
    return [_Row(code, *found[code]) for code in sorted(found, key=lambda code: (away[code], code))]


def _any_like(columns: Sequence[Any], word: str) -> Any:
    condition = columns[0].icontains(word, autoescape=True)
    for column in columns[1:]:
        condition = condition | column.icontains(word, autoescape=True)
    return condition


def _measured(session: Session, lots: int) -> Iterator[str]:
    user = Viewer.system()
    scan_ms, scanned = _timed(lambda: by_scan(session, "活性炭"), PEER_RUNS)
    found = answer(session, Asked("活性炭 119.24,35.09"), user=user, as_of=AS_OF)
    # Here all that is usable may be given, and the answer puts first who may give; else both go by the way.
    if _rows_of(session, found) != sorted(scanned, key=lambda row: not row.usable):
        raise HwriskError("应急查询与逐行扫描的结果不一致，测速作废")
    for label, asked in QUESTIONS:
        session.rollback()
        times, answered = _timed(lambda asked=asked: answer(session, asked, user=user, as_of=AS_OF), 1 + RUNS)  # type: ignore[misc]  # mypy cannot see the default
        if answered.is_empty:
            raise HwriskError(f"应急查询“{asked.text}”没有结果，测速作废")
        # The first of a kind also translates the statements, once in the life of a process: it is told by itself.
        first, median, slowest = times[0], statistics.median(times[1:]), max(times[1:])
        verdict = "达到" if slowest < TARGET_MS else "未达到"
        yield (
            f"应急查询 {lots:,} 批（{label}“{asked.text}”）：中位 {median:.1f} 毫秒，最慢 {slowest:.1f} 毫秒"
            f"（进程中首次 {first:.1f} 毫秒），{verdict} {TARGET_MS} 毫秒的目标"
        )
    scan = statistics.median(scan_ms)
    own = statistics.median(_timed(lambda: answer(session, QUESTIONS[0][1], user=user, as_of=AS_OF), RUNS)[0])
    yield f"LIKE 逐行扫描“活性炭”：中位 {scan:.1f} 毫秒，慢 {scan / own:.1f} 倍；逐库数量一致"


def _rows_of(session: Session, answered: Answer) -> list[_Row]:
    codes = dict(session.execute(select(Depot.id, Depot.code)).all())
    return [
        _Row(codes[each.depot_id], each.usable_milli, each.unconfirmed_milli, each.expired_milli)
        for offer in answered.offers
        for each in offer.found
    ]


def _timed(work: Callable[[], Any], runs: int) -> tuple[list[float], Any]:
    """Return the milliseconds of each run, and the last result; the others are let go, as by a server."""
    times: list[float] = []
    result: Any = None
    for _ in range(runs):
        result = None
        start = time.perf_counter()
        result = work()
        times.append((time.perf_counter() - start) * 1000)
    return times, result


def _write(session: Session, model: type[Any], rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            session.execute(insert(model), batch)
            batch = []
    if batch:
        session.execute(insert(model), batch)


def _depot(number: int, random: Random) -> dict[str, Any]:
    # Spread over the city's land in a circle of some fifty kilometres.
    angle, reach = random.uniform(0, 2 * math.pi), random.uniform(0, 0.5)
    return {
        "public_id": new_public_id(), "recorded_at": AT, "code": f"CS-{number:05d}", "name": f"演示测速库{number}",
        "pinyin": f"ysc{number}", "level": DepotLevel.COUNTY, "mode": StorageMode.PHYSICAL, "address": "演示地址",
        "longitude": round(119.2 + reach * math.cos(angle), 6), "latitude": round(34.6 + reach * math.sin(angle), 6),
        "keeper": "演示管理单位", "duty_phone": "000-0000-0001", "is_shared": False, "is_active": True, "source": "",
        "trust": "derived", "note": "", "is_demo": True, "version": 1,
    }  # fmt: skip


def _lot(number: int, depot_id: int, kind_id: int, random: Random) -> dict[str, Any]:
    return {
        "public_id": new_public_id(), "recorded_at": AT, "lot_no": f"CS-{number:08d}", "depot_id": depot_id,
        "kind_id": kind_id, "batch_label": "", "produced_on": None,
        "expires_on": AS_OF + timedelta(days=random.randint(-200, 900)) if random.random() < 0.7 else None,
        "last_confirmed_on": AS_OF - timedelta(days=random.randint(0, 260)),
        "remaining_milli": random.randint(0, 30) * 1000, "allocated_milli": 0, "location": "", "note": "",
        "is_demo": True,
    }  # fmt: skip


def _movement(lot_id: int, milli: int) -> dict[str, Any]:
    return {
        "public_id": new_public_id(), "recorded_at": AT, "lot_id": lot_id,
        "kind": MovementKind.IN if milli else MovementKind.CONFIRMED, "occurred_on": AS_OF - timedelta(days=400),
        "delta_milli": milli, "away_milli": 0, "person": "演示", "note": "",
    }  # fmt: skip


def _approve(session: Session) -> None:
    """Let every candidate count as reviewed, so that a substance leads to as many materials as it can."""
    for row in session.scalars(select(SubstanceMaterial)):
        row.review, row.compatibility = ReviewState.REVIEWED, Compatibility.SUITABLE
        row.reviewed_at = AT
    session.flush()


def _settings(home: Path) -> Settings:
    return Settings(home=home, database_url=f"sqlite:///{home / 'bench.db'}", secret_key="only-for-the-benchmark")  # noqa: S106 - a database that is thrown away
