"""The blueprint of the pages of licences (经营许可证)."""

from __future__ import annotations

from flask import Blueprint

from hwrisk.web import current_user

bp = Blueprint("permits", __name__, url_prefix="/permits")


def scope_label() -> str:
    """Return whose licences the person sees, for the head of a list."""
    return "全市及市外接收单位" if current_user().is_city_wide else "本账号管辖范围及市外接收单位"
