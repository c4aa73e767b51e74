"""Running a job for a period: once, by one process, whatever happens to it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hwrisk import notices
from hwrisk.clock import now
from hwrisk.db.session import Database
from hwrisk.errors import DatabaseBusy, HwriskError
from hwrisk.jobs.models import JobAttempt, JobRun, RunState, RunTrigger
from hwrisk.jobs.records import Effect, Job
from hwrisk.jobs.schedule import due_days
from hwrisk.jobs.worker import error_number, process_label
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    """One attempt at one period: what its records have in common."""

    job: Job
    as_of: date
    period: str
    started_at: datetime
    trigger: RunTrigger
    actor_label: str

    def new_run(self, state: RunState) -> JobRun:
        at = self.started_at
        return JobRun(
            job=self.job.name, period_key=self.period, as_of=self.as_of, state=state, started_at=at, finished_at=at,
            counts={}, error="",
        )  # fmt: skip

    def record(self, state: RunState, *, counts: dict[str, int], error: str = "") -> JobAttempt:
        return JobAttempt(
            job=self.job.name, period_key=self.period, as_of=self.as_of, trigger=self.trigger,
            actor_label=self.actor_label, state=state, started_at=self.started_at, finished_at=now(), counts=counts,
            error=error, process=process_label(),
        )  # fmt: skip


def run_job(
    database: Database,
    job: Job,
    *,
    as_of: date,
    force: bool = False,
    trigger: RunTrigger = RunTrigger.HAND,
    actor: Viewer | None = None,
) -> JobRun:
    """Run `job` for the period of the day `as_of`, and return the row of the period.

    A period that is done is left alone (`was_skipped`) unless `force`; a forced re-run brings the same period up to
    date. When the job fails its effect is undone and the returned row carries `error`, recorded apart. A job with a
    preparation reckons in a session of its own first, so that nobody waits for the write lock meanwhile.

    Raises:
        DatabaseBusy: neither the effect nor the failure could be written.
    """
    label = actor.label if actor else ""
    attempt = _Attempt(
        job=job, as_of=as_of, period=job.period_key(as_of), started_at=now(), trigger=trigger, actor_label=label
    )
    try:
        effect = _prepared(database, attempt, force=force)
        with database.unit_of_work() as session:
            return _run_claimed(session, attempt, effect, force=force)
    except DatabaseBusy:
        raise
    except HwriskError as failure:
        return _record_failure(database, attempt, failure.message)
    except Exception as failure:
        number = error_number(failure, f"job {job.name} for {attempt.period}")
        return _record_failure(database, attempt, f"运行出错（错误编号 {number}），请联系系统管理员")


def catch_up(database: Database, job: Job, *, at: datetime | None = None) -> list[JobRun]:
    """Run `job` for every recent due day that is not done, oldest first, and return the rows of what was run.

    Looks back over the job's last `catch_up` due days; a job that never ran is run for the last due day alone. A
    period that failed `max_attempts` times is left to a person.
    """
    at = at or now()
    days = {job.period_key(day): day for day in due_days(job.schedule, until=at, count=job.catch_up)}
    with database.session() as session:
        first = session.scalar(select(func.min(JobRun.as_of)).where(JobRun.job == job.name))
        settled = set(session.scalars(select(JobRun.period_key).where(_is_settled(job), JobRun.period_key.in_(days))))
    missing = [day for period, day in days.items() if period not in settled]
    # What was due before the job existed was not missed.
    missing = missing[-1:] if first is None else [day for day in missing if day >= first]
    runs = [run_job(database, job, as_of=day, trigger=RunTrigger.CLOCK) for day in missing]
    return [run for run in runs if not run.was_skipped]


def _is_settled(job: Job) -> ColumnElement[bool]:
    return and_(JobRun.job == job.name, or_(JobRun.state == RunState.DONE, JobRun.attempts >= job.max_attempts))


def _prepared(database: Database, attempt: _Attempt, *, force: bool) -> Effect | None:
    """Return what the job has to write, or None where it has no preparation or its period is done already."""
    if attempt.job.prepare is None:
        return None
    with database.session() as session:
        done = select(JobRun.id).where(
            JobRun.job == attempt.job.name, JobRun.period_key == attempt.period, JobRun.state == RunState.DONE
        )
        if not force and session.scalar(done) is not None:
            return None
        return attempt.job.prepare(session, as_of=attempt.as_of)


def _run_claimed(session: Session, attempt: _Attempt, effect: Effect | None, *, force: bool) -> JobRun:
    run, is_new = _claimed_row(session, attempt, RunState.DONE)
    if not is_new and run.state is RunState.DONE and not force:
        run.was_skipped = True
        return run
    counts = attempt.job.run(session, as_of=attempt.as_of) if effect is None else effect(session)
    if not is_new:
        run.attempts += 1
    run.state, run.as_of, run.counts, run.error = RunState.DONE, attempt.as_of, counts, ""
    run.started_at, run.finished_at = attempt.started_at, now()
    session.add(attempt.record(RunState.DONE, counts=counts))
    return run


def _claimed_row(session: Session, attempt: _Attempt, state: RunState) -> tuple[JobRun, bool]:
    """Return the row of the period, locked until the commit, and whether it was made just now in `state`.

    The unique key decides between two schedulers: on PostgreSQL the second insert waits for the first one's commit and
    then finds its row, or, when the first was killed or rolled back, makes its own. SQLite has one writer at a time.
    """
    found = select(JobRun).where(JobRun.job == attempt.job.name, JobRun.period_key == attempt.period).with_for_update()
    run = session.scalar(found)
    if run is not None:
        return run, False
    run = attempt.new_run(state)
    try:
        with session.begin_nested():
            session.add(run)
    except IntegrityError:
        return session.scalars(found).one(), False
    return run, True


def _record_failure(database: Database, attempt: _Attempt, message: str) -> JobRun:
    """Write down a failure whose effect was rolled back; what an earlier run left stays as it is, and stays done."""
    log.warning("job %s for %s: %s", attempt.job.name, attempt.period, message)
    with database.unit_of_work() as session:
        run, is_new = _claimed_row(session, attempt, RunState.FAILED)
        if not is_new:
            run.attempts += 1
        run.error = message
        if run.state is RunState.FAILED:
            run.as_of, run.started_at, run.finished_at = attempt.as_of, attempt.started_at, now()
        session.add(attempt.record(RunState.FAILED, counts={}, error=message))
        notices.notify(
            session,
            key=f"job-failed:{attempt.job.name}:{attempt.period}",
            to_role=Role.SYSADMIN,
            title=f"定时任务“{attempt.job.label}”{attempt.period} 期运行失败",
            body=message,
        )
        return run
