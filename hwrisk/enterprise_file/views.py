"""The page of one unit's file (一企一档), and the button on the unit's page."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.enterprise_file.gathering import enterprise_file
from hwrisk.reporting.values import NUMBERS, shown
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.units.queries import get_unit, units_by_id
from hwrisk.web import Panel, current_session, current_user, page, requested_as_of, requires

bp = Blueprint("enterprise_file", __name__, url_prefix="/files")


@bp.get("/units/<uuid:public_id>")
@requires(Permission.UNIT_READ)
def show(public_id: UUID) -> Response:
    """Show everything there is of one unit on a day, warnings first."""
    session, user, day = current_session(), current_user(), requested_as_of()
    row = get_unit(session, public_id, user=user, as_of=day)
    return page(
        "enterprise_file/show.html",
        file=enterprise_file(session, row, as_of=day, user=user),
        as_of=day,
        is_past=day != today(),
        shown=shown,
        numbers=NUMBERS,
        may_export=user.may(Permission.EXPORT_RUN),
    )


def _button(session: Session, unit_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    unit = units_by_id(session, [unit_id])[unit_id]
    day_args: dict[str, Any] = {} if as_of == today() else {"as_of": as_of.isoformat()}
    return "enterprise_file/_unit_panel.html", {
        "file_url": url_for("enterprise_file.show", public_id=unit.public_id, **day_args),
        "export_args": {"as_of": as_of.isoformat()},
        "export_params": {"unit": unit.unit_no},
        "may_export": user.may(Permission.EXPORT_RUN),
    }


PANELS = (
    Panel(
        owner="unit", key="enterprise-file", label="一企一档", order=1, permission=Permission.UNIT_READ, load=_button
    ),
)
