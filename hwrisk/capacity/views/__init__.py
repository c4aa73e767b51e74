"""Pages of the capacity balance (处置能力平衡)."""

from hwrisk.capacity.views import pages, what_if
from hwrisk.capacity.views.blueprint import bp

__all__ = ["bp", "pages", "what_if"]
