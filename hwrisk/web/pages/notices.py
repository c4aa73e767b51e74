"""Notices inside the site (站内消息)."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk import notices
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.access import requires, safe_next
from hwrisk.web.context import current_session, current_user, unit_of_work
from hwrisk.web.paging import PAGE_SIZE, whole_number
from hwrisk.web.records import NavItem
from hwrisk.web.rendering import page_or_partial

bp = Blueprint("notices", __name__, url_prefix="/notices")


def waiting(session: Session, user: Viewer, _as_of: date) -> int:
    """Return how many notices `user` has not read."""
    return notices.unread_count(session, user)


NAV = (NavItem("消息", "notices.index", Permission.NOTICE_READ, count=waiting),)


@bp.get("/")
@requires(Permission.NOTICE_READ)
def index() -> Response:
    """List the notices of this person, the latest first."""
    rows = notices.notices_for(
        current_session(),
        user=current_user(),
        unread_only="unread" in request.args,
        before_id=whole_number(request.args.get("before")),
        limit=PAGE_SIZE + 1,
    )
    older = rows[PAGE_SIZE - 1].notice.id if len(rows) > PAGE_SIZE else None
    return page_or_partial("web/notices.html", "web/_notice_rows.html", rows=rows[:PAGE_SIZE], older=older)


@bp.post("/<uuid:public_id>/read")
@requires(Permission.NOTICE_READ)
def read(public_id: uuid.UUID) -> Response:
    """Mark a notice as read and go to what it is about."""
    notice = notices.get_notice(current_session(), public_id, user=current_user())
    with unit_of_work() as session:
        notices.mark_read(session, [notice.id], user=current_user())
    return redirect(safe_next(notice.link) or url_for(".index"))


@bp.post("/read")
@requires(Permission.NOTICE_READ)
def read_all() -> Response:
    """Mark all notices as read."""
    with unit_of_work() as session:
        count = notices.mark_all_read(session, user=current_user())
    flash(f"已将 {count} 条消息标为已读", "success")
    return redirect(url_for(".index"))
