"""Pages of licences (经营许可证)."""

from hwrisk.permits.views import editing, pages, projects, quantities
from hwrisk.permits.views.blueprint import bp

__all__ = ["bp", "editing", "pages", "projects", "quantities"]
