"""Pages of stored waste."""

from hwrisk.ledger.storage.views import batches, facilities, lists
from hwrisk.ledger.storage.views.blueprint import bp

__all__ = ["batches", "bp", "facilities", "lists"]
