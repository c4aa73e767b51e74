"""Depots, lots and dispatches of the first tenant, for the matrix of routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from hwrisk.clock import today
from hwrisk.emergency.models import DepotLevel, MaterialKind, StorageMode, SubstanceMaterial
from hwrisk.emergency.operations import depots, dispatch, lots
from hwrisk.emergency.operations.depots import DepotFacts
from hwrisk.emergency.operations.hand import Hand
from hwrisk.security import Role, Viewer, viewer_of

DEPOT: Callable[[Any], dict[str, Any]] = lambda w: {"public_id": w.rows["emergency_depot"].public_id}  # noqa: E731
LOT: Callable[[Any], dict[str, Any]] = lambda w: {"public_id": w.rows["emergency_lot"].public_id}  # noqa: E731
ASKED: Callable[[Any], dict[str, Any]] = lambda w: {"public_id": w.rows["emergency_request"].public_id}  # noqa: E731
KIND: Callable[[Any], dict[str, Any]] = lambda w: {"public_id": w.rows["emergency_kind"].public_id}  # noqa: E731

OWN: dict[str, Callable[[Any], dict[str, Any]]] = {
    "emergency.depot": DEPOT,
    "emergency.edit_depot": DEPOT,
    "emergency.reserve": DEPOT,
    "emergency.new_lot": DEPOT,
    "emergency.phone": DEPOT,
    "emergency.lot": LOT,
    "emergency.count_lot": LOT,
    "emergency.confirm_lot": LOT,
    "emergency.take_lot": LOT,
    "emergency.move_lot": LOT,
    "emergency.dispatch": ASKED,
    "emergency.send_out": ASKED,
    "emergency.settle": ASKED,
    "emergency.cancel": ASKED,
}
OPEN: dict[str, Callable[[Any], dict[str, Any]]] = {
    "emergency.allocate": ASKED,
    "emergency.kind": KIND,
    "emergency.edit_kind": KIND,
    "emergency.review": lambda w: {"public_id": w.rows["emergency_candidate"].public_id},
}


def rows(session: Any, world: Any) -> dict[str, Any]:
    """Make a depot of the first tenant's enterprise with a lot, and a request of its county."""
    hand = Hand(viewer=Viewer.system(), as_of=today())
    facts = DepotFacts(
        name="演示一号企业物资库", level=DepotLevel.ENTERPRISE, mode=StorageMode.PHYSICAL, address="演示地址",
        longitude=119.7, latitude=34.4, office_code=world.ours.office, park_id=world.ours.park.id,
        unit_id=world.ours.unit.id, keeper="演示1号化工有限公司", duty_phone="000-0000-0001", is_shared=False, note="",
    )  # fmt: skip
    depot = depots.register_depot(session, facts, hand=hand)
    kind = session.scalars(select(MaterialKind).where(MaterialKind.name == "活性炭")).one()
    lot = lots.add_lot(session, depot, kind, quantity_milli=5000, received_on=today(), hand=hand)
    county = viewer_of(session, world.ours.accounts[Role.COUNTY], on=today())
    request = dispatch.request_dispatch(
        session, kind, incident="演示槽车泄漏", place="演示地点", amount_milli=1000, depot_id=depot.id,
        hand=Hand(viewer=county, as_of=today()),
    )  # fmt: skip
    # What takes from an enterprise's depot is seen by the enterprise and its park too.
    dispatch.allocate(session, request, hand=hand)
    candidate = session.scalars(select(SubstanceMaterial).order_by(SubstanceMaterial.id)).first()
    return {
        "emergency_depot": depot, "emergency_kind": kind, "emergency_lot": lot, "emergency_request": request,
        "emergency_candidate": candidate,
    }  # fmt: skip
