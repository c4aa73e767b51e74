"""Reads of drafts and saved filters; each belongs to one account and is seen by nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.security.viewer import Viewer
from hwrisk.web.models import Draft, SavedFilter


def draft(session: Session, *, user: Viewer, form_key: str) -> Draft | None:
    """Return the person's draft of a form, or None."""
    return session.scalar(select(Draft).where(Draft.account_id == user.account_id, Draft.form_key == form_key))


def saved_filters(session: Session, *, user: Viewer, endpoint: str) -> Sequence[SavedFilter]:
    """Return the person's saved filters of one list, by name."""
    return session.scalars(
        select(SavedFilter)
        .where(SavedFilter.account_id == user.account_id, SavedFilter.endpoint == endpoint)
        .order_by(SavedFilter.name)
    ).all()


def get_saved_filter(session: Session, public_id: uuid.UUID, *, user: Viewer) -> SavedFilter:
    """Return one of the person's saved filters.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = session.scalar(
        select(SavedFilter).where(SavedFilter.public_id == public_id, SavedFilter.account_id == user.account_id)
    )
    if found is None:
        raise NotFound
    return found
