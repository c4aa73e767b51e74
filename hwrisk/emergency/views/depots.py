"""Pages of depots (物资库)."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.emergency import measures, pictures
from hwrisk.emergency.forms import ActingForm, DepotForm, ReserveForm
from hwrisk.emergency.models import Depot, DepotLevel, StorageMode
from hwrisk.emergency.operations import depots as operations
from hwrisk.emergency.operations import phones
from hwrisk.emergency.operations.depots import DepotFacts
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries import depots as queries
from hwrisk.emergency.queries import lots
from hwrisk.emergency.queries.kinds import active_kinds, get_kind
from hwrisk.emergency.rules import NO_PHONE, masked_phone, phone_from
from hwrisk.emergency.settings import stock_settings
from hwrisk.emergency.views.acting import acting_viewer, prepare_acting
from hwrisk.emergency.views.blueprint import (
    LEVELS,
    MODES,
    bp,
    hand,
    kind_options,
    office_options,
    park_options,
    scope_label,
)
from hwrisk.errors import DatabaseBusy, EditConflict, RuleViolation
from hwrisk.parks.models import Park
from hwrisk.regions.queries import region_names
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.units.models import Unit
from hwrisk.units.queries import UnitConditions, unit_rows, version_on
from hwrisk.web import (
    Filter,
    Page,
    SortKey,
    choices,
    conflict_page,
    current_session,
    current_user,
    drop_draft,
    page,
    page_of,
    page_or_partial,
    panels_for,
    read_filters,
    registry,
    required,
    requires,
    saving,
    unit_of_work,
    with_draft,
)
from hwrisk.web.queries import saved_filters

FILTERS = (
    Filter("text", "名称、编号或地址"),
    Filter("office", "管辖单位", "choice", office_options),
    Filter("level", "级别", "choice", LEVELS),
    Filter("mode", "储备方式", "choice", MODES),
    Filter("shared", "只看共享", "flag"),
)
BY_CODE = (SortKey(Depot.code, lambda row: row[0].code),)
NONE = ("", "无")


@bp.get("/depots")
@requires(Permission.MATERIAL_READ)
def depots() -> Response:
    """List the depots in sight."""
    session, user = current_session(), current_user()
    filters = read_filters(FILTERS, request.args)
    asked = queries.conditions_of(filters.values)
    found = page_of(
        session, queries.depots_matching(user, asked), keys=BY_CODE, cursor=request.args.get("cursor"), scalars=False
    )
    return page_or_partial(
        "emergency/depots.html",
        "emergency/_depot_rows.html",
        filters=filters,
        saved=saved_filters(session, user=user, endpoint="emergency.depots"),
        endpoint="emergency.depots",
        depots=Page([queries.DepotRow(*row) for row in found.rows], found.next_cursor, found.previous_cursor),
        total=queries.count_depots(session, user, asked),
        names=region_names(session, as_of=today()),
        masked=masked_phone,
        scope=scope_label(),
        may_edit=user.may(Permission.MATERIAL_EDIT),
        may_export=user.may(Permission.EXPORT_RUN),
        may_contacts=user.may(Permission.MATERIAL_PHONE) and user.role is not Role.DUTY,
    )


@bp.get("/map")
@requires(Permission.MATERIAL_READ)
def depot_map() -> Response:
    """Show the depots in sight on the map, and the state of their lots as a chart."""
    session, user, as_of = current_session(), current_user(), today()
    filters = read_filters(FILTERS, request.args)
    return page(
        "emergency/map.html",
        filters=filters,
        map=pictures.depot_map(session, user=user, asked=queries.conditions_of(filters.values), as_of=as_of),
        chart=pictures.state_chart(session, user=user, as_of=as_of),
        as_of=as_of,
        scope=scope_label(),
    )


@bp.get("/depots/<uuid:public_id>")
@requires(Permission.MATERIAL_READ)
def depot(public_id: UUID) -> Response:
    """Show one depot: its facts, stock and what it keeps back."""
    session, user, as_of = current_session(), current_user(), today()
    found = queries.get_depot(session, public_id, user=user)
    asked = lots.LotConditions(depot=found.code)
    return page(
        "emergency/depot.html",
        depot=found,
        stock=lots.stock_rows(session, user, asked, as_of=as_of),
        reserves=queries.reserves_of(session, found.id, as_of=as_of),
        office=region_names(session, as_of=as_of).get(found.office_code or "", "—"),
        park=session.get(Park, found.park_id) if found.park_id else None,
        unit=version_on(session, found.unit_id, as_of=as_of) if found.unit_id else None,
        unit_url=_unit_url(session, found),
        phone=masked_phone(found.duty_phone),
        settings=stock_settings(session, as_of=as_of),
        as_of=as_of,
        panels=panels_for("material_depot", found.id, as_of=as_of),
        may_edit=user.may(Permission.MATERIAL_EDIT),
        may_phone=user.may(Permission.MATERIAL_PHONE) and bool(found.duty_phone),
        may_export=user.may(Permission.EXPORT_RUN),
    )


@bp.route("/depots/new", methods=["GET", "POST"])
@requires(Permission.MATERIAL_EDIT)
def new_depot() -> Response:
    """Register a depot."""
    form = with_draft(DepotForm, "emergency.depot.new")
    _choices(form)
    if form.validate_on_submit():
        try:
            facts = _facts(form)
            with unit_of_work() as session:
                made = operations.register_depot(session, facts, hand=hand())
                drop_draft(session, user=current_user(), form_key="emergency.depot.new")
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            flash("物资库已登记", "success")
            return redirect(url_for(".depot", public_id=made.public_id))
    return page("emergency/depot_form.html", form=form, heading="登记物资库", back=url_for(".depots"))


@bp.route("/depots/<uuid:public_id>/edit", methods=["GET", "POST"])
@requires(Permission.MATERIAL_EDIT)
def edit_depot(public_id: UUID) -> Response:
    """Change what is entered of a depot; somebody else's change meanwhile is shown beside it."""
    session, user = current_session(), current_user()
    found = queries.get_depot(session, public_id, user=user)
    present = _present(session, found)
    form = with_draft(DepotForm, f"emergency.depot.{public_id}", data=present | {"version": found.version})
    _choices(form)
    form.duty_phone.description = f"现为 {masked_phone(found.duty_phone)}；不改的不填，取消的填“{NO_PHONE}”"
    if form.validate_on_submit():
        try:
            facts = _facts(form, phone=found.duty_phone)
            with unit_of_work() as writing:
                row = queries.get_depot(writing, public_id, user=user)
                writing.refresh(row, with_for_update=True)
                if form.version_seen() != row.version:
                    raise EditConflict("这个物资库已被他人修改")
                operations.change_depot(writing, row, facts, is_active=bool(form.is_active.data), hand=hand())
                drop_draft(writing, user=user, form_key=form.draft_key or "")
        except RuleViolation as violation:
            form.refuse(violation)
        except EditConflict as conflict:
            theirs = {name: _shown(value) for name, value in present.items()} | {
                "duty_phone": masked_phone(found.duty_phone)
            }
            back = url_for(".depot", public_id=public_id)
            return conflict_page(form, error=conflict, version=found.version, theirs=theirs, reload_url=back)
        else:
            flash("物资库已保存", "success")
            return redirect(url_for(".depot", public_id=public_id))
    back = url_for(".depot", public_id=public_id)
    return page("emergency/depot_form.html", form=form, heading=f"修改 {found.name}", back=back)


