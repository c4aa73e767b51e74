"""Rows of licences for the matrix of routes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.permits.contents import Holder, LineContent, TermContent
from hwrisk.permits.models import DisposalProject, GrantMode, LicenceKind, TermAct
from hwrisk.permits.operations import NewLicence, register_licence
from hwrisk.permits.rules import Grant
from hwrisk.security import Viewer

_ROUTES = ("show", "renew", "change", "correct", "file_renewal", "revoke", "state")
OWN: dict[str, Callable[[Any], dict[str, Any]]] = {
    f"permits.{name}": lambda w: {"public_id": w.rows["permits_licence"].public_id} for name in _ROUTES
}
OPEN: dict[str, Callable[[Any], dict[str, Any]]] = {
    f"permits.{name}": lambda w: {"public_id": w.rows["permits_project"].public_id}
    for name in ("project", "change_project")
}


def rows(session: Session, world: Any) -> dict[str, Any]:
    """Return a licence of the first tenant's unit, and a public project."""
    content = TermContent(
        kind=LicenceKind.COMPREHENSIVE, act=TermAct.ISSUED, authority="演示发证机关", issued_on=date(2024, 1, 1),
        valid_from=date(2024, 1, 1), expires_on=date(2028, 12, 31),
        lines=(
            LineContent(
                line_no="L1", name="焚烧线", quantity=Decimal(1000), methods=("D10",),
                grants=(Grant(GrantMode.CATEGORY, "HW18"),),
            ),
        ),
    )  # fmt: skip
    licence = register_licence(
        session,
        NewLicence(licence_no="演示矩阵-1", holder=Holder(unit_id=world.ours.unit.id), content=content),
        actor=Viewer.system(),
    )
    project = session.scalars(select(DisposalProject).order_by(DisposalProject.id)).first()
    return {"permits_licence": licence, "permits_project": project}
