"""Forms that move a lot: in, count, confirm, use up or scrap, move."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.emergency import measures
from hwrisk.emergency.forms import ConfirmForm, CountForm, LotForm, MoveForm, TakeForm
from hwrisk.emergency.models import MovementKind
from hwrisk.emergency.operations import lots as operations
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries.depots import choosable_depots, get_depot
from hwrisk.emergency.queries.kinds import active_kinds, get_kind
from hwrisk.emergency.queries.lots import LotRow, get_lot
from hwrisk.emergency.views.blueprint import bp, hand, kind_options
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    OnceForm,
    choices,
    current_session,
    current_user,
    page,
    required,
    requires,
    saving,
    send_once,
    with_draft,
)

Act = Callable[[Session, LotRow, Hand], object]


@bp.route("/depots/<uuid:public_id>/lots/new", methods=["GET", "POST"])
@requires(Permission.MATERIAL_EDIT)
def new_lot(public_id: UUID) -> Response:
    """Record a lot that came in."""
    user = current_user()
    depot = get_depot(current_session(), public_id, user=user)
    form = with_draft(LotForm, f"emergency.lot.new.{public_id}", data={"received_on": today()})
    form.kind.choices = choices(kind_options())
    if form.validate_on_submit():
        kinds = {kind.code: kind.public_id for kind in active_kinds(current_session())}
        with saving(form) as session:
            send_once(session, form)
            kind = get_kind(session, kinds[form.kind.data])
            made = operations.add_lot(
                session,
                get_depot(session, public_id, user=user),
                kind,
                quantity_milli=measures.parse_milli(form.quantity.data or "", unit=kind.unit, what="入库数量"),
                received_on=required(form.received_on.data),
                produced_on=form.produced_on.data,
                expires_on=form.expires_on.data,
                batch_label=form.batch_label.data or "",
                location=form.location.data or "",
                note=form.note.data or "",
                hand=hand(),
            )
        if form.is_saved:
            flash(f"已入库，批次号 {made.lot_no}", "success")
            return redirect(url_for(".lot", public_id=made.public_id))
    back = url_for(".depot", public_id=public_id)
    return page("emergency/plain_form.html", form=form, heading="入库", crumb=depot.name, back=back)


@bp.route("/lots/<uuid:public_id>/count", methods=["GET", "POST"])
@requires(Permission.MATERIAL_EDIT)
def count_lot(public_id: UUID) -> Response:
    """Record what was counted."""
    form = with_draft(CountForm, f"emergency.count.{public_id}", data={"on": today()})

    def act(session: Session, row: LotRow, acting: Hand) -> None:
        counted = measures.parse_milli(form.quantity.data or "", unit=row.kind.unit, what="盘点数量")
        operations.count_stock(
            session, row.lot, counted_milli=counted, on=required(form.on.data), hand=acting, note=form.note.data or ""
        )

    return _answer(public_id, form, act, heading="盘点", done="盘点结果已记录")


@bp.route("/lots/<uuid:public_id>/confirm", methods=["GET", "POST"])
@requires(Permission.MATERIAL_EDIT)
def confirm_lot(public_id: UUID) -> Response:
    """Record that the lot is there and in order."""
    form = with_draft(ConfirmForm, f"emergency.confirm.{public_id}", data={"on": today()})

    def act(session: Session, row: LotRow, acting: Hand) -> None:
        operations.confirm_lot(session, row.lot, on=required(form.on.data), hand=acting, note=form.note.data or "")

    return _answer(public_id, form, act, heading="核实确认", done="已记录确认")


@bp.route("/lots/<uuid:public_id>/take", methods=["GET", "POST"])
@requires(Permission.MATERIAL_EDIT)
def take_lot(public_id: UUID) -> Response:
    """Record what was used up or scrapped at the depot."""
    form = with_draft(TakeForm, f"emergency.take.{public_id}", data={"on": today()})

    def act(session: Session, row: LotRow, acting: Hand) -> None:
        operations.take_out(
            session,
            row.lot,
            MovementKind(form.kind.data),
            amount_milli=measures.parse_milli(form.quantity.data or "", unit=row.kind.unit),
            on=required(form.on.data),
            hand=acting,
            note=form.note.data or "",
        )

    return _answer(public_id, form, act, heading="消耗、报废", done="已记录")


@bp.route("/lots/<uuid:public_id>/move", methods=["GET", "POST"])
@requires(Permission.MATERIAL_EDIT)
def move_lot(public_id: UUID) -> Response:
    """Record a move to another depot in sight."""
    user = current_user()
    form = with_draft(MoveForm, f"emergency.move.{public_id}", data={"on": today()})
    depots = {depot.code: depot for depot in choosable_depots(current_session(), user=user)}
    form.target.choices = choices((code, depot.name) for code, depot in depots.items())

    def act(session: Session, row: LotRow, acting: Hand) -> None:
        target = get_depot(session, depots[form.target.data].public_id, user=user)
        amount = measures.parse_milli(form.quantity.data or "", unit=row.kind.unit, what="移库数量")
        operations.move(session, row.lot, target, amount_milli=amount, on=required(form.on.data), hand=acting)

    return _answer(public_id, form, act, heading="移库", done="移库已记录")


def _answer(public_id: UUID, form: OnceForm, act: Act, *, heading: str, done: str) -> Response:
    """Show the form, or do what it says and go back to the lot."""
    user = current_user()
    row = get_lot(current_session(), public_id, user=user, as_of=today())
    crumb = f"{row.kind.name} {row.lot.lot_no}（在库 {row.amount} {row.kind.unit}）"
    if form.validate_on_submit():
        with saving(form) as session:
            send_once(session, form)
            act(session, get_lot(session, public_id, user=user, as_of=today()), hand())
        if form.is_saved:
            flash(done, "success")
            return redirect(url_for(".lot", public_id=public_id))
    back = url_for(".lot", public_id=public_id)
    return page("emergency/plain_form.html", form=form, heading=heading, crumb=crumb, back=back)
