"""What rooms hand to the service: jobs and retentions; and the ways a task may end early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from hwrisk.errors import HwriskError


class JobFunction(Protocol):
    """The work of a job: a few lines over an operation, drawn for the day `as_of`; flushes, never commits."""

    def __call__(self, session: Session, *, as_of: date) -> dict[str, int]:
        """Return what was done, as counts by name."""


class Effect(Protocol):
    """What a prepared job still has to write, worked out before; flushes, never commits."""

    def __call__(self, session: Session) -> dict[str, int]:
        """Write it and return what was done, as counts by name."""


class Preparation(Protocol):
    """The long part of a job: reads and reckons for the day `as_of` without writing anything."""

    def __call__(self, session: Session, *, as_of: date) -> Effect:
        """Return what is to be written, holding nothing of the session."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a job is due, in Asia/Shanghai: at `hour`:`minute` of the named days, every day by default."""

    hour: int = 2
    minute: int = 0
    day: str | None = None
    """Days of the month as cron writes them (`1`, `1,11,21`, `last`), or None."""
    weekday: str | None = None
    """Days of the week (`mon`, `mon-fri`), or None."""
    month: str | None = None
    """Months (`1`, `1,4,7,10`), or None."""


def by_day(as_of: date) -> str:
    """Return the period of a daily job, as 2026-11-23."""
    return as_of.isoformat()


def by_month(as_of: date) -> str:
    """Return the period of a monthly job, as 2026-11."""
    return f"{as_of:%Y-%m}"


def by_year(as_of: date) -> str:
    """Return the period of a yearly job, as 2026."""
    return f"{as_of:%Y}"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A scheduled job (定时任务), run once for every period by whichever scheduler claims it first."""

    name: str
    label: str
    schedule: Schedule
    run: JobFunction
    prepare: Preparation | None = None
    """The same work in two parts, for a job that reckons long: done while others may write, then the effect alone in
    the transaction of the claim. None: `run` does everything in that transaction."""
    period_key: Callable[[date], str] = by_day
    catch_up: int = 3
    """How many of the last due days are made good when the schedulers were down."""
    max_attempts: int = 5
    """After so many failures of a period the clock leaves it to a person."""


class RetentionFunction(Protocol):
    """Removes what has been kept long enough on the day `as_of`; flushes, never commits."""

    def __call__(self, session: Session, *, as_of: date) -> int:
        """Return how many rows or files were removed."""


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long one kind of data is kept (保留期限), as a function the housekeeping job calls."""

    name: str
    label: str
    run: RetentionFunction


class TaskCancelled(HwriskError):
    """The person cancelled the task (任务已取消)."""

    def __init__(self, message: str = "任务已取消") -> None:
        super().__init__(message)


class TaskLost(HwriskError):
    """Another process took the task over; what this one still does must not count (任务已被其他进程接管)."""

    def __init__(self, message: str = "任务已由其他进程接管，本次处理作废") -> None:
        super().__init__(message)


class TaskInterrupted(HwriskError):
    """The process is about to stop; the task goes back to the queue (进程停止，任务退回队列)."""

    def __init__(self, message: str = "系统正在停止，任务已退回队列") -> None:
        super().__init__(message)
