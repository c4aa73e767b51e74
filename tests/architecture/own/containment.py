"""Examples of the routes of containment and the operator's desk."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.containment.models import Means, ServiceState
from hwrisk.containment.operations import register_connection, register_facility, store_check, submit
from hwrisk.security import Viewer
from tests.architecture.world import FIRST, World
from tests.containment.containment_world import CARD, TODAY, data

FACILITY = ("facility", "level", "state", "test", "change", "card")
PARK = ("park", "register", "connections", "connect", "checks", "new_check", "checklist")
FILING = ("filing", "edit_filing", "approve_filing", "return_filing", "accept_filing", "withdraw_filing")
CHECK = ("check", "check_again")


def _of(key: str) -> Callable[[World], dict[str, Any]]:
    return lambda w: {"public_id": w.rows[key].public_id}


OWN: dict[str, Callable[[World], dict[str, Any]]] = {
    **{f"containment.{name}": _of("containment_facility") for name in FACILITY},
    **{f"containment.{name}": (lambda w: {"public_id": w.ours.park.public_id}) for name in PARK},
    **{f"containment.{name}": _of("containment_filing") for name in FILING},
    **{f"containment.{name}": _of("containment_check") for name in CHECK},
    "containment.reconnect": _of("containment_connection"),
    "containment.checklist_item": lambda w: {"public_id": w.ours.park.public_id, "key": "tier1"},
}
OPEN: dict[str, Callable[[World], dict[str, Any]]] = {}


def rows(session: Session, world: World) -> dict[str, Any]:
    """Make a facility, a connection, a filing and a check of the first tenant."""
    park, unit, actor = world.ours.park, world.ours.unit, Viewer.system()
    common: dict[str, Any] = {"park_id": park.id, "unit_id": unit.id, "valid_from": FIRST, "actor": actor}
    basin = register_facility(
        session, facility_no="QY-01", data=data("演示1号化工事故池", "enterprise-basin"), **common
    )
    valve = register_facility(session, facility_no="QY-02", data=data("演示1号化工切断阀", "shutoff-valve"), **common)
    connection = register_connection(
        session, park_id=park.id, connection_no="L1", start=basin, end=valve, means=Means.GRAVITY, flow=Decimal(30),
        through=None, service=ServiceState.IN_USE, valid_from=FIRST, actor=actor,
    )  # fmt: skip
    fields = data("演示1号化工新池", "enterprise-basin")
    filing = submit(session, facility=None, facility_no="QY-03", data=fields, reason="", **common)
    check = store_check(
        session, park_id=park.id, unit_id=unit.id, name="演示1号化工情景", inputs=CARD, as_of=TODAY, actor=actor
    )
    return {
        "containment_facility": basin, "containment_connection": connection, "containment_filing": filing,
        "containment_check": check,
    }  # fmt: skip
