"""What a record says of a unit, and how a row of it is made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from hwrisk.audit import Actor
from hwrisk.errors import RuleViolation
from hwrisk.units import rules
from hwrisk.units.models import ManagementClass, UnitRole, UnitStatus, UnitVersion
from hwrisk.units.names import searchable

KIND = "unit"
"""What the audit trail calls a unit."""
SYSTEM = "系统"
MAX_REASON = 200


class UnitChange(TypedDict, total=False):
    """Fields of a unit's state that a record sets; a field that is not named stays as it was."""

    name: str
    short_name: str
    address: str
    status: UnitStatus
    role: UnitRole
    admin_code: str | None
    office_code: str | None
    park_id: int | None
    class_computed: ManagementClass | None
    class_set: ManagementClass | None
    class_reason: str
    licence_no: str
    responsible_party: str
    clearance_document: str
    contact: str
    contact_phone: str
    longitude: float | None
    latitude: float | None


STATE_FIELDS = tuple(UnitChange.__annotations__)
BLANK: UnitChange = {
    "name": "", "short_name": "", "address": "", "status": UnitStatus.OPERATING, "role": UnitRole.GENERATOR,
    "admin_code": None, "office_code": None, "park_id": None, "class_computed": None, "class_set": None,
    "class_reason": "", "licence_no": "", "responsible_party": "", "clearance_document": "", "contact": "",
    "contact_phone": "", "longitude": None, "latitude": None,
}  # fmt: skip


def check_state(state: Mapping[str, Any], *, reason: str, has_stock: bool) -> None:
    """Check that a whole state holds together.

    Raises:
        RuleViolation: the status or the class set by the authority lacks what it asks for.
    """
    rules.check_status(
        state["status"],
        responsible_party=state["responsible_party"],
        clearance_document=state["clearance_document"],
        reason=reason,
        has_stock=has_stock,
    )
    if state["class_set"] is not None and not state["class_reason"]:
        raise RuleViolation("部门核定管理类别的，须写明理由", field="class_reason")


def new_version(
    unit_id: int, state: Mapping[str, Any], *, actor: Actor | None, reason: str, at: datetime
) -> UnitVersion:
    """Return a row of `state` for the unit; the caller sets its days."""
    return UnitVersion(
        unit_id=unit_id,
        pinyin=searchable(state["name"], state["short_name"]),
        reason=reason[:MAX_REASON],
        recorded_by=(actor.label if actor else SYSTEM)[:64],
        recorded_at=at,
        **{name: state[name] for name in STATE_FIELDS},
    )
