"""Service: scheduled jobs, and long tasks with progress (定时任务与后台任务).

A job is run once per period: the row (job, period) is claimed in the transaction of its effect, so a process killed in
between leaves nothing and the next one takes it. A task is one piece of work a person asked for.
"""

from hwrisk.jobs.context import TaskContext, TaskKind
from hwrisk.jobs.models import JobAttempt, JobRun, RunState, RunTrigger, Task, TaskState
from hwrisk.jobs.operations import catch_up, run_job
from hwrisk.jobs.records import Job, Retention, Schedule, TaskCancelled, TaskInterrupted, TaskLost
from hwrisk.jobs.tasks import cancel_task, enqueue
from hwrisk.jobs.worker import run_task_now, work_once

__all__ = [
    "Job",
    "JobAttempt",
    "JobRun",
    "Retention",
    "RunState",
    "RunTrigger",
    "Schedule",
    "Task",
    "TaskCancelled",
    "TaskContext",
    "TaskInterrupted",
    "TaskKind",
    "TaskLost",
    "TaskState",
    "cancel_task",
    "catch_up",
    "enqueue",
    "run_job",
    "run_task_now",
    "work_once",
]
