"""Cancelling and adjusting a record, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.ledger import corrections, queries
from hwrisk.ledger.forms import AdjustForm, CancelForm
from hwrisk.ledger.models import LedgerEntry
from hwrisk.ledger.views.blueprint import bp, hand
from hwrisk.security.permissions import Permission
from hwrisk.web import current_session, current_user, page, required, requires, saving

Act = Callable[[Session, LedgerEntry], Any]
DECIDERS = {"county": "驻县（区）局", "city": "市局固废科"}


@bp.route("/entries/<uuid:public_id>/cancel", methods=["GET", "POST"])
@requires(Permission.LEDGER_CORRECT)
def cancel(public_id: UUID) -> Response:
    """Cancel a record (撤销)."""
    form = CancelForm()

    def act(session: Session, entry: LedgerEntry) -> None:
        corrections.cancel(session, entry, reason=form.reason.data or "", hand=hand())

    return _answer(public_id, form, act, heading="撤销记录", done="已撤销，库存按原日期恢复")


@bp.route("/entries/<uuid:public_id>/adjust", methods=["GET", "POST"])
@requires(Permission.LEDGER_CORRECT)
def adjust(public_id: UUID) -> Response:
    """Put the quantity of a record right (调整)."""
    form = AdjustForm()

    def act(session: Session, entry: LedgerEntry) -> None:
        quantity = required(form.quantity.data)
        corrections.adjust(session, entry, quantity=quantity, reason=form.reason.data or "", hand=hand())

    return _answer(public_id, form, act, heading="调整数量", done="数量已调整")


def _answer(public_id: UUID, form: CancelForm, act: Act, *, heading: str, done: str) -> Response:
    session, user = current_session(), current_user()
    entry = queries.get_entry(session, public_id, user=user, as_of=today())
    file = queries.entry_file(session, entry, user=user, as_of=today())
    if form.validate_on_submit():
        with saving(form) as writing:
            act(writing, queries.get_entry(writing, public_id, user=user, as_of=today()))
        if form.is_saved:
            flash(done, "success")
            return redirect(url_for(".entry", public_id=public_id))
    decided_by = DECIDERS[corrections.decision_to_cancel(session, entry).decided_by]
    return page("ledger/correct.html", form=form, file=file, heading=heading, decided_by=decided_by)
