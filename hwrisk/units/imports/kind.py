"""The kind of import as the service knows it, and how accepted rows are written."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.errors import NotFound
from hwrisk.imports import ApplyContext, ImportKind, StagedRow
from hwrisk.security.permissions import Permission
from hwrisk.units.imports.checks import check
from hwrisk.units.imports.known import base_version, prepare
from hwrisk.units.imports.template import TEMPLATE
from hwrisk.units.models import IdentityKind, ManagementClass, Unit, UnitRole, UnitStatus
from hwrisk.units.operations import (
    NewUnit,
    StateRecord,
    UnitChange,
    correct_identity,
    record_states,
    register_units,
    set_facts,
    take_into_register,
)
from hwrisk.units.queries import units_by_id
from hwrisk.units.rules import Identity

_ENUMS = {"status": UnitStatus, "role": UnitRole, "class_set": ManagementClass}


def apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Register the new units and record the changes of the known ones."""
    at = now()
    new = [row.payload for row in rows if row.payload["unit_id"] is None]
    known = [row.payload for row in rows if row.payload["unit_id"] is not None]
    register_units(session, [_new_unit(payload) for payload in new], actor=context.user, recorded_at=at)
    units = units_by_id(session, {payload["unit_id"] for payload in known})
    records = []
    for payload in known:
        unit = units.get(payload["unit_id"])
        if unit is None:
            raise NotFound
        _bring_up(session, unit, payload, context)
        records.append(_record(unit, payload))
    record_states(session, records, actor=context.user, recorded_at=at)
    return {"新增单位": len(new), "变更单位": len(known)}


def _new_unit(payload: dict[str, Any]) -> NewUnit:
    return NewUnit(
        identity=_identity(payload),
        state=_state(payload),
        valid_from=payload["valid_from"],
        reason=payload["reason"],
        industry_code=payload["industry_code"] or "",
        started_on=payload["started_on"],
        source=payload["reason"],
    )


def _bring_up(session: Session, unit: Unit, payload: dict[str, Any], context: ApplyContext) -> None:
    if payload["identity"] is not None:
        identity = _identity(payload)
        if identity[:2] != (unit.identity_kind, unit.identity_no):
            correct_identity(session, unit, identity, actor=context.user)
    take_into_register(session, unit, actor=context.user)
    facts = {key: payload[key] for key in ("industry_code", "started_on") if payload[key] is not None}
    set_facts(session, unit, facts, actor=context.user)


def _record(unit: Unit, payload: dict[str, Any]) -> StateRecord:
    return StateRecord(unit=unit, from_day=payload["valid_from"], changes=_state(payload), reason=payload["reason"])


def _identity(payload: dict[str, Any]) -> Identity:
    kind, number, reason = payload["identity"]
    return Identity(IdentityKind(kind), number, reason)


def _state(payload: dict[str, Any]) -> UnitChange:
    state = dict(payload["state"])
    for key, kind in _ENUMS.items():
        if key in state:
            state[key] = kind(state[key])
    for key in ("longitude", "latitude"):
        if key in state:
            state[key] = float(state[key])
    return cast(UnitChange, state)


UNITS = ImportKind(
    kind="units",
    label="单位名录",
    permission=Permission.UNIT_EDIT,
    template=TEMPLATE,
    prepare=prepare,
    check=check,
    apply=apply,
    base_version=base_version,
)
