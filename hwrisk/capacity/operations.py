"""Computing the balance and keeping what came out: reckoned first, then written in one short transaction."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.capacity.computing import compute
from hwrisk.capacity.inputs import Inputs, Scenario
from hwrisk.capacity.models import CapacityRun, RunKind
from hwrisk.capacity.queries.gathering import gather
from hwrisk.capacity.queries.runs import latest_base
from hwrisk.clock import now
from hwrisk.db.types import from_units
from hwrisk.errors import RuleViolation
from hwrisk.security.viewer import Viewer

MAX_NAME = 60
BASE_NAME = "现状"
FIRST_YEAR = 2015


def check_year(year: int, *, as_of: date) -> None:
    """Refuse a year that cannot be computed.

    Raises:
        RuleViolation: it has not begun or lies before the system.
    """
    if not FIRST_YEAR <= year <= as_of.year:
        raise RuleViolation(f"只能测算 {FIRST_YEAR} 年至 {as_of.year} 年", field="year")


def check_scenario(base: CapacityRun, scenario: Scenario, *, name: str) -> None:
    """Refuse a what-if that cannot be computed on `base`.

    Raises:
        RuleViolation: no name, nothing assumed otherwise, or an assumption that cannot be.
    """
    if not name.strip():
        raise RuleViolation("请给情景起个名字", field="name")
    if base.kind is not RunKind.BASE:
        raise RuleViolation("情景只能在现状测算的基础上建立")
    if scenario.is_empty:
        raise RuleViolation("情景与现状相同：请选择停用的生产线、投运的项目，或填写产生量的变化")
    if wrong := [percent for percent in scenario.percent.values() if not -100 <= percent <= 1000]:
        raise RuleViolation(f"产生量变化 {wrong[0]} % 超出范围，应在 -100 % 至 1000 % 之间", field="percent")
    if bare := [plant.name for plant in scenario.projects if plant.capacity <= 0]:
        raise RuleViolation(f"项目“{bare[0]}”的能力必须大于 0 吨/年", field="projects")
    lines = {row["key"] for row in base.inputs["lines"]}
    if unknown := sorted(set(scenario.off) - lines):
        raise RuleViolation(f"生产线 {unknown[0]} 不在现状测算之内", field="off")


def reckon_base(session: Session, *, year: int, as_of: date) -> CapacityRun:
    """Return the balance of `year` as it is, not kept yet; the same inputs as last time give the run that is there.

    Reads and reckons alone, so that nobody waits for the write lock meanwhile; `keep` writes.

    Raises:
        RuleViolation: the year has not begun or lies before the system.
        SolverFailed: no exact result.
    """
    check_year(year, as_of=as_of)
    inputs = gather(session, year=year, as_of=as_of)
    before = _same(session, year=year, as_of=as_of, digest=inputs.digest)
    return before or _make(inputs, Scenario(), kind=RunKind.BASE, name=BASE_NAME)


def reckon_scenario(base: CapacityRun, scenario: Scenario, *, name: str) -> CapacityRun:
    """Return a what-if on the very inputs of a base run, not kept yet.

    Raises:
        RuleViolation: see `check_scenario`.
        SolverFailed: no exact result.
    """
    check_scenario(base, scenario, name=name)
    run = _make(Inputs.unpack(base.inputs), scenario, kind=RunKind.SCENARIO, name=name.strip()[:MAX_NAME])
    run.base_id = base.id
    return run


def keep(session: Session, run: CapacityRun, *, actor: Viewer, recorded_at: datetime | None = None) -> CapacityRun:
    """Keep a reckoned run and return it; a base that was kept meanwhile with the same inputs is returned instead."""
    if run.kind is RunKind.BASE:
        before = _same(session, year=run.year, as_of=run.as_of, digest=run.inputs_digest)
        if before is not None:
            return before
    run.made_by, run.recorded_at = actor.label, recorded_at or now()
    session.add(run)
    session.flush()
    summary = {"年度": run.year, "名称": run.name, "委外需求（吨）": str(run.demand), "缺口（吨）": str(run.gap)}
    audit.record(session, actor, "capacity.compute", "capacity_run", run.id, summary=summary)
    return run


def compute_base(
    session: Session, *, year: int, as_of: date, actor: Viewer, recorded_at: datetime | None = None
) -> CapacityRun:
    """Compute the balance of `year` as it is, and keep it; for whoever holds the database alone.

    Raises:
        RuleViolation, SolverFailed: see `reckon_base`.
    """
    return keep(session, reckon_base(session, year=year, as_of=as_of), actor=actor, recorded_at=recorded_at)


def compute_scenario(
    session: Session,
    base: CapacityRun,
    scenario: Scenario,
    *,
    name: str,
    actor: Viewer,
    recorded_at: datetime | None = None,
) -> CapacityRun:
    """Compute a what-if and keep it under its name; for whoever holds the database alone.

    Raises:
        RuleViolation, SolverFailed: see `reckon_scenario`.
    """
    return keep(session, reckon_scenario(base, scenario, name=name), actor=actor, recorded_at=recorded_at)


def draw(session: Session, *, year: int, as_of: date) -> CapacityRun:
    """Return the balance of `year` as it is without keeping it, for an export where none was kept."""
    return _make(gather(session, year=year, as_of=as_of), Scenario(), kind=RunKind.BASE, name=BASE_NAME)


def _make(inputs: Inputs, scenario: Scenario, *, kind: RunKind, name: str) -> CapacityRun:
    result = compute(inputs, scenario)
    return CapacityRun(
        kind=kind, year=inputs.year, as_of=date.fromisoformat(inputs.as_of), name=name,
        scenario=scenario.pack(), inputs=inputs.pack(), inputs_digest=inputs.digest,
        pack_version=inputs.pack_version, result=result, demand=from_units(result["demand"]),
        treated=from_units(result["treated"]), capacity=from_units(result["capacity"]), recorded_at=now(),
    )  # fmt: skip


def _same(session: Session, *, year: int, as_of: date, digest: str) -> CapacityRun | None:
    before = latest_base(session, as_of=as_of, year=year)
    return before if before is not None and before.inputs_digest == digest else None
