"""Entering records by hand: choose the unit, choose the kind, fill in a few fields."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.catalogue.queries import treatment_methods
from hwrisk.clock import today
from hwrisk.errors import NotFound
from hwrisk.ledger import queries
from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.forms import FORMS, RecordForm
from hwrisk.ledger.models import EntryKind, LedgerEntry, ReceiverKind
from hwrisk.ledger.posting import post
from hwrisk.ledger.queries import Choice
from hwrisk.ledger.storage.models import BatchTag
from hwrisk.ledger.storage.queries import facilities_of
from hwrisk.ledger.storage.queries.rows import facility_label
from hwrisk.ledger.views.blueprint import bp, hand, unit_of
from hwrisk.security.permissions import Permission
from hwrisk.units.queries import UnitConditions, UnitRow, units_matching
from hwrisk.web import (
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

MOST_UNITS = 50
TEXTS = (
    "waste_code", "waste_name", "entry_no", "batch_no", "predecessor_no", "receiver_name", "receiver_licence_no",
    "remark",
)  # fmt: skip
OPTIONAL = (
    "first_stored_on", "method_code", "completed_on", "national_no", "provincial_no", "difference_explained",
)  # fmt: skip
LOADS = {EntryKind.RECEIVED, EntryKind.RETURNED}


@bp.get("/new")
@requires(Permission.LEDGER_WRITE)
def choose_unit() -> Response:
    """Choose the unit to record for; whoever stands for one alone is led straight to it."""
    text = request.args.get("text", "").replace("\x00", "")[:100].strip()
    statement = units_matching(current_user(), UnitConditions(text=text or None, supervised=True), as_of=today())
    found = [UnitRow(*row) for row in current_session().execute(statement.limit(MOST_UNITS + 1))]
    if len(found) == 1 and not text:
        return redirect(url_for(".choose_kind", public_id=found[0].public_id))
    return page("ledger/choose_unit.html", units=found[:MOST_UNITS], text=text, more=len(found) > MOST_UNITS)


@bp.get("/units/<uuid:public_id>/new")
@requires(Permission.LEDGER_WRITE)
def choose_kind(public_id: UUID) -> Response:
    """Choose the kind of record."""
    return page("ledger/choose_kind.html", unit=unit_of(current_session(), public_id), kinds=list(FORMS))


@bp.route("/units/<uuid:public_id>/new/<kind>", methods=["GET", "POST"])
@requires(Permission.LEDGER_WRITE)
def create(public_id: UUID, kind: str) -> Response:
    """Enter one record of a kind."""
    unit = unit_of(current_session(), public_id)
    asked = _kind(kind)
    asked_for = {"predecessor_no": request.args.get("after", ""), "batch_no": request.args.get("batch", "")}
    form = with_draft(FORMS[asked], f"ledger.{kind}.{public_id}", data={"occurred_on": today(), **asked_for})
    offered = _offer(form, asked, unit.id)
    if form.validate_on_submit():
        with saving(form) as session:
            send_once(session, form)
            posted = post(session, _draft(session, form, asked, unit_of(session, public_id).id, offered), hand())
            made = session.get_one(LedgerEntry, posted.entry_ids[0])
        if form.is_saved:
            for warning in posted.warnings:
                flash(warning.message, "warning")
            flash(f"已登记{asked.label}，编号 {made.entry_no}", "success")
            return redirect(url_for(".entry", public_id=made.public_id))
    return page(
        "ledger/record.html",
        form=form,
        unit=unit,
        kind=asked,
        wastes=queries.usual_wastes(current_session(), unit.id),
        needs_facility="facility_id" in form._fields and not facilities_of(current_session(), unit.id, as_of=today()),
    )


def _kind(text: str) -> EntryKind:
    found = next((kind for kind in FORMS if kind.value == text), None)
    if found is None:
        raise NotFound
    return found


def _offer(form: RecordForm, kind: EntryKind, unit_id: int) -> dict[str, Choice]:
    """Give the form its choices; return the records it may follow, by number."""
    session, fields = current_session(), form._fields
    for name in ("facility_id", "to_facility_id"):
        if name in fields:
            rows = facilities_of(session, unit_id, as_of=today())
            labels = [(r.facility.code, facility_label(r.facility.code, *_name_of(r))) for r in rows]
            fields[name].choices = choices([("", "请选择"), *labels])
    if "batch_no" in fields:
        batches = queries.batches_to_take(session, unit_id)
        fields["batch_no"].choices = choices([("", "按先进先出" if kind is EntryKind.STORED_OUT else "请选择"),
                                              *((batch.number, batch.shown) for batch in batches)])  # fmt: skip
    if "method_code" in fields:
        methods = [(method.code, f"{method.code} {method.name}") for method in treatment_methods(session)]
        fields["method_code"].choices = choices([("", "请选择"), *methods])
    if "predecessor_no" not in fields:
        return {}
    before = _preceding(session, kind, unit_id)
    fields["predecessor_no"].choices = choices([("", "请选择"), *((choice.number, choice.shown) for choice in before)])
    return {choice.number: choice for choice in before}


def _preceding(session: Session, kind: EntryKind, unit_id: int) -> list[Choice]:
    if kind is EntryKind.STORED_IN:
        return queries.generations_open(session, unit_id)
    return queries.loads_open(session, unit_id) if kind in LOADS else queries.outs_open(session, unit_id)


def _name_of(row: Any) -> tuple[str | None, Any]:
    return (row.version.name, row.version.kind) if row.version else (None, None)


def _draft(session: Session, form: RecordForm, kind: EntryKind, unit_id: int, offered: dict[str, Choice]) -> Draft:
    typed = {name: field.data for name, field in form._fields.items()}
    values: dict[str, Any] = {name: (typed.get(name) or "").strip() for name in TEXTS}
    values |= {name: typed.get(name) or None for name in OPTIONAL}
    before = offered.get(values["predecessor_no"])
    if kind is EntryKind.STORED_IN and before is not None and not values["waste_code"]:
        values |= {"waste_code": before.waste_code, "waste_name": values["waste_name"] or before.waste_name}
    codes = {row.facility.code: row.facility.id for row in facilities_of(session, unit_id, as_of=today())}
    return Draft(
        kind=kind,
        unit_id=unit_id,
        occurred_on=required(typed["occurred_on"]),
        quantity=required(typed["quantity"]),
        facility_id=codes.get(typed.get("facility_id") or ""),
        to_facility_id=codes.get(typed.get("to_facility_id") or ""),
        tag=BatchTag(typed.get("tag") or BatchTag.NONE),
        receiver_kind=ReceiverKind(typed["receiver_kind"]) if typed.get("receiver_kind") else None,
        **values,
    )
