"""What a running task holds in its hand: parameters, progress, and the question whether to go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.db.session import Database
from hwrisk.errors import DatabaseBusy
from hwrisk.jobs.models import Task, TaskState
from hwrisk.jobs.records import TaskCancelled, TaskInterrupted, TaskLost

LEASE = timedelta(seconds=120)
"""How long a silent holder keeps its task."""
PROGRESS_SECONDS = 0.5
"""Progress is written, and a cancellation asked for, at most this often."""
MESSAGE_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class TaskKind:
    """A kind of task (后台任务种类): its function gets the context and returns a JSON-ready result."""

    kind: str
    label: str
    run: Callable[[TaskContext], dict[str, Any]]
    max_attempts: int = 3
    """How often it is started when processes die under it."""


class TaskContext:
    """The context of one attempt at a task; its methods are cheap enough to be called for every row."""

    def __init__(self, database: Database, task: Task, *, stopping: threading.Event | None = None) -> None:
        self.database = database
        self.task_id = task.id
        self.params: dict[str, Any] = dict(task.params)
        self.actor_id = task.actor_id
        """Account that asked for the task, or None for the system."""
        self.actor_label = task.actor_label
        self.done = 0
        self.total = 0
        self.message = ""
        self._worker = task.worker
        self._stopping = stopping
        self._is_cancelled = task.cancel_requested_at is not None
        self._is_lost = False
        self._wrote_at = 0.0
        self._asked_at = 0.0

    def progress(self, done: int, total: int = 0, message: str = "") -> None:
        """Show how far the task is; written at most twice a second, in a short transaction of its own.

        Best effort: while somebody else (or the task itself) writes, the report is left out, never waited for.
        """
        self.done, self.total, self.message = done, total, message[:MESSAGE_LENGTH]
        clock = time.monotonic()
        if clock - self._wrote_at < PROGRESS_SECONDS:
            return
        self._wrote_at = clock
        values = {"progress_done": done, "progress_total": total, "progress_message": self.message}
        self._renew(lock_timeout_s=0, **values)

    def beat(self) -> None:
        """Keep the lease; called from time to time while the task is at work."""
        self._renew(lock_timeout_s=None)

    def cancelled(self) -> bool:
        """Tell whether to stop: the person cancelled, the process is stopping, or the task was taken over."""
        if self._stopping is not None and self._stopping.is_set():
            return True
        clock = time.monotonic()
        if clock - self._asked_at >= PROGRESS_SECONDS:
            self._asked_at = clock
            self._look()
        return self._is_cancelled or self._is_lost

    def check_cancelled(self) -> None:
        """Go on, or leave the task.

        Raises:
            TaskCancelled: the person cancelled it.
            TaskLost: another process took it over.
            TaskInterrupted: this process is stopping; the task goes back to the queue.
        """
        if not self.cancelled():
            return
        if self._is_lost:
            raise TaskLost
        if self._is_cancelled:
            raise TaskCancelled
        raise TaskInterrupted

    def confirm(self, session: Session) -> None:
        """Make sure, in the transaction of the task's effect, that the task is still this process's.

        To be called last in the unit of work: it locks the task's row until the commit, so nobody can take the task
        over between the question and the effect.

        Raises:
            TaskLost: another process took it over; the transaction must be rolled back.
            TaskCancelled: the person cancelled it in time.
        """
        held = session.execute(
            select(Task.id, Task.cancel_requested_at).where(self._is_mine()).with_for_update()
        ).one_or_none()
        if held is None:
            self._is_lost = True
            raise TaskLost
        if held.cancel_requested_at is not None:
            self._is_cancelled = True
            raise TaskCancelled

    def _is_mine(self) -> ColumnElement[bool]:
        return and_(Task.id == self.task_id, Task.worker == self._worker, Task.state == TaskState.RUNNING)

    def _renew(self, *, lock_timeout_s: float | None, **values: Any) -> None:
        statement = (
            update(Task)
            .where(self._is_mine())
            .values(lease_until=now() + LEASE, **values)
            .returning(Task.cancel_requested_at)
        )
        try:
            with self.database.unit_of_work(lock_timeout_s=lock_timeout_s) as session:
                row = session.execute(statement, execution_options={"synchronize_session": False}).one_or_none()
        except DatabaseBusy:
            return
        self._note(None if row is None else (row[0],))

    def _look(self) -> None:
        try:
            with self.database.session() as session:
                row = session.execute(select(Task.cancel_requested_at).where(self._is_mine())).one_or_none()
        except DatabaseBusy:
            return
        self._note(None if row is None else (row[0],))

    def _note(self, row: tuple[datetime | None] | None) -> None:
        if row is None:
            self._is_lost = True
        elif row[0] is not None:
            self._is_cancelled = True
