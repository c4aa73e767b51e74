"""What the services must know of this room."""

from __future__ import annotations

from hwrisk.capacity import exports, jobs, rules, todos
from hwrisk.capacity.views import bp
from hwrisk.room import Room

ROOM = Room(
    name="capacity",
    label="处置能力平衡",
    blueprints=(bp,),
    nav=todos.NAV,
    todos=todos.TODOS,
    figures=todos.FIGURES,
    reports=exports.REPORTS,
    jobs=jobs.JOBS,
    task_kinds=jobs.TASK_KINDS,
    owners=todos.OWNERS,
    checks=todos.CHECKS,
    pack_cases=rules.CASES,
)
