"""Pages of assessment."""

from hwrisk.assessment.views import acts, filling, plans, sheets, years
from hwrisk.assessment.views.blueprint import bp

__all__ = ["acts", "bp", "filling", "plans", "sheets", "years"]
