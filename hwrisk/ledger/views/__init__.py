"""Pages of the management ledger."""

from hwrisk.ledger.views import corrections, entries, recording, statements, wastes
from hwrisk.ledger.views.blueprint import bp

__all__ = ["bp", "corrections", "entries", "recording", "statements", "wastes"]
