"""Objections: what upper rooms have against an act on a row of a lower one; the lower never asks upward itself."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from hwrisk.web.registry import registry


def objections_to(session: Session, act: str, owner: str, owner_id: int, *, on: date) -> list[str]:
    """Return every reason why `act` must not be done to `owner` `owner_id` on the day, as the rooms give them."""
    found = [
        objection.find(session, owner_id, on)
        for objection in registry().objections
        if (objection.owner, objection.act) == (owner, act)
    ]
    return [reason for reason in found if reason]
