"""The monthly job of the balance, and the same work and the what-if as tasks: reckoned first, written shortly."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from hwrisk.capacity import operations, queries
from hwrisk.capacity.inputs import Scenario
from hwrisk.capacity.models import CapacityRun
from hwrisk.jobs import Job, Schedule, TaskContext, TaskKind
from hwrisk.jobs.records import Effect, by_month
from hwrisk.security.viewer import Viewer
from hwrisk.web.work import asker

COMPUTE, WHAT_IF = "capacity-compute", "capacity-what-if"
STEPS = 3


def compute_year(context: TaskContext) -> dict[str, Any]:
    """Compute the balance of the year in the task's parameters and keep it."""
    year, as_of = int(context.params["year"]), date.fromisoformat(context.params["as_of"])
    context.progress(0, STEPS, f"正在汇总 {year} 年台账和许可证，求解运输问题")
    with context.database.session() as session:
        run = operations.reckon_base(session, year=year, as_of=as_of)
    public_id = _keep(context, run)
    return {"page": f"/capacity/?run={public_id}", "page_label": f"查看 {year} 年能力平衡"}


def compute_what_if(context: TaskContext) -> dict[str, Any]:
    """Compute the what-if in the task's parameters on its base and keep it."""
    context.progress(0, STEPS, "正在按情景求解运输问题")
    with context.database.session() as session:
        base = queries.get_run(session, UUID(context.params["base"]))
        scenario = Scenario.unpack(context.params["scenario"])
        run = operations.reckon_scenario(base, scenario, name=context.params["name"])
    public_id = _keep(context, run)
    return {"page": f"/capacity/runs/{public_id}", "page_label": "查看情景与现状的对照"}


def _keep(context: TaskContext, run: CapacityRun) -> UUID:
    context.check_cancelled()
    context.progress(STEPS - 1, STEPS, "正在保存")
    with context.database.unit_of_work() as session:
        kept = operations.keep(session, run, actor=asker(context))
        context.confirm(session)
        public_id = kept.public_id
    context.progress(STEPS, STEPS, "已保存")
    return public_id


def _run(session: Session, *, as_of: date) -> dict[str, int]:
    return _prepare(session, as_of=as_of)(session)


def _prepare(session: Session, *, as_of: date) -> Effect:
    run = operations.reckon_base(session, year=as_of.year, as_of=as_of)
    is_new = run.id is None

    def effect(session: Session) -> dict[str, int]:
        operations.keep(session, run, actor=Viewer.system())
        return {"computed": int(is_new)}

    return effect


JOBS = (
    Job(
        name="capacity-balance",
        label="处置能力平衡测算",
        schedule=Schedule(hour=5, day="2"),
        run=_run,
        prepare=_prepare,
        period_key=by_month,
        catch_up=1,
    ),
)
TASK_KINDS = (
    TaskKind(kind=COMPUTE, label="测算能力平衡", run=compute_year),
    TaskKind(kind=WHAT_IF, label="情景测算", run=compute_what_if),
)
