"""The worker: takes tasks from the queue and runs them, one at a time."""

from __future__ import annotations

import contextlib
import logging
import os
import platform
import secrets
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from hwrisk.clock import now
from hwrisk.db.session import Database
from hwrisk.errors import DatabaseBusy, HwriskError, NotFound
from hwrisk.jobs import tasks
from hwrisk.jobs.context import TaskContext, TaskKind
from hwrisk.jobs.models import Task, TaskState
from hwrisk.jobs.records import TaskCancelled, TaskInterrupted, TaskLost

HEARTBEAT_SECONDS = 20.0
BUSY = "数据库持续繁忙，任务未能完成，请稍后重新提交"
log = logging.getLogger(__name__)


def process_label() -> str:
    """Return machine and process number, as logs and run records name a process."""
    return f"{platform.node()[:80]}:{os.getpid()}"


def new_worker() -> str:
    """Return a name for one worker that no other has had."""
    return f"{process_label()}:{secrets.token_hex(4)}"


def error_number(failure: BaseException, what: str) -> str:
    """Log an unexpected failure and return the number under which it is found in the log."""
    number = secrets.token_hex(4)
    log.error("%s failed, error %s", what, number, exc_info=failure)
    return number


def work_once(
    database: Database,
    kinds: Sequence[TaskKind],
    *,
    worker: str | None = None,
    stopping: threading.Event | None = None,
) -> Task | None:
    """Take one task of `kinds`, run it and return it as it ended; None when there is nothing to do."""
    at = now()
    worker = worker or new_worker()
    tasks.give_up(database, kinds, at=at)
    while True:
        with database.session() as session:
            task_id = tasks.next_task(session, kinds, at=at)
        if task_id is None:
            return None
        task = tasks.take(database, task_id, kinds, worker=worker, at=at)
        if task is not None:
            return _run(database, kinds, task, stopping)


def run_task_now(database: Database, task_id: int, kinds: Sequence[TaskKind]) -> Task:
    """Run one queued task in this process and return it as it ended, or as it is when somebody else has it.

    Raises:
        NotFound: there is no such task.
    """
    task = tasks.take(database, task_id, kinds, worker=new_worker(), at=now())
    return _read(database, task_id) if task is None else _run(database, kinds, task, None)


def _read(database: Database, task_id: int) -> Task:
    with database.session() as session:
        task = session.get(Task, task_id)
    if task is None:
        raise NotFound
    return task


def _run(database: Database, kinds: Sequence[TaskKind], task: Task, stopping: threading.Event | None) -> Task:
    kind = next(kind for kind in kinds if kind.kind == task.kind)
    context = TaskContext(database, task, stopping=stopping)
    try:
        context.check_cancelled()
        with _heartbeat(context):
            result = kind.run(context)
    except TaskLost:
        log.warning("task %s was taken over by another process", task.id)
    except TaskInterrupted:
        tasks.put_back(database, context, worker=task.worker, after=None)
    except TaskCancelled:
        tasks.end(database, context, TaskState.CANCELLED, worker=task.worker)
    except DatabaseBusy as failure:
        _busy(context, kind, task, failure)
    except HwriskError as failure:
        _fail(context, task, failure.message)
    except Exception as failure:
        number = error_number(failure, f"task {task.id} ({task.kind})")
        _fail(context, task, f"处理时出错（错误编号 {number}），请联系系统管理员")
    else:
        _succeed(context, task, result)
    return _read(database, task.id)


def _succeed(context: TaskContext, task: Task, result: dict[str, Any]) -> None:
    if not tasks.end(context.database, context, TaskState.DONE, worker=task.worker, result=result):
        log.warning("task %s ended here after another process had taken it over", task.id)


def _fail(context: TaskContext, task: Task, message: str) -> None:
    tasks.end(context.database, context, TaskState.FAILED, worker=task.worker, error=message)


def _busy(context: TaskContext, kind: TaskKind, task: Task, failure: DatabaseBusy) -> None:
    log.warning("task %s found the database busy", task.id, exc_info=failure)
    if task.attempts >= kind.max_attempts:
        _fail(context, task, BUSY)
    else:
        tasks.put_back(context.database, context, worker=task.worker, after=tasks.RETRY_AFTER * task.attempts)


@contextlib.contextmanager
def _heartbeat(context: TaskContext) -> Iterator[None]:
    """Keep the lease from a thread of its own while the task is at work."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            try:
                context.beat()
            except Exception as failure:  # a missed beat must not end the beating
                error_number(failure, f"heartbeat of task {context.task_id}")

    thread = threading.Thread(target=beat, name=f"heartbeat-{context.task_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
