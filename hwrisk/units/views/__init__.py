"""Pages of the unit register (单位名录)."""

from hwrisk.units.views import editing, facts, pages  # noqa: F401 - their routes join the blueprint
from hwrisk.units.views.blueprint import bp

__all__ = ["bp"]
