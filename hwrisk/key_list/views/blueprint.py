"""The blueprint of the pages of the key list (重点监管单位清单)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from hwrisk.key_list.models import KeyList, ListState
from hwrisk.security.permissions import Permission
from hwrisk.web import current_user

bp = Blueprint("key_list", __name__, url_prefix="/key-list")


def rights(key_list: KeyList | None = None) -> dict[str, Any]:
    """Return what the buttons ask: who may check, decide and publish this version, amend it, export it."""
    user = current_user()
    is_draft = key_list is not None and key_list.state is ListState.DRAFT
    may_publish = user.may(Permission.KEY_LIST_PUBLISH)
    return {
        "check": is_draft and user.may(Permission.KEY_LIST_CONFIRM),
        "publish": is_draft and may_publish,
        "propose": may_publish,
        "amend": key_list is not None and key_list.state is ListState.PUBLISHED and may_publish,
        "figures": user.may(Permission.KEY_LIST_CONFIRM),
        "export": user.may(Permission.EXPORT_RUN),
        "import": may_publish and user.may(Permission.IMPORT_RUN),
    }
