"""Pages of assessment."""

from hwrisk.assessment.views import acts, plans, sheets, years
from hwrisk.assessment.views.blueprint import bp

__all__ = ["acts", "bp", "plans", "sheets", "years"]
