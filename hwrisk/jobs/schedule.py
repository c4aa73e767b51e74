"""Which days a job was due on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hwrisk.clock import LOCAL_ZONE
from hwrisk.jobs.records import Schedule
from hwrisk.resources import late


def cron_trigger(schedule: Schedule) -> Any:
    """Return the trigger of `schedule` for the scheduler's clock, in Asia/Shanghai."""
    return late("apscheduler.triggers.cron").CronTrigger(
        month=schedule.month,
        day=schedule.day,
        day_of_week=schedule.weekday,
        hour=schedule.hour,
        minute=schedule.minute,
        second=0,
        timezone=LOCAL_ZONE,
    )


def due_days(schedule: Schedule, *, until: datetime, count: int) -> list[date]:
    """Return the last `count` days on which the schedule was due, up to the instant `until`, oldest first."""
    trigger = cron_trigger(schedule)
    found: list[date] = []
    fire = trigger.get_next_fire_time(None, until - _reach(schedule) * (count + 1))
    while fire is not None and fire <= until:
        found.append(fire.astimezone(LOCAL_ZONE).date())
        fire = trigger.get_next_fire_time(fire, fire + timedelta(seconds=1))
    return found[-count:]


def _reach(schedule: Schedule) -> timedelta:
    # The longest gap between two due days: how far back one of them is found for certain.
    if schedule.month is not None:
        return timedelta(days=366)
    if schedule.day is not None:
        return timedelta(days=62)
    return timedelta(days=7 if schedule.weekday is not None else 1)