@bp.route("/depots/<uuid:public_id>/reserve", methods=["GET", "POST"])
@requires(Permission.MATERIAL_EDIT)
def reserve(public_id: UUID) -> Response:
    """Record what a depot keeps back of one kind."""
    user = current_user()
    found = queries.get_depot(current_session(), public_id, user=user)
    form = with_draft(ReserveForm, f"emergency.reserve.{public_id}", data={"from_day": today()})
    form.kind.choices = choices(kind_options())
    if form.validate_on_submit():
        kinds = {kind.code: kind.public_id for kind in active_kinds(current_session())}
        with saving(form) as session:
            kind = get_kind(session, kinds[form.kind.data])
            amount = measures.parse_milli(form.quantity.data or "", unit=kind.unit, what="保底数量")
            operations.set_reserve(
                session, queries.get_depot(session, public_id, user=user), kind, amount_milli=amount,
                from_day=required(form.from_day.data), hand=hand(),
            )  # fmt: skip
        if form.is_saved:
            flash("保底数量已保存", "success")
            return redirect(url_for(".depot", public_id=public_id))
    back = url_for(".depot", public_id=public_id)
    return page("emergency/plain_form.html", form=form, heading="保底数量", crumb=found.name, back=back)


@bp.route("/depots/<uuid:public_id>/phone", methods=["GET", "POST"])
@requires(Permission.MATERIAL_PHONE)
def phone(public_id: UUID) -> Response:
    """Show the whole telephone number once it is recorded who asked for it."""
    found = queries.get_findable_depot(current_session(), public_id, user=current_user())
    number, name = found.duty_phone, found.name
    form = ActingForm()
    prepare_acting(form)
    shown = ""
    if form.validate_on_submit():
        try:
            viewer = acting_viewer(form)
            _record_view(public_id, Hand(viewer=viewer, as_of=today()))
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            shown = number or "未登记"
    return page("emergency/phone.html", form=form, name=name, masked=masked_phone(number), number=shown)


