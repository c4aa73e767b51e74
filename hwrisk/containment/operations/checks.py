"""Working a scenario out and keeping it with all it was worked out from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.containment import queries
from hwrisk.containment.counting import freeze, work_out
from hwrisk.containment.methods import METHODS, check_scenario, scenario_of
from hwrisk.containment.models import VolumeCheck
from hwrisk.containment.queries.conditions import FacilityConditions
from hwrisk.containment.settings import settings_on
from hwrisk.errors import RuleViolation
from hwrisk.rulepacks.queries import parameters
from hwrisk.security.viewer import Viewer

KIND = "containment_check"
MAX_NAME = 100


def store_check(
    session: Session,
    *,
    park_id: int,
    unit_id: int | None,
    name: str,
    inputs: Mapping[str, Any],
    as_of: date,
    actor: Viewer,
) -> VolumeCheck:
    """Work a scenario out by the facilities of the park on a day, and keep it.

    Args:
        inputs: the scenario as `methods.scenario_of` reads it, with `rain_source` beside it; quantities as text.

    Raises:
        RuleViolation: no name, an unknown method, or a scenario that cannot be worked out.
    """
    if not name.strip() or len(name) > MAX_NAME:
        raise RuleViolation(f"请给情景起个名字，不超过 {MAX_NAME} 个字", field="name")
    pack = parameters(session, METHODS, on=as_of)
    if inputs.get("method") not in {row["key"] for row in pack.parameters["method"]}:
        raise RuleViolation("请选择计算口径", field="method")
    scenario = scenario_of(inputs)
    check_scenario(scenario, max_area=Fraction(settings_on(session, as_of).max_area_ha))
    # The whole park counts, whoever asks: a smaller sight must not make another result.
    found = queries.statuses(session, user=Viewer.system(), as_of=as_of, asked=FacilityConditions(park_id=park_id))
    frozen = freeze(found, queries.links_of(session, park_id, as_of=as_of), unit_id=unit_id)
    result = work_out(scenario, frozen)
    check = VolumeCheck(
        park_id=park_id, unit_id=unit_id, name=name.strip(), as_of=as_of, method=scenario.method,
        pack_version=pack.version, inputs=dict(inputs), network=frozen, result=result,
        required=Decimal(result["required"]), gap=Decimal(result["gap"]), recorded_by=actor.label[:120],
    )  # fmt: skip
    session.add(check)
    session.flush()
    summary = {"情景": name, "需要容积": result["required"], "缺口": result["gap"], "口径": scenario.method}
    audit.record(session, actor, "containment.check", KIND, check.id, summary=summary)
    return check


def work_out_again(session: Session, check: VolumeCheck, *, as_of: date, actor: Viewer) -> VolumeCheck:
    """Work the same scenario out by the facilities of another day; the old result stays, return the new one.

    Raises:
        RuleViolation: the scenario can no longer be worked out by the settings of that day.
    """
    return store_check(
        session,
        park_id=check.park_id,
        unit_id=check.unit_id,
        name=check.name,
        inputs=check.inputs,
        as_of=as_of,
        actor=actor,
    )
