"""The scheduled job of each indicator, and the same work asked for by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.indicators.indicator import Indicator
from hwrisk.indicators.operations import bring_up_to_date, draw, keep
from hwrisk.indicators.registry import INDICATORS, indicator_of
from hwrisk.jobs import Job, Schedule, TaskContext, TaskKind
from hwrisk.jobs.records import Effect, JobFunction, Preparation

RECOMPUTE = "indicator-recompute"


def recompute(context: TaskContext) -> dict[str, Any]:
    """Do the work of the jobs for the day in the task's parameters; `indicator` names one, without it all."""
    name = context.params.get("indicator")
    asked = [indicator_of(name)] if name else INDICATORS
    counts: dict[str, Any] = {}
    for done, indicator in enumerate(asked):
        context.progress(done, len(asked), f"正在核算{indicator.title}")
        with context.database.session() as session:
            drawn = draw(session, indicator, as_of=date.fromisoformat(context.params["as_of"]))
        with context.database.unit_of_work() as session:
            found = keep(session, drawn)
        counts = {name: counts.get(name, 0) + count for name, count in found.items()}
    context.progress(len(asked), len(asked), f"已更新 {counts['changed']} 个指标值")
    return counts


def _run_of(indicator: Indicator[Any]) -> JobFunction:
    def run(session: Session, *, as_of: date) -> dict[str, int]:
        return bring_up_to_date(session, indicator, as_of=as_of)

    return run


def _prepare_of(indicator: Indicator[Any]) -> Preparation:
    def prepare(session: Session, *, as_of: date) -> Effect:
        drawn = draw(session, indicator, as_of=as_of)
        return lambda session: keep(session, drawn)

    return prepare


JOBS = tuple(
    Job(
        name=indicator.id,
        label=indicator.title,
        schedule=Schedule(hour=6),
        run=_run_of(indicator),
        prepare=_prepare_of(indicator),
    )
    for indicator in INDICATORS
)
TASK_KINDS = (TaskKind(kind=RECOMPUTE, label="重新核算指标", run=recompute),)
