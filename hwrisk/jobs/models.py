"""Tables of jobs (定时任务) and tasks (后台任务)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.clock import now
from hwrisk.db.base import Base, PublicId
from hwrisk.db.types import EnumValue, Labelled, UtcDateTime


class RunState(Labelled):
    """How the run of a job ended (运行结果)."""

    DONE = "done", "成功"
    FAILED = "failed", "失败"


class RunTrigger(Labelled):
    """What made a job run (触发方式)."""

    CLOCK = "clock", "定时"
    HAND = "hand", "手动"


class JobRun(PublicId, Base):
    """A period of a job (任务期次): claimed, and later brought up to date, by whoever runs the job for it.

    The row is written in the transaction of the job's effect, so `DONE` means that the effect is there.
    """

    __tablename__ = "job_run"
    __table_args__ = (
        UniqueConstraint("job", "period_key"),
        CheckConstraint("attempts > 0", name="attempts_positive"),
        Index("ix_job_run_job_as_of", "job", "as_of"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(64))
    period_key: Mapped[str] = mapped_column(String(32))
    as_of: Mapped[date]
    """Day the last attempt was drawn for."""
    state: Mapped[RunState] = mapped_column(EnumValue(RunState), index=True)
    attempts: Mapped[int] = mapped_column(default=1)
    """How often the period was run, failures and re-runs included."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """What the last successful run did, by name; empty while there was none."""
    error: Mapped[str] = mapped_column(Text, default="")
    """One Chinese sentence when the last attempt failed, else empty."""

    was_skipped = False
    """Not stored: the caller's run found the period already done and changed nothing."""


class JobAttempt(Base):
    """One run of a job for one period (运行记录); added, never changed, kept as long as the retention says."""

    __tablename__ = "job_attempt"
    __table_args__ = (Index("ix_job_attempt_job", "job", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(64))
    period_key: Mapped[str] = mapped_column(String(32))
    as_of: Mapped[date]
    trigger: Mapped[RunTrigger] = mapped_column(EnumValue(RunTrigger))
    actor_label: Mapped[str] = mapped_column(String(120), default="")
    """Who ran it by hand, else empty."""
    state: Mapped[RunState] = mapped_column(EnumValue(RunState))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(Text, default="")
    process: Mapped[str] = mapped_column(String(120), default="")
    """Machine and process number, to find the log."""


class TaskState(Labelled):
    """Where a task stands (任务状态)."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "处理中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
    CANCELLED = "cancelled", "已取消"


ENDED = frozenset({TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED})
"""States that a task never leaves."""


class Task(PublicId, Base):
    """One piece of work over a second that a person asked for (后台任务): an export, an import, a file to draw."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("progress_done >= 0 AND progress_total >= 0", name="progress_positive"),
        CheckConstraint("(worker = '') = (lease_until IS NULL)", name="lease_whole"),
        Index("ix_task_queue", "state", "kind", "id"),
        Index("ix_task_actor", "actor_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[TaskState] = mapped_column(EnumValue(TaskState), default=TaskState.QUEUED)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Account that asked for it, or None for the system."""
    actor_label: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Instant before which it is not tried again, or None."""
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(String(120), default="")
    """Process that holds the lease, or empty."""
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Instant after which another process may take the task over; the holder keeps moving it on."""
    cancel_requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int] = mapped_column(default=0)
    """Expected steps, or 0 while not known."""
    progress_message: Mapped[str] = mapped_column(String(200), default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What the task kind returned, or None until it is done."""
    error: Mapped[str] = mapped_column(Text, default="")
    """One Chinese sentence when it failed, else empty."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED

    @property
    def percent(self) -> int | None:
        """Whole percent done, or None while the total is not known."""
        if not self.progress_total:
            return None
        return min(100, 100 * self.progress_done // self.progress_total)
