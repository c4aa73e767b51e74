"""Working days: the published national calendar, and a table of the bureau's own on top (工作日历)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache

import chinese_calendar
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hwrisk.db.base import Base, Recorded
from hwrisk.resources import resource_dir

SATURDAY = 5


class CalendarDay(Recorded, Base):
    """A day the bureau entered by hand because the published calendar does not have it yet (工作日历调整)."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working_day: Mapped[bool]
    name: Mapped[str] = mapped_column(String(64), default="")
    source: Mapped[str] = mapped_column(String(200), default="")


@cache
def is_published_working_day(day: date) -> bool:
    """Tell whether `day` is a working day by the published calendar; Monday to Friday where none is published yet."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        # The arrangement of a year is published in the autumn before it: until then the plain week is the estimate.
        return day.weekday() < SATURDAY


class Calendar:
    """Working days with the bureau's own table on top."""

    def __init__(self, own: Mapping[date, bool]) -> None:
        self._own = own

    def is_working_day(self, day: date) -> bool:
        """Tell whether `day` is a working day."""
        own = self._own.get(day)
        return is_published_working_day(day) if own is None else own


def working_calendar(session: Session) -> Calendar:
    """Return the calendar with every day the bureau entered."""
    rows = session.execute(select(CalendarDay.day, CalendarDay.is_working_day))
    return Calendar({row.day: row.is_working_day for row in rows})


def seed_calendar(session: Session) -> int:
    """Load the days of `seeds/calendar/working_days.csv`; return how many rows are new or changed."""
    changed = 0
    with (resource_dir("seeds") / "calendar" / "working_days.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            day = date.fromisoformat(row["day"])
            is_working = row["is_working_day"] == "1"
            known = session.get(CalendarDay, day)
            if known is None:
                session.add(CalendarDay(day=day, is_working_day=is_working, name=row["name"], source=row["source"]))
                changed += 1
            elif known.is_working_day != is_working:
                known.is_working_day = is_working
                changed += 1
    return changed
