"""What the pages of all indicators do alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import url_for

from hwrisk.errors import NotFound
from hwrisk.indicators.indicator import Indicator
from hwrisk.indicators.models import ScopeKind, ValueState
from hwrisk.indicators.queries import live_readings, reads_stored_values, running_values
from hwrisk.indicators.readings import R
from hwrisk.indicators.targets import load_targets
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import CITY_LEVEL, regions
from hwrisk.rulepacks.queries import citation
from hwrisk.web import current_session, current_user


def shown_readings(indicator: Indicator[R], as_of: date, *, is_past: bool) -> list[R]:
    """Return the values as the job last left them; of a past day, or for who sees units only, on the spot."""
    session, user = current_session(), current_user()
    if is_past or not reads_stored_values(user):
        return live_readings(session, indicator, as_of=as_of, user=user)
    return [
        r for kind in indicator.running for r in running_values(session, indicator, user=user, as_of=as_of, kind=kind)
    ]


def tables_of(readings: Sequence[R], as_of: date) -> list[tuple[str, list[R]]]:
    """Return the values by office and by district, each with its caption; who has no unit at all is left out."""
    offices = regions(current_session(), RegionKind.OFFICE, as_of=as_of)
    bureaus = {region.code for region in offices if region.level == CITY_LEVEL}
    tables = []
    for kind in (ScopeKind.OFFICE, ScopeKind.ADMIN):
        rows = [
            reading
            for reading in readings
            # 待定, and the bureau's own office, say nothing unless they have a unit.
            if reading.scope.kind is kind
            and (reading.scope.code not in {"", *bureaus} or reading.state is not ValueState.NOT_APPLICABLE)
        ]
        if rows:
            tables.append((f"按{kind.label}", rows))
    return tables


def link_of(reading: R, heads: Sequence[R], endpoint: str, as_of: date) -> str:
    """Return the address of what stands behind a headline: its rows, or of a sum of scopes the page they stand on."""
    is_sum = reading.public_id is None and heads[0].public_id is None and "、" in reading.scope_name
    if is_sum:
        return url_for(endpoint, period=reading.period.kind.value, as_of=as_of.isoformat())
    return url_for("indicators.value", ref=reading.ref)


def basis(indicator: str, as_of: date) -> dict[str, Any]:
    """Return what the target rests on, with its note."""
    try:
        target = load_targets(current_session(), on=as_of).targets[indicator]
        shown = citation(current_session(), target.law_subject, on=as_of).shown
    except NotFound:
        return {"basis": "", "target_note": ""}
    return {"basis": shown, "target_note": target.note}
