"""Pages of the key list."""

from hwrisk.key_list.views import drafting, entries, figures, lists  # noqa: F401 - they add their routes
from hwrisk.key_list.views.blueprint import bp

__all__ = ["bp"]
