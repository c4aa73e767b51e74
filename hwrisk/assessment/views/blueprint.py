"""The blueprint of the pages of assessment (规范化评估), and what they share."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request

from hwrisk.assessment import queries
from hwrisk.assessment.heads import LEVELS_OF
from hwrisk.assessment.models import Assessment, AssessmentState
from hwrisk.clock import today
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.web import current_session, current_user, whole_number
from hwrisk.web.listing import Choices

bp = Blueprint("assessment", __name__, url_prefix="/assessment")


def scope_label() -> str:
    """Return whose assessments the person sees, for the head of a list."""
    return "全市" if current_user().is_city_wide else "本账号管辖范围"


def year_choices() -> Choices:
    """Return the years that may be asked for, the latest first."""
    return [(str(year), f"{year} 年") for year in queries.years_known(current_session(), as_of=today())]


def asked_year(as_of: date) -> int:
    """Return the year that the address names, else the one of `as_of`."""
    year = whole_number(request.args.get("year"))
    return year if year is not None and 2016 <= year <= as_of.year + 1 else as_of.year


def may_edit(user: Viewer, assessment: Assessment) -> bool:
    """Tell whether `user` may go on with a draft."""
    return assessment.state is AssessmentState.DRAFT and may_handle(user, assessment)


def may_handle(user: Viewer, assessment: Assessment) -> bool:
    """Tell whether `user` enters assessments of this level."""
    return user.may(Permission.ASSESSMENT_WRITE) and assessment.level in LEVELS_OF.get(user.role, ())


def may_close(user: Viewer, assessment: Assessment) -> bool:
    """Tell whether `user` may close, confirm or withdraw an assessment of this level."""
    return user.may(Permission.ASSESSMENT_CLOSE) and user.role is not Role.HELPER and may_handle(user, assessment)
