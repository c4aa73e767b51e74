"""The blueprint of the pages of stored waste (贮存)."""

from __future__ import annotations

from flask import Blueprint

from hwrisk.web import current_user

bp = Blueprint("storage", __name__, url_prefix="/storage")


def scope_label() -> str:
    """Return whose waste the person sees, for the head of a list."""
    return "全市" if current_user().is_city_wide else "本账号管辖范围"
