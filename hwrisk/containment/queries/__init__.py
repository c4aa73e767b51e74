"""Reads of containment: facilities as they stand, connections, filings, checks, the check list."""

from hwrisk.containment.queries.checklists import (
    Coverage,
    ParkProgress,
    coverage,
    item_history,
    park_progress,
)
from hwrisk.containment.queries.checks import get_check, volume_checks
from hwrisk.containment.queries.conditions import Attention, FacilityConditions, conditions_from
from hwrisk.containment.queries.connections import connection_page_rows, get_connection, links_of
from hwrisk.containment.queries.facilities import (
    attention_counts,
    count_facilities,
    facilities_matching,
    facility_page,
    facility_status,
    history_of,
    kinds,
    readings_of,
    statuses,
    tests_of,
)
from hwrisk.containment.queries.filings import FilingRow, count_filings, filing_rows, get_filing, steps_of
from hwrisk.containment.queries.parks import ParkDefence, defences, get_whole_park, units_of_park

__all__ = [
    "Attention",
    "Coverage",
    "FacilityConditions",
    "FilingRow",
    "ParkDefence",
    "ParkProgress",
    "attention_counts",
    "conditions_from",
    "connection_page_rows",
    "count_facilities",
    "count_filings",
    "coverage",
    "defences",
    "facilities_matching",
    "facility_page",
    "facility_status",
    "filing_rows",
    "get_check",
    "get_connection",
    "get_filing",
    "get_whole_park",
    "history_of",
    "item_history",
    "kinds",
    "links_of",
    "park_progress",
    "readings_of",
    "statuses",
    "steps_of",
    "tests_of",
    "units_of_park",
    "volume_checks",
]
