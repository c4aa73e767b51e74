"""Connections between the facilities of a park."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.containment import operations, queries
from hwrisk.containment.forms import ConnectionChangeForm, ConnectionForm
from hwrisk.containment.models import Facility, Means, Nature, ServiceState
from hwrisk.containment.queries import FacilityConditions
from hwrisk.containment.states import FacilityStatus
from hwrisk.containment.views.blueprint import bp, rights
from hwrisk.errors import RuleViolation
from hwrisk.parks.models import Park
from hwrisk.security.permissions import Permission
from hwrisk.web import (
    choices,
    current_session,
    current_user,
    page,
    requested_as_of,
    required,
    requires,
    saving,
    with_draft,
)

NONE = ("", "没有（直接相连）")


@bp.get("/parks/<uuid:public_id>/connections")
@requires(Permission.CONTAINMENT_READ)
def connections(public_id: UUID) -> Response:
    """List the connections of a park and whether each counts as usable."""
    user, day, session = current_user(), requested_as_of(), current_session()
    park = queries.get_whole_park(session, public_id, user=user)
    found = queries.statuses(session, user=user, as_of=day, asked=FacilityConditions(park_id=park.id))
    return page(
        "containment/connections.html",
        park=park,
        rows=queries.connection_page_rows(queries.links_of(session, park.id, as_of=day), found),
        as_of=day,
        may=rights(user),
    )


@bp.route("/parks/<uuid:public_id>/connections/new", methods=["GET", "POST"])
@requires(Permission.CONTAINMENT_CHECK)
def connect(public_id: UUID) -> Response:
    """Register a connection."""
    user = current_user()
    park = queries.get_whole_park(current_session(), public_id, user=user)
    key = f"containment.connection.new.{public_id}"
    fresh = {"valid_from": today(), "service": ServiceState.IN_USE.value, "means": Means.GRAVITY.value}
    form = with_draft(ConnectionForm, key, data=fresh)
    options = _options(park)
    form.start.choices = form.end.choices = choices([("", "请选择"), *((str(s.public_id), s.name) for s in options)])
    form.through.choices = choices([NONE, *_devices(options)])
    if form.validate_on_submit():
        with saving(form) as session:
            if not form.start.data or not form.end.data:
                raise RuleViolation("请选择起点和终点", field="start")
            operations.register_connection(
                session,
                park_id=park.id,
                connection_no=form.connection_no.data or "",
                start=_facility(session, form.start.data),
                end=_facility(session, form.end.data),
                means=Means(form.means.data),
                flow=form.flow.data,
                through=_facility(session, form.through.data) if form.through.data else None,
                service=ServiceState(form.service.data),
                valid_from=required(form.valid_from.data),
                note=form.note.data or "",
                actor=user,
            )
        if form.is_saved:
            flash("连接已登记", "success")
            return redirect(url_for(".connections", public_id=public_id))
    return page("containment/connection_form.html", form=form, park=park, row=None)


@bp.route("/connections/<uuid:public_id>/change", methods=["GET", "POST"])
@requires(Permission.CONTAINMENT_CHECK)
def reconnect(public_id: UUID) -> Response:
    """Record another state of a connection from a day on."""
    user, session = current_user(), current_session()
    link = queries.get_connection(session, public_id, user=user, as_of=today())
    park = session.get_one(Park, link.connection.park_id)
    options = _options(park)
    by_id = {status.facility.id: status for status in options}
    through = by_id.get(link.version.through_id) if link.version.through_id else None
    present = {
        "means": link.version.means.value, "flow": link.version.flow, "service": link.version.service.value,
        "note": link.version.note, "valid_from": today(), "through": str(through.public_id) if through else "",
    }  # fmt: skip
    form = with_draft(ConnectionChangeForm, f"containment.connection.{public_id}", data=present)
    form.through.choices = choices([NONE, *_devices(options)])
    if form.validate_on_submit():
        with saving(form) as writing:
            _change(writing, form, public_id)
        if form.is_saved:
            flash("连接已变更，原来的情形留在沿革中", "success")
            return redirect(url_for(".connections", public_id=park.public_id))
    row = queries.connection_page_rows([link], options)[0]
    return page("containment/connection_form.html", form=form, park=park, row=row)


def _change(session: Session, form: ConnectionChangeForm, public_id: UUID) -> None:
    user = current_user()
    operations.change_connection(
        session,
        queries.get_connection(session, public_id, user=user, as_of=today()).connection,
        means=Means(form.means.data),
        flow=form.flow.data,
        through=_facility(session, form.through.data) if form.through.data else None,
        service=ServiceState(form.service.data),
        valid_from=required(form.valid_from.data),
        reason=form.reason.data or "",
        note=form.note.data or "",
        actor=user,
    )


def _options(park: Park) -> list[FacilityStatus]:
    asked = FacilityConditions(park_id=park.id)
    return queries.statuses(current_session(), user=current_user(), as_of=today(), asked=asked)


def _devices(options: list[FacilityStatus]) -> list[tuple[str, str]]:
    return [(str(s.public_id), s.name) for s in options if s.kind.nature is not Nature.VOLUME]


def _facility(session: Session, text: Any) -> Facility:
    # The choices of the form hold only what is in sight.
    return session.scalars(select(Facility).where(Facility.public_id == UUID(str(text)))).one()
