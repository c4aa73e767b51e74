"""Pages of containment (三级防控) and of the operator's desk (运维台)."""

from hwrisk.containment.views import (
    cards,
    checklists,
    checks,
    connections,
    desk,
    editing,
    facilities,
    filings,
    parks,
    readings,
)
from hwrisk.containment.views.blueprint import bp, desk_bp

__all__ = [
    "bp",
    "cards",
    "checklists",
    "checks",
    "connections",
    "desk",
    "desk_bp",
    "editing",
    "facilities",
    "filings",
    "parks",
    "readings",
]
