"""The scheduler process: the clock for the jobs, and a worker for the tasks."""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from hwrisk.clock import LOCAL_ZONE, now
from hwrisk.db.session import Database
from hwrisk.errors import DatabaseBusy
from hwrisk.jobs.context import TaskKind
from hwrisk.jobs.operations import catch_up
from hwrisk.jobs.records import Job
from hwrisk.jobs.schedule import cron_trigger
from hwrisk.jobs.worker import error_number, new_worker, work_once

GRACE_SECONDS = 6 * 3600
"""How late the clock may still fire a job; the default of one second skips it without a word."""
RETRY_EVERY = timedelta(hours=1)
"""How often failed and missed periods are looked for, beside the start and the clock."""
POLL_SECONDS = 1.0
log = logging.getLogger(__name__)


def make_scheduler(database: Database, jobs: Sequence[Job], *, retry_every: timedelta = RETRY_EVERY) -> Any:
    """Return a scheduler, not started, that keeps the clock for `jobs`.

    It remembers nothing (memory job store): each process has its own, and the claimed period in the database decides
    which of them does the work. Catching up runs at the start and every `retry_every`.
    """
    scheduler = BackgroundScheduler(
        timezone=LOCAL_ZONE,
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"misfire_grace_time": GRACE_SECONDS, "coalesce": True, "max_instances": 1},
    )
    for job in jobs:
        scheduler.add_job(
            run_due, cron_trigger(job.schedule), args=(database, [job]), id=job.name, name=job.label,
            replace_existing=True,
        )  # fmt: skip
    scheduler.add_job(
        run_due,
        IntervalTrigger(seconds=int(retry_every.total_seconds()), timezone=LOCAL_ZONE),
        args=(database, list(jobs)),
        id="catch-up",
        name="补跑",
        next_run_time=now(),
        replace_existing=True,
    )
    return scheduler


def run_due(database: Database, jobs: Sequence[Job]) -> None:
    """Run what is due and not yet done of `jobs`; a failure of one never keeps the others from running."""
    for job in jobs:
        try:
            for run in catch_up(database, job):
                log.info("job %s for %s: %s %s", run.job, run.period_key, run.state, run.counts)
        except DatabaseBusy as failure:
            log.warning("job %s found the database busy, tried again later", job.name, exc_info=failure)
        except Exception as failure:
            error_number(failure, f"catching up job {job.name}")
    log.info("looked for due periods of %s jobs", len(jobs))


def serve(
    database: Database,
    jobs: Sequence[Job],
    task_kinds: Sequence[TaskKind],
    *,
    stop: threading.Event | None = None,
    poll_seconds: float = POLL_SECONDS,
) -> None:
    """Keep the clock for `jobs` and work through the tasks until `stop` is set, or SIGTERM or SIGINT comes.

    A task at work is asked to stop and goes back to the queue; a job at work is finished first.
    """
    stop = stop or threading.Event()
    worker = new_worker()
    with _stopping_on_signals(stop):
        scheduler = make_scheduler(database, jobs)
        scheduler.start()
        log.info("scheduler %s started with %s jobs and %s kinds of tasks", worker, len(jobs), len(task_kinds))
        try:
            while not stop.is_set():
                if not _worked(database, task_kinds, worker, stop):
                    stop.wait(poll_seconds)
        finally:
            scheduler.shutdown(wait=True)
            log.info("scheduler %s stopped", worker)


def _worked(database: Database, kinds: Sequence[TaskKind], worker: str, stop: threading.Event) -> bool:
    try:
        return work_once(database, kinds, worker=worker, stopping=stop) is not None
    except DatabaseBusy as failure:
        log.warning("worker found the database busy", exc_info=failure)
    except Exception as failure:  # one broken task must not end the worker
        error_number(failure, "worker")
    return False


@contextlib.contextmanager
def _stopping_on_signals(stop: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_: stop.set())
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
