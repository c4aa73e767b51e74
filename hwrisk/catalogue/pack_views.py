"""Pages of rule packs and of the law table (规则包与法规依据)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import now, today
from hwrisk.rulepacks import Trust, operations, queries
from hwrisk.security import Permission
from hwrisk.web import current_session, current_user, page, registry, requires, unit_of_work

bp = Blueprint("rulepacks", __name__, url_prefix="/rulepacks")


@bp.get("/")
@requires(Permission.RULEPACK_READ)
def index() -> Response:
    """List the versions of all packs with their state today."""
    return page("rulepacks/index.html", rows=queries.all_packs(current_session(), on=today()), as_of=today())


@bp.get("/<uuid:public_id>")
@requires(Permission.RULEPACK_READ)
def show(public_id: UUID) -> Response:
    """Show one version: its values, its test cases worked out now, and what activating it would change."""
    session = current_session()
    pack = queries.get_pack(session, public_id)
    known = registry()
    runners = [runner for runner in known.pack_cases if runner.pack_id == pack.pack_id]
    results = operations.check_pack(pack, runners=runners) if runners else []
    changes = []
    if pack.activated_at is None:
        changes = queries.verdict_changes(session, pack, sources=known.verdicts, as_of=today())
    return page(
        "rulepacks/show.html",
        pack=pack,
        results=results,
        changes=changes,
        trust=Trust,
        may_activate=current_user().may(Permission.RULEPACK_ACTIVATE),
    )


@bp.post("/<uuid:public_id>/activate")
@requires(Permission.RULEPACK_ACTIVATE)
def activate(public_id: UUID) -> Response:
    """Put a version into force, if all its test cases come out as written."""
    with unit_of_work() as session:
        pack = queries.get_pack(session, public_id)
        operations.activate(session, pack, runners=registry().pack_cases, actor=current_user(), recorded_at=now())
    flash("规则包已启用", "success")
    return redirect(url_for(".show", public_id=public_id))


@bp.get("/laws")
@requires(Permission.RULEPACK_READ)
def laws() -> Response:
    """List the laws and standards with the days they are in force, and the clauses the system rests on."""
    session = current_session()
    rows = [(law, queries.clauses_of(session, law)) for law in queries.all_laws(session)]
    return page("rulepacks/laws.html", rows=rows, trust=Trust)
