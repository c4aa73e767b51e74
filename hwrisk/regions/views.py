"""Page of the two partitions of the city (区划与管辖)."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import regions
from hwrisk.rulepacks import Trust
from hwrisk.security import Permission
from hwrisk.web import current_session, page, requested_as_of, requires

bp = Blueprint("regions", __name__, url_prefix="/regions")


@bp.get("/")
@requires(Permission.CATALOGUE_READ)
def index() -> Response:
    """List the administrative divisions and the supervising offices on a day."""
    as_of = requested_as_of()
    session = current_session()
    parts = [(kind, regions(session, kind, as_of=as_of)) for kind in RegionKind]
    return page("regions/index.html", parts=parts, as_of=as_of, trust=Trust)
