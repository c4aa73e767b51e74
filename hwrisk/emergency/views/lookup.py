"""The look-up of command (应急查询): one box, on a phone and on a desk."""

from __future__ import annotations

from flask import request
from sqlalchemy import select
from werkzeug.wrappers import Response

from hwrisk.clock import now, today
from hwrisk.emergency.lookup import Asked, answer
from hwrisk.emergency.models import Place
from hwrisk.emergency.views.blueprint import bp
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
from hwrisk.web import current_session, current_user, page_or_partial, requires

MAX_TEXT = 80


def _text(name: str) -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:MAX_TEXT]


@bp.get("/lookup")
@requires(Permission.MATERIAL_READ)
def lookup() -> Response:
    """Answer what was asked in the box; htmx gets the answer alone."""
    session, user = current_session(), current_user()
    asked = Asked(_text("q"), _text("origin"), _text("amount"))
    places = session.scalars(select(Place.name).order_by(Place.id)).all()
    return page_or_partial(
        "emergency/lookup.html",
        "emergency/_answer.html",
        answer=answer(session, asked, user=user, as_of=today()),
        places=places,
        at=now(),
        trust=Trust,
        may_request=user.may(Permission.DISPATCH_REQUEST),
        may_phone=user.may(Permission.MATERIAL_PHONE),
    )
