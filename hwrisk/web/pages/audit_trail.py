"""The audit trail (审计记录): who did what, newest first; reading it changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, request
from werkzeug.wrappers import Response

from hwrisk.audit import queries as audit
from hwrisk.audit.models import AuditEntry
from hwrisk.clock import LOCAL_ZONE
from hwrisk.security.permissions import Permission
from hwrisk.web.access import requires
from hwrisk.web.context import current_session
from hwrisk.web.listing import Filter, Filters, read_filters
from hwrisk.web.paging import PAGE_SIZE, whole_number
from hwrisk.web.records import NavItem
from hwrisk.web.rendering import page_or_partial

bp = Blueprint("audit_trail", __name__, url_prefix="/audit")
NAV = (NavItem("审计记录", "audit_trail.index", Permission.AUDIT_READ, "系统管理"),)
FILTERS = (
    Filter("since", "自", "day"),
    Filter("until", "至", "day"),
    Filter("action", "操作代码"),
    Filter("kind", "对象种类"),
    Filter("object_id", "对象编号"),
    Filter("actor", "账号序号"),
)


@bp.get("/")
@requires(Permission.AUDIT_READ)
def index() -> Response:
    """List the entries that fit the conditions."""
    filters = read_filters(FILTERS, request.args)
    entries = _entries(filters)
    older = entries[PAGE_SIZE - 1].id if len(entries) > PAGE_SIZE else None
    return page_or_partial(
        "web/audit.html",
        "web/_audit_rows.html",
        filters=filters,
        entries=entries[:PAGE_SIZE],
        older=older,
        head=audit.head(current_session()),
    )


def _entries(filters: Filters) -> list[AuditEntry]:
    since, until = filters.day("since"), filters.day("until")
    actor = filters.get("actor")
    found = audit.entries(
        current_session(),
        kind=filters.get("kind"),
        object_id=filters.get("object_id"),
        # 0 is nobody's account: what is no number finds nothing instead of everything.
        actor=None if actor is None else whole_number(actor) or 0,
        action=filters.get("action"),
        since=datetime.combine(since, time.min, LOCAL_ZONE).astimezone(UTC) if since else None,
        until=datetime.combine(until + timedelta(days=1), time.min, LOCAL_ZONE).astimezone(UTC) if until else None,
        before_id=whole_number(request.args.get("before")),
        limit=PAGE_SIZE + 1,
    )
    return list(found)
