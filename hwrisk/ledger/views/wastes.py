"""The wastes of units: confirm which stream each belongs to; see which codes the catalogue does not list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.catalogue.queries import stream_tags
from hwrisk.catalogue.rules import STREAM
from hwrisk.clock import today
from hwrisk.errors import RuleViolation
from hwrisk.ledger import queries
from hwrisk.ledger.queries import WasteConditions
from hwrisk.ledger.views.blueprint import bp
from hwrisk.ledger.wastes import confirm_tag
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    Filter,
    current_session,
    current_user,
    page_or_partial,
    read_filters,
    requires,
    unit_of_work,
)

FILTERS = (
    Filter("text", "单位 / 废物名称 / 废物代码"),
    Filter("unconfirmed", "废物流未确认", "flag"),
    Filter("outside", "名录外代码", "flag"),
)


@bp.get("/wastes")
@requires(Permission.LEDGER_READ)
def wastes() -> Response:
    """List the wastes of the units in sight."""
    filters = read_filters(FILTERS, request.args)
    asked = WasteConditions(
        text=filters.get("text"), unconfirmed=filters.is_set("unconfirmed"), outside=filters.is_set("outside")
    )
    session, user = current_session(), current_user()
    return page_or_partial(
        "ledger/wastes.html",
        "ledger/_waste_rows.html",
        filters=filters,
        wastes=queries.wastes_page(session, user=user, as_of=today(), asked=asked, cursor=request.args.get("cursor")),
        streams=[tag for tag in stream_tags(session) if tag.kind == STREAM],
        may_confirm=user.may(Permission.LEDGER_CORRECT),
    )


@bp.post("/wastes/<uuid:public_id>/stream")
@requires(Permission.LEDGER_CORRECT)
def confirm_stream(public_id: UUID) -> Response:
    """Record the stream a person decided on; none is an answer too."""
    user = current_user()
    try:
        with unit_of_work() as session:
            waste = queries.get_waste(session, public_id, user=user, as_of=today())
            confirm_tag(session, waste, tag=request.form.get("stream") or None, viewer=user)
            name = waste.waste_name or waste.waste_code
    except RuleViolation as violation:
        flash(violation.message, "danger")
    else:
        flash(f"“{name}”的废物流已确认", "success")
    kept: dict[str, Any] = read_filters(FILTERS, request.args).link_args()
    return redirect(url_for(".wastes", **kept))
