"""Pages of dispatches (调拨): request, allocation, out, return, cancel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from uuid import UUID

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import LOCAL_ZONE, today
from hwrisk.emergency import measures
from hwrisk.emergency.forms import CancelForm, OutForm, RequestForm, SettleForm
from hwrisk.emergency.lookup.answer import place_point
from hwrisk.emergency.models import DispatchRequest, DispatchState
from hwrisk.emergency.operations import dispatch as operations
from hwrisk.emergency.operations.dispatch import Settlement
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries import dispatch as queries
from hwrisk.emergency.queries.kinds import active_kinds, get_kind
from hwrisk.emergency.queries.supply import cards
from hwrisk.emergency.views.acting import acting_viewer, prepare_acting
from hwrisk.emergency.views.blueprint import bp, hand, kind_options, scope_label
from hwrisk.errors import RuleViolation
from hwrisk.regions.geodesy import Point, parse_point
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    Filter,
    Page,
    SortKey,
    choices,
    current_session,
    current_user,
    drop_draft,
    page,
    page_of,
    page_or_partial,
    read_filters,
    requires,
    saving,
    send_once,
    unit_of_work,
    with_draft,
)
from hwrisk.web.queries import saved_filters

FILTERS = (
    Filter("text", "单号、事由、地点或物资"),
    Filter("state", "状态", "choice", [(item.value, item.label) for item in DispatchState]),
    Filter("open", "只看未办结", "flag"),
)
Act = Callable[[Session, DispatchRequest], object]
NEWEST_FIRST = (SortKey(DispatchRequest.id, lambda row: row[0].id, descending=True),)


@bp.get("/dispatches")
@requires(Permission.MATERIAL_READ)
def dispatches() -> Response:
    """List the dispatches in sight."""
    session, user = current_session(), current_user()
    filters = read_filters(FILTERS, request.args)
    asked = queries.conditions_of(filters.values)
    found = page_of(
        session, queries.dispatches_matching(user, asked), keys=NEWEST_FIRST, cursor=request.args.get("cursor"),
        scalars=False,
    )  # fmt: skip
    return page_or_partial(
        "emergency/dispatches.html",
        "emergency/_dispatch_rows.html",
        filters=filters,
        saved=saved_filters(session, user=user, endpoint="emergency.dispatches"),
        endpoint="emergency.dispatches",
        dispatches=Page([queries.dispatch_row(row) for row in found.rows], found.next_cursor, found.previous_cursor),
        total=queries.count_dispatches(session, user, asked),
        as_of=today(),
        scope=scope_label(),
        may_request=user.may(Permission.DISPATCH_REQUEST),
        may_export=user.may(Permission.EXPORT_RUN),
    )


@bp.get("/dispatches/<uuid:public_id>")
@requires(Permission.MATERIAL_READ)
def dispatch(public_id: UUID) -> Response:
    """Show one dispatch: what was asked, what was given, every step, and what comes next."""
    user = current_user()
    file = queries.dispatch_file(current_session(), public_id, user=user)
    state = file.row.request.state
    return page(
        "emergency/dispatch.html",
        file=file,
        may_allocate=state is DispatchState.REQUESTED and user.may(Permission.DISPATCH_DECIDE),
        may_send=state is DispatchState.ALLOCATED and file.is_in_hand and user.may(Permission.DISPATCH_HANDLE),
        may_settle=state is DispatchState.OUT
        and any(row.is_in_sight for row in file.allocations)
        and user.may(Permission.DISPATCH_HANDLE),
        may_cancel=state in {DispatchState.REQUESTED, DispatchState.ALLOCATED} and _may_cancel(file.row.request),
        may_export=user.may(Permission.EXPORT_RUN),
        out_form=OutForm(),
    )


@bp.route("/dispatches/new", methods=["GET", "POST"])
@requires(Permission.DISPATCH_REQUEST)
def new_dispatch() -> Response:
    """Ask for materials; whoever may decide gets them allocated at once."""
    user = current_user()
    named = {name: request.args.get(name, "")[:100] for name in ("kind", "depot", "quantity", "place")}
    form = with_draft(RequestForm, "emergency.dispatch.new", data=named)
    if request.method == "GET" and named["kind"]:
        # What was picked in the look-up goes before an old draft.
        form = RequestForm(data=named)
    prepare_acting(form)
    form.kind.choices = choices(kind_options())
    found = {card.code: card for card in cards(current_session(), user=user, near=None)}
    form.depot.choices = choices([("", "就近分配"), *((code, card.name) for code, card in found.items())])
    if form.validate_on_submit():
        try:
            made = _request(form, found[form.depot.data].id if form.depot.data else None)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            return redirect(url_for(".dispatch", public_id=made))
    return page("emergency/dispatch_form.html", form=form)


@bp.post("/dispatches/<uuid:public_id>/allocate")
@requires(Permission.DISPATCH_DECIDE)
def allocate(public_id: UUID) -> Response:
    """Promise lots to the request."""
    return _do(
        public_id, lambda session, row: operations.allocate(session, row, hand=hand()), "已分配，请通知物资库备货"
    )


@bp.post("/dispatches/<uuid:public_id>/out")
@requires(Permission.DISPATCH_HANDLE)
def send_out(public_id: UUID) -> Response:
    """Record that it left."""
    carrier = (OutForm().carrier.data or "")[:100]
    return _do(
        public_id, lambda session, row: operations.send_out(session, row, hand=hand(), carrier=carrier), "已办理出库"
    )


@bp.route("/dispatches/<uuid:public_id>/settle", methods=["GET", "POST"])
@requires(Permission.DISPATCH_HANDLE)
def settle(public_id: UUID) -> Response:
    """Record what came back and what was used up."""
    user = current_user()
    file = queries.dispatch_file(current_session(), public_id, user=user)
    form = SettleForm()
    if form.validate_on_submit():
        try:
            stated = [_stated(row.allocation.id, file.row.kind.unit) for row in file.allocations]
            with unit_of_work() as session:
                send_once(session, form)
                operations.settle(session, queries.get_dispatch(session, public_id, user=user), stated, hand=hand())
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            flash("归还和消耗已记录", "success")
            return redirect(url_for(".dispatch", public_id=public_id))
    return page("emergency/settle.html", form=form, file=file, typed=request.form)


@bp.route("/dispatches/<uuid:public_id>/cancel", methods=["GET", "POST"])
@requires(Permission.DISPATCH_REQUEST)
def cancel(public_id: UUID) -> Response:
    """Cancel a dispatch before it leaves."""
    user = current_user()
    found = queries.get_dispatch(current_session(), public_id, user=user)
    if not _may_cancel(found):
        flash("只有申请人、市局和应急指挥可以取消调拨", "warning")
        return redirect(url_for(".dispatch", public_id=public_id))
    form: CancelForm = with_draft(CancelForm, f"emergency.cancel.{public_id}")
    if form.validate_on_submit():
        with saving(form) as session:
            row = queries.get_dispatch(session, public_id, user=user)
            operations.cancel(session, row, reason=form.reason.data or "", hand=hand())
        if form.is_saved:
            flash("调拨已取消，已分配的物资已释放", "success")
            return redirect(url_for(".dispatch", public_id=public_id))
    back = url_for(".dispatch", public_id=public_id)
    return page(
        "emergency/plain_form.html", form=form, heading="取消调拨", submit="确认取消调拨",
        crumb=f"调拨单 {found.number}", back=back,
    )  # fmt: skip


def _request(form: RequestForm, depot_id: int | None) -> UUID:
    """Make the request, allocate at once where the person may, and return its public id."""
    acting = Hand(viewer=acting_viewer(form), as_of=today())
    kinds = {kind.code: kind.public_id for kind in active_kinds(current_session())}
    place = (form.place.data or "").strip()
    point = _point(place)
    with unit_of_work() as session:
        send_once(session, form)
        kind = get_kind(session, kinds[form.kind.data])
        made = operations.request_dispatch(
            session,
            kind,
            incident=form.incident.data or "",
            place=place,
            point=point,
            amount_milli=measures.parse_milli(form.quantity.data or "", unit=kind.unit, what="申请数量"),
            depot_id=depot_id,
            needed_at=_needed_at(form),
            receiver=form.receiver.data or "",
            hand=acting,
        )
        drop_draft(session, user=current_user(), form_key="emergency.dispatch.new")
    flash(f"调拨申请 {made.number} 已提交", "success")
    if current_user().may(Permission.DISPATCH_DECIDE):
        _try_allocating(made.public_id)
    return made.public_id


def _try_allocating(public_id: UUID) -> None:
    # A request stands also where nothing can be given yet: the reason is shown, and it can be allocated later.
    try:
        with unit_of_work() as session:
            operations.allocate(session, queries.get_dispatch(session, public_id, user=current_user()), hand=hand())
    except RuleViolation as violation:
        flash(violation.message, "warning")
    else:
        flash("已按“先到期先用、就近、保底”分配", "success")


def _do(public_id: UUID, act: Act, done: str) -> Response:
    try:
        with unit_of_work() as session:
            act(session, queries.get_dispatch(session, public_id, user=current_user()))
    except RuleViolation as violation:
        flash(violation.message, "danger")
    else:
        flash(done, "success")
    return redirect(url_for(".dispatch", public_id=public_id))


def _stated(allocation_id: int, unit: str) -> Settlement:
    def amount(name: str, what: str) -> int:
        text = request.form.get(f"{name}-{allocation_id}", "").strip()[:40]
        return measures.parse_milli(text, unit=unit, what=what) if text else 0

    return Settlement(allocation_id, amount("returned", "归还数量"), amount("consumed", "消耗数量"))


def _point(place: str) -> Point | None:
    return parse_point(place, field="q") or place_point(current_session(), place, user=current_user())


def _needed_at(form: RequestForm) -> datetime | None:
    """Return by when it is needed: a time alone is of today, a day alone ends at its last minute; None for at once."""
    day, clock = form.needed_on.data, form.needed_time.data
    if day is None and clock is None:
        return None
    return datetime.combine(day or today(), clock or time(23, 59), LOCAL_ZONE).astimezone(UTC)


def _may_cancel(row: DispatchRequest) -> bool:
    user = current_user()
    if not user.may(Permission.DISPATCH_REQUEST):
        return False
    return user.may(Permission.DISPATCH_DECIDE) or row.requester_id == user.account_id
