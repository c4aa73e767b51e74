"""Drafts and saved filters, kept as the person works; and the token of a fresh sign-in."""

from __future__ import annotations

import uuid

from flask import Blueprint, current_app, flash, jsonify, redirect, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.security.permissions import Permission
from hwrisk.web import operations, queries
from hwrisk.web.access import requires, safe_next
from hwrisk.web.context import current_session, current_user, unit_of_work
from hwrisk.web.formats import instant

bp = Blueprint("drafts", __name__)
filters_bp = Blueprint("saved_filters", __name__, url_prefix="/saved-filters")
_NEVER_KEPT = ("csrf_token", "password", "pin", "token")
_PREFIX = "arg."


@bp.post("/drafts/<form_key>")
@requires(Permission.HOME_READ)
def keep(form_key: str) -> Response:
    """Keep what has been typed; the answer is for the script."""
    data = {
        name: [value.replace("\x00", "") for value in values]
        for name, values in request.form.lists()
        if not any(word in name.lower() for word in _NEVER_KEPT)
    }
    at = now()
    with unit_of_work() as session:
        operations.keep_draft(session, user=current_user(), form_key=form_key, data=data, at=at)
    return jsonify(message=f"草稿已保存 {instant(at)[-5:]}")


@bp.post("/drafts/<form_key>/drop")
@requires(Permission.HOME_READ)
def drop(form_key: str) -> Response:
    """Forget a draft and go back to the form, fresh."""
    with unit_of_work() as session:
        operations.drop_draft(session, user=current_user(), form_key=form_key)
    return redirect(_where_from())


@bp.get("/session")
@requires(Permission.HOME_READ)
def token() -> Response:
    """Give the page that outlived its sign-in the token of the new one."""
    return jsonify(csrf_token=generate_csrf())


@filters_bp.post("/")
@requires(Permission.HOME_READ)
def save() -> Response:
    """Keep the conditions of a list under a name."""
    endpoint = request.form.get("endpoint", "")
    sent = {
        n.removeprefix(_PREFIX): v.replace("\x00", "") for n, v in request.form.items() if n.startswith(_PREFIX) and v
    }
    # A name that begins with an underscore would be an instruction to url_for.
    args = {name: value for name, value in sent.items() if name.isidentifier() and not name.startswith("_")}
    if endpoint not in current_app.view_functions:
        raise RuleViolation("没有这个列表")
    with unit_of_work() as session:
        operations.save_filter(
            session, user=current_user(), endpoint=endpoint, name=request.form.get("name", ""), args=args
        )
    flash("筛选条件已保存", "success")
    return redirect(_where_from())


@filters_bp.post("/<uuid:public_id>/drop")
@requires(Permission.HOME_READ)
def forget(public_id: uuid.UUID) -> Response:
    """Forget saved conditions."""
    queries.get_saved_filter(current_session(), public_id, user=current_user())
    with unit_of_work() as session:
        operations.drop_filter(session, queries.get_saved_filter(session, public_id, user=current_user()))
    flash("已删除保存的筛选条件", "success")
    return redirect(_where_from())


def _where_from() -> str:
    referrer = request.referrer or ""
    path = referrer.removeprefix(request.host_url.rstrip("/"))
    return (safe_next(path) if path != referrer else None) or url_for("home.index")
