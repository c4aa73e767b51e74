"""The scheduled job of the disposal rate, and the same work asked for by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.indicators.computing import INDICATOR, TITLE
from hwrisk.indicators.operations import compute_overdue_rate
from hwrisk.jobs import Job, Schedule, TaskContext, TaskKind

RECOMPUTE = "indicator-recompute"


def run(session: Session, *, as_of: date) -> dict[str, int]:
    """Bring all values of the disposal rate up to date for the day `as_of`; return what was done."""
    return compute_overdue_rate(session, as_of=as_of)


def recompute(context: TaskContext) -> dict[str, Any]:
    """Do the work of the job for the day in the task's parameters."""
    context.progress(0, 1, "正在核算")
    with context.database.unit_of_work() as session:
        counts = compute_overdue_rate(session, as_of=date.fromisoformat(context.params["as_of"]))
    context.progress(1, 1, f"已更新 {counts['changed']} 个指标值")
    return dict(counts)


JOBS = (Job(name=INDICATOR, label=TITLE, schedule=Schedule(hour=6), run=run),)
TASK_KINDS = (TaskKind(kind=RECOMPUTE, label="重新核算指标", run=recompute),)
