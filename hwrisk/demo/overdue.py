"""Records of stock that was kept too long: when it came, what has gone of it, what is planned for the rest."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from hwrisk.demo.arrears import KILO, Arrears
from hwrisk.demo.branches import Route, Stream
from hwrisk.demo.flow import Journal
from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.storage.models import BatchTag

SALT = Stream("261-084-45", "废盐", 1.0, Route.BURY)
RESIDUE = Stream("900-013-11", "蒸馏残渣", 1.0, Route.BURN)
KETTLE = Stream("271-001-02", "釜底残渣", 1.0, Route.BURN)
REASONS = ("处置费用未落实", "处置单位排期", "废盐出路待定", "成分复杂，检测未完成")
PLANNED, UNDER_WAY, THIS_YEAR = 0.65, 0.1, 0.3
"""How often the rest has a disposal plan, is on its way, became overdue only this year."""


class Planned(NamedTuple):
    """A disposal plan to be recorded once the batch is posted."""

    batch_no: str
    reason: str
    planned_on: date


def overdue(journal: Journal, arrears: Arrears, as_of: date) -> list[Planned]:
    """Write the records of a unit's arrears into its journal, and return the plans for what is left."""
    random, new_year = journal.random, date(as_of.year, 1, 1)
    stream = random.choice((SALT, SALT, RESIDUE, KETTLE))
    first_overdue = new_year
    if arrears.is_closed:
        number, day = _left_behind(journal, stream, arrears.tonnes)
    else:
        entered = new_year - timedelta(days=random.randint(372, 560))
        if random.random() < THIS_YEAR and as_of - new_year > timedelta(days=90):
            span = (as_of - new_year).days
            entered = new_year - timedelta(days=366 - random.randint(5, span // 2))
            first_overdue = entered + timedelta(days=367)
        number, day = _stored(journal, stream, arrears.tonnes, entered), entered
    _remove(journal, (number, stream), arrears.done, since=max(first_overdue, day), as_of=as_of)
    left = arrears.tonnes - arrears.done
    if not left:
        return []
    if random.random() < UNDER_WAY and as_of - day > timedelta(days=10):
        journal.send_unreceived(number, stream, (left / 4).quantize(KILO), as_of - timedelta(days=1))
    if random.random() >= PLANNED:
        return []
    reason = "政府代处置，资金已列入计划" if arrears.is_closed else random.choice(REASONS)
    return [Planned(number, reason, as_of + timedelta(days=random.randint(5, 110)))]


def _left_behind(journal: Journal, stream: Stream, tonnes: Decimal) -> tuple[str, date]:
    day = journal.place.begins
    number = journal.numbers.next("QC", day)
    journal.add(
        EntryKind.OPENING, day, stream, tonnes, entry_no=number, facility_id=journal.place.facilities[0],
        first_stored_on=None, tag=BatchTag.LEGACY, remark="关停时遗留，入库日期不详（演示）",
    )  # fmt: skip
    return number, day


def _stored(journal: Journal, stream: Stream, tonnes: Decimal, day: date) -> str:
    number = journal.numbers.next("HWRK", day)
    journal.add(EntryKind.STORED_IN, day, stream, tonnes, entry_no=number, facility_id=journal.place.facilities[0])
    return number


def _remove(journal: Journal, batch: tuple[str, Stream], done: Decimal, *, since: date, as_of: date) -> None:
    """Send `done` tonnes away in a few loads, the last of them received by `as_of`."""
    loads = 1 if done < 20 else journal.random.randint(2, 4)
    span = max(0, (as_of - since).days - 3)
    share = (done / loads).quantize(KILO)
    days = sorted(since + timedelta(days=int(span * journal.random.uniform(0.05, 0.95))) for _ in range(loads))
    for turn, day in enumerate(days):
        tonnes = done - share * (loads - 1) if turn == loads - 1 else share
        if tonnes > 0:
            journal.send_received(*batch, tonnes, day, min(day + timedelta(days=2), as_of))
