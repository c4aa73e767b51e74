"""A duty post with a shift, for the matrix of routes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hwrisk.clock import now
from hwrisk.security import Role, Viewer
from hwrisk.security.operations import create_account, create_post, put_on_roster

POST: Callable[[Any], dict[str, Any]] = lambda w: {"public_id": w.rows["duty_post"].public_id}  # noqa: E731

OWN: dict[str, Callable[[Any], dict[str, Any]]] = {
    "duty.show": POST,
    "duty.add_shift": POST,
    "duty.cancel_shift": lambda w: {**POST(w), "shift_id": w.rows["duty_shift"].id},
}
OPEN: dict[str, Callable[[Any], dict[str, Any]]] = {}


def rows(session: Any, _world: Any) -> dict[str, Any]:
    """Make a post and somebody who is on tomorrow."""
    actor, at = Viewer.system(), now()
    device = create_account(session, "yanshi-gangwei", "演示-岗位", Role.DUTY, actor=actor, at=at)
    person = create_account(session, "yanshi-dangban", "演示-当班", Role.COMMAND, actor=actor, at=at)
    post = create_post(session, name="演示值班岗", account=device, actor=actor)
    begin = at + timedelta(days=1)
    shift = put_on_roster(session, post, person, starts_at=begin, ends_at=begin + timedelta(hours=8), actor=actor)
    return {"duty_post": post, "duty_shift": shift}
