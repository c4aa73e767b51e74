"""Page of the two partitions of the city (区划与管辖), and the outlines maps are drawn with."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import now, today
from hwrisk.errors import BadFile, RuleViolation
from hwrisk.regions.forms import OutlineForm
from hwrisk.regions.models import RegionKind
from hwrisk.regions.outlines import (
    current_outlines,
    outline_history,
    replace_outlines,
    restore_supplied,
    without_outline,
)
from hwrisk.regions.queries import regions
from hwrisk.regions.rules import MAX_BYTES
from hwrisk.rulepacks import Trust
from hwrisk.security import Permission
from hwrisk.web import current_session, current_user, page, requested_as_of, requires, unit_of_work
from hwrisk.web.maps import Area, Map

bp = Blueprint("regions", __name__, url_prefix="/regions")


@bp.get("/")
@requires(Permission.CATALOGUE_READ)
def index() -> Response:
    """List the administrative divisions and the supervising offices on a day, with a map of the former."""
    as_of = requested_as_of()
    session = current_session()
    parts = [(kind, regions(session, kind, as_of=as_of)) for kind in RegionKind]
    return page(
        "regions/index.html",
        parts=parts,
        as_of=as_of,
        trust=Trust,
        map_spec=Map(
            title="行政区划",
            areas=tuple(Area(row.code, row.name, row.code) for row in parts[0][1] if row.parent_code),
            value_label="代码",
        ),
        outlines=current_outlines(session, as_of=as_of),
        may_edit=current_user().may(Permission.CATALOGUE_EDIT),
    )


@bp.get("/outlines.geojson")
@requires(Permission.CATALOGUE_READ)
def outlines() -> Response:
    """Give the outlines that maps are drawn with, as GeoJSON in degrees of CGCS2000."""
    answer = make_response(current_outlines(current_session(), as_of=today()).content)
    answer.mimetype = "application/geo+json"
    return answer


@bp.route("/outlines", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_EDIT)
def change_outlines() -> Response:
    """Put another set of outlines in place of the one in use."""
    form = OutlineForm()
    if form.validate_on_submit():
        try:
            _replace(form)
        except BadFile as failure:
            form.refuse(RuleViolation(failure.message, field="file"))
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            missing = without_outline(current_session(), as_of=today())
            flash("界线已更换" + (f"；没有界线的：{'、'.join(missing)}" if missing else ""), "success")
            return redirect(url_for(".index"))
    session = current_session()
    return page(
        "regions/outlines.html",
        form=form,
        current=current_outlines(session, as_of=today()),
        history=outline_history(session),
        largest=MAX_BYTES // 1024 // 1024,
    )


@bp.post("/outlines/supplied")
@requires(Permission.CATALOGUE_EDIT)
def use_supplied_outlines() -> Response:
    """Draw maps with the supplied outlines again."""
    try:
        with unit_of_work() as session:
            restore_supplied(session, actor=current_user(), at=now())
    except RuleViolation as violation:
        flash(violation.message, "warning")
    else:
        flash("已恢复系统自带的界线", "success")
    return redirect(url_for(".change_outlines"))


def _replace(form: OutlineForm) -> None:
    sent = form.file.data
    # One byte more than is allowed is enough to know.
    content = sent.stream.read(MAX_BYTES + 1) if sent else b""
    with unit_of_work() as session:
        replace_outlines(
            session,
            content,
            file_name=(sent.filename or "界线.geojson") if sent else "",
            source=form.source.data or "",
            as_of=today(),
            actor=current_user(),
            at=now(),
        )