def _record_view(public_id: UUID, acting: Hand) -> None:
    """Record the act; minutes after a call a number must be had also while the database cannot be written."""
    try:
        with unit_of_work() as session:
            phones.record_view(session, public_id, hand=acting)
    except DatabaseBusy:
        phones.spool_view(registry().settings.home, public_id, hand=acting)


def _choices(form: DepotForm) -> None:
    form.office_code.choices = choices([NONE, *office_options()])
    form.park.choices = choices([NONE, *park_options()])


def _facts(form: DepotForm, *, phone: str = "") -> DepotFacts:
    """Return what the form says; the enterprise must be in sight, and a number that is not typed anew stays `phone`."""
    session, user, number = current_session(), current_user(), (form.unit.data or "").strip()
    unit = None
    if number:
        known = unit_rows(session, user, UnitConditions(pasted=(number,)), as_of=today())
        unit = next(iter(known), None)
        if unit is None:
            raise RuleViolation(f"没有编号为“{number}”的单位，或不在您的管辖范围内，请核对单位名录", field="unit")
    if unit is None and user.units and not user.is_city_wide:
        unit_id: int | None = min(user.units)
    else:
        unit_id = unit.id if unit else None
    version = version_on(session, unit_id, as_of=today()) if unit_id else None
    return DepotFacts(
        name=(form.name.data or "").strip(),
        level=DepotLevel(form.level.data),
        mode=StorageMode(form.mode.data),
        address=(form.address.data or "").strip(),
        longitude=float(form.longitude.data) if form.longitude.data else None,
        latitude=float(form.latitude.data) if form.latitude.data else None,
        office_code=form.office_code.data or (version.office_code if version else None),
        park_id=int(form.park.data) if form.park.data else (version.park_id if version else None),
        unit_id=unit_id,
        keeper=(form.keeper.data or "").strip() or (version.name if version else ""),
        duty_phone=phone_from(form.duty_phone.data, kept=phone),
        is_shared=bool(form.is_shared.data),
        note=(form.note.data or "").strip(),
    )


def _present(session: Session, found: Depot) -> dict[str, object]:
    unit = session.get(Unit, found.unit_id) if found.unit_id else None
    # Whoever sees a whole number is on record; a form would show it to everybody who may edit.
    texts = ("name", "keeper", "address", "is_shared", "is_active", "note")
    return {name: getattr(found, name) for name in texts} | {
        "level": found.level.value,
        "mode": found.mode.value,
        "office_code": found.office_code or "",
        "park": str(found.park_id or ""),
        "unit": unit.unit_no if unit else "",
        "longitude": None if found.longitude is None else f"{found.longitude:.6f}",
        "latitude": None if found.latitude is None else f"{found.latitude:.6f}",
    }


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def _unit_url(session: Session, found: Depot) -> str:
    unit = session.get(Unit, found.unit_id) if found.unit_id else None
    return url_for("units.show", public_id=unit.public_id) if unit else ""
