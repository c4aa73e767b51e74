"""Who sees what belongs to an assessment, for attachments and rooms that point at it by kind and id."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.assessment.models import Assessment
from hwrisk.assessment.scope import visible_to
from hwrisk.attachments import Owner
from hwrisk.clock import today
from hwrisk.security.viewer import Viewer
from hwrisk.web.paging import whole_number


def _visible(session: Session, user: Viewer, object_id: str) -> bool:
    row_id = whole_number(object_id)
    if row_id is None:
        return False
    statement = select(Assessment.id).where(Assessment.id == row_id, visible_to(user, as_of=today()))
    return session.scalar(statement) is not None


def _link(session: Session, object_id: str) -> str | None:
    row_id = whole_number(object_id)
    row = None if row_id is None else session.get(Assessment, row_id)
    return None if row is None else f"/assessment/sheets/{row.public_id}"


OWNER = Owner(kind="assessment", label="规范化评估", visible=_visible, link=_link)
