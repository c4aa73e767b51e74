"""A small city with licences to vary in tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.permits.contents import Holder, LineContent, TermContent, parse_grants
from hwrisk.permits.models import HolderPlace, Licence, LicenceKind, TermAct
from hwrisk.permits.operations import NewLicence, register_licence
from hwrisk.security import Role, Viewer
from hwrisk.security.permissions import permissions_of
from hwrisk.units.models import IdentityKind, Unit, UnitRole, UnitStatus
from hwrisk.units.operations import UnitChange, register_unit

TODAY = date(2026, 11, 23)
OFFICE = "LYG-GYX"
SYSTEM = Viewer.system()


def city() -> Viewer:
    """Somebody of the city section."""
    return Viewer(
        account_id=None, label="固废科 演示-张三", role=Role.CITY, is_city_wide=True,
        permissions=permissions_of(Role.CITY),
    )  # fmt: skip


def county(*offices: str) -> Viewer:
    """Somebody of a county branch."""
    return Viewer(
        account_id=None, label="县区 演示-李四", role=Role.COUNTY, offices=frozenset(offices),
        permissions=permissions_of(Role.COUNTY),
    )  # fmt: skip


def register(session: Session, number: int = 1, *, office: str = OFFICE, role: UnitRole = UnitRole.OPERATOR) -> Unit:
    """Register an invented unit."""
    return register_unit(
        session, identity_kind=IdentityKind.INSTITUTION, identity_no=f"XK{number:06}", identity_reason="试验",
        valid_from=date(2020, 1, 1), source="试验", actor=SYSTEM,
        state=UnitChange(
            name=f"演示许可{number}有限公司", status=UnitStatus.OPERATING, role=role, office_code=office,
            licence_no="演示证" if role is UnitRole.OPERATOR else "",
        ),
    )  # fmt: skip


def line(
    line_no: str = "L1", quantity: str = "1000", *, categories: str = "HW08", codes: str = "", excepted: str = "",
    methods: tuple[str, ...] = ("D10",),
) -> LineContent:  # fmt: skip
    """A line as it is to be recorded."""
    return LineContent(
        line_no=line_no,
        name="焚烧线",
        quantity=Decimal(quantity),
        methods=methods,
        grants=parse_grants(categories, codes, excepted),
    )


def content(*lines: LineContent, since: date = date(2024, 1, 1), until: date = date(2028, 12, 31), **more: Any) -> Any:
    """What a licence says."""
    values: dict[str, Any] = {
        "kind": LicenceKind.COMPREHENSIVE, "act": TermAct.ISSUED, "authority": "演示发证机关", "issued_on": since,
    } | more  # fmt: skip
    return TermContent(valid_from=since, expires_on=until, lines=lines or (line(),), **values)


def licence(session: Session, number: str = "演示证-1", unit: Unit | None = None, *, said: Any = None) -> Licence:
    """Register a licence; without a unit it is one outside the province."""
    holder = (
        Holder(unit_id=unit.id, place=HolderPlace.CITY)
        if unit is not None
        else Holder(name="省外接收单位", place=HolderPlace.OUTSIDE)
    )
    return register_licence(
        session, NewLicence(licence_no=number, holder=holder, content=said or content()), actor=SYSTEM
    )
