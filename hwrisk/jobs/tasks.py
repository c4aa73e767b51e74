"""The queue of tasks: asking for one, taking one, ending one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select, update
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.db.session import Database
from hwrisk.db.types import UtcDateTime
from hwrisk.jobs.context import LEASE, TaskContext, TaskKind
from hwrisk.jobs.models import ENDED, Task, TaskState
from hwrisk.security.viewer import Viewer

RETRY_AFTER = timedelta(seconds=30)
"""Pause, times the number of attempts, before a task is tried again that found the database busy."""
NO_SYNC = {"synchronize_session": False}
DIED = "处理进程多次中断，任务已停止，请重新提交；仍不成功请联系系统管理员"


def enqueue(session: Session, kind: str, params: dict[str, Any], *, actor: Viewer | None) -> Task:
    """Put a task into the queue and return it; a worker takes it up after the commit."""
    task = Task(
        kind=kind,
        params=params,
        actor_id=actor.account_id if actor else None,
        actor_label=actor.label if actor else Viewer.system().label,
    )
    session.add(task)
    session.flush()
    return task


def cancel_task(session: Session, task: Task, *, at: datetime | None = None) -> TaskState:
    """Cancel a task and return its state: at once when it waits, at its next step when it is at work.

    A task that has ended stays as it is.
    """
    at = at or now()
    waiting = (
        update(Task)
        .where(Task.id == task.id, Task.state == TaskState.QUEUED)
        .values(state=TaskState.CANCELLED, finished_at=at, cancel_requested_at=at)
    )
    working = (
        update(Task)
        .where(Task.id == task.id, Task.state == TaskState.RUNNING, Task.cancel_requested_at.is_(None))
        .values(cancel_requested_at=at)
    )
    session.execute(waiting, execution_options=NO_SYNC)
    session.execute(working, execution_options=NO_SYNC)
    session.refresh(task)
    return task.state


def next_task(session: Session, kinds: Iterable[TaskKind], *, at: datetime) -> int | None:
    """Return the id of the oldest task of `kinds` that may be taken up at the instant `at`, or None."""
    return session.scalar(select(Task.id).where(is_open(kinds, at=at)).order_by(Task.id).limit(1))


def is_open(kinds: Iterable[TaskKind], *, at: datetime) -> ColumnElement[bool]:
    """Return the predicate that a task may be taken up: it waits, or its holder has been silent for a lease."""
    known = or_(false(), *(and_(Task.kind == kind.kind, Task.attempts < kind.max_attempts) for kind in kinds))
    waits = and_(Task.state == TaskState.QUEUED, or_(Task.not_before.is_(None), Task.not_before <= at))
    return and_(known, or_(waits, _is_silent(at)))


def _is_silent(at: datetime) -> ColumnElement[bool]:
    return and_(Task.state == TaskState.RUNNING, Task.lease_until < at)


def take(database: Database, task_id: int, kinds: Iterable[TaskKind], *, worker: str, at: datetime) -> Task | None:
    """Take the task for `worker` and return it, or None when somebody else was quicker."""
    statement = (
        update(Task)
        .where(Task.id == task_id, is_open(kinds, at=at))
        .values(
            state=TaskState.RUNNING,
            worker=worker,
            lease_until=at + LEASE,
            attempts=Task.attempts + 1,
            started_at=func.coalesce(Task.started_at, literal(at, UtcDateTime())),
        )
        .returning(Task.id)
    )
    with database.unit_of_work() as session:
        if session.scalar(statement, execution_options=NO_SYNC) is None:
            return None
        return session.get_one(Task, task_id)


def give_up(database: Database, kinds: Iterable[TaskKind], *, at: datetime) -> int:
    """Fail the tasks whose processes died too often, and return how many."""
    spent = or_(false(), *(and_(Task.kind == kind.kind, Task.attempts >= kind.max_attempts) for kind in kinds))
    condition = and_(spent, _is_silent(at))
    with database.session() as session:
        if session.scalar(select(Task.id).where(condition).limit(1)) is None:
            return 0
    ended = (
        update(Task)
        .where(condition)
        .values(state=TaskState.FAILED, error=DIED, finished_at=at, worker="", lease_until=None)
        .returning(Task.id)
    )
    with database.unit_of_work() as session:
        return len(session.scalars(ended, execution_options=NO_SYNC).all())


def end(
    database: Database,
    context: TaskContext,
    state: TaskState,
    *,
    worker: str,
    result: dict[str, Any] | None = None,
    error: str = "",
) -> bool:
    """Write down how `worker`'s task ended; False when it had been taken over and nothing was written."""
    values: dict[str, Any] = {
        "state": state,
        "finished_at": now(),
        "result": result,
        "error": error,
        "progress_done": context.done,
        "progress_total": context.total,
        "progress_message": context.message,
    }
    return _leave(database, context.task_id, worker, values)


def put_back(database: Database, context: TaskContext, *, worker: str, after: timedelta | None) -> bool:
    """Put `worker`'s task back into the queue: at once and uncounted, or counted and to be tried `after` a pause."""
    values: dict[str, Any] = {"state": TaskState.QUEUED, "not_before": None}
    if after is None:
        values["attempts"] = Task.attempts - 1
    else:
        values["not_before"] = now() + after
    return _leave(database, context.task_id, worker, values)


def _leave(database: Database, task_id: int, worker: str, values: dict[str, Any]) -> bool:
    statement = (
        update(Task)
        .where(Task.id == task_id, Task.worker == worker, Task.state == TaskState.RUNNING)
        .values(worker="", lease_until=None, **values)
        .returning(Task.id)
    )
    with database.unit_of_work() as session:
        return session.scalar(statement, execution_options=NO_SYNC) is not None


def remove_old_tasks(session: Session, *, before: datetime) -> int:
    """Remove the tasks that ended before the instant `before`, and return how many."""
    old = select(Task.id).where(Task.state.in_(ENDED), Task.finished_at < before)
    gone = session.scalars(old).all()
    for task_id in gone:
        session.delete(session.get_one(Task, task_id))
    session.flush()
    return len(gone)
