"""Reads of jobs and tasks."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.jobs.models import JobAttempt, JobRun, RunState, Task, TaskState
from hwrisk.jobs.records import Job
from hwrisk.security.viewer import Viewer


class JobStanding(NamedTuple):
    """A job and how it last went; None where it never ran."""

    job: Job
    last: JobRun | None
    """Period run last, by the time it was started."""
    failed: int
    """Periods that stand failed."""


class QueueStanding(NamedTuple):
    """How the queue of tasks stands."""

    queued: int
    running: int
    oldest_queued_at: datetime | None
    """When the task that waits longest was asked for; long ago means that no worker runs."""


def job_standings(session: Session, jobs: Iterable[Job]) -> list[JobStanding]:
    """Return every job with its last period and its failed periods, in the order given."""
    place = func.row_number().over(partition_by=JobRun.job, order_by=(JobRun.started_at.desc(), JobRun.id.desc()))
    ranked = select(JobRun.id, place.label("place")).subquery()
    newest = select(JobRun).join(ranked, ranked.c.id == JobRun.id).where(ranked.c.place == 1)
    last = {run.job: run for run in session.scalars(newest)}
    counted = select(JobRun.job, func.count()).where(JobRun.state == RunState.FAILED).group_by(JobRun.job)
    failed = dict(session.execute(counted).all())
    return [JobStanding(job, last.get(job.name), failed.get(job.name, 0)) for job in jobs]


def job_runs(session: Session, *, job: str | None = None, limit: int = 100) -> Sequence[JobRun]:
    """Return the periods run, the latest started first."""
    return session.scalars(
        select(JobRun)
        .where(JobRun.job == job if job else true())
        .order_by(JobRun.started_at.desc(), JobRun.id.desc())
        .limit(limit)
    ).all()


def job_attempts(
    session: Session, *, job: str | None = None, period_key: str | None = None, limit: int = 100
) -> Sequence[JobAttempt]:
    """Return the history of runs, failures and re-runs included, the latest first."""
    return session.scalars(
        select(JobAttempt)
        .where(
            JobAttempt.job == job if job else true(),
            JobAttempt.period_key == period_key if period_key else true(),
        )
        .order_by(JobAttempt.id.desc())
        .limit(limit)
    ).all()


def visible_tasks(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate of the tasks in sight: a person's own; the system's viewer sees all."""
    return true() if user.account_id is None else Task.actor_id == user.account_id


def tasks_of(session: Session, *, user: Viewer, kind: str | None = None, limit: int = 50) -> Sequence[Task]:
    """Return the tasks in sight of `user`, the latest first."""
    return session.scalars(
        select(Task)
        .where(visible_tasks(user), Task.kind == kind if kind else true())
        .order_by(Task.id.desc())
        .limit(limit)
    ).all()


def get_task(session: Session, public_id: uuid.UUID, *, user: Viewer) -> Task:
    """Return one task.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    task = session.scalar(select(Task).where(Task.public_id == public_id, visible_tasks(user)))
    if task is None:
        raise NotFound
    return task


def queue_standing(session: Session) -> QueueStanding:
    """Return how many tasks wait and work, and since when the oldest waits."""
    rows = session.execute(
        select(Task.state, func.count(), func.min(Task.created_at))
        .where(Task.state.in_([TaskState.QUEUED, TaskState.RUNNING]))
        .group_by(Task.state)
    )
    by_state = {state: (count, oldest) for state, count, oldest in rows}
    queued, oldest = by_state.get(TaskState.QUEUED, (0, None))
    return QueueStanding(queued, by_state.get(TaskState.RUNNING, (0, None))[0], oldest)
