"""Values as plain data for commands and other programs (JSON); quantities and rates are text: none is rounded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.indicators.indicator import Indicator
from hwrisk.indicators.queries import as_uuid, get_value, live_value, reading_of_row, readings_on
from hwrisk.indicators.readings import Reading, combined
from hwrisk.indicators.registry import INDICATORS, indicator_of
from hwrisk.regions.queries import region_names
from hwrisk.security.viewer import Viewer


def show_all(session: Session, *, as_of: date, user: Viewer, scope: str = "") -> dict[str, Any]:
    """Return the values of every indicator of the day `as_of`, under `indicators`, each as `show` gives it.

    Raises:
        NotFound: `scope` is the code of nothing in sight, or no rule pack is in force on the day.
    """
    found = [show(session, indicator, as_of=as_of, user=user, scope=scope) for indicator in INDICATORS]
    return {"as_of": as_of.isoformat(), "indicators": found}


def show(
    session: Session, indicator: Indicator[Any] = INDICATORS[0], *, as_of: date, user: Viewer, scope: str = ""
) -> dict[str, Any]:
    """Return the values of one indicator of the day `as_of`: its running periods, of every scope in sight of `user`.

    `city` is the headline: the first period of the city, or of all `user` sees. Values the job drew for that very day
    are taken as stored; otherwise they are worked out on the spot. `scope` names one office, district or city by its
    code.

    Raises:
        NotFound: `scope` is the code of nothing in sight, or no rule pack is in force on the day.
    """
    readings = readings_on(session, indicator, user=user, as_of=as_of)
    shown = [reading for reading in readings if not scope or reading.scope.code == scope]
    if not shown:
        raise NotFound(f"没有代码为“{scope}”的管辖单位或行政区划，或不在您的管辖范围内")
    headline = combined([r for r in shown if r.period == shown[0].period and r.scope.kind is shown[0].scope.kind])
    return {
        "indicator": indicator.id,
        "title": indicator.title,
        "as_of": as_of.isoformat(),
        "city": reading_json(headline),
        "values": [reading_json(reading) for reading in shown],
    }


def explain_json(session: Session, ref: str, *, user: Viewer) -> dict[str, Any]:
    """Return one value and the rows behind it, each with what makes it up.

    `ref` is the `id` of a value as `show` gives it.

    Raises:
        NotFound: it names nothing, or nothing in sight of `user`.
    """
    reading, rows = value_and_rows(session, ref, user=user)
    return {"value": reading_json(reading), "rows": indicator_of(reading.indicator).rows_json(session, rows)}


def value_and_rows(session: Session, ref: str, *, user: Viewer) -> tuple[Reading, Sequence[Any]]:
    """Return the value a reference names, stored or not, and the rows behind it in the order people read them.

    Raises:
        NotFound: it names nothing, or nothing in sight of `user`.
    """
    public_id = as_uuid(ref)
    if public_id is None:
        reading, rows = live_value(session, ref, user=user)
        return reading, indicator_of(reading.indicator).spot_rows(rows)
    value = get_value(session, public_id, user=user)
    reading = reading_of_row(value, region_names(session, as_of=value.as_of))
    return reading, indicator_of(value.indicator).stored_rows(session, value)


def reading_json(reading: Reading) -> dict[str, Any]:
    """Return a value as plain data."""
    return {
        "id": reading.ref,
        "scope_kind": reading.scope.kind.value,
        "scope": reading.scope.code,
        "scope_name": reading.scope_name,
        "period_kind": reading.period.kind.value,
        "period": reading.period.label,
        "period_start": reading.period.start.isoformat(),
        "period_end": reading.period.end.isoformat(),
        "stage": reading.stage.value,
        "as_of": reading.as_of.isoformat(),
        "known_at": reading.known_at.isoformat(),
        "state": reading.state.value,
        "state_label": reading.state.label,
        "measure": reading.measure,
        "numerator": reading.quantity(reading.numerator),
        "denominator": reading.quantity(reading.denominator),
        "percent": reading.percent,
        "text": reading.text,
        "target_percent": reading.target_percent,
        "met": reading.is_met,
        "unreported_units": reading.unreported_units,
        "parts": reading.parts_shown,
        "pack_version": reading.pack_version,
    }
