"""Attachments (附件): a file is given to whoever sees what it belongs to."""

from __future__ import annotations

import uuid

from flask import Blueprint, request, send_file
from werkzeug.wrappers import Response

from hwrisk.attachments import fetch
from hwrisk.security.permissions import Permission
from hwrisk.web.access import requires
from hwrisk.web.context import current_session, current_user
from hwrisk.web.registry import registry

bp = Blueprint("attachments", __name__, url_prefix="/attachments")


@bp.get("/<uuid:public_id>")
@requires(Permission.HOME_READ)
def download(public_id: uuid.UUID) -> Response:
    """Give one attachment; with `inline` it is shown where its kind allows that."""
    file = fetch(
        current_session(),
        public_id,
        user=current_user(),
        owners=registry().owners,
        directory=registry().settings.attachments_dir,
        inline="inline" in request.args,
    )
    response = send_file(file.path, mimetype=file.media_type)
    response.headers.update(file.headers)
    return response
