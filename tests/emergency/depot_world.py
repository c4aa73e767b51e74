"""Depots, kinds and lots to vary in tests: each test states only what it is about."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.emergency.models import Depot, DepotLevel, MaterialKind, MaterialLot, StorageMode
from hwrisk.emergency.operations import depots, dispatch, kinds, lots
from hwrisk.emergency.operations.hand import Hand
from hwrisk.parks.models import Park
from hwrisk.security import Role, Viewer
from hwrisk.security.permissions import permissions_of
from hwrisk.units.models import IdentityKind, UnitRole, UnitStatus
from hwrisk.units.operations import UnitChange, register_unit

TODAY = date(2026, 11, 23)
RECENT = date(2026, 11, 1)
_numbers = itertools.count(1)


def viewer(role: Role = Role.COMMAND, **changes: Any) -> Viewer:
    """Somebody of a role; command, city and duty post see the whole city."""
    values: dict[str, Any] = {
        "account_id": None,
        "label": f"演示-{role.label}",
        "role": role,
        "is_city_wide": role in {Role.CITY, Role.COMMAND, Role.DUTY},
        "permissions": permissions_of(role),
    }
    return Viewer(**(values | changes))


class DepotWorld:
    """Registers depots and lots and asks for dispatches."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.hand = Hand(viewer=viewer(), as_of=TODAY)
        self.lime = self.kind("氧化钙")
        self.sand = self.kind("干沙")
        self.suit = self.kind("防化服")

    def kind(self, name: str) -> MaterialKind:
        """A kind that came with the system."""
        return self.session.scalars(select(MaterialKind).where(MaterialKind.name == name)).one()

    def park(self, code: str) -> Park:
        """A park by its code."""
        return self.session.scalars(select(Park).where(Park.code == code)).one()

    def depot(self, name: str = "", *, at: tuple[float, float] | None = (119.2, 34.6), **changes: Any) -> Depot:
        """Register a depot."""
        facts: dict[str, Any] = {
            "name": name or f"演示试验库{next(_numbers)}", "level": DepotLevel.COUNTY, "mode": StorageMode.PHYSICAL,
            "address": "演示地址", "longitude": at[0] if at else None, "latitude": at[1] if at else None,
            "office_code": "LYG-GYX", "park_id": None, "unit_id": None, "keeper": "演示管理单位",
            "duty_phone": "000-0000-0001", "is_shared": False, "note": "",
        }  # fmt: skip
        return depots.register_depot(self.session, facts | changes, hand=self.hand)  # type: ignore[arg-type]

    def lot(
        self, depot: Depot, amount: int, kind: MaterialKind | None = None, *, confirmed: date = RECENT, **changes: Any
    ) -> MaterialLot:
        """Record a lot of so many whole units."""
        values: dict[str, Any] = {"received_on": date(2026, 1, 5), "confirmed_on": confirmed}
        return lots.add_lot(
            self.session, depot, kind or self.lime, quantity_milli=amount * 1000, hand=self.hand, **(values | changes)
        )

    def unconfirmed(self, depot: Depot, amount: int, kind: MaterialKind | None = None, **changes: Any) -> MaterialLot:
        """Record a lot that nobody confirmed lately."""
        return self.lot(depot, amount, kind, confirmed=date(2026, 1, 5), **changes)

    def reserve(self, depot: Depot, amount: int, kind: MaterialKind | None = None) -> None:
        """Let a depot keep back so many units from this year's first day on."""
        depots.set_reserve(
            self.session,
            depot,
            kind or self.lime,
            amount_milli=amount * 1000,
            from_day=date(2026, 1, 1),
            hand=self.hand,
        )

    def request(self, amount: int, kind: MaterialKind | None = None, **changes: Any) -> Any:
        """Ask for so many whole units."""
        values: dict[str, Any] = {"incident": "演示槽车泄漏", "place": "柘汪", "hand": self.hand}
        return dispatch.request_dispatch(
            self.session, kind or self.lime, amount_milli=amount * 1000, **(values | changes)
        )

    def register(self, name: str, **changes: Any) -> MaterialKind:
        """Register a kind of material."""
        facts: dict[str, Any] = {
            "name": name, "function": "cutoff", "unit": "件", "is_consumable": True, "aliases": "", "category": "",
        }  # fmt: skip
        return kinds.register_kind(self.session, kinds.facts_from(facts | changes), hand=self.hand)


def make_unit(session: Session, office: str = "LYG-GYX", park_id: int | None = None) -> int:
    """Return the id of a fresh enterprise under an office."""
    number = next(_numbers)
    unit = register_unit(
        session,
        identity_kind=IdentityKind.INDIVIDUAL,
        identity_no=f"YANSHIWZ{number:04d}",
        identity_reason="测试",
        valid_from=date(2024, 1, 1),
        state=UnitChange(
            name=f"演示物资{number}号化工有限公司", status=UnitStatus.OPERATING, role=UnitRole.GENERATOR,
            office_code=office, park_id=park_id,
        ),
        actor=Viewer.system(),
    )  # fmt: skip
    return unit.id
