"""Which assessments a person may see: the one predicate that lists, pages, exports and attachments share."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from hwrisk.assessment.models import Assessment, AssessmentState, Level
from hwrisk.security.permissions import AUTHORITY, FILERS
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.scope import visible_unit_ids

INSIDERS = AUTHORITY | {Role.INSPECTOR, Role.HELPER}
"""Roles that work on an authority's assessments and see them before they are closed."""


def visible_to(user: Viewer, *, as_of: date, row: Any = Assessment) -> ColumnElement[bool]:
    """Return the predicate that the assessment `row` is in sight of `user` on `as_of`.

    An enterprise sees its own self-assessments and what an authority has closed; an authority sees its drafts and the
    self-assessments that were handed in; everybody else sees what was closed.
    """
    in_scope: ColumnElement[bool] = row.unit_id.in_(visible_unit_ids(user, as_of=as_of))
    handed_in = row.closed_at.is_not(None)
    if user.role in FILERS:
        return and_(in_scope, or_(row.level == Level.SELF, handed_in))
    if user.role in INSIDERS:
        return and_(in_scope, or_(row.level != Level.SELF, handed_in))
    return and_(in_scope, row.state == AssessmentState.CLOSED)
