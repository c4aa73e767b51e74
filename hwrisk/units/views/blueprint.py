"""The blueprint the pages of the unit register share."""

from flask import Blueprint

bp = Blueprint("units", __name__, url_prefix="/units")
