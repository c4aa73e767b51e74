"""The page of one park's file (一园一档), and the button on the park's page."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.park_file.gathering import park_by_code, park_file
from hwrisk.parks.models import Park
from hwrisk.reporting.values import NUMBERS, shown
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.web import Panel, current_session, current_user, page, requested_as_of, requires

bp = Blueprint("park_file", __name__, url_prefix="/files/parks")


@bp.get("/<uuid:public_id>")
@requires(Permission.PARK_READ)
def show(public_id: UUID) -> Response:
    """Show everything there is of one park on a day, warnings first."""
    session, user, day = current_session(), current_user(), requested_as_of()
    park = park_by_code(session, str(public_id), user=user)
    return page(
        "park_file/show.html",
        park=park,
        file=park_file(session, park, as_of=day, user=user),
        as_of=day,
        is_past=day != today(),
        shown=shown,
        numbers=NUMBERS,
        may_export=user.may(Permission.EXPORT_RUN),
    )


def _button(session: Session, park_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    if user.role is Role.OPERATOR:
        return None
    park = session.get_one(Park, park_id)
    day_args: dict[str, Any] = {} if as_of == today() else {"as_of": as_of.isoformat()}
    return "park_file/_park_panel.html", {
        "file_url": url_for("park_file.show", public_id=park.public_id, **day_args),
        "export_args": {"as_of": as_of.isoformat()},
        "export_params": {"park": park.code},
        "may_export": user.may(Permission.EXPORT_RUN),
    }


PANELS = (
    Panel(owner="park", key="park-file", label="一园一档", order=1, permission=Permission.PARK_READ, load=_button),
)
