"""The card of a post (岗位应急处置卡), to be read on a phone and printed."""

from __future__ import annotations

from uuid import UUID

from werkzeug.wrappers import Response

from hwrisk.containment import cards
from hwrisk.containment.views.blueprint import bp, rights
from hwrisk.security.permissions import Permission
from hwrisk.web import current_session, current_user, page, requested_as_of, requires


@bp.get("/facilities/<uuid:public_id>/card")
@requires(Permission.CONTAINMENT_READ)
def card(public_id: UUID) -> Response:
    """Show the card of one facility."""
    user, day = current_user(), requested_as_of()
    shown = cards.card_of(current_session(), public_id, user=user, as_of=day)
    return page("containment/card.html", card=shown, public_id=public_id, as_of=day, may=rights(user))
