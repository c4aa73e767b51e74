"""The balance of the demonstration: last year and this year as they are, and one what-if."""

from __future__ import annotations

from typing import Any

from hwrisk.capacity.inputs import AddedPlant, Inputs, Scenario
from hwrisk.capacity.operations import compute_base, compute_scenario
from hwrisk.db.types import to_units
from hwrisk.demo.parts.context import DemoContext
from hwrisk.permits.queries import project_rows

PROJECT = "DP-03"
ASSUMED_TONNES = 20_000
STOPPED = 3
NAME = "演示情景：飞灰填埋场投运，最大的三条线停运，产生量增加30%"


def build(context: DemoContext) -> int:
    """Compute both years and one what-if."""
    given: dict[str, Any] = {"actor": context.viewer, "recorded_at": context.at}
    compute_base(context.session, year=context.as_of.year - 1, as_of=context.as_of, **given)
    base = compute_base(context.session, year=context.as_of.year, as_of=context.as_of, **given)
    lines = sorted(Inputs.unpack(base.inputs).lines, key=lambda line: (-line.cap, line.key))
    project = next(row for row in project_rows(context.session, as_of=context.as_of) if row.project.ref == PROJECT)
    added = AddedPlant(
        ref=PROJECT,
        name=project.project.name,
        office=project.version.office_code or "",
        method=project.version.method_code or "D1",
        categories=tuple(category for category in project.version.categories.split(";") if category),
        capacity=to_units(ASSUMED_TONNES),
    )
    scenario = Scenario(off=tuple(line.key for line in lines[:STOPPED]), projects=(added,), percent={"*": 30})
    compute_scenario(context.session, base, scenario, name=NAME, **given)
    return 3
