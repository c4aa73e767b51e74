"""Reads of the balance: what the ledger holds, where it went, and the runs that were kept."""

from hwrisk.capacity.queries.destinations import Destination, destinations
from hwrisk.capacity.queries.gathering import gather, office_centres
from hwrisk.capacity.queries.runs import get_run, latest_base, recent_runs
from hwrisk.permits.queries.receivers import Place

__all__ = [
    "Destination",
    "Place",
    "destinations",
    "gather",
    "get_run",
    "latest_base",
    "office_centres",
    "recent_runs",
]
