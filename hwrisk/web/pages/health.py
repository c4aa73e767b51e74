"""Whether the service is well (健康检查), for supervisors and load balancers."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from flask import Blueprint, jsonify, redirect, url_for
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from hwrisk import __version__
from hwrisk.errors import DatabaseBusy
from hwrisk.security.permissions import Permission
from hwrisk.web.access import requires
from hwrisk.web.registry import registry

bp = Blueprint("health", __name__)
log = structlog.get_logger("hwrisk.web")


@bp.get("/healthz")
@requires(Permission.PUBLIC)
def healthz() -> Response:
    """Answer 200 when the database can be read, else 503; the version is for whoever rolls out a new one."""
    try:
        with registry().database.session() as session:
            session.execute(text("SELECT 1"))
    except (DatabaseBusy, SQLAlchemyError) as failure:
        log.error("health check failed", error=str(failure))
        answer = jsonify(status="unavailable", database="unreachable", version=__version__)
        answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return answer
    return jsonify(status="ok", database="reachable", version=__version__)


@bp.get("/favicon.ico")
@requires(Permission.PUBLIC)
def favicon() -> Response:
    """Lead browsers that ask by habit, as for a bare file, to the site's picture."""
    return redirect(url_for("static", filename="favicon.svg"))
