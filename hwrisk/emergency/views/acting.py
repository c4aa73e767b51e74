"""Who acts: the signed-in person, or at a duty post the person on duty who gives their PIN."""

from __future__ import annotations

from hwrisk.clock import now
from hwrisk.emergency.forms import ActingForm
from hwrisk.errors import RuleViolation
from hwrisk.security.models import DutyPost
from hwrisk.security.operations import confirm_pin
from hwrisk.security.queries import on_duty, post_of
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.web import choices, current_session, current_user, whole_number
from hwrisk.web.context import client_address, idle_database


def prepare_acting(form: ActingForm) -> None:
    """Give a form the persons on duty; away from a duty post it has no such fields."""
    post = _post()
    if current_user().role is not Role.DUTY:
        del form.person, form.pin
        return
    people = on_duty(current_session(), post, now()) if post else []
    form.person.choices = choices((str(shift.account_id), shift.account.label) for shift in people)
    if not people:
        # Said before somebody in a hurry fills in a list that has nobody on it.
        form.person.choices = choices([("", "值班表上现在没有当班人员")])
        form.person.description = "请先排班；紧急时用个人账号登录办理"


def acting_viewer(form: ActingForm) -> Viewer:
    """Return who acts.

    Raises:
        RuleViolation: at a duty post nobody is on duty, or the PIN is wrong.
    """
    user = current_user()
    if user.role is not Role.DUTY:
        return user
    post = _post()
    person_id = whole_number(form.person.data)
    if post is None or person_id is None:
        raise RuleViolation("值班表上现在没有当班人员，请先排班；紧急时用个人账号登录办理", field="person")
    return confirm_pin(idle_database(), post.id, person_id, form.pin.data or "", address=client_address(), at=now())


def _post() -> DutyPost | None:
    account_id = current_user().account_id
    return None if account_id is None else post_of(current_session(), account_id)
