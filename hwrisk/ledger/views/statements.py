"""Confirming that a unit's ledger is complete (台账确认)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.errors import RuleViolation
from hwrisk.ledger import queries
from hwrisk.ledger.forms import StatementForm
from hwrisk.ledger.models import LedgerStatement
from hwrisk.ledger.storage.operations import confirm_ledger
from hwrisk.ledger.views.blueprint import bp, hand, unit_of
from hwrisk.security.permissions import Permission
from hwrisk.web import current_session, page, required, requires, unit_of_work

ONE_DAY = timedelta(days=1)


@bp.route("/units/<uuid:public_id>/confirm", methods=["GET", "POST"])
@requires(Permission.LEDGER_WRITE)
def confirm(public_id: UUID) -> Response:
    """Give the unit's word for its ledger over a time, zero reports included."""
    unit = unit_of(current_session(), public_id)
    made = queries.statements_of(current_session(), unit.id)
    form = StatementForm(data={"covers_from": _next_day(made), "last_day": today()})
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                confirm_ledger(
                    session,
                    unit_id=unit_of(session, public_id).id,
                    covers_from=required(form.covers_from.data),
                    covers_until=required(form.last_day.data) + ONE_DAY,
                    is_zero=bool(form.is_zero.data),
                    hand=hand(),
                )
        except RuleViolation as violation:
            form.refuse(RuleViolation(violation.message, field="last_day"))
        else:
            flash("台账确认已登记", "success")
            return redirect(url_for(".confirm", public_id=public_id))
    return page("ledger/confirm.html", form=form, unit=unit, made=made, one_day=ONE_DAY)


def _next_day(made: Sequence[LedgerStatement]) -> date:
    latest = max((row.covers_until for row in made), default=None)
    return latest if latest is not None and latest <= today() else date(today().year, 1, 1)
