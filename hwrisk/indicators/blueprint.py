"""The blueprint of the indicators, on which each indicator draws its own page."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("indicators", __name__, url_prefix="/indicators")
ROWS = 50
"""Rows on one page of what stands behind a value that is not stored."""
