"""The blueprint of the pages of the balance (处置能力平衡)."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("capacity", __name__, url_prefix="/capacity")
