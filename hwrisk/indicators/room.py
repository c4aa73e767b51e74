"""What the services must know of the indicators."""

from __future__ import annotations

from hwrisk.indicators import figures, jobs, views
from hwrisk.indicators.blueprint import bp
from hwrisk.indicators.checks import CHECKS
from hwrisk.indicators.exports import REPORTS
from hwrisk.indicators.targets import CASES
from hwrisk.room import Room

ROOM = Room(
    name="indicators",
    label="考核指标",
    blueprints=(bp,),
    nav=views.NAV,
    figures=figures.HOME_FIGURES,
    reports=REPORTS,
    jobs=jobs.JOBS,
    task_kinds=jobs.TASK_KINDS,
    checks=CHECKS,
    pack_cases=(CASES,),
)
