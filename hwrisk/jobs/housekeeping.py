"""Housekeeping (数据保留): what has been kept long enough is removed, once a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hwrisk.clock import LOCAL_ZONE
from hwrisk.jobs.models import JobAttempt
from hwrisk.jobs.records import Job, Retention, Schedule
from hwrisk.jobs.tasks import remove_old_tasks

TASK_DAYS = 180
"""Days an ended task is kept; the files it made have their own register. Six months is how long a log must last, and
who asked for what is one (网络安全法, clause 待核)."""
ATTEMPT_DAYS = 400
"""Days the record of one run is kept: a year and the time to look into it. The row of the period itself is kept."""


def housekeeping_job(retentions: Sequence[Retention]) -> Job:
    """Return the daily job that calls every retention in turn; its counts are what each removed, by name."""

    def run(session: Session, *, as_of: date) -> dict[str, int]:
        return {retention.name: retention.run(session, as_of=as_of) for retention in retentions}

    return Job(name="housekeeping", label="数据保留与清理", schedule=Schedule(hour=3, minute=30), run=run, catch_up=1)


def start_of_day(day: date) -> datetime:
    """Return the instant at which `day` begins in Asia/Shanghai."""
    return datetime.combine(day, time.min, LOCAL_ZONE).astimezone(UTC)


def _old_tasks(session: Session, *, as_of: date) -> int:
    return remove_old_tasks(session, before=start_of_day(as_of - timedelta(days=TASK_DAYS)))


def _old_attempts(session: Session, *, as_of: date) -> int:
    before = start_of_day(as_of - timedelta(days=ATTEMPT_DAYS))
    old = session.scalars(select(JobAttempt.id).where(JobAttempt.finished_at < before)).all()
    session.execute(delete(JobAttempt).where(JobAttempt.finished_at < before))
    return len(old)


RETENTIONS = (
    Retention(name="task", label=f"后台任务记录（保留 {TASK_DAYS} 天）", run=_old_tasks),
    Retention(name="job_attempt", label=f"定时任务运行记录（保留 {ATTEMPT_DAYS} 天）", run=_old_attempts),
)
"""What this service itself does not keep for ever."""
