"""Pages of emergency materials."""

from hwrisk.emergency.views import candidates, depots, dispatches, kinds, lookup, lots, movements
from hwrisk.emergency.views.blueprint import bp

__all__ = ["bp", "candidates", "depots", "dispatches", "kinds", "lookup", "lots", "movements"]
